//! The recorded hour, live on a clock that runs as fast as it can: every alert that it should raise, once.

use std::collections::{BTreeMap, HashSet};

use serde_json::{Value, json};

use crate::given;
use crate::harness::receiver::Receiver;
use crate::harness::tacho::{NOON_MS, Tacho};

/// One recorded request: milliseconds since the first, and its input tokens.
struct Request {
    after_ms: i64,
    input_tokens: u64,
    output_tokens: u64,
}

fn recorded() -> Vec<Request> {
    let mut reader = csv::Reader::from_path(crate::import::azure()).unwrap();
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    let ms = |text: &str| {
        let at: jiff::civil::DateTime = text.parse().unwrap();
        jiff::tz::TimeZone::UTC.to_timestamp(at).unwrap().as_millisecond()
    };
    let first = ms(&rows[0][0]);
    let requests = rows.iter().map(|row| Request {
        after_ms: ms(&row[0]) - first,
        input_tokens: row[1].parse().unwrap(),
        output_tokens: row[2].parse().unwrap(),
    });
    requests.collect()
}

/// When the sum over the last 60 seconds first reaches `threshold`, counted in the plainest way.
fn first_reaches(requests: &[Request], weight: impl Fn(&Request) -> u64, threshold: u64) -> i64 {
    let second = |at: i64| (NOON_MS + at).div_euclid(1_000);
    let reached = requests.iter().enumerate().find(|(index, request)| {
        let window = requests[..=*index].iter().rev();
        let recent = window.take_while(|other| second(other.after_ms) > second(request.after_ms) - 60);
        recent.map(&weight).sum::<u64>() >= threshold
    });
    second(reached.expect("it is reached").1.after_ms)
}

#[tokio::test]
async fn the_recorded_hour_raises_what_it_should_once_and_all_is_resolved() {
    let requests = recorded();
    let mut receiver = Receiver::start().await;
    let tacho = Tacho::at_noon().await;
    tacho.channel(&receiver).await;
    tacho.limit("requests_per_minute", 500.0).await;
    tacho.limit("input_tokens_per_minute", 1_000_000.0).await;

    let mut by_second: BTreeMap<i64, Vec<Value>> = BTreeMap::new();
    for (number, request) in requests.iter().enumerate() {
        let event = given::event(&format!("r{number}"), request.input_tokens, request.output_tokens);
        let event = given::with(event, "at", given::rfc3339(NOON_MS + request.after_ms));
        by_second.entry(request.after_ms.div_euclid(1_000)).or_default().push(event);
    }
    let mut now = 0;
    for (second, events) in by_second {
        // The events of a second are reported at its end.
        tacho.advance((second + 1 - now).unsigned_abs());
        now = second + 1;
        tacho.reporter.report(&json!(events)).await;
    }
    let quiet = async || {
        let status = tacho.admin.get("/v1/limits/status").await.json();
        status["standings"].as_array().unwrap().iter().all(|standing| standing["state"] == "ok")
    };
    crate::harness::until("an end of all alerts", async || {
        tacho.advance(20);
        quiet().await.then_some(())
    })
    .await;

    let transitions =
        tacho.admin.get("/v1/alerts?limit=1000").await.json()["items"].as_array().unwrap().len();
    let mut messages = Vec::new();
    for _ in 0..transitions {
        messages.push(receiver.next().await);
    }
    assert!(receiver.arrived().is_none());
    let ids: HashSet<&String> = messages.iter().map(|message| &message.id).collect();
    assert_eq!(ids.len(), transitions, "a message came twice");
    let mut incidents: BTreeMap<String, Vec<Value>> = BTreeMap::new();
    let mut first: BTreeMap<(String, String), i64> = BTreeMap::new();
    for message in messages.iter().map(crate::harness::receiver::Message::json) {
        let data = &message["data"];
        let at: jiff::Timestamp = data["event_time"].as_str().unwrap().parse().unwrap();
        let kind = data["limit"]["kind"].as_str().unwrap().to_owned();
        let at_second = at.as_millisecond().div_euclid(1_000);
        first.entry((kind, message["type"].as_str().unwrap().to_owned())).or_insert(at_second);
        incidents.entry(data["incident_key"].as_str().unwrap().to_owned()).or_default().push(message);
    }
    for messages in incidents.values() {
        assert_eq!(messages.last().unwrap()["type"], "limit.resolved");
        assert!(
            messages
                .windows(2)
                .all(|pair| pair[0]["data"]["severity"] == pair[1]["data"]["previous_severity"])
        );
    }
    let heard = |kind: &str, what: &str| first[&(kind.to_owned(), what.to_owned())];
    let (one, input) = (|_: &Request| 1, |request: &Request| request.input_tokens);
    assert_eq!(heard("requests_per_minute", "limit.warning"), first_reaches(&requests, one, 400));
    assert_eq!(heard("requests_per_minute", "limit.critical"), first_reaches(&requests, one, 500));
    assert_eq!(heard("input_tokens_per_minute", "limit.warning"), first_reaches(&requests, input, 800_000));
    assert_eq!(
        heard("input_tokens_per_minute", "limit.critical"),
        first_reaches(&requests, input, 1_000_000)
    );
}
