//! What a question may cost: an answer is as large as a person reads, and takes as long as a person waits.

use reqwest::Method;
use serde_json::{Value, json};
use server::clock::Clock;

use crate::harness::tacho::{NOON_MS, Tacho};
use crate::harness::until;

/// Events at noon, one for each session and user.
fn events(count: u32) -> Value {
    (0..count)
        .map(|number| {
            json!({
                "id": format!("e{number}"), "at": NOON_MS - 1, "model": "claude-sonnet-5-5",
                "session": format!("s_{number:05}"), "user": format!("u_{number:05}"),
                // The later, the more.
                "usage": { "input_tokens": number, "output_tokens": 1 },
            })
        })
        .collect()
}

async fn with_sessions(count: u32, environment: &[(&str, &str)]) -> Tacho {
    let tacho = Tacho::with(Clock::manual(NOON_MS), environment).await;
    let posted = tacho.reporter.post("/v1/events", &events(count)).await;
    assert_eq!(posted.json()["accepted"], count);
    tacho
}

#[tokio::test]
async fn the_largest_groups_are_told_apart_and_the_others_are_one() {
    let tacho = with_sessions(1_500, &[]).await;
    for by in ["session", "user"] {
        for (limit, told) in [("", 1_000), ("&limit=10", 10)] {
            let path = format!("/v1/series?measure=input_tokens&by={by}&step=3600{limit}");
            let series = tacho.admin.get(&path).await.json();
            let groups = series["groups"].as_array().expect("groups");
            assert_eq!((groups.len(), &series["other_groups"]), (told + 1, &json!(1_500 - told)));
            let total: f64 = groups.iter().filter_map(|group| group["total"].as_f64()).sum();
            assert_eq!(total, f64::from((0..1_500).sum::<u32>()));
            let others = groups.iter().find(|group| group["key"][by] == "(other)").expect("the others");
            let smaller: u32 = (0..1_500 - told as u32).sum();
            assert_eq!(others["total"], f64::from(smaller));
        }
    }
    // The same dimension twice is one, however often.
    let often = format!("/v1/series?step=3600{}", "&by=session&by=user".repeat(60));
    assert_eq!(
        tacho.admin.get(&often).await.json()["groups"][0]["key"].as_object().map(serde_json::Map::len),
        Some(2)
    );
}

#[tokio::test]
async fn points_are_bounded_however_many_buckets_and_groups_are_asked_for() {
    let tacho = with_sessions(1_500, &[]).await;
    let series = tacho
        .admin
        .get("/v1/series?by=session&from=2026-11-18T12:00:00Z&to=2026-11-24T12:00:00Z")
        .await
        .json();
    let groups = series["groups"].as_array().expect("groups");
    // 8,640 minutes: a dozen groups.
    assert!(groups.len() < 15, "{}", groups.len());
    assert_eq!(series["other_groups"], json!(1_500 - (groups.len() - 1)));
}

#[tokio::test]
async fn what_takes_too_long_is_refused_with_how_to_ask_for_less() {
    let tacho = with_sessions(5_000, &[("TACHO_STORE_QUESTION_TIMEOUT_MS", "1")]).await;
    // A machine with much else to do may let an answer come before it looks at the time: it is asked again.
    for path in ["/v1/series?by=session", "/v1/events?session=nobody", "/v1/series?session=nobody"] {
        let refused = until(&format!("a refusal of {path}"), async || {
            let answer = tacho.admin.get(path).await;
            (answer.status != 200).then_some(answer)
        })
        .await;
        assert_eq!(
            (refused.status.as_u16(), &refused.json()["error"]["code"]),
            (422, &json!("question_too_heavy")),
            "{path}"
        );
        assert!(refused.text.contains("shorter range"), "{}", refused.text);
    }
    // Nothing else hangs on it.
    for path in ["/v1/limits/status", "/v1/limits", "/v1/alerts", "/healthz", "/readyz"] {
        assert_eq!(tacho.admin.get(path).await.status, 200, "{path}");
    }
    let again = tacho.reporter.post("/v1/events", &events(1)).await;
    assert_eq!(again.json()["duplicates"], 1);
    // A page says it where it would have shown the answer, and shows everything else.
    let (browser, cookie) = tacho.signed_in().await;
    let page = until("a page without these answers", async || {
        let page = browser.send(Method::GET, "/?session=nobody", &[("cookie", &cookie)], Vec::new()).await;
        assert_eq!(page.status, 200);
        let is_refused = |name| region(&page.text, name).contains("data-failed");
        ["measures", "plot", "model"].into_iter().all(is_refused).then_some(page.text)
    })
    .await;
    for name in ["measures", "plot", "model"] {
        let region = region(&page, name);
        assert!(region.contains("shorter range"), "{name}: {region}");
        assert!(!region.contains("data-mark"), "{name} would be taken for an answer: {region}");
    }
    let verdict = region(&page, "verdict");
    assert!(verdict.contains("class=\"verdict\"") && !verdict.contains("data-failed"));
}

/// A part of the overview.
fn region<'a>(page: &'a str, name: &str) -> &'a str {
    let part = page.split(&format!("<div id=\"region-{name}\"")).nth(1);
    part.and_then(|part| part.split("<div id=\"region-").next()).unwrap_or_else(|| panic!("no {name}"))
}

#[tokio::test]
async fn standings_are_the_worst_and_how_many_there_are() {
    let tacho = Tacho::at_noon().await;
    for kind in ["tokens_per_day", "requests_per_minute"] {
        let limit =
            json!({ "name": kind, "kind": kind, "amount": 100_000, "scope": { "dimension": "user" } });
        assert_eq!(tacho.admin.post("/v1/limits", &limit).await.status, 201);
    }
    tacho.reporter.post("/v1/events", &events(1_500)).await;
    for (path, told) in [
        ("/v1/limits/status", 200),
        ("/v1/limits/status?limit=7", 7),
        ("/v1/limits/status?limit=9999", 1_000),
    ] {
        let status = tacho.admin.get(path).await.json();
        let standings = status["standings"].as_array().expect("standings");
        assert_eq!((standings.len(), &status["total"]), (told, &json!(3_000)), "{path}");
        assert_eq!(standings[0]["scope"]["value"], "u_01499");
        assert_eq!(standings[0]["values"], 1_500);
    }
}
