//! Usage as gateways answer it: odd fields, falling counts, missing types, attempts, and streams that break off.

use std::sync::atomic::{AtomicU16, Ordering};
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use bytes::Bytes;
use http_body_util::Full;
use serde_json::{Value, json};

use crate::harness::proxied::{Caller, MODEL};
use crate::harness::tacho::Tacho;
use crate::harness::until;

/// A content type and a body, of an answer with status 200 unless another is said.
type Told = Arc<Mutex<(Option<&'static str>, String)>>;
type Status = Arc<AtomicU16>;

/// A Tacho before something that answers what it is told to.
struct Gatewayed {
    tacho: Tacho,
    caller: Caller,
    answer: Told,
    status: Status,
}

impl Gatewayed {
    async fn start() -> Self {
        let (answer, status) = (Told::default(), Status::new(AtomicU16::new(200)));
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let router = Router::new().fallback(any(told)).with_state((answer.clone(), status.clone()));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let tacho =
            Tacho::with(server::clock::Clock::system(), &[("TACHO_PROXY_UPSTREAM", address.as_str())]).await;
        let caller = Caller::new(&format!("{}/proxy", tacho.base_url()));
        Gatewayed { tacho, caller, answer, status }
    }

    /// The event of a call with this answer. It is the newest.
    async fn event(&self, number: usize, stream: bool, kind: Option<&'static str>, body: String) -> Value {
        *self.answer.lock().expect("an answer") = (kind, body.clone());
        let answer = self.caller.send(self.caller.messages("plain", stream)).await;
        assert_eq!(answer.text(), body);
        self.newest(number).await
    }

    /// The newest of so many events.
    async fn newest(&self, number: usize) -> Value {
        until("the event", async || {
            let page = self.tacho.admin.get("/v1/events?limit=1000").await.json();
            let events = page["events"].as_array().expect("events").clone();
            (events.len() == number).then(|| events.into_iter().next().expect("an event"))
        })
        .await
    }
}

async fn told(State((answer, status)): State<(Told, Status)>) -> Response {
    let (kind, body) = answer.lock().expect("an answer").clone();
    let mut response = body.into_response();
    *response.status_mut() = http::StatusCode::from_u16(status.load(Ordering::Relaxed)).expect("a status");
    response.headers_mut().remove("content-type");
    if let Some(kind) = kind {
        response.headers_mut().insert("content-type", http::HeaderValue::from_static(kind));
    }
    response
}

fn message(usage: &str) -> String {
    format!(r#"{{"id":"msg_1","type":"message","model":"{MODEL}","stop_reason":"end_turn","usage":{usage}}}"#)
}

fn stream(events: &[Value]) -> String {
    let event =
        |event: &Value| format!("event: {}\ndata: {event}\n\n", event["type"].as_str().expect("a type"));
    events.iter().map(event).collect()
}

fn start(usage: Value) -> Value {
    json!({ "type": "message_start", "message": { "id": "msg_1", "model": MODEL, "usage": usage } })
}

fn delta(usage: Value) -> Value {
    json!({ "type": "message_delta", "delta": { "stop_reason": "end_turn" }, "usage": usage })
}

fn stop() -> Value {
    json!({ "type": "message_stop" })
}

#[tokio::test]
async fn one_odd_field_is_unknown_and_told_of_and_the_others_are_counted() {
    let gatewayed = Gatewayed::start().await;
    let mut number = 0;
    for (odd, unreadable, has_price) in [
        (r#""cache_creation":[]"#, Value::Null, true),
        (r#""iterations":{}"#, Value::Null, true),
        (r#""cache_read_input_tokens":12.0"#, Value::Null, true),
        (r#""service_tier":5"#, json!("service_tier"), true),
        (r#""server_tool_use":"none""#, json!("server_tool_use"), true),
        (
            r#""server_tool_use":{"web_search_requests":-1}"#,
            json!("server_tool_use.web_search_requests"),
            false,
        ),
        (r#""cache_read_input_tokens":-1"#, json!("cache_read_input_tokens"), false),
        (
            r#""cache_read_input_tokens":1,"cache_read_input_tokens":2"#,
            json!("cache_read_input_tokens"),
            false,
        ),
    ] {
        number += 1;
        let usage = format!(r#"{{"input_tokens":100,{odd},"output_tokens":12}}"#);
        let event = gatewayed.event(number, false, Some("application/json"), message(&usage)).await;
        assert_eq!(
            (&event["usage"]["input_tokens"], &event["usage"]["output_tokens"]),
            (&json!(100), &json!(12))
        );
        assert_eq!(event["remarks"][0]["field"], unreadable, "{odd}");
        assert_eq!(event["cost_usd"].is_number(), has_price, "{odd}");
    }
    let health = gatewayed.tacho.admin.get("/v1/health").await.json();
    assert_eq!(
        health["remarks"],
        json!([{ "code": "usage_unreadable", "events": 5, "fields": [
            { "field": "cache_read_input_tokens", "events": 2 },
            { "field": "server_tool_use", "events": 1 },
            { "field": "server_tool_use.web_search_requests", "events": 1 },
            { "field": "service_tier", "events": 1 },
        ]}])
    );
    let (browser, cookie) = gatewayed.tacho.signed_in().await;
    let headers = [("cookie", cookie.as_str()), ("accept", "text/html")];
    let overview = browser.send(reqwest::Method::GET, "/", &headers, Vec::new()).await.text;
    assert!(
        overview.contains("5\u{a0}calls of the last 24 hours had fields of usage that could not be read"),
        "{overview}"
    );
    assert!(overview.contains("cache_read_input_tokens (2)"), "{overview}");
}

#[tokio::test]
async fn what_a_session_of_an_agent_has_used_so_far_is_not_counted_with_every_call() {
    let gatewayed = Gatewayed::start().await;
    let session = json!({ "id": "sess_01", "type": "session", "usage": {
        "input_tokens": 20_000_000, "output_tokens": 900, "cache_read_input_tokens": -1,
    }});
    *gatewayed.answer.lock().expect("an answer") = (Some("application/json"), session.to_string());
    let nothing = json!(0);
    let calls = [
        ("/v1/sessions", &Value::Null),
        ("/v1/sessions/sess_01", &Value::Null),
        ("/v1/sessions/sess_01/archive", &Value::Null),
        ("/v1/agents", &nothing),
    ];
    for (count, (path, used)) in calls.into_iter().enumerate() {
        let request = gatewayed.caller.request("POST", path).body(Full::new(Bytes::from_static(b"{}")));
        assert_eq!(gatewayed.caller.send(request.expect("a request")).await.status, 200);
        let event = gatewayed.newest(count + 1).await;
        assert_eq!(
            (&event["usage"]["input_tokens"], &event["usage"]["output_tokens"], &event["remarks"]),
            (used, used, &Value::Null),
            "{path}: {event}"
        );
    }
}

#[tokio::test]
async fn names_do_not_crowd_out_what_hides_a_price() {
    let gatewayed = Gatewayed::start().await;
    let usage = r#"{"input_tokens":100,"cache_read_input_tokens":"many","output_tokens":12}"#;
    *gatewayed.answer.lock().expect("an answer") = (Some("application/json"), message(usage));
    let mut request = gatewayed.caller.messages("plain", false);
    for name in ["user", "feature", "session"]
        .map(|name| format!("x-tacho-{name}"))
        .into_iter()
        .chain((0..30).map(|number| format!("x-tacho-label-l{number}")))
    {
        let name = http::HeaderName::try_from(name).expect("a name");
        request.headers_mut().insert(name, http::HeaderValue::from_bytes(b"Zo\xeb").expect("a value"));
    }
    assert_eq!(gatewayed.caller.send(request).await.status, 200);
    let event = gatewayed.newest(1).await;
    assert_eq!(
        (&event["cost_usd"], &event["remarks"][0]["field"]),
        (&Value::Null, &json!("cache_read_input_tokens"))
    );
    let fields: Vec<_> =
        event["remarks"].as_array().expect("remarks").iter().map(|one| &one["field"]).collect();
    assert_eq!(fields.len(), 5, "labels are one field: {fields:?}");
}

#[tokio::test]
async fn counts_that_fall_in_a_stream_stand_as_they_were() {
    let gatewayed = Gatewayed::start().await;
    let usage = json!({ "input_tokens": 1234, "cache_read_input_tokens": 5000, "output_tokens": 1 });
    let zeros = json!({ "input_tokens": 0, "cache_read_input_tokens": 0, "output_tokens": 52 });
    let body = stream(&[start(usage), delta(zeros), stop()]);
    let event = gatewayed.event(1, true, Some("text/event-stream"), body).await;
    let used = &event["usage"];
    assert_eq!(
        (&used["input_tokens"], &used["cache_read_input_tokens"], &used["output_tokens"]),
        (&json!(1234), &json!(5000), &json!(52))
    );
}

#[tokio::test]
async fn a_stream_is_one_whatever_its_content_type_says() {
    let gatewayed = Gatewayed::start().await;
    let usage = json!({ "input_tokens": 100, "output_tokens": 1 });
    let streamed = stream(&[start(usage), delta(json!({ "output_tokens": 77 })), stop()]);
    let whole = message(r#"{"input_tokens":100,"output_tokens":77}"#);
    let mut number = 0;
    for kind in [Some("text/event-stream"), None, Some("application/json"), Some("text/plain")] {
        for body in [&streamed, &whole] {
            number += 1;
            let event = gatewayed.event(number, true, kind, body.clone()).await;
            let used = &event["usage"];
            assert_eq!(
                (&used["input_tokens"], &used["output_tokens"]),
                (&json!(100), &json!(77)),
                "{kind:?}"
            );
            assert_eq!((&event["outcome"], &event["estimated"]), (&Value::Null, &Value::Null));
            assert!(event["cost_usd"].is_number());
        }
    }
}

#[tokio::test]
async fn a_stream_that_breaks_off_keeps_its_input_and_has_a_price() {
    let gatewayed = Gatewayed::start().await;
    let mut number = 0;
    let text =
        json!({ "type": "content_block_delta", "delta": { "type": "text_delta", "text": "x".repeat(70) } });
    for output_tokens in [0, 1] {
        for listed in [false, true] {
            number += 1;
            let used = json!({ "input_tokens": 1234, "cache_read_input_tokens": 5000, "output_tokens": output_tokens });
            let mut usage = used.clone();
            if listed {
                let mut attempt = used;
                attempt["type"] = "message".into();
                usage["iterations"] = json!([attempt]);
            }
            let body = stream(&[start(usage), text.clone()]);
            let event = gatewayed.event(number, true, Some("text/event-stream"), body).await;
            let used = &event["usage"];
            assert_eq!(
                (&used["input_tokens"], &used["cache_read_input_tokens"], &used["output_tokens"]),
                (&json!(1234), &json!(5000), &json!(20)),
                "{listed}"
            );
            assert_eq!((&event["estimated"], &event["outcome"]), (&json!(true), &json!("interrupted")));
            assert_eq!(event["cost_usd"], 0.003_168, "{listed}");
        }
    }
    // What was counted before it broke off is the least there was.
    number += 1;
    let counted = json!({ "type": "message_delta", "delta": { "stop_reason": null }, "usage": { "output_tokens": 99 } });
    let body = stream(&[start(json!({ "input_tokens": 5, "output_tokens": 1 })), text, counted]);
    let event = gatewayed.event(number, true, Some("text/event-stream"), body).await;
    assert_eq!((&event["usage"]["output_tokens"], &event["estimated"]), (&json!(99), &json!(true)));
}

#[tokio::test]
async fn warming_a_cache_is_billed_though_nothing_is_generated() {
    let gatewayed = Gatewayed::start().await;
    let used = r#""input_tokens":12,"output_tokens":0,"cache_creation_input_tokens":50000"#;
    let usage = format!(r#"{{{used},"iterations":[{{"type":"message",{used}}}]}}"#);
    let event = gatewayed.event(1, false, Some("application/json"), message(&usage)).await;
    assert_eq!(event["usage"]["input_tokens"], 12);
    assert_eq!(event["usage"]["cache_creation"]["ephemeral_5m_input_tokens"], 50_000);
    assert_eq!(event["cost_usd"], 0.125_024);
    // As it is listed, it is the same event.
    let again = gatewayed.tacho.reporter.post("/v1/events", &event).await.json();
    assert_eq!(again["duplicates"], 1, "{again}");
}

#[tokio::test]
async fn a_count_that_no_call_can_have_and_a_member_of_any_size_leave_all_others() {
    let gatewayed = Gatewayed::start().await;
    let deep = format!("{}1{}", "[".repeat(40), "]".repeat(40));
    let large = format!("\"{}\"", "x".repeat(70 << 10));
    let mut number = 0;
    for (odd, fields, has_price) in [
        (r#""cache_read_input_tokens":10000001"#.to_owned(), vec!["cache_read_input_tokens"], false),
        (r#""cache_read_input_tokens":9007199254740991"#.to_owned(), vec!["cache_read_input_tokens"], false),
        (
            r#""server_tool_use":{"web_search_requests":10001}"#.to_owned(),
            vec!["server_tool_use.web_search_requests"],
            false,
        ),
        (format!(r#""new":{deep}"#), vec![], true),
        (format!(r#""new":{large}"#), vec![], true),
        (format!(r#""service_tier":{large}"#), vec!["service_tier"], true),
        (format!(r#""cache_read_input_tokens":{deep}"#), vec!["cache_read_input_tokens"], false),
    ] {
        for streamed in [false, true] {
            number += 1;
            let usage = format!(r#"{{"input_tokens":100,{odd},"output_tokens":12}}"#);
            let body = match streamed {
                false => message(&usage),
                true => {
                    let first = stream(&[start(json!({ "input_tokens": 100, "output_tokens": 1 }))]);
                    let last = stream(&[delta(json!("usage")), stop()])
                        .replace(r#""usage":"usage""#, &format!(r#""usage":{usage}"#));
                    [first, last].concat()
                }
            };
            let event = gatewayed.event(number, streamed, None, body).await;
            let used = &event["usage"];
            assert_eq!((&used["input_tokens"], &used["output_tokens"]), (&json!(100), &json!(12)));
            let remarked: Vec<_> = event["remarks"].as_array().into_iter().flatten().collect();
            let remarked: Vec<_> =
                remarked.iter().map(|one| one["field"].as_str().expect("a field")).collect();
            assert_eq!((remarked, event["cost_usd"].is_number()), (fields.clone(), has_price));
        }
    }
}

#[tokio::test]
async fn a_compaction_that_leaves_something_out_takes_nothing_from_the_message() {
    let gatewayed = Gatewayed::start().await;
    let mut number = 0;
    for output in [json!(null), json!("n/a")] {
        let usage = json!({ "input_tokens": 23, "output_tokens": 10, "iterations": [
            { "type": "compaction", "input_tokens": 180, "output_tokens": output },
            { "type": "message", "input_tokens": 23, "output_tokens": 10 },
        ]});
        for body in [
            message(&usage.to_string()),
            stream(&[start(json!({ "input_tokens": 23, "output_tokens": 1 })), delta(usage), stop()]),
        ] {
            number += 1;
            let event = gatewayed.event(number, body.starts_with("event"), None, body).await;
            let used = &event["usage"];
            assert_eq!((&used["input_tokens"], &used["output_tokens"]), (&json!(203), &json!(10)));
            assert_eq!((&event["cost_usd"], &event["estimated"]), (&Value::Null, &Value::Null));
            assert_eq!(
                event["remarks"],
                json!([{ "code": "usage_unreadable", "field": "iterations[].output_tokens" }])
            );
        }
    }
}

#[tokio::test]
async fn a_stream_that_was_asked_for_is_one_whatever_its_first_line_is() {
    let gatewayed = Gatewayed::start().await;
    let usage = json!({ "input_tokens": 100, "output_tokens": 1 });
    let streamed = stream(&[start(usage), delta(json!({ "output_tokens": 77 })), stop()]);
    let mut number = 0;
    for first_line in ["x-trace: 1", "event : x", "id ", "0"] {
        number += 1;
        let body = format!("{first_line}\n\n{streamed}");
        let event = gatewayed.event(number, true, Some("application/json"), body).await;
        assert_eq!((&event["usage"]["output_tokens"], &event["outcome"]), (&json!(77), &Value::Null));
    }
}

#[tokio::test]
async fn a_refusal_that_came_to_its_end_is_complete_whatever_it_is() {
    let gatewayed = Gatewayed::start().await;
    let mut number = 0;
    for (status, kind, body, outcome) in [
        (502, Some("text/html"), "<html><body>Bad gateway</body></html>", Value::Null),
        (503, Some("text/plain"), "busy", Value::Null),
        (503, None, "", Value::Null),
        (529, Some("application/json"), "", Value::Null),
        (200, None, "", json!("interrupted")),
        (200, Some("application/json"), "", json!("interrupted")),
        (200, Some("text/html"), "<html></html>", json!("interrupted")),
    ] {
        number += 1;
        gatewayed.status.store(status, Ordering::Relaxed);
        let event = gatewayed.event(number, true, kind, body.to_owned()).await;
        assert_eq!((&event["status"], &event["outcome"]), (&json!(status), &outcome), "{body}");
    }
}
