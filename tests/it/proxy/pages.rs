//! What pages make their readers' browsers send to a proxy that asks for no key, and what browsers do with its answers.

use std::fmt::Write;

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use serde_json::json;
use upstream::Terms;

use crate::harness::proxied::{Answer, Caller, Proxied};

const FOREIGN: &str = "http://evil.example";
const SAFARI: (&str, &str) =
    ("user-agent", "Mozilla/5.0 (Macintosh) AppleWebKit/605 Version/15.0 Safari/605");
const KEYLESS: (&str, &str) = ("TACHO_PROXY_REQUIRE_KEY", "never");

type Headers<'a> = Vec<(&'a str, &'a str)>;

/// A call under names of the page's choice, as a browser sends it: without a credential.
fn of_browser(caller: &Caller, method: &str, headers: &[(&str, &str)]) -> Request<Full<Bytes>> {
    let url = format!("{}/p/INJECTED/f/x/v1/messages", caller.base_url);
    let mut request = Request::builder().method(method).uri(url).header("accept", "*/*");
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    request.body(Full::default()).expect("a request")
}

fn fetch<'a>(site: &'a str, mode: &'a str, destination: &'a str) -> Headers<'a> {
    vec![("sec-fetch-site", site), ("sec-fetch-mode", mode), ("sec-fetch-dest", destination)]
}

fn and<'a>(mut headers: Headers<'a>, more: &[(&'a str, &'a str)]) -> Headers<'a> {
    headers.extend_from_slice(more);
    headers
}

/// All that a page that is not Tacho's can make a browser send, and what somebody opens in one.
fn by_pages() -> Vec<(&'static str, Headers<'static>)> {
    let origin = [("origin", FOREIGN)];
    let mut calls = vec![
        ("POST", and(fetch("cross-site", "no-cors", "empty"), &origin)),
        ("POST", and(fetch("cross-site", "cors", "empty"), &origin)),
        ("POST", and(fetch("same-site", "no-cors", "empty"), &[("origin", "http://127.0.0.1:9")])),
        ("POST", and(fetch("cross-site", "navigate", "document"), &origin)),
        ("POST", and(fetch("none", "cors", "empty"), &[("origin", "chrome-extension://abcdef")])),
        ("GET", fetch("cross-site", "no-cors", "empty")),
        ("GET", and(fetch("cross-site", "websocket", "empty"), &origin)),
        ("GET", fetch("none", "navigate", "document")),
        ("GET", fetch("same-origin", "navigate", "document")),
        ("HEAD", fetch("cross-site", "no-cors", "empty")),
        ("GET", vec![("service-worker", "script")]),
        ("GET", vec![("sec-fetch-site", "anything")]),
        // Browsers that say nothing of it, as over plain HTTP in a network.
        ("POST", vec![("origin", FOREIGN), SAFARI]),
        ("POST", vec![("origin", "null"), SAFARI]),
        ("POST", vec![("origin", FOREIGN)]),
        ("GET", vec![SAFARI]),
        ("GET", vec![SAFARI, ("authorization", "Basic bWU6dHlwZWQ=")]),
        ("GET", vec![SAFARI, ("accept", "text/html")]),
    ];
    for destination in [
        "image",
        "script",
        "style",
        "font",
        "iframe",
        "frame",
        "embed",
        "object",
        "audio",
        "video",
        "track",
        "worker",
        "sharedworker",
        "serviceworker",
        "manifest",
        "report",
        "xslt",
        "document",
    ] {
        for site in ["cross-site", "same-site", "same-origin", "none"] {
            calls.push(("GET", fetch(site, "no-cors", destination)));
        }
    }
    calls
}

fn refused(answer: &Answer, code: &str) {
    assert_eq!((answer.status.as_u16(), answer.header("x-tacho-error")), (403, code), "{}", answer.text());
    if !answer.body.is_empty() {
        assert_eq!(answer.json()["error"]["type"], "permission_error");
        assert!(answer.text().contains("TACHO_PROXY_ALLOW_ORIGINS"), "{}", answer.text());
    }
}

#[tokio::test]
async fn no_page_calls_where_calls_need_no_key() {
    let proxied = Proxied::start().await;
    let limit = json!({ "name": "few", "kind": "requests_per_minute", "amount": 5, "enforce": true });
    proxied.tacho.limit_of(&limit).await;
    let http2 = Caller::http2(&proxied.caller.base_url);
    let mut seen = String::new();
    for (method, headers) in by_pages() {
        for caller in [&proxied.caller, &http2] {
            let answer = caller.send(of_browser(caller, method, &headers)).await;
            writeln!(seen, "{method} {headers:?}: {}", answer.status).unwrap();
            assert_eq!(
                (answer.status.as_u16(), answer.header("x-tacho-error")),
                (403, "cross_origin"),
                "{seen}"
            );
            if method != "HEAD" {
                refused(&answer, "cross_origin");
            }
        }
    }
    assert!(proxied.upstream.exchanges().is_empty());
    // The limit is as it was, and the first event is the developer's own.
    for _ in 0..5 {
        assert_eq!(proxied.caller.send(proxied.caller.messages("plain", false)).await.status, 200);
    }
    for event in proxied.events(5).await {
        assert!(event["project"] != "INJECTED" && event["feature"] != "x", "{event}");
    }
}

#[tokio::test]
async fn programs_and_pages_of_its_own_call_as_before() {
    let proxied = Proxied::start().await;
    let own = proxied.tacho.base_url().to_owned();
    let calls = [
        vec![],
        vec![("user-agent", "node"), ("sec-fetch-mode", "cors"), ("accept-language", "*")],
        // An application that is built on a browser, and says so.
        vec![SAFARI],
        fetch("same-origin", "cors", "empty"),
        and(fetch("same-origin", "cors", "empty"), &[("origin", &own)]),
        vec![("origin", &own), SAFARI],
    ];
    for headers in &calls {
        let (mut head, body) = proxied.caller.messages("plain", false).into_parts();
        for (name, value) in headers {
            let name: http::HeaderName = name.parse().unwrap();
            head.headers.insert(name, value.parse().unwrap());
        }
        let answer = proxied.caller.send(Request::from_parts(head, body)).await;
        assert_eq!(answer.status, 200, "{headers:?}: {}", answer.text());
    }
    proxied.events(calls.len()).await;
    for method in ["GET", "HEAD"] {
        let hello = proxied.caller.request(method, "").body(Full::default()).unwrap();
        assert_eq!(proxied.caller.send(hello).await.status, 200);
    }
}

#[tokio::test]
async fn a_page_may_call_whose_origin_is_named_or_that_has_a_key() {
    let app = "https://app.example";
    let proxied = Proxied::with(Terms::default(), &[("TACHO_PROXY_ALLOW_ORIGINS", app)]).await;
    let caller = &proxied.caller;
    let key = proxied.tacho.admin.key().to_owned();
    let send = async |headers: &[(&str, &str)]| {
        let (mut head, body) = caller.messages("plain", false).into_parts();
        for (name, value) in headers {
            let name: http::HeaderName = name.parse().unwrap();
            head.headers.insert(name, value.parse().unwrap());
        }
        caller.send(Request::from_parts(head, body)).await
    };
    let named = and(fetch("cross-site", "cors", "empty"), &[("origin", app)]);
    assert_eq!(send(&named).await.status, 200);
    // Whoever's page it is: what is shown or run is not for it.
    refused(
        &send(&and(fetch("cross-site", "navigate", "document"), &[("origin", app)])).await,
        "cross_origin",
    );
    refused(&send(&fetch("cross-site", "no-cors", "script")).await, "cross_origin");
    let other = and(fetch("cross-site", "cors", "empty"), &[("origin", FOREIGN)]);
    let answer = send(&other).await;
    refused(&answer, "cross_origin");
    assert_eq!(answer.header("access-control-allow-origin"), "", "nor may it read that");
    let with_key = and(other.clone(), &[("x-tacho-key", &key)]);
    assert_eq!(send(&with_key).await.status, 200);
    let wrong = send(&and(other.clone(), &[("x-tacho-key", "tch_prx_x")])).await;
    assert_eq!((wrong.status.as_u16(), wrong.header("x-tacho-error")), (401, "invalid_key"));
    // A session is no key.
    let (_, cookie) = proxied.tacho.signed_in().await;
    refused(&send(&and(other, &[("cookie", &cookie)])).await, "cross_origin");
    proxied.events(2).await;
}

#[tokio::test]
async fn nobody_asks_for_a_page_where_calls_need_no_key() {
    for (settings, allowed) in [
        (&[][..], ""),
        (&[KEYLESS], ""),
        (&[("TACHO_PROXY_ALLOW_ORIGINS", "https://app.example")], "https://app.example"),
    ] {
        let proxied = Proxied::with(Terms::default(), settings).await;
        for origin in [FOREIGN, "null", "https://app.example", "http://127.0.0.1:9"] {
            let url = format!("{}/v1/messages", proxied.caller.base_url);
            let request = Request::builder().method("OPTIONS").uri(url).header("origin", origin);
            let request = request.header("access-control-request-method", "POST");
            let answer = proxied.caller.send(request.body(Full::default()).unwrap()).await;
            if origin == allowed {
                assert_eq!(answer.status, 204);
            } else {
                refused(&answer, "origin_not_allowed");
                assert_eq!(answer.header("access-control-allow-origin"), "");
            }
        }
        assert!(proxied.upstream.exchanges().is_empty());
    }
}

#[tokio::test]
async fn where_a_key_is_needed_it_alone_decides() {
    let proxied = Proxied::with(Terms::default(), &[("TACHO_PROXY_REQUIRE_KEY", "always")]).await;
    let (_, cookie) = proxied.tacho.signed_in().await;
    for (method, headers) in by_pages() {
        let headers = and(headers, &[("cookie", &cookie)]);
        let answer = proxied.caller.send(of_browser(&proxied.caller, method, &headers)).await;
        assert_eq!(
            (answer.status.as_u16(), answer.header("x-tacho-error")),
            (401, "unauthenticated"),
            "{headers:?}"
        );
    }
    assert!(proxied.upstream.exchanges().is_empty());
}

#[tokio::test]
async fn to_a_browser_what_the_api_answers_is_nobodys_page() {
    let settings = [("TACHO_PROXY_ALLOW_ORIGINS", "https://app.example")];
    let proxied = Proxied::with(Terms::default(), &settings).await;
    let key = proxied.tacho.admin.key().to_owned();
    let scenario = "plain; header=content-type: text/html; header=content-security-policy: script-src 'unsafe-inline'; \
                    header=content-security-policy-report-only: report-uri /x; header=x-content-type-options: sniff";
    let send = async |path: &str, headers: &[(&str, &str)]| {
        let (mut head, body) = proxied.caller.messages(scenario, false).into_parts();
        head.uri = format!("{}{path}", proxied.caller.base_url).parse().unwrap();
        for (name, value) in headers {
            let name: http::HeaderName = name.parse().unwrap();
            head.headers.insert(name, value.parse().unwrap());
        }
        proxied.caller.send(Request::from_parts(head, body)).await
    };
    let browsers = [
        and(fetch("none", "navigate", "document"), &[("x-tacho-key", &key)]),
        and(fetch("cross-site", "no-cors", "image"), &[("x-tacho-key", &key)]),
        and(fetch("cross-site", "cors", "empty"), &[("origin", "https://app.example")]),
        vec![("x-tacho-key", &key), SAFARI, ("accept", "text/html,*/*")],
        vec![("x-tacho-key", &key), ("accept", "application/xhtml+xml, Text/HTML")],
        vec![("x-tacho-key", &key), ("origin", "https://app.example")],
        vec![("x-tacho-key", &key), ("sec-fetch-mode", "navigate")],
        // What Tacho answers itself in its place, too.
        fetch("none", "navigate", "document"),
    ];
    for headers in &browsers {
        for path in ["/v1/messages", "/v1/nothing", "/v1/v1/messages", ""] {
            let answer = send(path, headers).await;
            let policies: Vec<_> = answer.headers.get_all("content-security-policy").iter().collect();
            assert_eq!(policies.len(), 1, "{path} {headers:?}");
            let policy = answer.header("content-security-policy");
            assert!(policy.starts_with("sandbox; default-src 'none';"), "{path} {headers:?}: {policy}");
            assert_eq!(answer.header("x-content-type-options"), "nosniff");
            assert_eq!(answer.header("content-security-policy-report-only"), "");
        }
    }
    // Programs are given it as it is.
    let answer = send("/v1/messages", &[]).await;
    assert_eq!(answer.header("content-security-policy"), "script-src 'unsafe-inline'");
    assert_eq!(answer.header("x-content-type-options"), "sniff");
}

#[tokio::test]
async fn the_api_says_nothing_about_the_dashboards_origin() {
    let proxied = Proxied::start().await;
    let of_origin = [
        ("alt-svc", "h3=\":443\""),
        ("clear-site-data", "\"*\""),
        ("nel", "{}"),
        ("report-to", "{}"),
        ("reporting-endpoints", "a=\"https://evil.example\""),
        ("service-worker-allowed", "/"),
        ("strict-transport-security", "max-age=1"),
    ];
    let kept = [("location", "/v1/files"), ("x-should-retry", "false"), ("set-cookie", "session=1")];
    let cookies = [
        "tacho_session=x",
        "__Host-tacho_session=x",
        " Tacho_Session =x",
        "=tacho_session=x",
        "__Secure-tacho_session=x",
        "tacho_session_01ab23cd=x",
        "__Host-tacho_session_01ab23cd=x",
    ];
    for (name, value) in of_origin.into_iter().chain(kept).chain(cookies.map(|cookie| ("set-cookie", cookie)))
    {
        let scenario = format!("plain; header={name}: {value}");
        for stream in [true, false] {
            proxied.upstream.forget();
            let answer = proxied.caller.send(proxied.caller.messages(&scenario, stream)).await;
            assert_eq!(answer.status, 200);
            assert_eq!(proxied.exchange().await.answered(name), Some(value.trim()), "the API did say it");
            let passes = kept.contains(&(name, value));
            assert_eq!(answer.header(name), if passes { value } else { "" }, "{name}: {value}");
        }
    }
}
