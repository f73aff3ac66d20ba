//! What is secret here goes no further, wherever a call carries it: keys, sessions, links, signing secrets.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::Request;
use http_body_util::Full;
use serde_json::json;
use upstream::{Exchange, Terms};

use crate::harness::program::tacho_ok;
use crate::harness::proxied::{API_KEY, Caller, Proxied};
use crate::harness::receiver::Receiver;

/// One of each kind, by what it is.
async fn secrets(proxied: &Proxied) -> Vec<(String, String)> {
    let tacho = &proxied.tacho;
    let mut secrets = Vec::new();
    for scope in ["ingest", "proxy", "read", "admin"] {
        let create = ["keys", "create", "--scope", scope, "--name", scope];
        secrets.push((format!("a key of scope {scope}"), tacho_ok(tacho.directory.path(), &create).await));
    }
    let (_, cookie) = tacho.signed_in().await;
    secrets.push(("the id of a session".to_owned(), cookie.split_once('=').unwrap().1.to_owned()));
    let link = tacho.sign_in_link().await;
    secrets.push(("the token of a link".to_owned(), link.split_once("token=").unwrap().1.to_owned()));
    let channel = json!({ "kind": "webhook", "name": "a", "url": Receiver::start().await.url });
    let added = tacho.admin.post("/v1/channels", &channel).await.json();
    secrets.push(("a signing secret".to_owned(), added["secret"].as_str().unwrap().to_owned()));
    secrets
}

/// All headers a secret can be in, and whether the call still has the API's own key beside it.
fn places(secret: &str) -> Vec<(&'static str, String)> {
    let escaped = secret.replace('_', "%5F");
    let basic = |text: String| format!("Basic {}", STANDARD.encode(text));
    vec![
        ("cookie", format!("tacho_session={secret}")),
        ("cookie", format!("__Host-tacho_session={secret}")),
        ("cookie", format!("__Host-tacho_session_01ab23cd={secret}")),
        ("cookie", format!("theme=dark;tacho_session=\"{secret}\";__Host-tacho_session={secret}; x=y")),
        ("cookie", format!("other={secret}; theme=dark")),
        ("cookie", format!("tacho_session={escaped}")),
        ("x-tacho-key", secret.to_owned()),
        ("x-tacho-anything", secret.to_owned()),
        ("authorization", secret.to_owned()),
        ("authorization", format!("Bearer {secret}")),
        ("authorization", format!("bearer  {secret} ")),
        ("authorization", basic(format!("{secret}:"))),
        ("authorization", basic(format!("me:{secret}"))),
        ("proxy-authorization", format!("Bearer {secret}")),
        ("x-api-key", secret.to_owned()),
        ("x-auth-token", secret.to_owned()),
        ("x-anything", format!("a={secret},b")),
        ("x-anything", escaped),
        ("referer", format!("http://127.0.0.1:8787/sign-in?token={secret}")),
        ("anthropic-beta", format!("one,{secret}")),
    ]
}

fn is_in(exchange: &Exchange, secret: &str) -> bool {
    let headers: Vec<_> = exchange.headers.iter().map(|(name, value)| format!("{name}: {value}")).collect();
    let seen = format!("{} {}", exchange.path_and_query, headers.join("\n"));
    let decoded = percent_encoding::percent_decode_str(&seen).decode_utf8_lossy().into_owned();
    let basic = exchange.header("authorization").and_then(|value| value.strip_prefix("Basic "));
    let basic = basic.and_then(|value| STANDARD.decode(value).ok()).unwrap_or_default();
    decoded.contains(secret) || String::from_utf8_lossy(&basic).contains(secret)
}

async fn nothing_goes_on(proxied: &Proxied) {
    let http2 = Caller::http2(&proxied.caller.base_url);
    let secrets = secrets(proxied).await;
    let mut calls = 0;
    for (what, secret) in &secrets {
        for (name, value) in places(secret) {
            for caller in [&proxied.caller, &http2] {
                for method in ["POST", "OPTIONS", "GET"] {
                    let (mut head, body) = caller.messages("plain", false).into_parts();
                    head.method = method.parse().unwrap();
                    head.headers.append(name, value.parse().unwrap());
                    caller.send(Request::from_parts(head, body)).await;
                    calls += 1;
                }
            }
        }
        let escaped: String = secret.bytes().map(|byte| format!("%{byte:02x}")).collect();
        for at in [
            format!("/v1/messages?key={secret}"),
            format!("/v1/messages?a=b&x-tacho-key={escaped}&c=d"),
            format!("/v1/messages?{secret}"),
            format!("/v1/files/{secret}/content"),
            format!("/v1/models/{escaped}"),
            format!("/p/{escaped}/f/{escaped}/v1/models?token={secret}"),
        ] {
            for method in ["POST", "GET", "OPTIONS"] {
                let request = proxied.caller.request(method, &at).header("origin", proxied.tacho.base_url());
                let request = request.header("access-control-request-method", "POST");
                let refused = proxied.caller.send(request.body(Full::default()).unwrap()).await;
                let told = (refused.status.as_u16(), refused.header("x-tacho-error"));
                assert_eq!(told, (400, "key_in_address"), "{what} at {at} by {method}");
                assert!(!refused.text().contains(secret.as_str()) && refused.text().contains("x-tacho-key"));
            }
        }
    }
    let exchanges = proxied.upstream.exchanges();
    assert!(exchanges.len() * 3 > calls, "{} of {calls} calls went on", exchanges.len());
    for exchange in &exchanges {
        for (what, secret) in &secrets {
            assert!(!is_in(exchange, secret), "the API was shown {what}: {exchange:?}");
        }
    }
}

#[tokio::test]
async fn no_secret_of_tacho_is_shown_to_the_api() {
    nothing_goes_on(&Proxied::start().await).await;
}

#[tokio::test]
async fn nor_by_calls_that_policies_look_after() {
    let policies = "[[policies]]\npolicy = \"retry\"\n[[policies]]\npolicy = \"cache\"\n";
    nothing_goes_on(&Proxied::policed(Terms::default(), policies).await).await;
}

#[tokio::test]
async fn cookies_of_others_go_on_as_they_came() {
    let proxied = Proxied::start().await;
    let (_, session) = proxied.tacho.signed_in().await;
    let over_tls = format!("__Host-{session}");
    for (sent, goes_on) in [
        (vec![session.clone()], vec![]),
        (vec![format!("a=1; {session}; b=\"2\"")], vec!["a=1; b=\"2\""]),
        (vec![format!("{session};{over_tls};a=1;;b = 2 ")], vec!["a=1;;b = 2"]),
        (vec![format!("{over_tls}; {session}"), "a=1;b=2".to_owned()], vec!["a=1;b=2"]),
        (vec!["a=1;  b=2".to_owned(), session.clone(), "c=3;".to_owned()], vec!["a=1;  b=2", "c=3;"]),
        (vec!["x=tacho_session; my_tacho_session=1".to_owned()], vec!["x=tacho_session; my_tacho_session=1"]),
    ] {
        proxied.upstream.forget();
        let (mut head, body) = proxied.caller.messages("plain", false).into_parts();
        for line in &sent {
            head.headers.append("cookie", line.parse().unwrap());
        }
        assert_eq!(proxied.caller.send(Request::from_parts(head, body)).await.status, 200);
        let exchange = proxied.exchange().await;
        let cookies: Vec<_> = exchange.headers.iter().filter(|(name, _)| name == "cookie").collect();
        let cookies: Vec<_> = cookies.iter().map(|(_, value)| value.as_str()).collect();
        assert_eq!(cookies, goes_on, "{sent:?}");
        assert_eq!(exchange.header("x-api-key"), Some(API_KEY));
    }
}
