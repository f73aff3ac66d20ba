//! More values than a limit counts one by one, made up by who may report events: they buy nobody a call.

use http::StatusCode;
use reqwest::Method;
use serde_json::{Value, json};
use upstream::Terms;

use super::policies::refused;
use crate::given;
use crate::harness::proxied::{Caller, Proxied};
use crate::harness::receiver::Receiver;
use crate::harness::tacho::{NOON_MS, Tacho};

/// What a limit counts one by one.
const MOST_VALUES: usize = 10_000;

/// Events of so many made-up projects within the first half minute, as many as one body may hold at a time.
async fn flood(tacho: &Tacho, count: usize) {
    tacho.advance(30);
    for first in (0..count).step_by(5_000) {
        let events: Value = (first..count.min(first + 5_000))
            .map(|number| {
                let event = given::with(
                    given::event(&format!("e{number}"), 1, 1),
                    "project",
                    format!("made-up-{number}"),
                );
                given::with(event, "at", given::rfc3339(NOON_MS + number as i64))
            })
            .collect();
        tacho.reporter.report(&events).await;
    }
}

/// How many of 15 calls of each of 4 projects pass.
async fn passed(caller: &Caller, names: &str) -> usize {
    let mut passed = 0;
    for project in 0..4 {
        for _ in 0..15 {
            let caller = Caller::new(&format!("{}/p/{names}-{project}", caller.base_url));
            let answer = caller.send(caller.messages("words=1", false)).await;
            match answer.status {
                StatusCode::OK => passed += 1,
                _ => refused(&answer, "enforce"),
            }
        }
    }
    passed
}

fn together(standing: &Value) -> (&Value, &Value, &Value) {
    (&standing["scope"]["value"], &standing["used"], &standing["state"])
}

#[tokio::test]
async fn a_flood_of_made_up_projects_buys_no_calls_is_told_of_and_forgotten_by_no_restart() {
    let (proxied, mut receiver) = (Proxied::at_noon(Terms::default()).await, Receiver::start().await);
    let Proxied { tacho, caller, upstream, .. } = proxied;
    tacho.channel(&receiver).await;
    let limit = json!({
        "name": "Two an hour", "kind": "requests_per_hour", "amount": 2, "enforce": true,
        "scope": { "dimension": "project" },
    });
    tacho.limit_of(&limit).await;
    flood(&tacho, 2 * MOST_VALUES).await;
    let beyond = (&json!("(other)"), &json!(MOST_VALUES as f64), &json!("critical"));
    assert_eq!(together(&tacho.standing("requests_per_hour").await), beyond);
    assert_eq!(passed(&caller, "new").await, 0);
    assert_eq!(upstream.exchanges().len(), 0);

    let told = receiver.next().await.json();
    assert_eq!(told["data"]["scope"], json!({ "dimension": "project", "value": "(other)" }));
    let means = told["data"]["message"].as_str().expect("what it means");
    assert!(means.contains("values beyond the 10,000 counted one by one"), "{told}");

    let (anybody, cookie) = tacho.signed_in().await;
    let page = anybody.send(Method::GET, "/", &[("cookie", &cookie)], Vec::new()).await.text;
    for said in [
        "More than 10,000 values have come under “Two an hour”",
        "values beyond the 10,000 counted one by one",
    ] {
        assert!(page.contains(said), "the overview does not say `{said}`");
    }

    let tacho = tacho.restart(|_| {}).await;
    let caller = Caller::new(&format!("{}/proxy", tacho.base_url()));
    assert_eq!(together(&tacho.standing("requests_per_hour").await), beyond, "after a restart");
    assert_eq!(passed(&caller, "newer").await, 0, "after a restart");
    tacho.advance(3_600);
    // A call may count twice for a moment: as stored, and as about to be.
    let passed = passed(&caller, "newest").await;
    assert!((4..=8).contains(&passed), "{passed}: in the next hour each project has its own two");
}

#[tokio::test]
async fn who_has_used_most_keeps_a_count_of_its_own_through_a_flood_and_a_restart() {
    let tacho = Tacho::at_noon().await;
    for (name, kind) in
        [("hour", "requests_per_hour"), ("minute", "requests_per_minute"), ("day", "tokens_per_day")]
    {
        let limit = json!({ "name": name, "kind": kind, "amount": 100, "scope": { "dimension": "project" } });
        tacho.limit_of(&limit).await;
    }
    let busy = async |tacho: &Tacho, prefix: &str| {
        let calls: Value = (0..45)
            .map(|number| given::with(given::event(&format!("{prefix}{number}"), 1, 1), "project", "busy"))
            .collect();
        tacho.reporter.report(&calls).await;
    };
    busy(&tacho, "a").await;
    flood(&tacho, MOST_VALUES + 5_000).await;
    busy(&tacho, "b").await;
    let used = async |tacho: &Tacho| {
        let status = tacho.admin.get("/v1/limits/status").await.json();
        let standings = status["standings"].as_array().expect("standings").clone();
        let of = |name: &str, value: &str| {
            let own = standings.iter().find(|of| of["name"] == name && of["scope"]["value"] == value);
            own.map(|own| own["used"].as_f64().expect("a number"))
        };
        ["hour", "minute", "day"].map(|name| (of(name, "busy"), of(name, "(other)")))
    };
    // With `busy` there is one more than the flood was to have room for.
    let shared = 5_001.0;
    let expected =
        [(90.0, shared), (90.0, shared), (180.0, 2.0 * shared)].map(|(own, other)| (Some(own), Some(other)));
    assert_eq!(used(&tacho).await, expected);
    let tacho = tacho.restart(|_| {}).await;
    assert_eq!(used(&tacho).await, expected, "after a restart");
}
