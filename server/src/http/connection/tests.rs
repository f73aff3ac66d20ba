//! Deadlines of a connection, on a clock that stands still while anything happens.

use std::convert::Infallible;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::routing::get;
use futures::stream;
use http_body_util::{BodyExt, Empty};
use hyper::client::conn::http2::{self, SendRequest};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream};
use tokio::time::{Instant, sleep_until};
use tower::ServiceExt;

use super::*;

const DRAIN: Duration = Duration::from_secs(10);
const LARGE_BYTES: usize = 1 << 20;
/// What a connection holds that nobody has read.
const BUFFER_BYTES: usize = 64 * 1024;

async fn answer(request: Request<Incoming>) -> Response<Body> {
    let endless = || async { Body::from_stream(stream::pending::<Result<Bytes, Infallible>>()) };
    let flood = || async { Body::from_stream(stream::repeat(Ok::<_, Infallible>([b'x'; 4_096].as_slice()))) };
    let router = Router::new()
        .route("/", get(|| async { "hello" }))
        .route("/large", get(|| async { "x".repeat(LARGE_BYTES) }))
        .route("/endless", get(endless))
        .route("/flood", get(flood))
        .route("/proxy/v1/flood", get(flood));
    router.oneshot(request).await.unwrap_or_else(|never| match never {})
}

/// The client's end of a connection.
fn connect() -> (DuplexStream, CancellationToken) {
    let (ours, theirs) = tokio::io::duplex(BUFFER_BYTES);
    let shutdown = CancellationToken::new();
    tokio::spawn(attend(http(DRAIN), theirs, answer, shutdown.clone()));
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

#[tokio::test(start_paused = true)]
async fn the_head_of_a_request_comes_in_time_or_not_at_all() {
    for said in ["", "PRI * HTT", "GET / HTTP/1.1\r\nhost: a\r\n"] {
        let (start, (mut client, _shutdown)) = (Instant::now(), connect());
        client.write_all(said.as_bytes()).await.expect("written");
        client.read_to_end(&mut Vec::new()).await.expect("the end");
        assert_about(start.elapsed(), HEAD_TIMEOUT);
    }
}

#[tokio::test(start_paused = true)]
async fn http1_waits_for_the_next_head_as_long_as_for_the_first() {
    let (start, (mut client, _shutdown)) = (Instant::now(), connect());
    for _ in 0..3 {
        tokio::time::advance(HEAD_TIMEOUT - Duration::from_millis(10)).await;
        client.write_all(b"GET / HTTP/1.1\r\nhost: a\r\n\r\n").await.expect("written");
        let mut answer = [0; 12];
        client.read_exact(&mut answer).await.expect("an answer");
        while !answer.ends_with(b"hello") {
            answer.rotate_left(1);
            answer[11] = client.read_u8().await.expect("the rest");
        }
    }
    let last = start.elapsed();
    client.read_to_end(&mut Vec::new()).await.expect("the end");
    assert_about(start.elapsed() - last, HEAD_TIMEOUT);
}

#[tokio::test(start_paused = true)]
async fn http2_without_a_request_is_closed_after_a_minute() {
    let start = Instant::now();
    let (mut client, ended, _shutdown) = connect_http2().await;
    for second in [9, 68, 127] {
        sleep_until(start + Duration::from_secs(second)).await;
        ask(&mut client, "/").await.collect().await.expect("an answer");
    }
    ended.await.expect("the end");
    assert_about(start.elapsed(), Duration::from_secs(127) + IDLE_TIMEOUT);
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
    assert_about(start.elapsed(), Duration::from_secs(3_600) + IDLE_TIMEOUT);
}

#[tokio::test(start_paused = true)]
async fn an_answer_that_is_not_taken_is_given_up() {
    for path in ["/large", "/flood"] {
        let (start, (mut client, theirs)) = (Instant::now(), tokio::io::duplex(BUFFER_BYTES));
        client
            .write_all(format!("GET {path} HTTP/1.1\r\nhost: a\r\n\r\n").as_bytes())
            .await
            .expect("written");
        attend(http(DRAIN), theirs, answer, CancellationToken::new()).await;
        assert_about(start.elapsed(), IDLE_TIMEOUT + DRAIN);
    }
}

#[tokio::test(start_paused = true)]
async fn an_answer_of_the_api_may_lie_there_for_longer() {
    let (start, (mut client, theirs)) = (Instant::now(), tokio::io::duplex(BUFFER_BYTES));
    client.write_all(b"GET /proxy/v1/flood HTTP/1.1\r\nhost: a\r\n\r\n").await.expect("written");
    attend(http(DRAIN), theirs, answer, CancellationToken::new()).await;
    assert_about(start.elapsed(), PROXIED_IDLE_TIMEOUT + DRAIN);
}

#[tokio::test(start_paused = true)]
async fn an_answer_may_be_taken_slowly() {
    let (mut client, _shutdown) = connect();
    client.write_all(b"GET /large HTTP/1.1\r\nhost: a\r\n\r\n").await.expect("written");
    let (mut taken, mut part) = (0, vec![0; BUFFER_BYTES]);
    while taken < LARGE_BYTES {
        tokio::time::advance(IDLE_TIMEOUT - Duration::from_secs(1)).await;
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
