//! For which hosts requests are taken: a page may point a name of its own at Tacho once it is loaded.

use server::clock::Clock;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::harness::program::tacho_refused;
use crate::harness::proxied::{Caller, Proxied};
use crate::harness::tacho::{NOON_MS, Tacho};
use crate::harness::within;
use upstream::Terms;

/// Every way in, with and without a key.
const ROUTES: [&str; 17] = [
    "GET /",
    "GET /limits",
    "GET /healthz",
    "GET /readyz",
    "GET /sign-in",
    "POST /sign-out",
    "GET /alerts",
    "POST /limits",
    "POST /settings/look",
    "GET /usage.csv",
    "GET /assets/none.css",
    "GET /v1/series",
    "POST /v1/events",
    "GET /v1/live",
    "POST /v1/messages",
    "GET /proxy",
    "POST /proxy/v1/messages",
];

/// The status and all of the answer to a request whose head is written as it is.
async fn say(tacho: &Tacho, route: &str, heads: &[&str]) -> (u16, String) {
    let mut connection = TcpStream::connect(("127.0.0.1", tacho.address().port())).await.unwrap();
    let lines: String = heads.iter().map(|head| format!("{head}\r\n")).collect();
    let key = tacho.admin.key();
    let request = format!(
        "{route} HTTP/1.1\r\n{lines}x-tacho-key: {key}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n"
    );
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut head = vec![0; 12];
    within("an answer", connection.read_exact(&mut head)).await.unwrap();
    let status = String::from_utf8_lossy(&head[9..]).parse().unwrap();
    // A stream of events does not end; its refusal does.
    if status == 421 {
        within("the rest", connection.read_to_end(&mut head)).await.unwrap();
    }
    (status, String::from_utf8_lossy(&head).into_owned())
}

async fn taken(tacho: &Tacho, route: &str, host: &str) -> bool {
    say(tacho, route, &[&format!("host: {host}")]).await.0 != 421
}

#[tokio::test]
async fn no_route_answers_for_a_host_that_a_page_may_have_named() {
    let tacho = Tacho::at_noon().await;
    for route in ROUTES {
        for host in [
            "evil.com",
            "evil.com:8787",
            "127.0.0.1.evil.com",
            "localhost.evil.com",
            "tacho",
            "10.0.0.1",
            "me@localhost",
            "a b",
        ] {
            let (status, answer) = say(&tacho, route, &[&format!("host: {host}")]).await;
            assert_eq!(status, 421, "{route} {host}: {answer}");
            assert!(answer.contains("`public_url`") && answer.contains("`allow_hosts`"), "{answer}");
            assert!(!answer.contains("evil"), "what was asked for is repeated: {answer}");
            let is_call = route.contains("/proxy");
            let told = if is_call { "x-tacho-error: unknown_host" } else { "\"code\":\"unknown_host\"" };
            assert!(answer.contains(told), "{route}: {answer}");
        }
        for host in
            ["localhost", "LOCALHOST.:9", "tacho.localhost:80", "127.0.0.1", "127.9.9.9:1", "[::1]:8787", ""]
        {
            assert!(taken(&tacho, route, host).await, "{route} {host}");
        }
        // Who names several must name none that is not ours, in whatever place.
        assert_eq!(say(&tacho, route, &["host: localhost", "host: evil.com"]).await.0, 421, "{route}");
        let (method, path) = route.split_once(' ').unwrap();
        let whole = format!("{method} http://evil.com{path}");
        assert_eq!(say(&tacho, &whole, &["host: localhost"]).await.0, 421, "{whole}");
        assert_ne!(say(&tacho, route, &[]).await.0, 421, "{route}: programs may name none");
    }
}

#[tokio::test]
async fn hosts_that_are_known_are_taken_and_no_others() {
    let settings = [
        ("TACHO_PUBLIC_URL", "HTTPS://Tacho.Example.com/"),
        ("TACHO_HTTP_ALLOW_HOSTS", "host.docker.internal, [fd00::7]"),
    ];
    let tacho = Tacho::with(Clock::manual(NOON_MS), &settings).await;
    for host in [
        "tacho.example.com",
        "Tacho.Example.com:443",
        "host.docker.internal:8787",
        "[fd00:0::7]:1",
        "localhost",
    ] {
        assert!(taken(&tacho, "GET /v1/series", host).await, "{host}");
        assert!(taken(&tacho, "GET /proxy", host).await, "{host}");
    }
    for host in ["example.com", "a.tacho.example.com", "docker.internal", "tacho", "10.0.0.1"] {
        assert!(!taken(&tacho, "GET /v1/series", host).await, "{host}");
        assert!(!taken(&tacho, "GET /proxy", host).await, "{host}");
    }
}

#[tokio::test]
async fn beyond_loopback_a_key_or_what_no_page_can_be_called_is_enough() {
    let beyond = [("TACHO_LISTEN", "0.0.0.0:0"), ("TACHO_ALLOW_REMOTE", "true")];
    let keyless = [&beyond[..], &[("TACHO_PROXY_REQUIRE_KEY", "never")]].concat();
    for (settings, takes_any) in [(&beyond[..], true), (&keyless, false)] {
        let tacho = Tacho::with(Clock::manual(NOON_MS), settings).await;
        for host in ["192.168.1.7:8787", "tacho:8787", "localhost", "[fd00::8]:1"] {
            assert!(taken(&tacho, "GET /proxy", host).await, "{host}");
        }
        for host in ["evil.com", "tacho.internal", "127.0.0.1.evil.com"] {
            assert_eq!(taken(&tacho, "GET /proxy", host).await, takes_any, "{host}");
            assert_eq!(taken(&tacho, "GET /healthz", host).await, takes_any, "{host}");
        }
    }
}

#[tokio::test]
async fn over_http2_the_host_is_looked_at_as_well() {
    let proxied = Proxied::with(Terms::default(), &[]).await;
    let http2 = Caller::http2(&proxied.caller.base_url);
    let mut foreign = http2.messages("plain", false);
    foreign.headers_mut().insert("host", "evil.com".parse().unwrap());
    let refused = http2.send(foreign).await;
    assert_eq!((refused.status.as_u16(), refused.header("x-tacho-error")), (421, "unknown_host"));
    assert_eq!(http2.send(http2.messages("plain", false)).await.status, 200);
    proxied.events(1).await;
}

#[tokio::test]
async fn what_is_no_host_stops_the_start() {
    let directory = tempfile::tempdir().unwrap();
    for wrong in ["http://tacho.internal", "tacho.internal:8787", "*.internal"] {
        let settings = [("TACHO_HTTP_ALLOW_HOSTS", wrong)];
        let said = tacho_refused(directory.path(), &["--listen", "127.0.0.1:0"], &settings).await;
        assert!(said.contains(wrong) && said.contains("tacho.internal or 10.0.0.7"), "{said}");
    }
}
