//! A client that goes is noticed, whatever the upstream is doing.

use std::time::{Duration, Instant};

use serde_json::Value;
use upstream::{Exchange, Outcome, Terms, Upstream};

use crate::harness::{ask, get, plain, post, streamed};

/// Longer than any machine needs, and far shorter than a time-out that would hide that nothing was noticed.
const AT_ONCE: Duration = Duration::from_secs(5);

fn assert_closed(exchange: &Exchange, since: Instant) {
    assert_eq!(exchange.outcome, Outcome::ClientClosed);
    assert!(exchange.ended.unwrap() - since < AT_ONCE);
    assert!(exchange.closed_after().is_some());
}

/// Waits until the upstream has begun an exchange.
async fn begun(upstream: &Upstream) {
    while upstream.exchanges().is_empty() {
        tokio::task::yield_now().await;
    }
}

/// Sends a request and goes before there is an answer.
async fn go_before_an_answer(upstream: &Upstream, body: &Value, scenario: &str) -> Instant {
    let request = post(upstream, "/v1/messages", body).header("x-fake-scenario", scenario).send();
    tokio::select! {
        answer = request => panic!("{answer:?}"),
        () = begun(upstream) => {}
    }
    Instant::now()
}

#[tokio::test]
async fn before_the_headers() {
    for (scenario, body) in [
        ("silent_before_headers", streamed()),
        ("silent_before_headers", plain()),
        ("slow; ms=600000", plain()),
    ] {
        let upstream = Upstream::start(Terms::default()).await;
        let gone = go_before_an_answer(&upstream, &body, scenario).await;
        let exchange = upstream.wait_for(1).await.remove(0);
        assert_closed(&exchange, gone);
        assert_eq!(exchange.status, None);
    }
}

#[tokio::test]
async fn during_silence_and_during_a_pause() {
    for scenario in ["silent; after=4", "silent; after=0", "slow; ms=600000"] {
        let upstream = Upstream::start(Terms::default()).await;
        let response = ask(&upstream, scenario, &streamed()).await;
        assert_eq!(upstream.exchanges()[0].outcome, Outcome::Open);
        let gone = Instant::now();
        drop(response);
        let exchange = upstream.wait_for(1).await.remove(0);
        assert_closed(&exchange, gone);
        assert_eq!((exchange.status, exchange.usage), (Some(200), None));
    }
}

#[tokio::test]
async fn amid_a_large_answer_that_is_not_read() {
    let upstream = Upstream::start(Terms::default()).await;
    let file = get(&upstream, "/v1/files/file_1/content").header("x-fake-scenario", "bytes=30000000");
    let response = file.send().await.unwrap();
    let gone = Instant::now();
    drop(response);
    let exchange = upstream.wait_for(1).await.remove(0);
    assert_closed(&exchange, gone);
    assert!(exchange.sent_bytes < 30_000_000);
}

#[tokio::test]
async fn a_stopped_upstream_breaks_its_connections() {
    let upstream = Upstream::start(Terms::default()).await;
    let mut response = ask(&upstream, "silent; after=1", &streamed()).await;
    response.chunk().await.unwrap().unwrap();
    drop(upstream);
    assert!(response.chunk().await.is_err());
}
