//! Deadlines of a connection, on a clock that stands still while anything happens.

use std::convert::Infallible;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::routing::{get, post};
use futures::stream;
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http2::{self, SendRequest};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::time::{Instant, sleep_until};
use tower::ServiceExt;

use super::noted::{LINGER, LINGER_QUIET};
use super::*;

const IDLE: Duration = Duration::from_secs(120);
const DRAIN: Duration = Duration::from_secs(10);
const LARGE_BYTES: usize = 1 << 20;
/// What a connection holds that nobody has read.
const BUFFER_BYTES: usize = 64 * 1024;

async fn answer(request: Request<Body>) -> Response<Body> {
    let endless = || async { Body::from_stream(stream::pending::<Result<Bytes, Infallible>>()) };
    let flood = || async { Body::from_stream(stream::repeat(Ok::<_, Infallible>([b'x'; 4_096].as_slice()))) };
    let router = Router::new()
        .route("/", get(|| async { "hello" }))
        .route("/large", get(|| async { "x".repeat(LARGE_BYTES) }))
        .route("/endless", get(endless))
        .route("/read", post(|body: Bytes| async move { body.len().to_string() }))
        .route("/early", post(|| async { "enough" }))
        .route("/flood", get(flood))
        .route("/proxy/v1/flood", get(flood));
    router.oneshot(request).await.unwrap_or_else(|never| match never {})
}

/// The client's end of a connection.
fn connect() -> (DuplexStream, CancellationToken) {
    let (ours, theirs) = tokio::io::duplex(BUFFER_BYTES);
    let shutdown = CancellationToken::new();
    tokio::spawn(attend(http(IDLE, DRAIN), theirs, answer, shutdown.clone()));
    (ours, shutdown)
}

/// A client of HTTP/2, and the end of its connection.
async fn connect_http2() -> (SendRequest<Empty<Bytes>>, tokio::task::JoinHandle<()>, CancellationToken) {
    let (io, shutdown) = connect();
    let (client, connection) =
        http2::handshake(TokioExecutor::new(), TokioIo::new(io)).await.expect("a connection");
    let ended = tokio::spawn(async move { connection.await.unwrap_or_default() });
    (client, ended, shutdown)
}

async fn ask(client: &mut SendRequest<Empty<Bytes>>, path: &str) -> Incoming {
    let request = Request::get(format!("http://tacho{path}")).body(Empty::new()).expect("a request");
    client.send_request(request).await.expect("an answer").into_body()
}

/// A moment is what timers round to.
fn assert_about(passed: Duration, expected: Duration) {
    assert!(
        passed >= expected && passed < expected + Duration::from_millis(5),
        "{passed:?}, not {expected:?}"
    );
}

/// Asks for `/` over HTTP/1.1 and reads the answer.
async fn ask_http1(client: &mut DuplexStream) {
    client.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await.expect("written");
    read_until(client, b"hello").await;
}

async fn read_until(client: &mut DuplexStream, end: &[u8]) {
    let mut read = Vec::new();
    while !read.ends_with(end) {
        read.push(client.read_u8().await.expect("the rest"));
    }
}

#[tokio::test(start_paused = true)]
async fn the_head_of_a_request_comes_in_time_or_not_at_all() {
    for said in ["P", "PRI * HTT", "GET / HTTP/1.1\r\nhost: a\r\n", "\r\nG"] {
        let (start, (mut client, _shutdown)) = (Instant::now(), connect());
        client.write_all(said.as_bytes()).await.expect("written");
        client.read_to_end(&mut Vec::new()).await.expect("the end");
        assert_about(start.elapsed(), HEAD_TIMEOUT);
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_without_a_request_is_kept_for_as_long_as_it_may_be_idle() {
    let (start, (mut client, _shutdown)) = (Instant::now(), connect());
    client.read_to_end(&mut Vec::new()).await.expect("the end");
    assert_about(start.elapsed(), IDLE + IDLE_MARGIN);

    let (mut client, _shutdown) = connect();
    for _ in 0..3 {
        tokio::time::advance(IDLE - Duration::from_millis(10)).await;
        ask_http1(&mut client).await;
    }
    // Some clients send an empty line behind a request.
    client.write_all(b"\r\n").await.expect("written");
    tokio::time::advance(IDLE - Duration::from_millis(10)).await;
    ask_http1(&mut client).await;
    let last = Instant::now();
    client.read_to_end(&mut Vec::new()).await.expect("the end");
    assert_about(last.elapsed(), IDLE + IDLE_MARGIN);
}

#[tokio::test(start_paused = true)]
async fn the_time_for_a_head_runs_from_its_first_byte_however_many_follow() {
    let (mut client, _shutdown) = connect();
    for _ in 0..2 {
        ask_http1(&mut client).await;
        tokio::time::sleep(IDLE - Duration::from_secs(1)).await;
    }
    let first_byte = Instant::now();
    let (mut read, mut write) = tokio::io::split(client);
    let trickle = async {
        loop {
            write.write_all(b"x").await.expect("written");
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    };
    tokio::select! {
        () = trickle => {}
        _ = read.read_u8() => assert_about(first_byte.elapsed(), HEAD_TIMEOUT),
    }
}

#[tokio::test(start_paused = true)]
async fn the_body_of_a_request_is_no_head() {
    let (mut client, _shutdown) = connect();
    client.write_all(b"POST /read HTTP/1.1\r\nhost: a\r\ncontent-length: 40\r\n\r\n").await.expect("written");
    for _ in 0..40 {
        tokio::time::sleep(HEAD_TIMEOUT).await;
        client.write_all(b"x").await.expect("written");
    }
    read_until(&mut client, b"40").await;
    ask_http1(&mut client).await;
}

#[tokio::test(start_paused = true)]
async fn who_is_still_sending_reads_the_answer_all_the_same() {
    let (start, (mut client, _shutdown)) = (Instant::now(), connect());
    let head = "POST /early HTTP/1.1\r\nhost: a\r\ncontent-length: 4194304\r\n\r\n";
    client.write_all(head.as_bytes()).await.expect("written");
    for _ in 0..1_024 {
        client.write_all(&[b'x'; 4_096]).await.expect("taken, though nobody reads it");
    }
    let mut answer = String::new();
    client.read_to_string(&mut answer).await.expect("the end");
    assert!(answer.starts_with("HTTP/1.1 200 ") && answer.ends_with("enough"), "{answer}");
    assert_about(start.elapsed(), Duration::ZERO);
}

#[tokio::test(start_paused = true)]
async fn what_nobody_reads_is_not_taken_for_ever() {
    for (pause, taken) in [(2 * LINGER_QUIET, LINGER_QUIET), (Duration::from_secs(1), LINGER)] {
        let (start, (mut client, theirs)) = (Instant::now(), tokio::io::duplex(BUFFER_BYTES));
        let head = "POST /early HTTP/1.1\r\nhost: a\r\ncontent-length: 4194304\r\n\r\n";
        client.write_all(head.as_bytes()).await.expect("written");
        let trickle = async {
            loop {
                tokio::time::sleep(pause).await;
                let _ = client.write_all(b"x").await;
            }
        };
        tokio::select! {
            () = trickle => {}
            () = attend(http(IDLE, DRAIN), theirs, answer, CancellationToken::new()) => {}
        }
        assert_about(start.elapsed(), taken);
    }
}

#[tokio::test(start_paused = true)]
async fn http2_without_a_request_is_kept_as_long() {
    let start = Instant::now();
    let (mut client, ended, _shutdown) = connect_http2().await;
    for second in [120, 240, 360] {
        sleep_until(start + Duration::from_secs(second)).await;
        ask(&mut client, "/").await.collect().await.expect("an answer");
    }
    ended.await.expect("the end");
    assert_about(start.elapsed(), Duration::from_secs(360) + IDLE + IDLE_MARGIN);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_has_not_ended_keeps_its_connection() {
    let start = Instant::now();
    let (mut client, ended, _shutdown) = connect_http2().await;
    let endless = ask(&mut client, "/endless").await;
    sleep_until(start + Duration::from_secs(3_600)).await;
    assert!(!ended.is_finished());
    drop(endless);
    ended.await.expect("the end");
    assert_about(start.elapsed(), Duration::from_secs(3_600) + IDLE + IDLE_MARGIN);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_not_taken_is_given_up() {
    for path in ["/large", "/flood"] {
        let (start, (mut client, theirs)) = (Instant::now(), tokio::io::duplex(BUFFER_BYTES));
        client
            .write_all(format!("GET {path} HTTP/1.1\r\nhost: a\r\n\r\n").as_bytes())
            .await
            .expect("written");
        attend(http(IDLE, DRAIN), theirs, answer, CancellationToken::new()).await;
        assert_about(start.elapsed(), UNTAKEN_TIMEOUT + DRAIN);
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_of_the_api_may_lie_there_for_longer() {
    let (start, (mut client, theirs)) = (Instant::now(), tokio::io::duplex(BUFFER_BYTES));
    client.write_all(b"GET /proxy/v1/flood HTTP/1.1\r\nhost: a\r\n\r\n").await.expect("written");
    attend(http(IDLE, DRAIN), theirs, answer, CancellationToken::new()).await;
    assert_about(start.elapsed(), PROXIED_UNTAKEN_TIMEOUT + DRAIN);
}

#[tokio::test(start_paused = true)]
async fn an_answer_may_be_taken_slowly() {
    let (mut client, _shutdown) = connect();
    client.write_all(b"GET /large HTTP/1.1\r\nhost: a\r\n\r\n").await.expect("written");
    let (mut taken, mut part) = (0, vec![0; BUFFER_BYTES]);
    while taken < LARGE_BYTES {
        tokio::time::advance(UNTAKEN_TIMEOUT - Duration::from_secs(1)).await;
        let read = client.read(&mut part).await.expect("the next part");
        assert!(read > 0, "closed after {taken} bytes");
        taken += read;
    }
}

#[tokio::test(start_paused = true)]
async fn http2_has_so_many_streams_at_once() {
    let (mut client, _ended, _shutdown) = connect_http2().await;
    // With the first answer the client knows the bound.
    ask(&mut client, "/").await.collect().await.expect("an answer");
    let mut open = Vec::new();
    for _ in 0..MOST_STREAMS {
        open.push(ask(&mut client, "/endless").await);
    }
    let one_more = tokio::time::timeout(Duration::from_secs(1), ask(&mut client, "/")).await;
    assert!(one_more.is_err(), "{MOST_STREAMS} are open");
    open.pop();
    ask(&mut client, "/").await.collect().await.expect("an answer");
}

#[tokio::test(start_paused = true)]
async fn stopping_waits_for_open_requests_but_not_for_ever() {
    let start = Instant::now();
    let (mut client, ended, shutdown) = connect_http2().await;
    let _endless = ask(&mut client, "/endless").await;
    shutdown.cancel();
    ended.await.expect("the end");
    assert_about(start.elapsed(), DRAIN);

    let start = Instant::now();
    let (_client, ended, shutdown) = connect_http2().await;
    shutdown.cancel();
    ended.await.expect("the end");
    assert_about(start.elapsed(), Duration::ZERO);
}
