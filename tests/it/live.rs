//! `GET /v1/live`: what a page hears.

use futures::StreamExt;
use serde_json::Value;

use crate::given;
use crate::harness::program::tacho_ok;
use crate::harness::tacho::Tacho;
use crate::harness::within;

/// One event of the stream.
#[derive(Debug)]
struct Heard {
    name: String,
    id: String,
    data: Value,
}

struct Stream {
    bytes: std::pin::Pin<Box<dyn futures::Stream<Item = reqwest::Result<bytes::Bytes>> + Send>>,
    text: String,
}

impl Stream {
    async fn open(tacho: &Tacho, key: &str, last_event_id: Option<&str>) -> Self {
        let mut headers = vec![("authorization", format!("Bearer {key}"))];
        headers.extend(last_event_id.map(|id| ("last-event-id", id.to_owned())));
        Self::open_with(tacho, &headers).await
    }

    async fn open_with(tacho: &Tacho, headers: &[(&str, String)]) -> Self {
        let mut request = reqwest::Client::new().get(format!("{}/v1/live", tacho.base_url()));
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let response = request.send().await.unwrap();
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["x-accel-buffering"], "no");
        Stream { bytes: Box::pin(response.bytes_stream()), text: String::new() }
    }

    /// The next event called `name`.
    async fn next(&mut self, name: &str) -> Heard {
        self.next_that(name, |heard| heard == name).await
    }

    /// The next event, which tells no more than that time has passed.
    async fn next_of_any(&mut self) -> Heard {
        let heard = self.next_that("any event", |_| true).await;
        assert!(["hello", "tick"].contains(&heard.name.as_str()), "{heard:?}");
        heard
    }

    async fn next_that(&mut self, what: &str, is_it: impl Fn(&str) -> bool) -> Heard {
        within(what, async {
            loop {
                while let Some(end) = self.text.find("\n\n") {
                    let block: String = self.text.drain(..end + 2).collect();
                    let field = |field: &str| {
                        let line =
                            block.lines().find_map(|line| line.strip_prefix(field)).unwrap_or_default();
                        line.trim_start_matches(':').trim().to_owned()
                    };
                    if is_it(&field("event")) {
                        let data = serde_json::from_str(&field("data")).unwrap();
                        return Heard { name: field("event"), id: field("id"), data };
                    }
                }
                let chunk = self.bytes.next().await.expect("an open stream").unwrap();
                self.text.push_str(&String::from_utf8_lossy(&chunk));
            }
        })
        .await
    }
}

impl Stream {
    /// Waits until Tacho ends it.
    async fn end(mut self) {
        within("the end of the stream", async { while self.bytes.next().await.is_some() {} }).await;
    }
}

#[tokio::test]
async fn who_may_not_read_any_more_hears_no_more() {
    let tacho = Tacho::at_noon().await;
    let data = tacho.directory.path();
    let (key, other) = (reading_key(&tacho).await, reading_key(&tacho).await);
    let (anybody, cookie) = tacho.signed_in().await;
    let (_, idle) = tacho.signed_in().await;
    let with = |cookie: &str| [("cookie", cookie.to_owned())];
    let mut by_key = Stream::open(&tacho, &key, None).await;
    let mut by_other = Stream::open(&tacho, &other, None).await;
    let mut by_session = Stream::open_with(&tacho, &with(&cookie)).await;
    let mut by_idle = Stream::open_with(&tacho, &with(&idle)).await;
    for stream in [&mut by_key, &mut by_other, &mut by_session, &mut by_idle] {
        stream.next("tick").await;
    }
    tacho_ok(data, &["keys", "revoke", key.split('_').nth(2).unwrap()]).await;
    let signed_out =
        anybody.send(reqwest::Method::POST, "/sign-out", &[("cookie", &cookie)], Vec::new()).await;
    assert_eq!(signed_out.status, 303);
    // Who asked at the same moment as it was revoked.
    tacho.advance(15);
    by_key.end().await;
    by_session.end().await;
    // Others go on, and so does a session until it has not been used for twelve hours: a stream is no use of it.
    let now_ms = tacho.clock.now_ms();
    for stream in [&mut by_other, &mut by_idle] {
        while stream.next("tick").await.data["now_ms"] != now_ms {}
    }
    for _ in 0..2 {
        tacho.advance(6 * 3_600);
        by_other.next("tick").await;
    }
    by_idle.end().await;
    by_other.next("tick").await;
}

#[tokio::test]
async fn only_who_may_read_hears() {
    let tacho = Tacho::at_noon().await;
    let nobody = crate::harness::client::Client::new(tacho.base_url(), None);
    assert_eq!(nobody.get("/v1/live").await.status, 401);
    let refused = tacho.reporter.get("/v1/live").await;
    assert_eq!((refused.status.as_u16(), refused.code().as_str()), (403, "scope"));
}

async fn reading_key(tacho: &Tacho) -> String {
    let create = ["keys", "create", "--scope", "read", "--name", "page"];
    tacho_ok(tacho.directory.path(), &create).await
}

#[tokio::test]
async fn a_page_hears_of_what_changes() {
    let tacho = Tacho::now().await;
    tacho.limit("tokens_per_day", 100.0).await;
    let key = reading_key(&tacho).await;
    let mut stream = Stream::open(&tacho, &key, None).await;
    let hello = stream.next("hello").await;
    assert_eq!(hello.data["version"], env!("CARGO_PKG_VERSION"));
    let before = stream.next("tick").await;

    tacho.reporter.report(&given::event("a", 90, 0)).await;
    let bucket = stream.next("bucket").await;
    assert_eq!((&bucket.data["requests"], &bucket.data["input_tokens"]), (&1.into(), &90.into()));
    let standing = stream.next("standing").await;
    assert_eq!((&standing.data["used"], &standing.data["state"]), (&90.0.into(), &"warning".into()));
    let alert = stream.next("alert").await;
    assert_eq!((alert.name.as_str(), &alert.data["severity"]), ("alert", &"warning".into()));
    let after = stream.next("tick").await;
    assert!(after.data["revision"].as_u64() > before.data["revision"].as_u64());
    assert!(!alert.id.is_empty() && !hello.id.is_empty());
}

#[tokio::test]
async fn a_page_that_comes_back_hears_what_it_missed() {
    let tacho = Tacho::now().await;
    tacho.limit("tokens_per_day", 100.0).await;
    let key = reading_key(&tacho).await;
    let mut stream = Stream::open(&tacho, &key, None).await;
    let last = stream.next("tick").await;
    drop(stream);
    tacho.reporter.report(&given::event("a", 90, 0)).await;
    let mut stream = Stream::open(&tacho, &key, Some(&last.id)).await;
    assert_eq!(stream.next("bucket").await.data["input_tokens"], 90);
    assert_eq!(stream.next("standing").await.data["used"], 90.0);
    assert_eq!(stream.next("alert").await.data["severity"], "warning");
}

#[tokio::test]
async fn a_page_that_asks_by_itself_is_told_only_that_something_has_changed() {
    let tacho = Tacho::now().await;
    tacho.limit("tokens_per_day", 100.0).await;
    let key = reading_key(&tacho).await;
    let bearer = format!("Bearer {key}");
    let address = format!("{}/v1/live?only=tick", tacho.base_url());
    let response = reqwest::Client::new().get(address).header("authorization", bearer).send().await.unwrap();
    let mut stream = Stream { bytes: Box::pin(response.bytes_stream()), text: String::new() };
    let mut all = Stream::open(&tacho, &key, None).await;
    let before = stream.next("tick").await.data["revision"].as_u64();
    all.next("tick").await;
    tacho.reporter.report(&given::event("a", 90, 0)).await;
    // Who listens to all has heard what there is to tell: nothing of it went here.
    for name in ["bucket", "standing", "alert"] {
        all.next(name).await;
    }
    while stream.next_of_any().await.data["revision"].as_u64() <= before {}
    let client = tacho.admin.with_key(&key);
    for query in ["?only=standing", "?only=", "?only=tick&only=tick"] {
        let refused = client.get(&format!("/v1/live{query}")).await;
        assert_eq!((refused.status.as_u16(), refused.code().as_str()), (400, "invalid_parameter"), "{query}");
    }
}

#[tokio::test]
async fn who_comes_later_hears_what_changes_from_then_on_and_all_hear_the_same() {
    let tacho = Tacho::now().await;
    let key = reading_key(&tacho).await;
    let mut early = Stream::open(&tacho, &key, None).await;
    early.next("tick").await;
    tacho.reporter.report(&given::event("a", 90, 0)).await;
    assert_eq!(early.next("bucket").await.data["input_tokens"], 90);
    let mut late = Stream::open(&tacho, &key, None).await;
    late.next("tick").await;
    tacho.reporter.report(&given::event("b", 10, 0)).await;
    let (one, other) = (early.next("bucket").await, late.next("bucket").await);
    assert_eq!((&one.data["input_tokens"], &one.id), (&100.into(), &other.id));
    assert_eq!(one.data, other.data);
    // Once nobody listens nothing is made; who comes then begins with what there is.
    drop((early, late));
    tacho.reporter.report(&given::event("c", 1, 0)).await;
    let mut again = Stream::open(&tacho, &key, None).await;
    again.next("tick").await;
    tacho.reporter.report(&given::event("d", 1, 0)).await;
    assert_eq!(again.next("bucket").await.data["input_tokens"], 102);
}

#[tokio::test]
async fn what_another_program_writes_is_heard_with_where_limits_stand_then() {
    let tacho = Tacho::now().await;
    tacho.limit("tokens_per_day", 1_000_000.0).await;
    let key = reading_key(&tacho).await;
    let mut stream = Stream::open(&tacho, &key, None).await;
    stream.next("tick").await;
    for imported in 1..=3_u32 {
        let file = tempfile::NamedTempFile::with_suffix(".ndjson").unwrap();
        let event = given::event(&format!("imported {imported}"), 100, 0);
        let event = given::with(event, "at", given::rfc3339(tacho.clock.now_ms()));
        std::fs::write(file.path(), format!("{event}\n")).unwrap();
        // Somebody looks all the time: what was shown before must not be taken for what is.
        let looks = tokio::spawn({
            let admin = tacho.admin.clone();
            async move {
                loop {
                    admin.get("/v1/limits/status").await;
                }
            }
        });
        tacho_ok(tacho.directory.path(), &["import", file.path().to_str().unwrap()]).await;
        while stream.next("standing").await.data["used"].as_f64() != Some(100.0 * f64::from(imported)) {}
        looks.abort();
    }
}
