//! The edge: how many connections one address may hold, and how long the URI of a request may be.

use server::http::{Terms, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use crate::given;
use crate::harness::tacho::Tacho;
use crate::harness::{until, within};

/// A connection that has been answered, or nothing when it was closed instead.
async fn connect(address: std::net::SocketAddr) -> Option<TcpStream> {
    let mut connection = TcpStream::connect(address).await.ok()?;
    connection.write_all(b"GET / HTTP/1.1\r\nhost: localhost\r\n\r\n").await.ok()?;
    let mut answer = [0; 12];
    within("an answer or the end", connection.read_exact(&mut answer)).await.ok()?;
    assert_eq!(&answer, b"HTTP/1.1 200");
    Some(connection)
}

#[tokio::test]
async fn an_address_holds_as_many_connections_as_it_may() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let hello = |_, _| async { axum::response::Response::new("hello".into()) };
    let shutdown = CancellationToken::new();
    let seconds = std::time::Duration::from_secs;
    let terms =
        Terms { most: 100, per_address: 3, counts_loopback: true, idle: seconds(130), drain: seconds(10) };
    let server = tokio::spawn(serve(listener, hello, terms, shutdown.clone()));
    let mut open = Vec::new();
    for _ in 0..3 {
        open.push(connect(address).await.expect("an answer"));
    }
    assert!(connect(address).await.is_none(), "one more than it may");
    drop(open.pop());
    open.push(until("room for another", async || connect(address).await).await);
    assert!(connect(address).await.is_none(), "one more than it may");
    shutdown.cancel();
    within("the end of the server", server).await.unwrap();
}

#[tokio::test]
async fn this_machine_is_not_counted() {
    let environment = [("TACHO_HTTP_MAX_CONNECTIONS_PER_ADDRESS", "1")];
    let clock = server::clock::Clock::manual(crate::harness::tacho::NOON_MS);
    let tacho = Tacho::with(clock, &environment).await;
    let address = tacho.base_url().trim_start_matches("http://");
    let mut open = Vec::new();
    for _ in 0..40 {
        let mut connection = TcpStream::connect(address).await.unwrap();
        connection.write_all(b"GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").await.unwrap();
        let mut answer = [0; 12];
        within("an answer", connection.read_exact(&mut answer)).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 200");
        open.push(connection);
    }
}

/// What comes back for a request as it stands.
async fn say(tacho: &Tacho, request: &str) -> String {
    let mut connection = TcpStream::connect(tacho.base_url().trim_start_matches("http://")).await.unwrap();
    connection.write_all(request.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    within("the end", connection.read_to_end(&mut answer)).await.ok();
    String::from_utf8(answer).unwrap()
}

#[tokio::test]
async fn the_head_of_a_request_at_its_bounds() {
    let tacho = Tacho::at_noon().await;
    let most = 256 * 1024;
    for path in ["/healthz", "/proxy"] {
        let start = format!("GET {path} HTTP/1.1\r\nhost: localhost\r\nconnection: close\r\n");
        let of_headers = |count: usize| {
            let further: String = (2..count).map(|number| format!("x-{number}: a\r\n")).collect();
            format!("{start}{further}\r\n")
        };
        let of_bytes = |bytes: usize| format!("{start}x: {}\r\n\r\n", "a".repeat(bytes - start.len() - 7));
        for (request, status) in [
            (of_headers(110), 200),
            (of_headers(256), 200),
            (of_headers(257), 431),
            (of_headers(500), 431),
            (of_bytes(64 * 1024), 200),
            (of_bytes(most), 200),
            (of_bytes(most + 1), 431),
            (of_bytes(500 * 1024), 431),
        ] {
            let answer = say(&tacho, &request).await;
            let what = format!("{path}, {} bytes: {answer}", request.len());
            assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{what}");
            if status == 431 {
                assert!(
                    answer.contains("head_too_large") && answer.contains("256 headers and 262144 bytes"),
                    "{what}"
                );
            }
        }
        // What is too large to be told so is refused all the same.
        for request in [of_headers(5_000), of_bytes(1 << 20)] {
            assert!(say(&tacho, &request).await.starts_with("HTTP/1.1 431 "), "{path}");
        }
    }
}

#[tokio::test]
async fn the_end_of_an_idle_connection_is_a_setting() {
    let idle_for_a_second = [("TACHO_HTTP_IDLE_S", "1")];
    let tacho = Tacho::with(server::clock::Clock::system(), &idle_for_a_second).await;
    // Both end by themselves: the one that has not been used, and the one that has.
    assert_eq!(say(&tacho, "").await, "");
    let answer = say(&tacho, "GET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n").await;
    assert!(answer.starts_with("HTTP/1.1 200 "), "{answer}");
}

#[tokio::test]
async fn who_is_refused_while_still_sending_hears_why() {
    let environment = [("TACHO_PROXY_REQUIRE_KEY", "always")];
    let tacho = Tacho::with(server::clock::Clock::system(), &environment).await;
    let body = "x".repeat(8 << 20);
    for (path, key, status) in [
        ("/proxy/v1/messages", "none", 401),
        ("/proxy/v2/messages", "none", 404),
        ("/v1/events", "none", 401),
        ("/v1/events", tacho.reporter.key(), 413),
    ] {
        let head = format!(
            "POST {path} HTTP/1.1\r\nhost: localhost\r\nx-tacho-key: {key}\r\ncontent-length: {}\r\n\r\n",
            body.len()
        );
        let answer = say(&tacho, &format!("{head}{body}")).await;
        assert!(answer.starts_with(&format!("HTTP/1.1 {status} ")), "{path}: {answer}");
    }
}

#[tokio::test]
async fn lengths_that_lie_are_refused() {
    let tacho = Tacho::at_noon().await;
    let post = |rest: &str| {
        let key = tacho.reporter.key();
        format!(
            "POST /v1/events HTTP/1.1\r\nhost: localhost\r\nx-tacho-key: {key}\r\nconnection: close\r\n{rest}"
        )
    };
    let event = given::event("a", 1, 1).to_string();
    for (rest, what) in [
        (format!("content-length: {}\r\ncontent-length: 2\r\n\r\n{event}", event.len()), "two lengths"),
        (format!("content-length: -1\r\n\r\n{event}"), "a negative length"),
        (format!("transfer-encoding: chunked\r\n\r\nffffffffffffffffff\r\n{event}"), "an endless chunk"),
        (format!("transfer-encoding: chunked\r\n\r\nzz\r\n{event}\r\n0\r\n\r\n"), "no length"),
        (format!("transfer-encoding: chunked\r\n\r\n1;{}\r\nx", "a".repeat(1 << 20)), "a long extension"),
        (format!("transfer-encoding: gzip\r\n\r\n{event}"), "another transfer encoding"),
    ] {
        let answer = say(&tacho, &post(&rest)).await;
        assert!(answer.is_empty() || answer.starts_with("HTTP/1.1 400 "), "{what}: {answer}");
    }
    // Of two ways to say how long a body is, chunks count, and the connection ends with it: nothing is smuggled.
    let both = format!(
        "content-length: 3\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{event}\r\n0\r\n\r\nGET /healthz HTTP/1.1\r\nhost: localhost\r\n\r\n",
        event.len()
    );
    let answer = say(&tacho, &post(&both)).await;
    assert_eq!(answer.matches("HTTP/1.1 ").count(), 1, "{answer}");
}

#[tokio::test]
async fn a_uri_at_its_bound() {
    let tacho = Tacho::at_noon().await;
    for (bytes, status) in [(8_191, 200), (8_192, 200), (8_193, 414)] {
        let path = format!("/healthz?{}", "a".repeat(bytes - "/healthz?".len()));
        let reply = tacho.admin.get(&path).await;
        assert_eq!(reply.status, status, "{bytes}");
        if status == 414 {
            assert_eq!(reply.code(), "uri_too_long");
            assert!(reply.text.contains("8192 bytes"), "{}", reply.text);
            assert_eq!(reply.header("x-content-type-options"), "nosniff");
        }
    }
}

#[tokio::test]
async fn a_uri_is_text() {
    let tacho = Tacho::at_noon().await;
    tacho.reporter.report(&given::with(given::event("a", 1, 1), "project", "\u{fffd}")).await;
    for path in
        ["/v1/events/a%ff", "/v1/events/a?project=%ff", "/v1/limits/%C3", "/v1/channels/%80", "/?user=%ff"]
    {
        let reply = tacho.admin.delete(path).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (400, "invalid_uri"), "{path}");
    }
    let events = tacho.admin.get("/v1/events?project=%EF%BF%BD&from=2026-11-24T00:00:00Z").await.json();
    assert_eq!(events["events"][0]["id"], "a");
    let reply = tacho.admin.get("/v1/events?user=%F0%9F%92%A9+%E2%80%AE").await;
    assert_eq!(reply.status, 200, "{}", reply.text);
}
