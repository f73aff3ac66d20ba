//! What happened: marks over the plot, and lines of the log.

use serde_json::Value;

use super::Reader;
use crate::given;
use crate::harness::tacho::{NOON_MS, Tacho};

const MARK: &str = "mark-critical";

/// So many calls at a time after noon.
fn calls(prefix: &str, count: usize, after_s: i64) -> Value {
    let at = given::rfc3339(NOON_MS + after_s * 1_000);
    let call = |number| given::with(given::event(&format!("{prefix} {number}"), 1, 1), "at", at.clone());
    (0..count).map(call).collect()
}

#[tokio::test]
async fn an_incident_that_is_detected_late_is_marked_in_its_own_hour() {
    let tacho = Tacho::at_noon().await;
    tacho.limit("requests_per_minute", 5.0).await;
    tacho.reporter.report(&calls("before", 1, 0)).await;
    tacho.advance(64 * 60);
    let reader = Reader::of(&tacho).await;
    let hour = |from: &str, to: &str| format!("/?from=2026-11-24T{from}Z&to=2026-11-24T{to}Z");
    let its_own = hour("12:00", "13:00");
    assert!(!reader.open(&its_own).await.text.contains(MARK));
    tacho.reporter.report(&calls("late", 6, 59 * 60 + 30)).await;
    let page = reader.open(&its_own).await.text;
    assert!(page.contains(MARK), "{page}");
    let before = reader.open(&hour("11:00", "12:00")).await.text;
    assert!(!before.contains(MARK), "{before}");
}

#[tokio::test]
async fn every_open_alert_is_counted_however_many_there_are() {
    let tacho = Tacho::at_noon().await;
    let each_user = serde_json::json!({
        "name": "Each user", "kind": "requests_per_minute", "amount": 1, "scope": { "dimension": "user" },
    });
    tacho.limit_of(&each_user).await;
    let of =
        |number: usize| given::with(given::event(&format!("{number}"), 1, 1), "user", format!("u {number}"));
    tacho.reporter.report(&(0..1_500).map(of).collect()).await;
    let page = Reader::of(&tacho).await.open("/limits").await.text;
    assert!(page.contains("data-state=\"critical\" title=\"1,500 open\""), "{page}");
}

/// The log of a page.
async fn log(reader: &Reader, path: &str) -> String {
    let page = reader.open(path).await.text;
    let part = page.split("<div id=\"region-happened\"").nth(1).expect("a log");
    part.split("<div id=\"region-").next().unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_stretch_that_is_over_tells_what_happened_in_it() {
    let tacho = Tacho::at_noon().await;
    tacho.limit("requests_per_minute", 5.0).await;
    tacho.advance(1_800);
    tacho.reporter.report(&calls("many", 6, 1_790)).await;
    tacho.advance(4 * 3_600);
    let reader = Reader::of(&tacho).await;
    let hour = |from: &str, to: &str| format!("/?from=2026-11-24T{from}Z&to=2026-11-24T{to}Z");
    for (path, is_told) in
        [("/".to_owned(), true), (hour("12:00", "13:00"), true), (hour("10:00", "11:00"), false)]
    {
        let log = log(&reader, &path).await;
        assert_eq!(log.contains("120"), is_told, "{path}: {log}");
    }
}

#[tokio::test]
async fn an_alert_that_goes_on_says_how_far_it_has_gone() {
    let tacho = Tacho::at_noon().await;
    tacho.limit("tokens_per_day", 1_000.0).await;
    let reader = Reader::of(&tacho).await;
    tacho.reporter.report(&given::event("first", 1_000, 0)).await;
    assert!(log(&reader, "/").await.contains("100\u{a0}%"));
    tacho.reporter.report(&given::event("more", 5_600, 0)).await;
    assert!(log(&reader, "/").await.contains("660\u{a0}%"), "{}", log(&reader, "/").await);
}
