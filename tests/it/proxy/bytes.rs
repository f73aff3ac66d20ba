//! The proxy changes nothing: what the API was sent is what the caller sent, and the other way round.

use std::collections::BTreeMap;

use bytes::Bytes;
use http::{HeaderMap, Request};
use http_body_util::Full;
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};
use serde_json::json;
use sha2::{Digest, Sha256};
use upstream::{Exchange, Terms};

use crate::harness::proxied::{Answer, Caller, Proxied};

/// How many random exchanges; more with `TACHO_TEST_EXCHANGES`.
const EXCHANGES: usize = 500;

/// Headers of an answer that are the proxy's own: `date` only where the API gave none.
const ADDED: [&str; 2] = ["x-tacho-request-id", "date"];
/// How a body is framed is a matter of each connection.
const FRAMING: [&str; 3] = ["content-length", "transfer-encoding", "connection"];

#[derive(Debug, Clone)]
struct Call {
    method: &'static str,
    path: String,
    body: Vec<u8>,
    headers: Vec<(String, String)>,
    over_http2: bool,
}

fn headers() -> impl Strategy<Value = Vec<(String, String)>> {
    let odd = ("x-[a-z]{1,8}", "[ -~]{0,40}").prop_map(|(name, value)| (name, value.trim().to_owned()));
    let known = prop_oneof![
        Just(("anthropic-beta".to_owned(), "prompt-caching-2024-07-31".to_owned())),
        Just(("anthropic-beta".to_owned(), "context-1m".to_owned())),
        Just(("user-agent".to_owned(), "claude-cli/3".to_owned())),
        Just(("x-tacho-user".to_owned(), "u_1".to_owned())),
        Just(("accept".to_owned(), "application/json".to_owned())),
    ];
    // The last one of the made-up API's own would change what is answered.
    prop::collection::vec(prop_oneof![odd, known], 0..8).prop_map(|headers| {
        headers.into_iter().filter(|(name, _)| name != "x-fake-scenario" && name != "x-api-key").collect()
    })
}

fn scenario() -> impl Strategy<Value = String> {
    let words = [
        "several_deltas",
        "iterations",
        "no_delta",
        "overloaded",
        "rate_limited",
        "spend_cap",
        "server_error",
    ];
    let odd = ["error_mid_stream", "unified", "fast", "priority", "plain"];
    (
        prop::sample::select([&words[..], &odd[..]].concat()),
        prop::option::of(0..300usize),
        prop::option::of(0..60_000usize),
    )
        .prop_map(|(word, words, bytes)| {
            let key =
                |name: &str, number: Option<usize>| number.map_or(String::new(), |n| format!("; {name}={n}"));
            format!(
                "{word}{}{}",
                key("words", words),
                if words.is_none() { key("bytes", bytes) } else { String::new() }
            )
        })
}

/// A path that may be one of the API, whatever it looks like. What names the version twice or goes back on itself, with
/// its slashes encoded or not, is answered by the proxy.
fn odd_path() -> impl Strategy<Value = String> {
    let segment = "[a-zA-Z0-9%~.]{0,3}".prop_filter("the API's business", |segment| {
        segment != "v1" && !segment.split('%').any(|segment| [".", ".."].contains(&segment))
    });
    (segment, "[a-z]{0,9}").prop_map(|(one, two)| format!("/v1/{}/{two}", one.replace('%', "%2F")))
}

fn calls() -> impl Strategy<Value = Call> {
    let generated = (any::<bool>(), scenario(), 0..20_000usize).prop_map(|(stream, scenario, size)| {
        let body = json!({
            "model": "claude-opus-5-5", "stream": stream, "max_tokens": 300,
            "messages": [{ "role": "user", "content": "wörd ".repeat(size / 6) }],
        });
        let headers = vec![
            ("content-type".to_owned(), "application/json".to_owned()),
            ("x-fake-scenario".to_owned(), scenario),
        ];
        ("POST", "/v1/messages".to_owned(), body.to_string().into_bytes(), headers)
    });
    let other = (
        prop::sample::select(vec!["GET", "HEAD", "DELETE", "PUT", "POST", "PATCH"]),
        prop_oneof![
            Just("/v1/models".to_owned()),
            Just("/v1/files/file_01/content".to_owned()),
            Just("/v1/messages/batches/msgbatch_01/results".to_owned()),
            odd_path(),
        ],
        prop_oneof![Just(String::new()), "\\?[a-z]{1,5}=[a-z0-9]{0,5}"],
        prop::collection::vec(any::<u8>(), 0..3_000),
    )
        .prop_map(|(method, path, query, body)| {
            let body = if matches!(method, "GET" | "HEAD" | "DELETE") { Vec::new() } else { body };
            (method, format!("{path}{query}"), body, Vec::new())
        });
    let encodings = ["", "identity", "gzip", "deflate", "br", "zstd", "gzip, deflate, br, zstd"];
    (
        prop_oneof![3 => generated, 1 => other],
        headers(),
        prop::sample::select(encodings.to_vec()),
        any::<bool>(),
    )
        .prop_map(|((method, path, body, mut headers), more, encoding, over_http2)| {
            headers.extend(more);
            if !encoding.is_empty() {
                headers.push(("accept-encoding".to_owned(), encoding.to_owned()));
            }
            Call { method, path, body, headers, over_http2 }
        })
}

impl Call {
    fn request(&self, caller: &Caller) -> Request<Full<Bytes>> {
        let mut request = caller.request(self.method, &self.path);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        request.body(Full::from(self.body.clone())).expect("a request")
    }
}

type Multiset = BTreeMap<String, Vec<String>>;

fn multiset<'a>(headers: impl Iterator<Item = (&'a str, &'a str)>, but: &[&str]) -> Multiset {
    let mut set = Multiset::new();
    for (name, value) in headers.filter(|(name, _)| !but.contains(name) && !FRAMING.contains(name)) {
        set.entry(name.to_owned()).or_default().push(value.to_owned());
    }
    set
}

fn of_map(headers: &HeaderMap, but: &[&str]) -> Multiset {
    let text = |value: &http::HeaderValue| std::str::from_utf8(value.as_bytes()).expect("text").to_owned();
    let pairs: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), text(value))).collect();
    multiset(pairs.iter().map(|(name, value)| (*name, value.as_str())), but)
}

fn of_pairs(headers: &[(String, String)], but: &[&str]) -> Multiset {
    multiset(headers.iter().map(|(name, value)| (name.as_str(), value.as_str())), but)
}

fn digest(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

fn compare(call: &Call, request: &HeaderMap, answer: &Answer, exchange: &Exchange) {
    assert_eq!(exchange.method, call.method);
    assert_eq!(exchange.path_and_query, call.path);
    assert_eq!(exchange.request_sha256, digest(&call.body), "{call:?}");
    let sent = of_map(request, &["x-tacho-user"]);
    assert_eq!(of_pairs(&exchange.headers, &["host"]), sent, "{call:?}");

    assert_eq!(Some(answer.status.as_u16()), exchange.status);
    assert_eq!(of_map(&answer.headers, &ADDED), of_pairs(&exchange.answered_headers, &[]), "{call:?}");
    if call.method != "HEAD" {
        assert_eq!(digest(&answer.body), exchange.sent_sha256, "{call:?}");
    }
}

#[tokio::test]
async fn nothing_is_changed_in_either_direction() {
    let wanted = std::env::var("TACHO_TEST_EXCHANGES").ok().and_then(|text| text.parse().ok());
    let terms = Terms { requests_per_minute: 1 << 40, input_tokens_per_minute: 1 << 40, ..Terms::default() };
    let proxied = Proxied::with(Terms { output_tokens_per_minute: 1 << 40, ..terms }, &[]).await;
    let callers = [proxied.caller.clone(), Caller::http2(&proxied.caller.base_url)];
    let mut random = TestRunner::new(Config::default());
    let calls = calls();
    for number in 0..wanted.unwrap_or(EXCHANGES) {
        let call = calls.new_tree(&mut random).expect("a call").current();
        let caller = &callers[usize::from(call.over_http2)];
        let request = call.request(caller);
        let headers = request.headers().clone();
        let answer = caller.send(request).await;
        let exchange = proxied.upstream.wait_for(1).await.remove(0);
        compare(&call, &headers, &answer, &exchange);
        proxied.upstream.forget();
        if number % 1_000 == 999 {
            println!("{} exchanges are the same", number + 1);
        }
    }
}
