//! What senders may rely on, whatever clocks, ages, fields and connections they have.

use std::time::Duration;

use serde_json::json;
use server::clock::Clock;

use crate::given;
use crate::harness::tacho::{NOON_MS, Tacho};
use crate::harness::until;

async fn stored(tacho: &Tacho) -> f64 {
    let series = tacho.admin.get("/v1/series?measure=requests").await.json();
    series["groups"][0]["total"].as_f64().unwrap_or(0.0)
}

#[tokio::test]
async fn an_event_from_a_wrong_clock_is_put_right_and_its_sender_told() {
    let tacho = Tacho::at_noon().await;
    let sent_at = |id: &str, behind_ms: i64| {
        let event = given::with(given::event(id, 1, 1), "at", given::rfc3339(NOON_MS - behind_ms - 2_000));
        given::with(event, "sent_at", given::rfc3339(NOON_MS - behind_ms))
    };
    let events = json!([sent_at("right", 1_000), sent_at("behind", 3_600_000), sent_at("ahead", -3_600_000)]);
    let reply = tacho.reporter.post("/v1/events", &events).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    let told = json!([
        { "index": 1, "id": "behind", "status": "accepted", "skew_ms": 3_600_000, "retryable": false },
        { "index": 2, "id": "ahead", "status": "accepted", "skew_ms": -3_600_000, "retryable": false },
    ]);
    assert_eq!(reply.json()["results"], told);
    let listed = tacho.admin.get("/v1/events").await.json();
    let at = |id: &str| {
        let events = listed["events"].as_array().unwrap();
        events.iter().find(|event| event["id"] == id).unwrap()["at"].clone()
    };
    assert_eq!(at("right"), given::rfc3339(NOON_MS - 3_000));
    assert_eq!((at("behind"), at("ahead")), (at("ahead"), given::rfc3339(NOON_MS - 2_000).into()));
    // Sent again, from a clock that was set meanwhile, they are the same events.
    let again =
        tacho.reporter.post("/v1/events", &json!([sent_at("behind", 0), sent_at("ahead", 5_000)])).await;
    assert_eq!(again.json()["duplicates"], 2, "{}", again.text);
    let no_time = given::with(given::event("a", 1, 1), "sent_at", "yesterday");
    let refused = tacho.reporter.post("/v1/events", &no_time).await;
    assert_eq!(
        (refused.status.as_u16(), &refused.json()["results"][0]["code"]),
        (422, &"invalid_time".into())
    );
    let verbose = tacho.reporter.post("/v1/events?verbose=1", &given::event("b", 1, 1)).await.json();
    assert_eq!(verbose["results"][0]["at_assigned"], true);
}

#[tokio::test]
async fn old_events_take_an_administrator() {
    let tacho = Tacho::at_noon().await;
    let old = given::with(given::event("old", 1, 1), "at", "2019-01-01T00:00:00Z");
    let refused = tacho.reporter.post("/v1/events", &old).await;
    assert_eq!((refused.status.as_u16(), &refused.json()["results"][0]["code"]), (422, &"too_old".into()));
    tacho.admin.report(&old).await;
}

#[tokio::test]
async fn fields_nobody_reads_are_counted_and_forgotten() {
    let tacho = Tacho::at_noon().await;
    let event = given::with(given::event("a", 1, 1), "promt", "a secret");
    let quiet = tacho.reporter.post("/v1/events", &event).await;
    assert_eq!((quiet.status.as_u16(), quiet.json()["results"].clone()), (200, json!([])));
    let event = given::with(given::event("b", 1, 1), "promt", "a secret");
    let verbose = tacho.reporter.post("/v1/events?verbose=1", &event).await;
    assert_eq!(verbose.json()["results"][0]["unknown_fields"], 1);
    let listed = tacho.admin.get("/v1/events").await;
    assert!(!listed.text.contains("promt") && !listed.text.contains("a secret"), "{}", listed.text);
}

#[tokio::test]
async fn what_was_taken_is_stored_even_if_its_sender_has_gone() {
    let tacho = Tacho::at_noon().await;
    tacho.reporter.report(&given::event("first", 1, 1)).await;
    let database = format!("sqlite://{}", tacho.directory.path().join("tacho.db").display());
    let pool = sqlx::SqlitePool::connect(&database).await.unwrap();
    let mut lock = pool.begin_with("begin immediate").await.unwrap();
    sqlx::query("delete from sign_in").execute(&mut *lock).await.unwrap();
    // The sender hears nothing and gives up.
    let events = given::events("a", 3);
    let sent = tacho.reporter.post("/v1/events", &events);
    assert!(tokio::time::timeout(Duration::from_millis(500), sent).await.is_err());
    lock.rollback().await.unwrap();
    until("the events", async || (stored(&tacho).await == 4.0).then_some(())).await;
    let again = tacho.reporter.post("/v1/events", &events).await;
    assert_eq!((again.status.as_u16(), again.json()["duplicates"].clone()), (200, 3.into()));
}

#[tokio::test]
async fn an_answer_says_what_its_acknowledgement_promises() {
    let clock = Clock::manual(NOON_MS);
    let tacho = Tacho::with(clock, &[("TACHO_STORE_DURABILITY", "normal")]).await;
    let reply = tacho.reporter.post("/v1/events", &given::event("a", 1, 1)).await;
    assert_eq!(reply.header("x-tacho-durability"), "normal");
}
