//! Sign-in links and signing out: what a person does, and what only looks like it.

use reqwest::Method;

use crate::harness::client::Client;
use crate::harness::tacho::Tacho;

const SAFARI: (&str, &str) =
    ("user-agent", "Mozilla/5.0 (Macintosh) AppleWebKit/605 Version/15.0 Safari/605");

#[tokio::test]
async fn only_somebody_who_opens_it_uses_a_sign_in_link_up() {
    let tacho = Tacho::at_noon().await;
    let anybody = Client::new(tacho.base_url(), None);
    let fetch = |site, mode, destination| {
        vec![("sec-fetch-site", site), ("sec-fetch-mode", mode), ("sec-fetch-dest", destination)]
    };
    let with = |mut headers: Vec<(&'static str, &'static str)>, more| {
        headers.push(more);
        headers
    };
    let not_opened = [
        (Method::HEAD, vec![]),
        (Method::HEAD, fetch("none", "navigate", "document")),
        (Method::GET, fetch("cross-site", "no-cors", "image")),
        (Method::GET, fetch("same-site", "no-cors", "script")),
        (Method::GET, fetch("cross-site", "navigate", "iframe")),
        (Method::GET, fetch("same-origin", "navigate", "iframe")),
        (Method::GET, fetch("cross-site", "cors", "empty")),
        (Method::GET, fetch("cross-site", "no-cors", "empty")),
        (Method::GET, with(fetch("none", "navigate", "document"), ("sec-purpose", "prefetch"))),
        (
            Method::GET,
            with(fetch("cross-site", "navigate", "document"), ("sec-purpose", "prefetch;prerender")),
        ),
        (Method::GET, vec![("purpose", "prefetch")]),
        (Method::GET, vec![("x-moz", "prefetch")]),
        (Method::GET, vec![("sec-fetch-site", "cross-site")]),
        (Method::GET, vec![SAFARI, ("accept", "image/png,image/*;q=0.8,*/*;q=0.5")]),
    ];
    let opened = [
        fetch("none", "navigate", "document"),
        fetch("cross-site", "navigate", "document"),
        fetch("same-origin", "navigate", "document"),
        vec![SAFARI, ("accept", "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8")],
        vec![],
    ];
    for headers in opened {
        let link = tacho.sign_in_link().await;
        let path = link.strip_prefix(tacho.base_url()).unwrap();
        for (method, only_looks_like_it) in &not_opened {
            let reply = anybody.send(method.clone(), path, only_looks_like_it, Vec::new()).await;
            assert_eq!(reply.status, 403, "{method} {only_looks_like_it:?}");
            assert!(reply.headers.get("set-cookie").is_none(), "{method} {only_looks_like_it:?}");
            assert!(*method == Method::HEAD || reply.text.contains("not used up"), "{}", reply.text);
        }
        let reply = anybody.send(Method::GET, path, &headers, Vec::new()).await;
        assert_eq!((reply.status.as_u16(), reply.header("location")), (303, "/"), "{headers:?}");
        assert_eq!(anybody.get(path).await.status, 401, "a link works once");
    }
}

#[tokio::test]
async fn other_sites_sign_nobody_out() {
    let tacho = Tacho::at_noon().await;
    let (anybody, cookie) = tacho.signed_in().await;
    let is_signed_in = async || {
        let headers = [("cookie", cookie.as_str())];
        anybody.send(Method::GET, "/v1/series", &headers, Vec::new()).await.status == 200
    };
    for from in [
        ("sec-fetch-site", "cross-site"),
        ("sec-fetch-site", "same-site"),
        ("origin", "http://evil.example"),
        ("origin", "null"),
    ] {
        for headers in [&[from][..], &[from, ("cookie", cookie.as_str())]] {
            let reply = anybody.send(Method::POST, "/sign-out", headers, Vec::new()).await;
            assert_eq!((reply.status.as_u16(), reply.code().as_str()), (403, "cross_origin"), "{from:?}");
            assert!(reply.headers.get("set-cookie").is_none(), "{from:?}: the cookie would be gone");
        }
    }
    assert!(is_signed_in().await);
    let origin = [("origin", tacho.base_url()), ("cookie", cookie.as_str())];
    assert_eq!(anybody.send(Method::POST, "/sign-out", &origin, Vec::new()).await.status, 303);
    assert!(!is_signed_in().await);
}

#[tokio::test]
async fn several_on_one_host_leave_each_other_their_sessions() {
    let (one, other) = (Tacho::at_noon().await, Tacho::at_noon().await);
    let (_, first) = one.signed_in().await;
    let (client, second) = other.signed_in().await;
    // A browser keeps one cookie of each name, and sends all of them to every port.
    let name = |cookie: &str| cookie.split('=').next().unwrap().to_owned();
    assert_ne!(name(&first), name(&second));
    let both = format!("{first}; {second}");
    let headers = [("cookie", both.as_str())];
    for tacho in [&one, &other] {
        let reply = client.at(&tacho.listening()).send(Method::GET, "/", &headers, Vec::new()).await;
        assert_eq!(reply.status, 200, "{both}");
    }
    // A session goes on after a restart.
    let one = one.restart(|_| {}).await;
    let reply = client.at(&one.listening()).send(Method::GET, "/", &headers, Vec::new()).await;
    assert_eq!(reply.status, 200, "{both}");
}
