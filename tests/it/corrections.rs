//! Mistakes are not for ever: what was stored by mistake is deleted or put right, and everything follows.

mod alerts;
mod bounds;
mod command_line;
mod writer;

use reqwest::Method;
use serde_json::{Value, json};
use server::clock::Clock;

use crate::given;
use crate::harness::client::{Client, Reply};
use crate::harness::program::tacho_ok;
use crate::harness::tacho::{NOON_MS, Tacho};

const DAY_MS: i64 = 86_400_000;
/// A posting script's mistake.
const ABSURD: u64 = 4_120_000_000_000;
/// Lets such a mistake in, as an earlier version did.
const LETS_IN: (&str, &str) = ("TACHO_INGEST_MAX_EVENT_TOKENS", "9007199254740991");

async fn lenient() -> Tacho {
    Tacho::with(Clock::manual(NOON_MS), &[LETS_IN]).await
}

/// Puts events right, which must succeed.
async fn correct(tacho: &Tacho, events: &Value) -> Value {
    let reply = tacho.admin.post("/v1/events/correct", events).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    reply.json()
}

async fn delete(tacho: &Tacho, id: &str) {
    let reply = tacho.admin.delete(&format!("/v1/events/{id}")).await;
    assert_eq!((reply.status.as_u16(), reply.text.as_str()), (204, ""));
}

async fn is_sound(tacho: &Tacho) {
    let report: Value =
        serde_json::from_str(&tacho_ok(tacho.directory.path(), &["check", "--json"]).await).unwrap();
    assert_eq!(report["problems"], json!([]), "{report}");
}

/// The total of a measure over two days, by a dimension.
async fn totals(tacho: &Tacho, measure: &str, by: &str) -> Vec<(String, f64)> {
    let (from, to) = (given::rfc3339(NOON_MS - 2 * DAY_MS), given::rfc3339(NOON_MS + DAY_MS));
    let path = format!("/v1/series?measure={measure}&by={by}&from={from}&to={to}&step=3600");
    let answer = tacho.admin.get(&path).await.json();
    let groups = answer["groups"].as_array().unwrap_or_else(|| panic!("{answer}"));
    let mut totals: Vec<(String, f64)> = groups
        .iter()
        .map(|group| {
            (group["key"][by].as_str().unwrap_or_default().to_owned(), group["total"].as_f64().unwrap())
        })
        .collect();
    totals.sort_by(|a, b| a.0.cmp(&b.0));
    totals
}

async fn listed(tacho: &Tacho, id: &str) -> Option<Value> {
    let path = format!("/v1/events?limit=1000&from={}", given::rfc3339(NOON_MS - 40 * DAY_MS));
    let events = tacho.admin.get(&path).await.json()["events"].as_array().cloned().expect("events");
    events.into_iter().find(|event| event["id"] == id)
}

async fn audit(tacho: &Tacho) -> Vec<Value> {
    let mut entries =
        tacho.admin.get("/v1/audit").await.json()["entries"].as_array().cloned().expect("entries");
    // What is told of limits and keys is not about events.
    entries.retain(|entry| !entry["event_id"].is_null());
    entries
}

#[tokio::test]
async fn what_an_attempt_leaves_out_counts_as_unknown_until_it_is_put_right() {
    let tacho = Tacho::at_noon().await;
    tacho.limit("tokens_per_day", 1_000.0).await;
    let usage = |output: Value| {
        json!({ "input_tokens": 23, "output_tokens": 10, "iterations": [
            { "type": "compaction", "input_tokens": 180, "output_tokens": output },
            { "type": "message", "input_tokens": 23, "output_tokens": 10 },
        ]})
    };
    // One that was declined is not billed, whatever it leaves out.
    let declined = json!({ "input_tokens": 3, "output_tokens": 4, "iterations": [
        { "type": "message", "output_tokens": 0 },
        { "type": "message", "input_tokens": 3, "output_tokens": 4 },
    ]});
    let item = |id: &str, usage: Value| {
        let event = given::with(given::event(id, 0, 0), "usage", usage);
        given::with(given::with(event, "session", "s_1"), "at", given::rfc3339(NOON_MS))
    };
    tacho.reporter.report(&item("declined", declined)).await;
    let standing = tacho.standing("tokens_per_day").await;
    assert_eq!((&standing["used"], &standing["usage_incomplete"]), (&json!(7.0), &json!(false)));

    let reply = tacho.reporter.post("/v1/events", &item("a", usage(Value::Null))).await;
    let remarks = json!([{ "code": "usage_unreadable", "field": "iterations[].output_tokens" }]);
    assert_eq!(reply.json()["results"][0]["remarks"], remarks);
    let stored = listed(&tacho, "a").await.expect("the event");
    let used = &stored["usage"];
    assert_eq!((&used["input_tokens"], &used["output_tokens"]), (&json!(203), &json!(10)));
    assert_eq!(used["iterations"][0]["output_tokens"], Value::Null);
    assert_eq!((&stored["cost_usd"], &stored["remarks"]), (&Value::Null, &remarks));
    let standing = tacho.standing("tokens_per_day").await;
    assert_eq!((&standing["used"], &standing["usage_incomplete"]), (&json!(220.0), &json!(true)));
    is_sound(&tacho).await;

    // As it is listed it is the same event, and changes nothing.
    let again = tacho.reporter.post("/v1/events", &stored).await.json();
    assert_eq!(again["duplicates"], 1, "{again}");
    assert_eq!(correct(&tacho, &stored).await["unchanged"], 1);
    assert_eq!(tacho.standing("tokens_per_day").await["usage_incomplete"], true);

    assert_eq!(correct(&tacho, &item("a", usage(json!(5)))).await["corrected"], 1);
    let standing = tacho.standing("tokens_per_day").await;
    assert_eq!((&standing["used"], &standing["usage_incomplete"]), (&json!(225.0), &json!(false)));
    assert!(listed(&tacho, "a").await.expect("the event")["cost_usd"].is_number());
    is_sound(&tacho).await;
}

#[tokio::test]
async fn everything_about_an_event_can_be_put_right() {
    let tacho = lenient().await;
    tacho.limit("tokens_per_day", 1_000_000.0).await;
    tacho.limit("requests_per_minute", 100.0).await;
    let event = given::with(given::event("a", ABSURD, 2), "project", "checkout");
    let event = given::with(event, "at", given::rfc3339(NOON_MS));
    tacho.reporter.report(&json!([given::with(event, "user", "u_1"), given::event("b", 100, 50)])).await;

    // Tokens.
    let right = given::with(given::event("a", 412, 2), "user", "u_1");
    let answer = correct(&tacho, &right).await;
    assert_eq!((&answer["corrected"], &answer["results"][0]["status"]), (&1.into(), &"corrected".into()));
    let stored = listed(&tacho, "a").await.expect("the event");
    assert_eq!(stored["usage"]["input_tokens"], 412);
    // Time and project stay where they are left out; other fields are as they were sent.
    assert_eq!((&stored["at"], &stored["project"]), (&"2026-11-24T12:00:00Z".into(), &"checkout".into()));
    assert_eq!(tacho.standing("tokens_per_day").await["used"], 564.0);
    assert_eq!(
        totals(&tacho, "input_tokens", "project").await,
        [("".into(), 100.0), ("checkout".into(), 412.0)]
    );
    is_sound(&tacho).await;

    // Model, project and user, and a cost that goes with them.
    let opus = given::with(given::with(right, "model", "claude-opus-5-5"), "project", "search");
    correct(&tacho, &opus).await;
    assert_eq!(totals(&tacho, "requests", "project").await, [("".into(), 1.0), ("search".into(), 1.0)]);
    assert_eq!(
        totals(&tacho, "output_tokens", "model").await,
        [("claude-opus-5-5".into(), 2.0), (given::MODEL.into(), 50.0)]
    );
    let cost = listed(&tacho, "a").await.expect("the event")["cost_usd"].as_f64().unwrap();
    let by_model = totals(&tacho, "cost_usd", "model").await;
    assert!((by_model[0].1 - cost).abs() < 1e-9, "{by_model:?}, {cost}");
    is_sound(&tacho).await;

    // Another day: it leaves the window, and the minute.
    let yesterday = given::with(opus, "at", given::rfc3339(NOON_MS - DAY_MS));
    correct(&tacho, &yesterday).await;
    assert_eq!(tacho.standing("tokens_per_day").await["used"], 150.0);
    assert_eq!(tacho.standing("requests_per_minute").await["used"], 1.0);
    assert_eq!(totals(&tacho, "requests", "model").await.len(), 2);
    is_sound(&tacho).await;

    // As it is listed it changes nothing, and is no news.
    let stored = listed(&tacho, "a").await.expect("the event");
    let before = audit(&tacho).await.len();
    let answer = correct(&tacho, &stored).await;
    assert_eq!((&answer["unchanged"], &answer["corrected"]), (&1.into(), &0.into()));
    assert_eq!(audit(&tacho).await.len(), before);
    // And back into today.
    correct(&tacho, &given::with(stored, "at", given::rfc3339(NOON_MS - 60_000))).await;
    assert_eq!(tacho.standing("tokens_per_day").await["used"], 564.0);
    let entries = audit(&tacho).await;
    assert_eq!(entries.len(), 4);
    assert_eq!(entries[0]["before"]["at"], "2026-11-23T12:00:00Z");
    assert_eq!(entries[0]["after"]["at"], "2026-11-24T11:59:00Z");
    is_sound(&tacho).await;

    let standings = tacho.admin.get("/v1/limits/status").await.json();
    let tacho = tacho.restart(|_| ()).await;
    assert_eq!(tacho.admin.get("/v1/limits/status").await.json(), standings);
}

#[tokio::test]
async fn each_item_is_answered_by_itself() {
    let tacho = Tacho::at_noon().await;
    tacho.reporter.report(&json!([given::event("a", 1, 1), given::event("b", 1, 1)])).await;
    let lines = [
        given::event("a", 2, 1),
        given::event("b", 1, 1),
        given::event("unknown", 1, 1),
        given::event("a", ABSURD, 1),
        json!({ "model": given::MODEL }),
        given::event("a", 3, 1),
    ];
    let body: Vec<String> = lines.iter().map(Value::to_string).collect();
    let headers = [("content-type", "application/x-ndjson")];
    let post = async |body: String| {
        tacho.admin.send(Method::POST, "/v1/events/correct", &headers, body.into_bytes()).await
    };
    let reply = post(body.join("\n")).await;
    assert_eq!(reply.status, 207, "{}", reply.text);
    let answer = reply.json();
    let told: Vec<_> = answer["results"]
        .as_array()
        .unwrap()
        .iter()
        .map(|result| (result["status"].as_str().unwrap(), result["code"].as_str().unwrap_or_default()))
        .collect();
    assert_eq!(
        told,
        [
            ("corrected", ""),
            ("unchanged", ""),
            ("rejected", "not_found"),
            ("rejected", "implausible"),
            ("rejected", "invalid_id"),
            ("corrected", ""),
        ]
    );
    assert_eq!(
        (&answer["corrected"], &answer["unchanged"], &answer["rejected"]),
        (&2.into(), &1.into(), &3.into())
    );
    // One after the other: the last one holds.
    assert_eq!(listed(&tacho, "a").await.expect("the event")["usage"]["input_tokens"], 3);
    let nothing = post(given::event("unknown", 1, 1).to_string()).await;
    assert_eq!(nothing.status, 422, "{}", nothing.text);
    for (body, code) in [("", "empty_body"), ("[{}", "malformed_body"), ("x", "malformed_body")] {
        let reply = tacho.admin.send(Method::POST, "/v1/events/correct", &[], body.into()).await;
        assert!(reply.status.is_client_error(), "{body}: {}", reply.text);
        if reply.status == 400 {
            assert_eq!(reply.code(), code, "{body}");
        }
    }
    is_sound(&tacho).await;
}

#[tokio::test]
async fn where_projects_share_an_id_it_has_to_be_said_which_is_meant() {
    let tacho = Tacho::at_noon().await;
    let of = |project: &str, tokens: u64| given::with(given::event("x/1 ä", tokens, 0), "project", project);
    tacho.reporter.report(&json!([of("a", 1), of("b", 2), of("", 4)])).await;
    let path = "/v1/events/x%2F1%20%C3%A4";
    let refused = |reply: Reply| (reply.status.as_u16(), reply.code());
    let reply = tacho.admin.delete(path).await;
    for name in ["`a`", "`b`", "``"] {
        assert!(reply.text.contains(name), "{}", reply.text);
    }
    assert_eq!(refused(reply), (409, "ambiguous".to_owned()));
    assert_eq!(
        refused(tacho.admin.delete(&format!("{path}?project=c")).await),
        (404, "not_found".to_owned())
    );
    // A word that is mistyped takes nothing away.
    let mistyped = tacho.admin.delete(&format!("{path}?projet=a")).await;
    assert_eq!(refused(mistyped), (400, "unknown_parameter".to_owned()));
    assert_eq!(tacho.admin.delete(&format!("{path}?project=b")).await.status, 204);
    assert_eq!(tacho.admin.delete(&format!("{path}?project=")).await.status, 204);
    assert_eq!(totals(&tacho, "input_tokens", "project").await, [("a".into(), 1.0)]);
    // The only one that is left needs no project, nor does one whose id is the API's.
    assert_eq!(tacho.admin.delete(path).await.status, 204);
    assert_eq!(refused(tacho.admin.delete(path).await), (404, "not_found".to_owned()));
    let id = "req_011CSHoEeqs5C35K2UUqR7Fy";
    tacho.reporter.report(&given::with(given::event(id, 1, 1), "project", "a")).await;
    delete(&tacho, id).await;
    // An id that is a word of ours.
    tacho.reporter.report(&given::event("correct", 1, 1)).await;
    delete(&tacho, "correct").await;
    // An item's own project is where its event is looked for first; `project` says where it is to be found.
    let of = |project: &str, tokens: u64| given::with(given::event("y", tokens, 0), "project", project);
    tacho.reporter.report(&json!([of("a", 1), of("b", 2)])).await;
    let moved = tacho.admin.post("/v1/events/correct?project=a", &of("b", 1)).await;
    assert_eq!((moved.status.as_u16(), &moved.json()["results"][0]["code"]), (422, &"conflict".into()));
    assert_eq!(tacho.admin.post("/v1/events/correct?project=a", &of("c", 3)).await.status, 200);
    correct(&tacho, &of("b", 5)).await;
    assert_eq!(totals(&tacho, "input_tokens", "project").await, [("b".into(), 5.0), ("c".into(), 3.0)]);
    is_sound(&tacho).await;
}

#[tokio::test]
async fn only_who_may_change_everything_corrects() {
    let tacho = Tacho::at_noon().await;
    tacho.reporter.report(&given::event("a", 1, 1)).await;
    let read = tacho_ok(tacho.directory.path(), &["keys", "create", "--scope", "read", "--name", "r"]).await;
    let refused = |client: Client| async move {
        [
            client.delete("/v1/events/a").await,
            client.post("/v1/events/correct", &given::event("a", 2, 1)).await,
            client.get("/v1/audit").await,
        ]
    };
    for client in [tacho.reporter.clone(), tacho.reporter.with_key(&read)] {
        for reply in refused(client).await {
            assert_eq!((reply.status.as_u16(), reply.code()), (403, "scope".to_owned()));
        }
    }
    for reply in refused(Client::new(tacho.base_url(), None)).await {
        assert_eq!(reply.status, 401);
    }
    assert!(listed(&tacho, "a").await.is_some());
    // A person who is signed in may, and the log says so.
    let (browser, cookie) = tacho.signed_in().await;
    let headers = [("cookie", cookie.as_str()), ("sec-fetch-site", "same-origin")];
    let reply = browser.send(Method::DELETE, "/v1/events/a", &headers, Vec::new()).await;
    assert_eq!(reply.status, 204, "{}", reply.text);
    let entry = &audit(&tacho).await[0];
    assert_eq!(
        (&entry["by"]["key"], &entry["by"]["name"]),
        (&Value::Null, &"a person who is signed in".into())
    );
}

#[tokio::test]
async fn beyond_the_cap_on_series_corrections_add_up() {
    let tacho = Tacho::with(Clock::manual(NOON_MS), &[LETS_IN, ("TACHO_STORE_MAX_SERIES", "12")]).await;
    let events: Vec<Value> = (0..20)
        .map(|number| {
            let id = format!("e{number}");
            let event =
                given::with(given::event(&id, 9_007_199_254_740_991, 1), "user", format!("u_{number}"));
            given::with(event, "model", "claude-opus-5-5")
        })
        .collect();
    tacho.reporter.report(&json!(events)).await;
    for number in 0..19 {
        if number % 2 == 0 {
            delete(&tacho, &format!("e{number}")).await;
        } else {
            let user = format!("v_{number}");
            correct(&tacho, &given::with(given::event(&format!("e{number}"), 10, 1), "user", user)).await;
        }
        is_sound(&tacho).await;
    }
    delete(&tacho, "e19").await;
    is_sound(&tacho).await;
    let total: f64 = totals(&tacho, "input_tokens", "user").await.iter().map(|(_, total)| total).sum();
    assert!((total - 90.0).abs() < 0.5, "{total}");
}

#[tokio::test]
async fn corrections_do_not_race_with_events_that_arrive() {
    let tacho = Tacho::now().await;
    tacho.limit("tokens_per_day", 1e9).await;
    tacho.reporter.report(&given::events("first", 200)).await;
    let arriving = async {
        for number in 0..40 {
            tacho.reporter.report(&given::events(&format!("later{number}"), 5)).await;
        }
    };
    let correcting = async {
        for number in 0..100 {
            let id = format!("first_{number}");
            if number % 2 == 0 {
                delete(&tacho, &id).await;
            } else {
                correct(&tacho, &given::event(&id, 100, 5)).await;
            }
        }
    };
    tokio::join!(arriving, correcting);
    // 200 later ones, 100 of the first as they were, 50 put right.
    let used = 300.0 * 15.0 + 50.0 * 105.0;
    assert_eq!(tacho.standing("tokens_per_day").await["used"], used);
    is_sound(&tacho).await;
    let tacho = tacho.restart(|_| ()).await;
    assert_eq!(tacho.standing("tokens_per_day").await["used"], used);
}

#[tokio::test]
async fn what_tacho_answered_itself_is_deleted_too_and_counts_nowhere() {
    let tacho = Tacho::at_noon().await;
    tacho.limit("requests_per_minute", 100.0).await;
    let here = given::with(given::event("here", 1, 1), "answered_here", true);
    tacho.reporter.report(&json!([given::event("a", 1, 1), here.clone()])).await;
    assert_eq!(tacho.standing("requests_per_minute").await["used"], 1.0);
    delete(&tacho, "here").await;
    assert!(listed(&tacho, "here").await.is_none());
    assert_eq!(tacho.standing("requests_per_minute").await["used"], 1.0);
    correct(&tacho, &given::with(given::event("a", 1, 1), "answered_here", true)).await;
    assert_eq!(tacho.standing("requests_per_minute").await["used"], 0.0);
    is_sound(&tacho).await;
}
