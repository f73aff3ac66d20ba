//! Who and what a call is for.

use http::HeaderValue;
use http_body_util::Full;
use serde_json::{Value, json};
use upstream::Terms;

use super::policies::refused;
use crate::given;
use crate::harness::program::tacho_ok;
use crate::harness::proxied::{API_KEY, Answer, MODEL, Proxied};

fn body() -> Full<bytes::Bytes> {
    Full::from(json!({ "model": MODEL, "max_tokens": 5, "messages": [] }).to_string())
}

#[tokio::test]
async fn a_call_says_who_and_what_it_is_for() {
    let proxied = Proxied::start().await;
    let request = proxied
        .caller
        .request("POST", "/p/check%20out/f/summary/v1/messages?beta=true")
        .header("content-type", "application/json")
        .header("x-tacho-user", "u_42")
        .header("x-tacho-label-env", "prod")
        .header("x-claude-code-session-id", "s_9")
        .header("x-stainless-retry-count", "2")
        .body(body())
        .expect("a request");
    let answer = proxied.caller.send(request).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let event = proxied.event().await;
    assert_eq!(event["project"], "check out");
    assert_eq!(event["feature"], "summary");
    assert_eq!(event["user"], "u_42");
    assert_eq!(event["session"], "s_9");
    assert_eq!(event["labels"], json!({ "env": "prod" }));
    assert_eq!((&event["attempt"], &event["status"]), (&json!(2), &json!(200)));
    assert_eq!((&event["endpoint"], &event["model"]), (&json!("messages"), &json!(MODEL)));
    assert_eq!((&event["max_tokens"], &event["stream"]), (&json!(5), &json!(false)));
    let key = event["api_key"].as_str().expect("a fingerprint");
    assert!(key.starts_with("key_") && key.ends_with("..WXYZ") && !key.contains("abcdef"), "{key}");
    // The answer names its event, which has the API's own id.
    let exchange = proxied.exchange().await;
    assert_eq!(event["id"], exchange.request_id);
    assert_eq!(answer.header("x-tacho-request-id"), exchange.request_id);
    // What was for Tacho went no further; everything else did.
    assert_eq!(exchange.path_and_query, "/v1/messages?beta=true");
    assert!(!exchange.headers.iter().any(|(name, _)| name.starts_with("x-tacho-")), "{:?}", exchange.headers);
    assert_eq!(exchange.header("x-api-key"), Some(API_KEY));
    assert_eq!(exchange.header("x-claude-code-session-id"), Some("s_9"));
}

#[tokio::test]
async fn a_key_has_one_name_whichever_way_it_comes() {
    let proxied = Proxied::start().await;
    proxied.caller.send(proxied.caller.messages("plain", false)).await;
    let event =
        json!({ "model": MODEL, "api_key": format!("Bearer {API_KEY}"), "labels": { "key": API_KEY } });
    proxied.tacho.reporter.report(&event).await;
    let events = proxied.events(2).await;
    let names: std::collections::BTreeSet<_> =
        events.iter().map(|event| event["api_key"].as_str().expect("a name")).collect();
    assert_eq!(names.len(), 1, "{names:?}");
    let posted = events.iter().find(|event| event["labels"]["key"].is_string()).expect("the posted event");
    assert_eq!(posted["labels"]["key"], posted["api_key"]);
    assert!(!names.iter().any(|name| name.contains("abcdef")), "{names:?}");
}

#[tokio::test]
async fn calls_that_use_no_tokens_are_events_too() {
    let proxied = Proxied::start().await;
    let caller = &proxied.caller;
    let get = |path: &str| caller.request("GET", path).body(Full::default()).expect("a request");
    assert_eq!(caller.send(get("/v1/models")).await.status, 200);
    assert_eq!(caller.send(get("/v1/nowhere")).await.status, 404);
    let count =
        caller.request("POST", "/v1/messages/count_tokens").header("content-type", "application/json");
    assert_eq!(caller.send(count.body(body()).expect("a request")).await.status, 200);
    let events = proxied.events(3).await;
    let of = |endpoint: &str| {
        events.iter().find(|event| event["endpoint"] == endpoint).unwrap_or_else(|| panic!("{events:#?}"))
    };
    for (endpoint, model, status) in
        [("models", "(none)", 200), ("nowhere", "(none)", 404), ("messages/count_tokens", MODEL, 200)]
    {
        let event = of(endpoint);
        assert_eq!((&event["model"], &event["status"]), (&json!(model), &json!(status)));
        assert_eq!(event["cost_usd"], 0.0, "{event:#}");
    }
    assert_eq!(of("nowhere")["error"]["type"], "not_found_error");
    let hello =
        caller.send(caller.request("HEAD", "/api/hello").body(Full::default()).expect("a request")).await;
    assert_eq!(hello.status, 200);
    assert_eq!(proxied.upstream.exchanges().len(), 3, "nobody but Tacho answers that");
}

/// Sends a call with one more header, of whatever bytes.
async fn call(proxied: &Proxied, path: &str, name: &'static str, value: &[u8]) -> Answer {
    let mut request = proxied.caller.messages("words=2", false);
    *request.uri_mut() = format!("{}{path}/v1/messages", proxied.caller.base_url).parse().expect("a URI");
    request.headers_mut().append(name, HeaderValue::from_bytes(value).expect("a value"));
    proxied.caller.send(request).await
}

fn unreadable(field: &str) -> Value {
    json!([{ "code": "attribution_unreadable", "field": field }])
}

#[tokio::test]
async fn a_name_in_any_script_comes_through_however_it_is_written() {
    let proxied = Proxied::start().await;
    let cases: [(&[u8], &str, Value); 8] = [
        ("김민수".as_bytes(), "김민수", Value::Null),
        ("Zoë".as_bytes(), "Zoë", Value::Null),
        (b"Zo%C3%AB", "Zoë", Value::Null),
        (b"%EA%B9%80", "김", Value::Null),
        (b"100% off", "100% off", Value::Null),
        // Latin-1, and Korean as it was written before: no text, but nobody else either.
        (b"Zo\xeb", "Zo%EB", unreadable("x-tacho-user")),
        (b"Zo%EB", "Zo%EB", unreadable("x-tacho-user")),
        (b"\xb1\xe8", "%B1%E8", unreadable("x-tacho-user")),
    ];
    for (count, (value, user, remarks)) in cases.iter().enumerate() {
        let answer = call(&proxied, "", "x-tacho-user", value).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let events = proxied.events(count + 1).await;
        assert_eq!((events[0]["user"].as_str(), &events[0]["remarks"]), (Some(*user), remarks));
    }
    for (path, project, remarks) in [
        ("/p/%EA%B9%80", "김", Value::Null),
        ("/p/%FF", "%FF", unreadable("project")),
        ("/p/%FE", "%FE", unreadable("project")),
    ] {
        let answer = call(&proxied, path, "x-tacho-label-who", "민수".as_bytes()).await;
        assert_eq!(answer.status, 200, "{}", answer.text());
        let question = format!("/v1/events?project={}", project.replace('%', "%25"));
        let events = crate::harness::until("the event", async || {
            let events = proxied.tacho.admin.get(&question).await.json()["events"].clone();
            events.as_array().is_some_and(|events| events.len() == 1).then_some(events)
        });
        let event = events.await[0].clone();
        assert_eq!((&event["remarks"], &event["labels"]["who"]), (&remarks, &json!("민수")));
    }
}

#[tokio::test]
async fn a_limit_on_each_user_sees_every_name() {
    let proxied = Proxied::start().await;
    let limit = json!({
        "name": "each", "kind": "requests_per_hour", "amount": 9, "scope": { "dimension": "user" },
    });
    proxied.tacho.limit_of(&limit).await;
    let names: [&[u8]; 4] = ["김민수".as_bytes(), b"Zo%C3%AB", b"Zo\xeb", b"Zo\xec"];
    for value in names {
        assert_eq!(call(&proxied, "", "x-tacho-user", value).await.status, 200);
    }
    proxied.events(4).await;
    let status = proxied.tacho.admin.get("/v1/limits/status").await;
    for user in ["김민수", "Zoë", "Zo%EB", "Zo%EC"] {
        assert!(status.text.contains(user), "{user} is not in {}", status.text);
    }
}

#[tokio::test]
async fn a_long_name_is_the_same_whichever_way_it_comes() {
    let file = "[[policies]]\npolicy = \"cooldown\"\nspacing_ms = 60_000\n";
    let proxied = Proxied::policed(Terms::default(), file).await;
    let (one, other) = (format!("{}1", "é".repeat(300)), format!("{}2", "é".repeat(300)));
    assert_eq!(call(&proxied, "", "x-tacho-user", one.as_bytes()).await.status, 200);
    assert_eq!(call(&proxied, "", "x-tacho-user", other.as_bytes()).await.status, 200, "somebody else");
    refused(&call(&proxied, "", "x-tacho-user", one.as_bytes()).await, "cooldown");
    let posted = given::with(given::event("posted", 1, 1), "user", one.as_str());
    let reply = proxied.tacho.reporter.post("/v1/events", &posted).await;
    assert_eq!(reply.status, 200, "{}", reply.text);
    let remarks = json!([{ "code": "cut", "field": "user" }]);
    assert_eq!(reply.json()["results"][0]["remarks"], remarks);
    let events = proxied.events(4).await;
    let users: std::collections::BTreeMap<&str, usize> =
        events.iter().fold(Default::default(), |mut users, event| {
            *users.entry(event["user"].as_str().expect("a name")).or_default() += 1;
            users
        });
    assert_eq!(users.into_values().collect::<std::collections::BTreeSet<_>>(), [1, 3].into(), "{events:#?}");
    assert!(events.iter().all(|event| event["user"].as_str().is_some_and(|user| user.len() <= 256)));
    assert!(events.iter().all(|event| event["remarks"][0]["code"] == "cut"), "{events:#?}");
    // Who asks for it need not know how it was cut.
    let asked = proxied.tacho.admin.get(&format!("/v1/events?user={}", "%C3%A9".repeat(300) + "1")).await;
    assert_eq!(asked.json()["events"].as_array().map(Vec::len), Some(3), "{}", asked.text);
}

#[tokio::test]
async fn a_key_that_is_bound_is_for_one_whatever_its_callers_say() {
    let proxied = Proxied::start().await;
    let create =
        ["keys", "create", "--scope", "proxy", "--name", "a", "--bind", "user=alice", "--bind", "project=p"];
    let key = tacho_ok(proxied.tacho.directory.path(), &create).await;
    let limit = json!({
        "name": "each", "kind": "requests_per_minute", "amount": 1, "scope": { "dimension": "user" }, "enforce": true,
    });
    proxied.tacho.limit_of(&limit).await;
    for (count, who, status) in [(1, "bob", 200), (2, "carol", 429)] {
        let request = proxied
            .caller
            .request("POST", "/p/other/v1/messages")
            .header("content-type", "application/json")
            .header("x-tacho-key", &key)
            .header("x-tacho-user", who)
            .body(body())
            .expect("a request");
        let answer = proxied.caller.send(request).await;
        assert_eq!(answer.status, status, "{who}: {}", answer.text());
        for event in proxied.events(count).await {
            assert_eq!((&event["user"], &event["project"]), (&json!("alice"), &json!("p")), "{who}");
        }
    }
}
