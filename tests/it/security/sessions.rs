//! Sessions as they are listed and ended, and the page on which that is done.

use reqwest::Method;
use serde_json::{Value, json};

use crate::harness::client::{Client, Reply};
use crate::harness::program::{tacho_ok, tacho_refused};
use crate::harness::tacho::Tacho;

async fn open(tacho: &Tacho, path: &str, cookie: &str) -> Reply {
    Client::new(tacho.base_url(), None).send(Method::GET, path, &[("cookie", cookie)], Vec::new()).await
}

async fn sessions(tacho: &Tacho) -> Vec<Value> {
    tacho.admin.get("/v1/access/sessions").await.json().as_array().cloned().expect("sessions")
}

async fn end(tacho: &Tacho, cookie: &str, id: &str) -> Reply {
    let headers = [
        ("cookie", cookie),
        ("sec-fetch-site", "same-origin"),
        ("content-type", "application/x-www-form-urlencoded"),
    ];
    let body = format!("id={id}").into_bytes();
    Client::new(tacho.base_url(), None).send(Method::POST, "/settings/access/end", &headers, body).await
}

#[tokio::test]
async fn sessions_are_listed_and_ended_by_whoever_may() {
    let tacho = Tacho::at_noon().await;
    let (_, mine) = tacho.signed_in().await;
    tacho.advance(60);
    let (_, another) = tacho.signed_in().await;
    let listed = sessions(&tacho).await;
    assert_eq!(listed.len(), 2);
    assert_eq!(
        (&listed[0]["opened_at"], &listed[0]["address"]),
        (&json!("2026-11-24T12:01:00Z"), &json!("127.0.0.1"))
    );
    let id = listed[0]["id"].as_str().expect("an id");
    assert!(!another.contains(id), "what is listed opens nothing");
    assert_eq!(tacho.admin.delete(&format!("/v1/access/sessions/{id}")).await.status, 204);
    assert_eq!(open(&tacho, "/", &another).await.status, 401);
    assert_eq!(open(&tacho, "/", &mine).await.status, 200);
    let again = tacho.admin.delete(&format!("/v1/access/sessions/{id}")).await;
    assert_eq!((again.status.as_u16(), again.code()), (404, "not_found".to_owned()));

    // At the command line, whose clock is another: none holds there any more.
    let data = tacho.directory.path();
    assert!(tacho_refused(data, &["sessions", "end", "nothing"], &[]).await.contains("sessions list"));
    assert!(tacho_ok(data, &["sessions", "list"]).await.contains("LAST USED"));
    tacho_ok(data, &["sessions", "end", "--all"]).await;
}

#[tokio::test]
async fn who_signs_in_again_leaves_no_session_behind_and_what_has_ended_is_forgotten() {
    let tacho = Tacho::at_noon().await;
    let (browser, before) = tacho.signed_in().await;
    let link = tacho.sign_in_link().await;
    let path = link.strip_prefix(tacho.base_url()).expect("a path");
    let opened = browser.send(Method::GET, path, &[("cookie", &before)], Vec::new()).await;
    let now = opened.header("set-cookie").split(';').next().expect("a cookie").to_owned();
    assert_eq!(
        (open(&tacho, "/", &before).await.status.as_u16(), open(&tacho, "/", &now).await.status.as_u16()),
        (401, 200)
    );
    assert_eq!(sessions(&tacho).await.len(), 1);
    // Idle for too long: it is listed no more, and the next sign-in deletes it.
    tacho.advance(12 * 3_600 + 1);
    assert_eq!(sessions(&tacho).await.len(), 0);
    tacho.signed_in().await;
    let database = format!("sqlite://{}", tacho.directory.path().join("tacho.db").display());
    let pool = sqlx::SqlitePool::connect(&database).await.expect("the database");
    let stored: i64 =
        sqlx::query_scalar("select count(*) from session").fetch_one(&pool).await.expect("a count");
    let links: i64 =
        sqlx::query_scalar("select count(*) from sign_in").fetch_one(&pool).await.expect("a count");
    assert_eq!((stored, links), (1, 0));
    pool.close().await;
}

#[tokio::test]
async fn the_page_of_access_says_who_is_in_and_what_was_done_and_ends_sessions() {
    let tacho = Tacho::at_noon().await;
    let id = tacho.limit("requests_per_minute", 50.0).await;
    tacho.admin.patch(&format!("/v1/limits/{id}"), &json!({ "amount": 60, "name": "<b>rpm</b>" })).await;
    let (_, mine) = tacho.signed_in().await;
    let (_, another) = tacho.signed_in().await;
    let page = open(&tacho, "/settings/access", &mine).await;
    assert_eq!(page.status, 200);
    assert!(page.header("content-security-policy").contains("script-src 'self'"));
    let at =
        |part: &str| page.text.find(part).unwrap_or_else(|| panic!("{part} is missing in {}", page.text));
    assert!(at("this one") < at(">End<"), "the reader's own session comes first");
    for part in [
        "this one",
        "End all others",
        "changed the limit &lt;b&gt;rpm&lt;/b&gt;: name requests_per_minute to &lt;b&gt;rpm&lt;/b&gt;, amount 50 to 60",
        "signed in with an unknown browser",
        "a person who is signed in, 127.0.0.1",
        "opened 24 Nov 12:00, last used 24 Nov 12:00",
    ] {
        assert!(page.text.contains(part), "{part} is missing in {}", page.text);
    }
    let ended = end(&tacho, &mine, "").await;
    assert_eq!((ended.status.as_u16(), ended.header("location")), (303, "/settings/access"));
    assert_eq!(
        (open(&tacho, "/", &another).await.status.as_u16(), open(&tacho, "/", &mine).await.status.as_u16()),
        (401, 200)
    );
    let own = sessions(&tacho).await[0]["id"].as_str().expect("an id").to_owned();
    assert_eq!(end(&tacho, &mine, &own).await.status, 303);
    assert_eq!(open(&tacho, "/settings/access", &mine).await.status, 401);
}

#[tokio::test]
async fn whoever_guesses_is_seen_and_pushes_nothing_out() {
    let tacho = Tacho::at_noon().await;
    tacho.limit("requests_per_minute", 50.0).await;
    let made_up = server::secrets::Key::generate(server::secrets::KeyScope::Admin);
    let guess = tacho.admin.with_key(&made_up.reveal());
    for _ in 0..300 {
        assert_eq!(guess.get("/v1/limits").await.status, 401);
    }
    Client::new(tacho.base_url(), None).get("/sign-in?token=wrong").await;
    tacho.advance(61);
    let told = crate::harness::until("the refusals", async || {
        let entries = tacho.admin.get("/v1/audit").await.json()["entries"].as_array().cloned()?;
        entries.into_iter().find(|entry| entry["action"] == "refused")
    })
    .await;
    assert_eq!(told["after"]["attempts"], 301);
    assert_eq!(told["after"]["codes"], json!(["invalid_key", "sign_in_link"]));
    assert_eq!(
        (&told["after"]["keys"], &told["after"]["addresses"]),
        (&json!([made_up.public()]), &json!(["127.0.0.1"]))
    );
    let entries = tacho.admin.get("/v1/audit").await.json();
    assert_eq!(entries["entries"].as_array().map(Vec::len), Some(2), "{entries}");
    assert!(!entries.to_string().contains(&made_up.reveal()));
}
