//! Keys and sessions.

use reqwest::Method;
use tempfile::tempdir;

use crate::given;
use crate::harness::client::Client;
use crate::harness::program::{tacho, tacho_ok, tacho_refused};
use crate::harness::tacho::Tacho;

#[tokio::test]
async fn a_session_reads_and_changes_but_other_sites_do_not() {
    let tacho = Tacho::at_noon().await;
    let (anybody, cookie) = tacho.signed_in().await;
    let limit = br#"{"name":"a","kind":"requests_per_minute","amount":1}"#.to_vec();
    for (site, status) in [("same-origin", 201), ("cross-site", 403), ("same-site", 403)] {
        let headers =
            [("cookie", cookie.as_str()), ("sec-fetch-site", site), ("content-type", "application/json")];
        let reply = anybody.send(Method::POST, "/v1/limits", &headers, limit.clone()).await;
        assert_eq!(reply.status, status, "{site}: {}", reply.text);
    }
    let headers = [("cookie", cookie.as_str())];
    assert_eq!(anybody.send(Method::GET, "/v1/series", &headers, Vec::new()).await.status, 200);
    anybody
        .send(
            Method::POST,
            "/sign-out",
            &[("cookie", &cookie), ("sec-fetch-site", "same-origin")],
            Vec::new(),
        )
        .await;
    assert_eq!(anybody.send(Method::GET, "/v1/series", &headers, Vec::new()).await.status, 401);
    assert_eq!(anybody.send(Method::GET, "/", &headers, Vec::new()).await.status, 401);
}

#[tokio::test]
async fn a_revoked_key_stops_working_and_is_listed() {
    let tacho = Tacho::at_noon().await;
    let data = tacho.directory.path();
    let key = tacho_ok(data, &["keys", "create", "--scope", "ingest", "--name", "old app"]).await;
    let client = tacho.reporter.with_key(&key);
    client.report(&given::event("a", 1, 1)).await;
    let public = key.split('_').nth(2).unwrap();
    tacho_ok(data, &["keys", "revoke", public]).await;
    // Keys are remembered for five seconds.
    tacho.advance(6);
    let refused = client.post("/v1/events", &given::event("b", 1, 1)).await;
    assert_eq!((refused.status.as_u16(), refused.code()), (401, "invalid_key".to_owned()));
    let listed = tacho_ok(data, &["keys", "list"]).await;
    assert!(listed.lines().any(|line| line.contains(public) && line.contains("revoked")), "{listed}");
    assert!(!listed.contains(&key), "a key is shown once");
    assert!(tacho_refused(data, &["keys", "revoke", "nothing"], &[]).await.contains("keys list"));
}

#[tokio::test]
async fn wrong_keys_are_told_apart() {
    let tacho = Tacho::at_noon().await;
    let foreign = server::secrets::Key::generate(server::secrets::KeyScope::Ingest).reveal();
    let mistyped = format!("{foreign}x");
    for key in ["sk-ant-api03-something", &foreign, &mistyped] {
        let reply = tacho.reporter.with_key(key).post("/v1/events", &given::event("a", 1, 1)).await;
        assert_eq!((reply.status.as_u16(), reply.code()), (401, "invalid_key".to_owned()));
        assert!(!reply.text.contains(key), "the key is repeated in {}", reply.text);
    }
}

#[tokio::test]
async fn a_key_fills_in_what_an_event_leaves_out() {
    let tacho = Tacho::at_noon().await;
    let defaults = [
        "keys",
        "create",
        "--scope",
        "ingest",
        "--name",
        "a",
        "--default",
        "project=checkout",
        "--default",
        "label.env=prod",
    ];
    let key = tacho_ok(tacho.directory.path(), &defaults).await;
    let client = tacho.reporter.with_key(&key);
    client
        .report(&serde_json::json!([
            given::event("a", 1, 1),
            given::with(given::event("b", 1, 1), "project", "search"),
        ]))
        .await;
    let events = tacho.admin.get("/v1/events").await.json();
    let of = |id: &str| {
        events["events"].as_array().unwrap().iter().find(|event| event["id"] == id).unwrap().clone()
    };
    assert_eq!((&of("a")["project"], &of("a")["labels"]["env"]), (&"checkout".into(), &"prod".into()));
    assert_eq!(of("b")["project"], "search");
}

#[tokio::test]
async fn every_answer_carries_the_security_headers() {
    let tacho = Tacho::at_noon().await;
    let anybody = Client::new(tacho.base_url(), None);
    for path in ["/", "/healthz", "/v1/series", "/nowhere", "/v1/nowhere", "/assets/none.css", "/sign-in"] {
        let reply = anybody.get(path).await;
        assert_eq!(reply.header("x-content-type-options"), "nosniff", "{path}");
        assert_eq!(reply.header("x-frame-options"), "DENY", "{path}");
        assert!(reply.header("content-security-policy").contains("frame-ancestors 'none'"), "{path}");
    }
}

#[tokio::test]
async fn a_connection_that_asks_for_nothing_is_closed() {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let idle_for_a_second = [("TACHO_HTTP_IDLE_S", "1")];
    let tacho = Tacho::with(server::clock::Clock::system(), &idle_for_a_second).await;
    let address = tacho.base_url().trim_start_matches("http://");
    // Nothing, the beginning of HTTP/2, and a head that does not end.
    for said in ["", "PRI * HTT", "GET / HTTP/1.1\r\nhost: localhost\r\n"] {
        let mut connection = tokio::net::TcpStream::connect(address).await.unwrap();
        connection.write_all(said.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        let closed = connection.read_to_end(&mut answer);
        crate::harness::within("the end of the connection", closed).await.ok();
    }
}

#[tokio::test]
async fn the_command_line_explains_itself() {
    let directory = tempdir().unwrap();
    let help = tacho_ok(directory.path(), &["--help"]).await;
    for command in ["serve", "demo", "import", "keys", "check", "check-config", "sign-in-link"] {
        assert!(help.contains(command), "{command} is missing in {help}");
    }
    assert!(
        !tacho(directory.path(), &["keys", "create", "--scope", "everything", "--name", "a"])
            .await
            .status
            .success()
    );
}

#[tokio::test]
async fn what_a_key_is_bound_to_no_caller_says_otherwise() {
    let tacho = Tacho::at_noon().await;
    let bound = ["--bind", "user=alice", "--bind", "label.env=prod", "--default", "feature=chat"];
    let create = ["keys", "create", "--scope", "ingest", "--name", "a"];
    let key = tacho_ok(tacho.directory.path(), &[&create[..], &bound[..]].concat()).await;
    let client = tacho.reporter.with_key(&key);
    let mut labels = serde_json::Map::new();
    for number in 0..32 {
        labels.insert(format!("z{number:02}"), "x".into());
    }
    labels.insert("env".to_owned(), "dev".into());
    labels.remove("z31");
    let said = given::with(given::event("a", 1, 1), "user", "mallory");
    let said = given::with(given::with(said, "labels", labels), "feature", "search");
    client.report(&serde_json::json!([said, given::event("b", 1, 1)])).await;
    let events = tacho.admin.get("/v1/events").await.json();
    for event in events["events"].as_array().expect("events") {
        assert_eq!((&event["user"], &event["labels"]["env"]), (&"alice".into(), &"prod".into()), "{event}");
        let feature = if event["id"] == "a" { "search" } else { "chat" };
        assert_eq!(event["feature"], feature, "a default fills only what is left out");
    }
    // The same again is the same, whatever the key made of it.
    let again = client.post("/v1/events", &given::event("b", 1, 1)).await;
    assert_eq!(again.json()["duplicates"], 1, "{}", again.text);
    let model = ["--bind", "model=claude-sonnet-5-5"];
    assert!(
        tacho_refused(tacho.directory.path(), &[&create[..], &model[..]].concat(), &[])
            .await
            .contains("bound")
    );
}
