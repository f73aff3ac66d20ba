//! What is only for this machine, and what is for people behind TLS: one address decides it everywhere.

use serde_json::json;
use server::clock::Clock;

use crate::harness::client::Client;
use crate::harness::program::tacho_refused;
use crate::harness::proxied::Caller;
use crate::harness::receiver::Receiver;
use crate::harness::tacho::{NOON_MS, Tacho};
use crate::harness::until;

/// As the README recommends: on loopback, with a TLS proxy in front.
async fn behind_tls() -> Tacho {
    Tacho::with(Clock::manual(NOON_MS), &[("TACHO_PUBLIC_URL", "https://tacho.example.com/")]).await
}

fn at_home(tacho: &Tacho) -> Client {
    tacho.admin.at(&tacho.listening())
}

#[tokio::test]
async fn behind_a_tls_proxy_webhooks_do_not_reach_this_machine() {
    let tacho = behind_tls().await;
    let admin = at_home(&tacho);
    for url in [
        "http://127.0.0.1:9/x",
        "http://localhost:9/",
        "http://[::1]:9/",
        "https://127.0.0.1:9443/",
        "http://127.1:9/",
    ] {
        let channel = json!({ "kind": "webhook", "name": "inside", "url": url });
        let refused = admin.post("/v1/channels", &channel).await;
        assert_eq!((refused.status.as_u16(), refused.code().as_str()), (400, "address_refused"), "{url}");
    }
}

#[tokio::test]
async fn a_channel_from_before_is_held_to_the_same() {
    let (mut receiver, tacho) = (Receiver::start().await, Tacho::at_noon().await);
    let channel = tacho.channel(&receiver).await;
    let Tacho { config, clock, admin, .. } = &tacho;
    let (mut config, clock, admin) = (config.clone(), clock.clone(), admin.clone());
    config.public_url = "https://tacho.example.com".to_owned();
    let _directory = tacho.stopped().await;
    let running = server::assembly::start(&config, clock, tacho::bundle()).await.unwrap();
    let admin = admin.at(&format!("http://{}", running.address));
    admin.post(&format!("/v1/channels/{channel}/test"), &json!(null)).await;
    let attempt = until("an attempt", async || {
        let attempt = admin.get("/v1/deliveries").await.json()[0]["attempts"][0].clone();
        (!attempt.is_null()).then_some(attempt)
    })
    .await;
    assert!(attempt["error"] == "refused_address", "{attempt}");
    assert!(receiver.arrived().is_none(), "it was delivered all the same");
    running.stop().await;
}

#[tokio::test]
async fn where_others_can_reach_it_calls_need_a_key() {
    for (setting, status) in [(&[][..], 502), (&[("TACHO_PUBLIC_URL", "https://tacho.example.com")], 401)] {
        let nowhere = [&[("TACHO_PROXY_UPSTREAM", "http://127.0.0.1:1")], setting].concat();
        let tacho = Tacho::with(Clock::system(), &nowhere).await;
        let caller = Caller::new(&format!("{}/proxy", tacho.listening()));
        assert_eq!(caller.send(caller.messages("plain", false)).await.status, status);
    }
}

#[tokio::test]
async fn behind_tls_browsers_are_told_to_stay_there() {
    let tls = [("TACHO_PUBLIC_URL", "HTTPS://Tacho.Example.com/")];
    let plain = [("TACHO_PUBLIC_URL", "http://tacho.internal")];
    let told = [(&tls[..], "max-age=31536000"), (&plain, ""), (&[], "")];
    for (settings, expected) in told {
        let tacho = Tacho::with(Clock::manual(NOON_MS), settings).await;
        let anybody = Client::new(&tacho.listening(), None);
        let (_, cookie) = tacho.signed_in().await;
        assert_eq!(cookie.starts_with("__Host-tacho_session_"), !expected.is_empty(), "{cookie}");
        let signed_in = [("cookie", cookie.as_str())];
        for (path, headers) in [
            ("/", &[][..]),
            ("/", &signed_in),
            ("/v1/series", &signed_in),
            ("/healthz", &[]),
            ("/sign-in", &[]),
            ("/nowhere", &[]),
            ("/assets/none.css", &[]),
            ("/v1/messages", &[]),
            ("/healthz", &[("host", "evil.com")]),
            (
                "/proxy/v1/models",
                &[("sec-fetch-site", "none"), ("sec-fetch-mode", "navigate"), ("sec-fetch-dest", "document")],
            ),
        ] {
            let reply = anybody.send(reqwest::Method::GET, path, headers, Vec::new()).await;
            assert_eq!(reply.header("strict-transport-security"), expected, "{path} {settings:?}");
        }
    }
}

#[tokio::test]
async fn behind_tls_only_the_cookie_that_nobody_else_can_set_is_a_session() {
    let tacho = behind_tls().await;
    let anybody = Client::new(&tacho.listening(), None);
    let opened = anybody.get(tacho.sign_in_link().await.strip_prefix(tacho.base_url()).unwrap()).await;
    let line = opened.header("set-cookie").to_owned();
    let parts: Vec<_> = line.split("; ").collect();
    for part in ["Path=/", "HttpOnly", "SameSite=Lax", "Secure"] {
        assert!(parts.contains(&part), "{line}");
    }
    assert!(!line.contains("Domain"), "{line}");
    let (name, id) = parts[0].split_once('=').expect(&line);
    let plain = name.strip_prefix("__Host-").expect(&line);
    let status = async |cookie: &str| {
        let headers = [("cookie", cookie)];
        anybody.send(reqwest::Method::GET, "/v1/series", &headers, Vec::new()).await.status.as_u16()
    };
    assert_eq!(status(&format!("{name}={id}")).await, 200);
    assert_eq!(status(&format!("{plain}=planted; {name}={id}")).await, 200);
    assert_eq!(status(&format!("{plain}={id}")).await, 401, "it may have been planted over plain HTTP");
    assert_eq!(status(&format!("__Host-tacho_session={id}")).await, 401, "it is another Tacho's");
    let headers = [("cookie", parts[0])];
    let closed = anybody.send(reqwest::Method::POST, "/sign-out", &headers, Vec::new()).await;
    assert!(closed.header("set-cookie").starts_with(&format!("{name}=; ")), "{:?}", closed.headers);
    assert!(
        closed.header("set-cookie").contains("Max-Age=0") && closed.header("set-cookie").contains("Secure")
    );
    assert_eq!(status(parts[0]).await, 401);

    let plain = Tacho::at_noon().await;
    let (anybody, cookie) = plain.signed_in().await;
    let other = cookie.replace("tacho_session", "__Host-tacho_session");
    for (cookie, status) in [(&cookie, 200), (&other, 401)] {
        let headers = [("cookie", cookie.as_str())];
        let reply = anybody.send(reqwest::Method::GET, "/v1/series", &headers, Vec::new()).await;
        assert_eq!(reply.status, status, "{cookie}");
    }
}

#[tokio::test]
async fn an_address_that_nobody_can_use_stops_the_start() {
    let directory = tempfile::tempdir().unwrap();
    for wrong in [
        "tacho.example.com",
        "localhost:8787",
        "ftp://tacho.example.com",
        "https://me:hunter2@tacho.example.com",
        "https://",
        "https://example.com/tacho",
    ] {
        let settings = [("TACHO_PUBLIC_URL", wrong)];
        let said = tacho_refused(directory.path(), &["--listen", "127.0.0.1:0"], &settings).await;
        assert!(said.contains("TACHO_PUBLIC_URL") && said.contains("https://tacho.example.com"), "{said}");
        assert!(said.contains("a host of its own"), "{said}");
        assert!(!said.contains("hunter2"), "{said}");
    }
    assert!(!directory.path().join("tacho.db").exists(), "nothing was opened");
}
