//! Calls that pages of other sites make in a browser.

use bytes::Bytes;
use http::{HeaderMap, Request};
use http_body_util::Full;
use upstream::Terms;

use crate::harness::proxied::{Answer, Caller, Proxied};

const ORIGIN: &str = "https://app.example";
const HEADERS: &str =
    "anthropic-dangerous-direct-browser-access,anthropic-version,content-type,x-api-key,x-tacho-key";

/// What a browser asks before a call.
fn preflight(url: &str, origin: &str) -> Request<Full<Bytes>> {
    let request = Request::builder().method("OPTIONS").uri(url).header("origin", origin);
    let request = request.header("access-control-request-method", "POST");
    request.header("access-control-request-headers", HEADERS).body(Full::default()).expect("a request")
}

/// The call itself.
fn call(caller: &Caller, scenario: &str, origin: &str) -> Request<Full<Bytes>> {
    let (mut head, body) = caller.messages(scenario, false).into_parts();
    head.headers.insert("origin", origin.parse().expect("a value"));
    Request::from_parts(head, body)
}

/// What an answer says to a browser.
fn said(headers: &HeaderMap) -> Vec<(&str, &str)> {
    let said = headers.iter().filter(|(name, _)| name.as_str().starts_with("access-control-"));
    let mut said: Vec<_> = said.map(|(name, value)| (name.as_str(), value.to_str().expect("text"))).collect();
    said.sort_unstable();
    said
}

fn varies_by_origin(answer: &Answer) -> bool {
    answer.headers.get_all("vary").iter().any(|value| value == "origin")
}

/// Calls once with a key, which is the only event then: it comes behind any that were made before.
async fn counts_only_this(proxied: &Proxied) {
    let (mut head, body) = proxied.caller.messages("plain", false).into_parts();
    head.headers.insert("x-tacho-key", proxied.tacho.admin.key().parse().expect("a value"));
    assert_eq!(proxied.caller.send(Request::from_parts(head, body)).await.status, 200);
    proxied.events(1).await;
}

async fn proxied(origins: &str) -> Proxied {
    let settings = [("TACHO_PROXY_REQUIRE_KEY", "always"), ("TACHO_PROXY_ALLOW_ORIGINS", origins)];
    Proxied::with(Terms::default(), &settings).await
}

#[tokio::test]
async fn without_a_setting_the_api_decides_and_no_key_is_asked_for() {
    let proxied = proxied("").await;
    let url = format!("{}/v1/messages?beta=true", proxied.caller.base_url);
    let answer = proxied.caller.send(preflight(&url, ORIGIN)).await;
    assert_eq!(answer.status, 200, "{}", answer.text());
    let by_api = [("access-control-allow-headers", "*"), ("access-control-allow-origin", "*")];
    assert_eq!(said(&answer.headers), by_api);
    let exchange = proxied.exchange().await;
    assert_eq!((exchange.method.as_str(), exchange.header("origin")), ("OPTIONS", Some(ORIGIN)));
    // The call it asks for needs a key as before.
    let refused = proxied.caller.send(call(&proxied.caller, "plain", ORIGIN)).await;
    assert_eq!((refused.status.as_u16(), refused.header("x-tacho-error")), (401, "unauthenticated"));
    assert_eq!(said(&refused.headers), []);
    counts_only_this(&proxied).await;
}

#[tokio::test]
async fn what_only_looks_like_a_preflight_needs_a_key() {
    let proxied = proxied("").await;
    let url = format!("{}/v1/messages", proxied.caller.base_url);
    let (mut head, _) = preflight(&url, ORIGIN).into_parts();
    let with_body = Request::from_parts(head.clone(), Full::from("{}"));
    head.headers.remove("access-control-request-method");
    for request in [with_body, Request::from_parts(head, Full::default())] {
        let refused = proxied.caller.send(request).await;
        assert_eq!((refused.status.as_u16(), refused.header("x-tacho-error")), (401, "unauthenticated"));
    }
    assert!(proxied.upstream.exchanges().is_empty());
}

#[tokio::test]
async fn what_only_asks_for_options_is_no_event() {
    let proxied = Proxied::start().await;
    let url = format!("{}/v1/messages", proxied.caller.base_url);
    let own = proxied.tacho.base_url();
    let (mut head, body) = preflight(&url, own).into_parts();
    head.headers.remove("access-control-request-method");
    let asked = proxied.caller.send(Request::from_parts(head, body)).await;
    assert_eq!(asked.header("x-tacho-error"), "", "the API says what it likes");
    assert_eq!(proxied.caller.send(call(&proxied.caller, "plain", own)).await.status, 200);
    assert_eq!(proxied.event().await["endpoint"], "messages");
    assert_eq!(proxied.upstream.exchanges().len(), 2);
}

#[tokio::test]
async fn pages_of_named_origins_may_call_and_read_whatever_is_answered() {
    let proxied = proxied("https://other.example, https://app.example").await;
    let caller = &proxied.caller;
    // Also where the address is wrong, so that the page can read what is wrong with it.
    for path in ["/v1/messages", "/v1/v1/messages"] {
        let answer = caller.send(preflight(&format!("{}{path}", caller.base_url), ORIGIN)).await;
        assert_eq!(answer.status, 204);
        let expected = [
            ("access-control-allow-headers", HEADERS),
            ("access-control-allow-methods", "GET, HEAD, POST, PUT, PATCH, DELETE"),
            ("access-control-allow-origin", ORIGIN),
            ("access-control-max-age", "7200"),
        ];
        assert_eq!(said(&answer.headers), expected);
        assert!(varies_by_origin(&answer));
    }
    assert!(proxied.upstream.exchanges().is_empty());

    // Also where `/proxy` is missing.
    let elsewhere = format!("{}/v1/messages", proxied.tacho.base_url());
    let answer = caller.send(preflight(&elsewhere, ORIGIN)).await;
    assert_eq!(
        (answer.status, answer.header("access-control-allow-origin")),
        (http::StatusCode::NO_CONTENT, ORIGIN)
    );
    let (mut head, body) = call(caller, "plain", ORIGIN).into_parts();
    head.uri = elsewhere.parse().expect("a URI");
    let answer = caller.send(Request::from_parts(head, body)).await;
    assert_eq!((answer.status.as_u16(), answer.header("x-tacho-error")), (404, "wrong_base_url"));
    assert_eq!(answer.header("access-control-allow-origin"), ORIGIN);

    let may_read = [("access-control-allow-origin", ORIGIN), ("access-control-expose-headers", "*")];
    let refused = caller.send(call(caller, "plain", ORIGIN)).await;
    assert_eq!((refused.status, said(&refused.headers)), (http::StatusCode::UNAUTHORIZED, may_read.to_vec()));
    let (mut head, body) = call(caller, "plain", ORIGIN).into_parts();
    head.headers.insert("x-tacho-key", proxied.tacho.admin.key().parse().expect("a value"));
    let answer = caller.send(Request::from_parts(head, body)).await;
    assert_eq!((answer.status, said(&answer.headers)), (http::StatusCode::OK, may_read.to_vec()));
    assert!(varies_by_origin(&answer));
    proxied.events(1).await;
}

#[tokio::test]
async fn pages_of_other_origins_are_told_in_words() {
    let proxied = proxied(ORIGIN).await;
    for origin in ["https://evil.example", "https://app.example.evil.example", "http://app.example", "null"] {
        let url = format!("{}/v1/messages", proxied.caller.base_url);
        let answer = proxied.caller.send(preflight(&url, origin)).await;
        let told = (answer.status.as_u16(), answer.header("x-tacho-error"));
        assert_eq!(told, (403, "origin_not_allowed"), "{origin}");
        assert!(answer.text().contains("TACHO_PROXY_ALLOW_ORIGINS"), "{}", answer.text());
        assert_eq!(said(&answer.headers), []);
        let refused = proxied.caller.send(call(&proxied.caller, "plain", origin)).await;
        assert_eq!((refused.status.as_u16(), said(&refused.headers)), (401, Vec::new()));
    }
    assert!(proxied.upstream.exchanges().is_empty());
    counts_only_this(&proxied).await;
}

#[tokio::test]
async fn any_page_may_call_where_that_is_wanted_but_never_with_cookies() {
    let proxied = proxied("*").await;
    let (_, cookie) = proxied.tacho.signed_in().await;
    let (mut head, body) = call(&proxied.caller, "plain", "https://anybody.example").into_parts();
    head.headers.insert("cookie", cookie.parse().expect("a value"));
    let refused = proxied.caller.send(Request::from_parts(head, body)).await;
    assert_eq!(refused.status, 401, "a session opens nothing here");
    let may_read = [("access-control-allow-origin", "*"), ("access-control-expose-headers", "*")];
    assert_eq!(said(&refused.headers), may_read);
}

#[tokio::test]
async fn nothing_but_the_proxy_is_for_pages_of_other_sites() {
    let proxied = proxied("*").await;
    for path in ["/v1/events", "/v1/limits", "/", "/events"] {
        let answer =
            proxied.caller.send(preflight(&format!("{}{path}", proxied.tacho.base_url()), ORIGIN)).await;
        assert_eq!(
            (answer.status.as_u16(), &answer.json()["error"]["code"]),
            (403, &"cross_origin".into()),
            "{path}"
        );
        assert!(answer.text().contains("from a server"), "{}", answer.text());
        assert_eq!(said(&answer.headers), []);
    }
}
