//! What another site makes a browser send, with the session of who looks at it.

use reqwest::Method;
use serde_json::json;

use crate::harness::tacho::Tacho;

/// What would change something: method, path and body.
fn actions() -> Vec<(Method, &'static str, Vec<u8>)> {
    let json = |value: serde_json::Value| value.to_string().into_bytes();
    vec![
        (
            Method::POST,
            "/v1/limits",
            json(json!({ "name": "a", "kind": "requests_per_minute", "amount": 1 })),
        ),
        (Method::PATCH, "/v1/limits/none", json(json!({ "enabled": false }))),
        (Method::DELETE, "/v1/limits/none", Vec::new()),
        (
            Method::POST,
            "/v1/channels",
            json(json!({ "kind": "webhook", "name": "a", "url": "http://127.0.0.1:1/" })),
        ),
        (Method::DELETE, "/v1/channels/none", Vec::new()),
        (Method::POST, "/v1/channels/none/test", Vec::new()),
        (Method::POST, "/v1/deliveries/none/redeliver", Vec::new()),
        (Method::POST, "/v1/events/correct", b"[]".to_vec()),
        (Method::DELETE, "/v1/events/none", Vec::new()),
        (Method::POST, "/limits", b"name=a&kind=requests_per_minute&amount=1".to_vec()),
        (Method::POST, "/limits/remove", b"id=none".to_vec()),
        (Method::POST, "/alerts/channels", b"name=a&url=http%3A%2F%2F127.0.0.1%3A1%2F".to_vec()),
        (Method::POST, "/alerts/channels/remove", b"id=none".to_vec()),
        (Method::POST, "/alerts/channels/enable", b"id=none&enabled=false".to_vec()),
        (Method::POST, "/alerts/channels/test", b"id=none".to_vec()),
        (Method::POST, "/alerts/redeliver", b"id=none".to_vec()),
        (Method::POST, "/settings/look", b"theme=dark".to_vec()),
        (Method::POST, "/settings/access/end", b"id=none".to_vec()),
        (Method::DELETE, "/v1/access/sessions/none", Vec::new()),
    ]
}

/// `Sec-Fetch-Site`, and whether it is Tacho itself, or the person.
const SITES: [(Option<&str>, Option<bool>); 8] = [
    (None, None),
    (Some("same-origin"), Some(true)),
    (Some("none"), Some(true)),
    (Some("same-site"), Some(false)),
    (Some("cross-site"), Some(false)),
    (Some(""), Some(false)),
    (Some("Same-Origin"), Some(false)),
    (Some("same-origin, cross-site"), Some(false)),
];

/// `Origin`, and whether it is Tacho's own; `HOST` stands for its host and port.
const ORIGINS: [(Option<&str>, bool); 11] = [
    (None, true),
    (Some("http://HOST"), true),
    (Some("null"), false),
    (Some("http://evil.example"), false),
    (Some("https://HOST.evil.example"), false),
    (Some("http://evil.example/HOST"), false),
    (Some("http://HOST@evil.example"), false),
    (Some("http://localhost"), false),
    (Some("http://127.0.0.1"), false),
    (Some("http://HOST/"), false),
    (Some(""), false),
];

#[tokio::test]
async fn no_other_site_changes_anything() {
    let tacho = Tacho::at_noon().await;
    let (anybody, cookie) = tacho.signed_in().await;
    let host = tacho.address().to_string();
    let mut cells = 0;
    for (method, path, body) in actions() {
        for (site, is_own) in SITES {
            for (origin, is_own_origin) in ORIGINS {
                // Browsers that say where a request comes from are believed; others say the origin.
                let allowed = is_own.unwrap_or(is_own_origin);
                let origin = origin.map(|origin| origin.replace("HOST", &host));
                let kind = if path.starts_with("/v1") {
                    "application/json"
                } else {
                    "application/x-www-form-urlencoded"
                };
                let mut headers = vec![("cookie", cookie.as_str()), ("content-type", kind)];
                headers.extend(site.map(|site| ("sec-fetch-site", site)));
                headers.extend(origin.as_deref().map(|origin| ("origin", origin)));
                let reply = anybody.send(method.clone(), path, &headers, body.clone()).await;
                let refused = reply.status == 403 && reply.text.contains("cross_origin");
                assert_eq!(
                    refused, !allowed,
                    "{method} {path} {site:?} {origin:?}: {} {}",
                    reply.status, reply.text
                );
                cells += 1;
            }
        }
    }
    println!("{cells} cells");
    assert_eq!(cells, 19 * 8 * 11);
}

#[tokio::test]
async fn what_changes_something_is_never_read() {
    let tacho = Tacho::at_noon().await;
    let (anybody, cookie) = tacho.signed_in().await;
    for path in [
        "/limits/remove",
        "/alerts/channels",
        "/alerts/channels/remove",
        "/alerts/channels/enable",
        "/alerts/channels/test",
        "/alerts/redeliver",
        "/settings/look",
        "/v1/channels/none/test",
        "/v1/deliveries/none/redeliver",
        "/settings/access/end",
        "/sign-out",
    ] {
        for method in [Method::GET, Method::HEAD] {
            let reply = anybody.send(method.clone(), path, &[("cookie", &cookie)], Vec::new()).await;
            assert_eq!(reply.status, 405, "{method} {path}");
        }
    }
}
