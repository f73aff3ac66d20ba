//! What pages say of numbers is true: of nothing, of much, and of what has changed.

use serde_json::Value;
use server::clock::Clock;

use super::Reader;
use crate::given;
use crate::harness::client::Reply;
use crate::harness::tacho::{NOON_MS, Tacho};

impl Reader {
    /// The same, in Korean.
    async fn in_korean(tacho: &Tacho) -> Self {
        let reader = Reader::of(tacho).await;
        Reader { cookie: format!("{}; tacho_language=ko", reader.cookie), ..reader }
    }
}

/// What stands in an attribute, wherever it begins with this.
fn attributes<'a>(page: &'a Reply, name: &str, start: &str) -> Vec<&'a str> {
    let before = format!(" {name}=\"");
    let parts = page.text.split(before.as_str()).skip(1);
    parts.filter_map(|part| part.split('"').next()).filter(|value| value.starts_with(start)).collect()
}

#[tokio::test]
async fn calls_of_which_nothing_is_counted_are_not_told_as_none() {
    let tacho = Tacho::at_noon().await;
    let mut events = given::events("a", 3);
    events.as_array_mut().unwrap().push(given::with(
        given::event("new", 10, 5),
        "model",
        "claude-unheard-of",
    ));
    tacho.reporter.report(&events).await;
    let (english, korean) = (Reader::of(&tacho).await, Reader::in_korean(&tacho).await);
    for (query, said, in_korean) in [
        ("measure=throttled", "4\u{a0}requests, none was refused", "요청 4건, 거부된 요청 없음"),
        ("measure=errors", "4\u{a0}requests, none failed", "요청 4건, 실패한 요청 없음"),
        (
            "measure=cost_usd&model=claude-unheard-of",
            "1\u{a0}request without a known price",
            "가격을 모르는 요청 1건",
        ),
        (
            "measure=cache_read_tokens&model=claude-unheard-of",
            "1\u{a0}request, which used none of these tokens",
            "요청 1건, 해당 토큰 사용 없음",
        ),
        ("measure=throttled&at=2026-11-10", "No call in this time range", "이 기간에 호출 없음"),
    ] {
        for (reader, said) in [(&english, said), (&korean, in_korean)] {
            let page = reader.open(&format!("/?{query}")).await;
            // In the picture, and to who cannot see it.
            for part in [format!(">{said}</text>"), format!("aria-description=\"{said}\"")] {
                assert!(page.text.contains(&part), "{query}: no {part} in {}", page.text);
            }
        }
    }
}

#[tokio::test]
async fn what_is_exact_has_all_its_digits_however_much_it_is() {
    let tacho = Tacho::at_noon().await;
    let events: Value = (0..2_000).map(|number| given::event(&format!("e{number}"), 10_000_000, 1)).collect();
    tacho.reporter.report(&events).await;
    for reader in [Reader::of(&tacho).await, Reader::in_korean(&tacho).await] {
        let page = reader.open("/?measure=cost_usd").await;
        // 20 G input tokens at $2 for a million, and 2,000 of output at $10.
        let cost = "$40,000.02";
        // The tab, the two tables' totals and their rows.
        assert!(attributes(&page, "title", cost).len() >= 5, "{:?}", attributes(&page, "title", "$"));
        assert!(attributes(&page, "aria-description", "").iter().any(|said| said.contains(cost)));
        assert!(page.text.contains(&format!("<td>{cost}</td>")), "the numbers");
        let page = reader.open("/?measure=itpm_tokens").await;
        assert_eq!(attributes(&page, "data-value", "2"), ["20000000000"]);
        assert!(page.text.contains("<td>20,000,000,000</td>"), "the numbers");
        assert!(attributes(&page, "title", cost).len() >= 4, "cost beside another measure");
    }
}

#[tokio::test]
async fn a_comparison_says_how_many_times_as_much_it_is() {
    let tacho = Tacho::at_noon().await;
    let mut events = given::events("yesterday", 30);
    for event in events.as_array_mut().unwrap() {
        event["at"] = "2026-11-23T09:00:00Z".into();
    }
    tacho.reporter.report(&events).await;
    tacho.reporter.report(&given::events("today", 360)).await;
    let page = Reader::of(&tacho).await.open("/?range=today&vs=day").await;
    assert!(page.text.contains("title=\"12 times as much as before: 30\""), "{}", page.text);
    assert!(page.text.contains(">×12</span>"), "{}", page.text);
}

#[tokio::test]
async fn what_is_told_of_many_times_as_much_has_its_thousands_apart() {
    let tacho = Tacho::at_noon().await;
    tacho.limit("input_tokens_per_minute", 100.0).await;
    tacho.reporter.report(&given::event("a", 2_475_250, 0)).await;
    let page = Reader::of(&tacho).await.open("/?measure=itpm_tokens").await;
    assert!(page.text.contains("<td>×24,752</td>"), "{}", page.text);
}

#[tokio::test]
async fn the_audit_log_and_deliveries_speak_the_language_of_the_page() {
    let (tacho, mut receiver) = Tacho::watched("requests_per_minute", 10.0).await;
    tacho.reporter.report(&given::events("a", 9)).await;
    while receiver.next().await.kind() != "limit.warning" {}
    let id = tacho.limit("tokens_per_day", 50.0).await;
    tacho
        .admin
        .patch(&format!("/v1/limits/{id}"), &serde_json::json!({ "amount": 60, "enabled": false }))
        .await;
    let (english, korean) = (Reader::of(&tacho).await, Reader::in_korean(&tacho).await);
    for (reader, path, parts) in [
        (
            &english,
            "/settings/access",
            [
                "changed the limit tokens_per_day: amount 50 to 60, enabled yes to no",
                "a person who is signed in, 127",
            ],
        ),
        (
            &korean,
            "/settings/access",
            ["한도 tokens_per_day 변경: 한도값 50 → 60, 사용 예 → 아니요", "로그인한 사용자, 127.0.0.1"],
        ),
        (&english, "/alerts", [">Requests per minute: warning at 90\u{a0}%<", "data-state=\"delivered\""]),
        (&korean, "/alerts", [">분당 요청: 90\u{a0}%에서 경고<", "data-state=\"delivered\""]),
    ] {
        let page = crate::harness::until("the delivery", async || {
            let page = reader.open(path).await;
            (path != "/alerts" || page.text.contains(parts[1])).then_some(page)
        })
        .await;
        for part in parts {
            assert!(page.text.contains(part), "{part} is missing in {}", page.text);
        }
    }
    // What programs read stays as it is.
    let deliveries = tacho.admin.get("/v1/deliveries").await.json();
    let subjects: Vec<&Value> =
        deliveries.as_array().unwrap().iter().map(|delivery| &delivery["subject"]).collect();
    assert!(subjects.contains(&&"requests_per_minute: warning at 90 %".into()), "{subjects:?}");
    assert!(deliveries[0].get("body").is_none());
    let audit = tacho.admin.get("/v1/audit").await.text;
    assert!(audit.contains("a person who is signed in"), "{audit}");
}

#[tokio::test]
async fn why_events_were_refused_is_said_in_the_language_of_the_page() {
    let tacho = Tacho::at_noon().await;
    let negative = given::with(given::event("a", 1, 1), "usage", serde_json::json!({ "input_tokens": -1 }));
    tacho.reporter.post("/v1/events", &negative).await;
    let page = Reader::in_korean(&tacho).await.open("/").await;
    assert!(page.text.contains("이벤트 1건이 거부되었습니다."), "{}", page.text);
    assert!(
        page.text.contains(": 범위 안의 정수가 아닙니다 (<code>usage.input_tokens</code>)"),
        "{}",
        page.text
    );
    let page = Reader::of(&tacho).await.open("/").await;
    assert!(page.text.contains("1\u{a0}event refused in the last 24 hours. The latest, from the key"));
    assert!(
        page.text.contains("<code>usage.input_tokens</code>") && !page.text.contains("..</p>"),
        "{}",
        page.text
    );
}

#[tokio::test]
async fn refused_calls_are_laid_to_those_that_made_them() {
    let headline = async |refused: &[(&str, &str)]| {
        let tacho = Tacho::at_noon().await;
        let call = |(number, (model, project)): (usize, &(&str, &str))| {
            let event = given::with(given::event(&format!("{number}"), 1, 1), "status", 429);
            given::with(given::with(event, "model", *model), "project", *project)
        };
        tacho.reporter.report(&refused.iter().enumerate().map(call).collect()).await;
        let page = Reader::of(&tacho).await.open("/").await.text;
        let head = page.split("<h1").nth(1).and_then(|part| part.split("</h1>").next()).expect("a headline");
        head.split('<').map(|part| part.split_once('>').map_or("", |(_, text)| text)).collect::<String>()
    };
    let (sonnet, opus, haiku) = ("claude-sonnet-5-5", "claude-opus-5-5", "claude-haiku-5-5");
    for (refused, said) in [
        (vec![(sonnet, "a"); 3], "claude-sonnet-5-5, 3\u{a0}calls at 12:00, project a."),
        (
            vec![(sonnet, "a"), (opus, "a"), (sonnet, "b")],
            "2 models, 3\u{a0}calls at 12:00, mostly project a.",
        ),
        (
            vec![(sonnet, "a"), (opus, "b"), (haiku, "c"), (sonnet, "d")],
            "3 models, 4\u{a0}calls at 12:00, 4 projects.",
        ),
    ] {
        let head = headline(&refused).await;
        assert!(head.ends_with(said), "{head}");
    }
}

#[tokio::test]
async fn the_end_of_a_day_is_told_by_the_clock_from_its_first_minutes_on() {
    // Ten minutes after midnight.
    let clock = Clock::manual(NOON_MS - 12 * 3_600_000 + 600_000);
    let tacho = Tacho::with(clock, &[]).await;
    tacho.limit("tokens_per_day", 1_000_000.0).await;
    tacho.reporter.report(&given::events("a", 1)).await;
    let page = Reader::of(&tacho).await.open("/").await;
    assert!(page.text.contains(">resets 00:00<"), "{}", page.text);
}
