//! Callers are told apart by what they show the API, however they show it.

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use upstream::Terms;

use super::policies::{likeliest, refused};
use crate::harness::proxied::{API_KEY, Proxied};

/// A call that identifies itself with this header alone.
fn with(request: Request<Full<Bytes>>, name: &'static str, value: &str) -> Request<Full<Bytes>> {
    let (mut head, body) = request.into_parts();
    head.headers.remove("x-api-key");
    head.headers.insert(name, value.parse().expect("a value"));
    Request::from_parts(head, body)
}

#[tokio::test]
async fn what_one_subscription_was_answered_no_other_is_given() {
    let proxied = Proxied::policed(Terms::default(), "[[policies]]\npolicy = \"cache\"\n").await;
    let caller = &proxied.caller;
    for (name, value, said) in [
        ("authorization", "Bearer sk-ant-oat01-of-a", "cache; miss"),
        ("authorization", "Bearer sk-ant-oat01-of-a", "cache; hit"),
        ("authorization", "Bearer sk-ant-oat01-of-b", "cache; miss"),
        ("authorization", "bearer sk-ant-oat01-of-c", "cache; miss"),
        ("authorization", "bearer sk-ant-oat01-of-d", "cache; miss"),
        ("x-nobody", "1", ""),
        ("x-nobody", "1", ""),
    ] {
        let answer = caller.send(with(likeliest(caller, "one", &[]), name, value)).await;
        assert_eq!(answer.header("x-tacho-policy"), said, "{value}");
    }
}

#[tokio::test]
async fn a_subscription_that_is_exhausted_holds_up_no_other() {
    let file = "[[policies]]\npolicy = \"queue\"\nmax_wait_s = 1\n";
    let proxied = Proxied::policed(Terms::default(), file).await;
    let caller = &proxied.caller;
    let send = async |scenario: &str, token: &str| {
        let token = format!("Bearer sk-ant-oat01-{token}");
        caller.send(with(caller.messages(scenario, false), "authorization", &token)).await
    };
    assert_eq!(send("rate_limited; retry-after=9000", "of-a").await.status, 429);
    refused(&send("plain", "of-a").await, "queue");
    assert_eq!(send("plain", "of-b").await.status, 200);
}

#[tokio::test]
async fn a_key_for_tacho_never_goes_to_the_api() {
    let proxied = Proxied::with(Terms::default(), &[("TACHO_PROXY_REQUIRE_KEY", "always")]).await;
    let caller = &proxied.caller;
    let own = proxied.tacho.admin.key();
    for (name, value) in [("authorization", format!("Bearer {own}")), ("x-api-key", own.to_owned())] {
        let refused = caller.send(with(caller.messages("plain", false), name, &value)).await;
        assert_eq!((refused.status.as_u16(), refused.header("x-tacho-error")), (401, "no_api_key"), "{name}");
        assert!(refused.text().contains("x-tacho-key"), "{}", refused.text());
    }
    assert!(proxied.upstream.exchanges().is_empty());
    // Beside the API's own it is as good there as in `x-tacho-key`.
    let (mut head, body) = caller.messages("plain", false).into_parts();
    head.headers.insert("authorization", format!("bearer {own}").parse().expect("a value"));
    assert_eq!(caller.send(Request::from_parts(head, body)).await.status, 200);
    let heard = proxied.exchange().await.headers;
    let heard = format!("{heard:?}");
    assert!(heard.contains(API_KEY) && !heard.contains(own), "{heard}");
}
