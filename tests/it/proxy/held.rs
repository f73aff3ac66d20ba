//! However a call is written, it is held against the limits that are enforced on what it may lead to.

use std::io::Write;
use std::time::{Duration, Instant};

use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use http::Request;
use http_body_util::Full;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use upstream::{Terms, Upstream};

use super::policies::{as_user, refused};
use crate::given;
use crate::harness::program::Program;
use crate::harness::proxied::{API_KEY, Caller, Proxied};
use crate::harness::{until, within};

/// Used up, and with room.
const OPUS: &str = "claude-opus-5";
const HAIKU: &str = "claude-haiku-4-5";

/// A Tacho whose limits on one model are used up.
async fn without_opus(policies: &str) -> Proxied {
    let proxied = Proxied::policed(Terms::default(), policies).await;
    let scope = json!({ "dimension": "model", "value": OPUS });
    for kind in ["tokens_per_day", "requests_per_minute"] {
        let limit = json!({ "name": kind, "kind": kind, "amount": 0, "scope": scope, "enforce": true });
        proxied.tacho.limit_of(&limit).await;
    }
    proxied
}

fn ask(model: &str) -> Value {
    json!({ "model": model, "max_tokens": 9, "messages": [{ "role": "user", "content": "How far is it?" }] })
}

fn call(
    caller: &Caller,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: impl Into<Bytes>,
) -> Request<Full<Bytes>> {
    let mut request = caller.request(method, path);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Full::from(body.into())).expect("a request")
}

async fn is_refused(caller: &Caller, request: Request<Full<Bytes>>, what: &str) -> bool {
    let answer = caller.send(request).await;
    let is_refused = answer.header("x-tacho-error") == "enforce";
    if is_refused {
        refused(&answer, "enforce");
    }
    println!("{what:.80}: {} {}", answer.status, answer.header("x-tacho-error"));
    is_refused
}

#[tokio::test]
async fn every_spelling_of_an_endpoint_is_held_like_it() {
    let proxied = without_opus("").await;
    let caller = &proxied.caller;
    let mut passed = 0;
    for (method, path) in [
        ("POST", "/v1/messages"),
        ("POST", "/v1/messages/"),
        ("POST", "/v1/messages//"),
        ("POST", "/v1/messages?beta=true"),
        ("POST", "/v1/%6dessages"),
        ("POST", "/v1/%256dessages"),
        ("POST", "/v1/Messages"),
        ("POST", "/v1/messages;x=1"),
        ("POST", "/v1/messages%3bx=1"),
        ("POST", "/v1/%2fmessages"),
        ("POST", "/v1/messages%2fcount_tokens"),
        ("POST", "/v1/Files"),
        ("POST", "/v1/complete"),
        ("POST", "/v1/thoughts"),
        ("POST", "/v1/models"),
        ("POST", "/v1/messages/batches/"),
        ("POST", "/v1/messages/batches/b_1"),
        ("PUT", "/v1/messages"),
        ("PATCH", "/v1/messages"),
        ("post", "/v1/messages"),
        ("TRACE", "/v1/messages"),
    ] {
        assert!(
            is_refused(caller, call(caller, method, path, &[], ask(OPUS).to_string()), path).await,
            "{path}"
        );
        let other = call(caller, method, path, &[], ask(HAIKU).to_string());
        assert!(!is_refused(caller, other, path).await, "{method} {path}");
        passed += 1;
    }
    // What frameworks and gateways may take for another request than it is.
    for (method, path, header) in [
        ("GET", "/v1/messages", ("x-http-method-override", "POST")),
        ("OPTIONS", "/v1/messages", ("x-method-override", "POST")),
        ("DELETE", "/v1/messages", ("x-http-method", "POST")),
        ("POST", "/v1/files", ("x-original-url", "/v1/messages")),
        ("POST", "/v1/messages/count_tokens", ("x-rewrite-url", "/v1/messages")),
    ] {
        assert!(is_refused(caller, call(caller, method, path, &[header], ask(OPUS).to_string()), path).await);
    }
    // What is not about a model is free to pass.
    for (method, path) in [("GET", "/v1/models"), ("GET", "/v1/messages"), ("POST", "/v1/files")] {
        assert!(!is_refused(caller, call(caller, method, path, &[], ask(OPUS).to_string()), path).await);
        passed += 1;
    }
    let exchanges = proxied.upstream.exchanges();
    assert_eq!(exchanges.len(), passed);
    let generates = exchanges
        .iter()
        .filter(|exchange| exchange.method != "GET" && exchange.path_and_query != "/v1/files");
    assert!(generates.into_iter().all(|exchange| exchange.model.as_deref() != Some(OPUS)));
}

#[tokio::test]
async fn a_path_that_leads_up_goes_nowhere() {
    let proxied = Proxied::start().await;
    for path in [
        "/v1/../../x",
        "/v1/%2e%2e/%2e%2e/x",
        "/v1/..%2f..%2fx",
        "/v1/%252e%252e%252fx",
        "/v1/files/x%2f..%2f..%2fmessages",
        "/v1/files/..;/messages",
        "/v1/files%5c..%5cmessages",
        "/v1/files/%00/messages",
    ] {
        let answer = proxied.caller.send(call(&proxied.caller, "POST", path, &[], "{}")).await;
        assert_eq!((answer.status.as_u16(), answer.header("x-tacho-error")), (404, "no_such_path"), "{path}");
    }
    assert!(proxied.upstream.exchanges().is_empty());
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::fast());
    encoder.write_all(bytes).expect("written");
    encoder.finish().expect("compressed")
}

#[tokio::test]
async fn a_body_is_read_whatever_its_type_says() {
    let proxied = without_opus("").await;
    let caller = &proxied.caller;
    for headers in [
        &[][..],
        &[("content-type", "application/json")],
        &[("content-type", "Application/JSON")],
        &[("content-type", "text/plain")],
        &[("content-type", "application/vnd.api+json")],
        &[("content-type", "multipart/form-data; boundary=x")],
        &[("content-encoding", "identity")],
    ] {
        let of = |model: &str| call(caller, "POST", "/v1/messages", headers, ask(model).to_string());
        assert!(is_refused(caller, of(OPUS), &format!("{headers:?}")).await);
        assert!(!is_refused(caller, of(HAIKU), &format!("{headers:?}")).await);
    }
    for encoding in ["gzip", "GZIP", "x-gzip", "gzip, identity"] {
        let of = |model: &str| {
            let body = gzip(&ask(model).to_string().into_bytes());
            call(caller, "POST", "/v1/messages", &[("content-encoding", encoding)], body)
        };
        assert!(is_refused(caller, of(OPUS), encoding).await);
        assert!(!is_refused(caller, of(HAIKU), encoding).await);
    }
}

type Headers = &'static [(&'static str, &'static str)];

/// Bodies of which nobody can say for certain which model is asked for.
fn of_unknown_models() -> Vec<(Headers, Vec<u8>)> {
    let haiku = ask(HAIKU).to_string();
    vec![
        (&[], Vec::new()),
        (&[], b"not json".to_vec()),
        (&[], json!({ "max_tokens": 9 }).to_string().into()),
        (&[], json!({ "model": 7 }).to_string().into()),
        (&[], json!({ "model": HAIKU, "fallbacks": "default" }).to_string().into()),
        (&[], format!("\u{feff}{haiku}").into()),
        (&[], format!("{haiku}{}", ask(OPUS)).into()),
        (&[], gzip(haiku.as_bytes())),
        (&[("content-encoding", "gzip")], haiku.clone().into()),
        (&[("content-encoding", "foo")], haiku.clone().into()),
        (&[("content-encoding", "identity"), ("content-encoding", "gzip")], haiku.clone().into()),
        (&[("content-type", "application/json; charset=utf-7")], haiku.clone().into()),
        // It does not come to the API with its encoding, which Connection names.
        (&[("connection", "content-encoding"), ("content-encoding", "gzip")], gzip(haiku.as_bytes())),
        // Too large to be read whole.
        (&[], format!("{haiku}{}", " ".repeat(33 << 20)).into()),
    ]
}

#[tokio::test]
async fn an_unknown_model_is_held_against_the_limits_of_all() {
    for scope in [json!({ "dimension": "model", "value": OPUS }), json!({ "dimension": "model" })] {
        let proxied = Proxied::start().await;
        // Over HTTP/2, where an answer may come before all that was asked.
        let caller = Caller::http2(&proxied.caller.base_url);
        let limit = json!({
            "name": "A day", "kind": "tokens_per_day", "amount": 15_000, "scope": scope, "enforce": true,
        });
        proxied.tacho.limit_of(&limit).await;
        let over_http2 = |headers: Headers| headers.iter().all(|(name, _)| *name != "connection");
        for (headers, body) in of_unknown_models().into_iter().filter(|(headers, _)| over_http2(*headers)) {
            let what = format!("{headers:?} {:.40}", String::from_utf8_lossy(&body));
            assert!(!is_refused(&caller, call(&caller, "POST", "/v1/messages", headers, body), &what).await);
        }
        let used = given::with(given::event("a", 10_000, 5_000), "model", OPUS);
        proxied.tacho.reporter.report(&used).await;
        for (headers, body) in of_unknown_models() {
            let what = format!("{headers:?} {:.40}", String::from_utf8_lossy(&body));
            let caller = if over_http2(headers) { &caller } else { &proxied.caller };
            let request = call(caller, "POST", "/v1/messages", headers, body);
            assert!(is_refused(caller, request, &what).await, "{scope} {what}");
        }
        let known = call(&caller, "POST", "/v1/messages", &[], ask(HAIKU).to_string());
        assert!(!is_refused(&caller, known, "known").await);
    }
}

#[tokio::test]
async fn every_model_that_a_call_names_is_held_against_its_limits() {
    let proxied = without_opus("").await;
    let caller = &proxied.caller;
    let twice = |first: &str, second: &str| format!(r#"{{"model":"{first}","m\u006fdel":"{second}"}}"#);
    let batch = |models: &[&str]| {
        let items: Vec<_> =
            models.iter().map(|model| json!({ "custom_id": model, "params": ask(model) })).collect();
        json!({ "requests": items }).to_string()
    };
    let beside = |name: &str| {
        let mut body = ask(HAIKU);
        body[name] = json!([{ "model": OPUS, "name": "advisor", "type": "advisor_20260301" }]);
        body.to_string()
    };
    for (path, body) in [
        ("/v1/messages", twice(OPUS, HAIKU)),
        ("/v1/messages", twice(HAIKU, OPUS)),
        ("/v1/messages", twice("claude-opus-5-20260101", HAIKU)),
        ("/v1/messages", beside("fallbacks")),
        ("/v1/messages", beside("tools")),
        ("/v1/messages/batches", batch(&[OPUS])),
        ("/v1/messages/batches", batch(&[HAIKU, "claude-sonnet-5-5", OPUS])),
    ] {
        assert!(is_refused(caller, call(caller, "POST", path, &[], body.clone()), &body).await, "{body}");
    }
    assert!(proxied.upstream.exchanges().is_empty());
    let other = batch(&[HAIKU, "claude-sonnet-5-5"]);
    assert!(!is_refused(caller, call(caller, "POST", "/v1/messages/batches", &[], other), "a batch").await);
}

#[tokio::test]
async fn a_burst_of_unknown_models_counts_under_each() {
    let proxied = Proxied::at_noon(Terms::default()).await;
    let caller = &proxied.caller;
    for scope in [json!({ "dimension": "model", "value": OPUS }), json!({ "dimension": "model" })] {
        let limit = json!({
            "name": "At once", "kind": "concurrent_requests", "amount": 2, "scope": scope, "enforce": true,
        });
        proxied.tacho.limit_of(&limit).await;
    }
    let unknown = || {
        let (mut head, body) = caller.messages("silent; after=1", true).into_parts();
        head.headers.insert("content-type", "application/json; charset=utf-7".parse().expect("a value"));
        Request::from_parts(head, body)
    };
    let mut open = Vec::new();
    for _ in 0..2 {
        open.push(caller.begin(unknown()).await);
        assert_eq!(open[open.len() - 1].status(), 200);
    }
    assert!(is_refused(caller, unknown(), "a third").await);
    let known = call(caller, "POST", "/v1/messages", &[], ask(OPUS).to_string());
    assert!(is_refused(caller, known, "a model it may be").await);
}

/// A connection over which the head of a call came, and nothing of its body.
async fn without_body(proxied: &Proxied, announced_bytes: usize) -> TcpStream {
    let mut connection = TcpStream::connect(proxied.tacho.address()).await.expect("a connection");
    let head = format!(
        "POST /proxy/v1/messages HTTP/1.1\r\nhost: 127.0.0.1\r\nx-api-key: {API_KEY}\r\n\
         content-length: {announced_bytes}\r\n\r\n"
    );
    connection.write_all(head.as_bytes()).await.expect("written");
    connection
}

#[tokio::test]
async fn bodies_that_are_announced_and_do_not_come_open_no_way_and_are_given_up() {
    let proxied = without_opus("[[policies]]\npolicy = \"cooldown\"\nspacing_ms = 600_000\n").await;
    let caller = &proxied.caller;
    let mut silent = Vec::new();
    for _ in 0..12 {
        silent.push(without_body(&proxied, 32 << 20).await);
    }
    assert_eq!(caller.send(as_user(caller, "a")).await.status, 200);
    for _ in 0..3 {
        assert!(
            is_refused(caller, call(caller, "POST", "/v1/messages", &[], ask(OPUS).to_string()), "opus")
                .await
        );
        refused(&caller.send(as_user(caller, "a")).await, "cooldown");
    }
    // Nor does a body that is too large to be looked at.
    let over_http2 = Caller::http2(&caller.base_url);
    let large_opus = call(&over_http2, "POST", "/v1/messages", &[], vec![b' '; 33 << 20]);
    assert!(is_refused(&over_http2, large_opus, "large").await);
    // One that is not looked at is admitted before its body, and keeps no place for ever.
    let other = Proxied::start().await;
    let limit = json!({ "name": "At once", "kind": "concurrent_requests", "amount": 1, "enforce": true });
    other.tacho.limit_of(&limit).await;
    let _held = without_body(&other, 33 << 20).await;
    let status = async || other.caller.send(as_user(&other.caller, "a")).await.status.as_u16();
    until("its admission", async || (status().await == 429).then_some(())).await;
    for connection in &mut silent {
        let mut answer = Vec::new();
        within("the end of it", connection.read_to_end(&mut answer)).await.expect("an answer");
        let answer = String::from_utf8_lossy(&answer);
        assert!(
            answer.starts_with("HTTP/1.1 408 ") && answer.contains("x-tacho-error: body_timeout"),
            "{answer}"
        );
        assert!(answer.contains("\"type\":\"timeout_error\""), "{answer}");
    }
    assert_eq!(proxied.upstream.exchanges().len(), 1);
    until("its end", async || (status().await == 200).then_some(())).await;
}

#[tokio::test]
async fn a_large_body_that_is_too_large_to_be_looked_at_keeps_its_distance_too() {
    let proxied =
        Proxied::policed(Terms::default(), "[[policies]]\npolicy = \"cooldown\"\nspacing_ms = 600_000\n")
            .await;
    let caller = Caller::http2(&proxied.caller.base_url);
    assert_eq!(caller.send(as_user(&caller, "a")).await.status, 200);
    let large = call(&caller, "POST", "/v1/messages", &[("x-tacho-user", "a")], vec![b' '; 33 << 20]);
    refused(&caller.send(large).await, "cooldown");
    // An honest large one is served.
    let mut body = ask(HAIKU);
    body["messages"][0]["content"] = json!("wörd ".repeat(4 << 20));
    let honest = call(&caller, "POST", "/v1/messages", &[("x-tacho-user", "b")], body.to_string());
    assert_eq!(caller.send(honest).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_body_that_inflates_to_very_much_holds_up_nobody() {
    let upstream = Upstream::start(Terms { keep_body_bytes: 0, ..Terms::default() }).await;
    let member = gzip(&vec![b' '; 16 << 20]);
    let body = Bytes::from([gzip(br#"{"x":[1"#), member.repeat((12 << 20) / member.len())].concat());
    let directory = tempfile::tempdir().expect("a directory");
    std::fs::write(directory.path().join("tacho.toml"), "[[policies]]\npolicy = \"retry\"\n")
        .expect("a file");
    let program = Program::start(directory.path(), &[("TACHO_PROXY_UPSTREAM", &upstream.base_url)]).await;
    let (client, mut bombs) = (program.client(""), tokio::task::JoinSet::new());
    for _ in 0..4 {
        let caller = Caller::new(&format!("{}/proxy", program.base_url));
        let headers = [("content-type", "application/json"), ("content-encoding", "gzip")];
        let bomb = call(&caller, "POST", "/v1/messages", &headers, body.clone());
        bombs.spawn(async move { caller.send(bomb).await });
    }
    let (began, mut longest) = (Instant::now(), Duration::ZERO);
    while !bombs.is_empty() {
        let asked = Instant::now();
        assert_eq!(client.get("/healthz").await.status, 200);
        longest = longest.max(asked.elapsed());
        while bombs.try_join_next().is_some() {}
    }
    println!("4 of them take {:?}, /healthz at most {longest:?}", began.elapsed());
    assert!(longest < began.elapsed() / 3, "{longest:?} of {:?}", began.elapsed());
}
