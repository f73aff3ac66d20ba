//! What the columns of the plot add up to, where days are not all as long and bins are not all as wide.

use reqwest::Method;
use serde_json::Value;

use super::Reader;
use crate::given;
use crate::harness::client::Reply;
use crate::harness::tacho::Tacho;

const HALF_HOUR_MS: i64 = 1_800_000;
/// 2026-10-21T00:00:00Z, and 24 days later.
const FROM_MS: i64 = 1_792_540_800_000;
const TO_MS: i64 = FROM_MS + 24 * 48 * HALF_HOUR_MS;

/// A call each half hour.
async fn steady(tacho: &Tacho) {
    let calls = (FROM_MS..TO_MS).step_by(HALF_HOUR_MS as usize).map(|at_ms| {
        let call = given::event(&format!("call_{at_ms}"), 10, 5);
        given::with(call, "at", given::rfc3339(at_ms))
    });
    tacho.reporter.report(&calls.collect::<Value>()).await;
}

async fn open(reader: &Reader, zone: &str, path: &str) -> Reply {
    let cookie = format!("{}; tacho_browser_zone={zone}; tacho_width=1200", reader.cookie);
    reader.client.send(Method::GET, path, &[("cookie", &cookie), ("accept", "text/html")], Vec::new()).await
}

/// What an attribute of each tag in which a text stands says.
fn attributes<'a>(page: &'a Reply, within: &'a str, name: &'a str) -> impl Iterator<Item = &'a str> {
    page.text.split('<').filter(move |tag| tag.contains(within)).filter_map(move |tag| {
        tag.split(&format!(" {name}=\"")).nth(1).and_then(|rest| rest.split('"').next())
    })
}

/// What the columns add up to, and what the tab says.
fn sums(page: &Reply) -> (f64, f64) {
    let columns =
        attributes(page, "data-bin=", "data-value").map(|value| value.parse::<f64>().unwrap()).sum();
    let tab = attributes(page, "measure=requests", "title").next();
    let tab = tab.or_else(|| attributes(page, "data-hotkey=\"r\"", "title").next()).expect("a tab");
    (columns, tab.replace(',', "").parse().unwrap())
}

/// When the columns begin, as their rows say it.
fn begun(page: &Reply) -> Vec<String> {
    let rows = page.text.split("data-bin=").skip(1);
    rows.map(|row| row.split("<th scope=\"row\">").nth(1).unwrap().split('<').next().unwrap().to_owned())
        .collect()
}

#[tokio::test]
async fn columns_add_up_to_what_the_tab_says() {
    let tacho = Tacho::at_noon().await;
    steady(&tacho).await;
    let reader = Reader::of(&tacho).await;
    for zone in ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kolkata", "Australia/Lord_Howe"] {
        for range in [
            "at=2026-10-25",
            "at=2026-11-01",
            "range=last_month",
            "range=this_month",
            "from=2026-10-19&to=2026-10-25",
            "from=2026-10-25&to=2026-11-07",
            "from=2026-10-21&to=2026-11-13",
            "from=2026-08-20&to=2026-11-10",
            "from=2026-09-01&to=2026-11-05",
            "from=2025-01-01&to=2026-11-09",
            "from=2026-10-25T00:30&to=2026-11-02T07:30",
        ] {
            let page = open(&reader, zone, &format!("/?{range}")).await;
            let (columns, tab) = sums(&page);
            assert!(columns == tab && tab > 0.0, "{zone} {range}: {columns} in columns, {tab} in the tab");
        }
    }
}

#[tokio::test]
async fn days_begin_at_midnight_also_after_clocks_were_changed() {
    let tacho = Tacho::at_noon().await;
    steady(&tacho).await;
    let reader = Reader::of(&tacho).await;
    let days = begun(&open(&reader, "America/New_York", "/?from=2026-10-01&to=2026-11-20").await);
    assert!(days.len() > 40 && days.iter().all(|day| day.ends_with(" 00:00")), "{days:?}");
    let quarters = begun(&open(&reader, "America/New_York", "/?from=2026-10-25&to=2026-11-07").await);
    let round =
        |at: &String| [" 00:00", " 06:00", " 12:00", " 18:00"].iter().any(|clock| at.ends_with(clock));
    assert!(quarters.iter().all(round), "{quarters:?}");
}

#[tokio::test]
async fn what_is_compared_lies_at_the_same_time_of_day() {
    let tacho = Tacho::at_noon().await;
    // At 10 in the morning, before and after clocks in Berlin were put back.
    for at in ["2026-10-25T09:00:00Z", "2026-10-26T09:00:00Z", "2026-10-24T08:00:00Z"] {
        tacho.reporter.report(&given::with(given::event(at, 10, 5), "at", at)).await;
    }
    let reader = Reader::of(&tacho).await;
    for (at, vs) in [("2026-10-26", "day"), ("2026-10-25", "day"), ("2026-10-26", "previous")] {
        let page = open(&reader, "Europe/Berlin", &format!("/?at={at}&vs={vs}")).await;
        let row =
            page.text.split("data-bin=").skip(1).find(|row| row.contains(" 10:00<")).expect("ten o'clock");
        let cells = row.split("</tr>").next().unwrap().matches("<td>1</td>").count();
        assert!(cells >= 2, "{at} {vs}: {row}");
    }
}

#[tokio::test]
async fn of_what_is_not_over_only_as_much_is_compared_to_the_second() {
    let tacho = Tacho::at_noon().await;
    // Of the minute before: two in its first half, five in its second.
    for (second, count) in [(5, 2), (45, 5)] {
        for number in 0..count {
            let at = format!("2026-11-24T11:59:{second:02}.{number}00Z");
            tacho.reporter.report(&given::with(given::event(&at, 10, 5), "at", at.as_str())).await;
        }
    }
    tacho.advance(20);
    tacho.reporter.report(&given::event("now", 10, 5)).await;
    let reader = Reader::of(&tacho).await;
    let page = open(&reader, "UTC", "/?at=1m&vs=previous").await;
    assert!(page.text.contains("1 less than 2 before"), "{}", page.text);
}

#[tokio::test]
async fn cookies_of_others_do_not_sign_anybody_out() {
    let tacho = Tacho::at_noon().await;
    let reader = Reader::of(&tacho).await;
    let cookie = [b"who=Zo\xc3\xab; bad=\xff; ".as_slice(), reader.cookie.as_bytes()].concat();
    let page = reqwest::Client::new().get(format!("{}/limits", tacho.base_url()));
    let page = page.header("cookie", reqwest::header::HeaderValue::from_bytes(&cookie).unwrap());
    assert_eq!(page.send().await.unwrap().status(), 200);
}

#[tokio::test]
async fn what_lies_before_the_first_event_is_no_comparison() {
    let tacho = Tacho::at_noon().await;
    tacho.reporter.report(&given::events("a", 30)).await;
    let reader = Reader::of(&tacho).await;
    let page = open(&reader, "UTC", "/?range=1h&vs=previous").await;
    assert!(!page.text.contains("class=\"delta\""), "{}", page.text);
    assert!(page.text.contains(": no event before 24 Nov 12:00"), "{}", page.text);
}
