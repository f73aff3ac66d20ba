//! The edge: how many connections one address may hold, and how long the URI of a request may be.

use server::http::{Terms, serve};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use tokio_util::sync::CancellationToken;

use crate::harness::tacho::Tacho;
use crate::harness::{until, within};

/// A connection that has been answered, or nothing when it was closed instead.
async fn connect(address: std::net::SocketAddr) -> Option<TcpStream> {
    let mut connection = TcpStream::connect(address).await.ok()?;
    connection.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await.ok()?;
    let mut answer = [0; 12];
    within("an answer or the end", connection.read_exact(&mut answer)).await.ok()?;
    assert_eq!(&answer, b"HTTP/1.1 200");
    Some(connection)
}

#[tokio::test]
async fn an_address_holds_as_many_connections_as_it_may() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router = axum::Router::new().route("/", axum::routing::get(|| async { "hello" }));
    let shutdown = CancellationToken::new();
    let terms = Terms { per_address: 3, counts_loopback: true };
    let server = tokio::spawn(serve(listener, router, terms, shutdown.clone()));
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
        connection.write_all(b"GET /healthz HTTP/1.1\r\nhost: a\r\n\r\n").await.unwrap();
        let mut answer = [0; 12];
        within("an answer", connection.read_exact(&mut answer)).await.unwrap();
        assert_eq!(&answer, b"HTTP/1.1 200");
        open.push(connection);
    }
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
