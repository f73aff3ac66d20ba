//! How often one key may post events.

use server::clock::Clock;
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use crate::given;
use crate::harness::program::tacho_ok;
use crate::harness::tacho::{NOON_MS, Tacho};
use crate::harness::within;

async fn with_requests_per_s(most: &str) -> Tacho {
    Tacho::with(Clock::manual(NOON_MS), &[("TACHO_INGEST_MAX_REQUESTS_PER_S", most)]).await
}

async fn statuses(tacho: &Tacho, posts: usize) -> Vec<u16> {
    let mut statuses = Vec::new();
    for _ in 0..posts {
        let event = given::event(&format!("{}_{posts}", statuses.len()), 1, 1);
        statuses.push(tacho.reporter.post("/v1/events", &event).await.status.as_u16());
    }
    statuses
}

#[tokio::test]
async fn a_key_that_posts_too_often_is_told_when_to_come_back() {
    let tacho = with_requests_per_s("3").await;
    assert_eq!(statuses(&tacho, 4).await, [200, 200, 200, 429]);
    let refused = tacho.reporter.post("/v1/events", &given::event("a", 1, 1)).await;
    assert_eq!((refused.code().as_str(), refused.header("retry-after")), ("rate_limited", "1"));
    assert!(refused.text.contains("3 requests a second") && refused.text.contains("several events"));
    // Only posting is paced, and each key by itself.
    let read = tacho.admin.get("/v1/series?measure=requests").await.json();
    assert_eq!(read["groups"][0]["total"], 3.0);
    let arguments = ["keys", "create", "--scope", "ingest", "--name", "another"];
    let another = tacho_ok(tacho.directory.path(), &arguments).await;
    tacho.reporter.with_key(&another).report(&given::event("b", 1, 1)).await;
    // After as long as was said, all of a second's worth is there again.
    tacho.advance(1);
    assert_eq!(statuses(&tacho, 4).await, [200, 200, 200, 429]);
    // A third of a second is one request.
    tacho.clock.advance(std::time::Duration::from_millis(333));
    assert_eq!(statuses(&tacho, 1).await, [429]);
    tacho.clock.advance(std::time::Duration::from_millis(1));
    assert_eq!(statuses(&tacho, 2).await, [200, 429]);
}

#[tokio::test]
async fn a_refused_request_is_not_read() {
    let tacho = with_requests_per_s("1").await;
    assert_eq!(statuses(&tacho, 1).await, [200]);
    let address = tacho.base_url().trim_start_matches("http://");
    let mut connection = tokio::net::TcpStream::connect(address).await.unwrap();
    // The body never comes.
    let head = format!(
        "POST /v1/events HTTP/1.1\r\nhost: {address}\r\nx-tacho-key: {}\r\ncontent-length: 100\r\n\r\n",
        tacho.reporter.key()
    );
    connection.write_all(head.as_bytes()).await.unwrap();
    let mut answer = Vec::new();
    within("an answer", connection.read_to_end(&mut answer)).await.unwrap();
    assert!(answer.starts_with(b"HTTP/1.1 429 "), "{}", String::from_utf8_lossy(&answer));
}

#[tokio::test]
async fn zero_is_no_limit() {
    let tacho = with_requests_per_s("0").await;
    assert_eq!(statuses(&tacho, 20).await, [200; 20]);
}
