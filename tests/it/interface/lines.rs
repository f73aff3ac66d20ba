//! The line of a limit is seen wherever there is a limit: in every measure, over every stretch of time.

use reqwest::Method;
use serde_json::json;

use crate::given;
use crate::harness::client::Client;
use crate::harness::proxied::Proxied;
use crate::harness::tacho::{NOON_MS, Tacho};

/// What a limit of each kind is called, how much it allows, and the measure that it counts.
const LIMITS: [(&str, &str, f64, &str); 7] = [
    ("Per minute", "requests_per_minute", 60.0, "requests"),
    ("Per hour", "requests_per_hour", 2_000.0, "requests"),
    ("Input", "input_tokens_per_minute", 40_000.0, "itpm_tokens"),
    ("Output", "output_tokens_per_minute", 8_000.0, "output_tokens"),
    ("Tokens per day", "tokens_per_day", 5_000_000.0, "total_tokens"),
    ("Spend per day", "spend_per_day", 20.0, "cost_usd"),
    ("Spend per month", "spend_per_month", 400.0, "cost_usd"),
];
const RANGES: [&str; 8] = ["15m", "1h", "6h", "24h", "7d", "30d", "today", "last_week"];

/// The page at an address, as somebody who has signed in is sent it.
async fn page(tacho: &Tacho, (client, cookie): &(Client, String), query: &str) -> String {
    let headers = [("cookie", cookie.as_str()), ("accept", "text/html"), ("host", host(tacho))];
    let page = client.send(Method::GET, &format!("/?{query}"), &headers, Vec::new()).await;
    assert_eq!(page.status, 200, "{query}: {}", page.text);
    page.text
}

fn host(tacho: &Tacho) -> &str {
    tacho.base_url().split_once("://").expect("an address").1
}

/// What stands between two marks of a page.
fn between<'a>(page: &'a str, start: &str, end: &str) -> &'a str {
    let rest = page.split_once(start).unwrap_or_else(|| panic!("no {start}: {page}")).1;
    rest.split_once(end).expect("an end").0
}

/// How the plot of a page tells of limits: by a line, or by the amount that is above it.
fn told(page: &str) -> (bool, bool) {
    let picture = between(page, "class=\"picture\"", "</svg>");
    let lines = ["limit", "other-limit", "even-pace"];
    let has_line = lines.iter().any(|class| picture.contains(&format!("class=\"{class}\"")));
    (has_line, picture.contains("\u{2191} "))
}

/// A Tacho whose last month had a call now and then, and whose last hour had so many.
async fn used(calls: u64) -> Tacho {
    let tacho = Tacho::at_noon().await;
    for (name, kind, amount, _) in LIMITS {
        tacho.limit_of(&json!({ "name": name, "kind": kind, "amount": amount })).await;
    }
    let early = (1..=29).map(|days| NOON_MS - days * 86_400_000 + 3_000);
    let lately = (0..calls).map(|number| NOON_MS - (number as i64 % 50) * 60_000 - 1_000);
    let events = early.chain(lately).enumerate().map(|(number, at_ms)| {
        given::with(given::event(&format!("e{number}"), 900, 200), "at", given::rfc3339(at_ms))
    });
    tacho.reporter.report(&events.collect()).await;
    tacho
}

#[tokio::test]
async fn every_measure_shows_its_limits_over_every_stretch() {
    // Once far below every limit, and once beyond some.
    for calls in [3, 900] {
        let tacho = used(calls).await;
        let somebody = tacho.signed_in().await;
        for (_, _, _, measure) in LIMITS {
            for range in RANGES {
                let page = page(&tacho, &somebody, &format!("range={range}&measure={measure}")).await;
                let (has_line, has_edge) = told(&page);
                assert!(has_line || has_edge, "{calls} calls, {measure} {range}: no line");
                let key = between(&page, "id=\"plot-key\"", "</ul>");
                for (name, ..) in LIMITS.iter().filter(|limit| limit.3 == measure) {
                    assert!(
                        key.contains(&format!(">{name}<")),
                        "{measure} {range}: {name} is not in the key: {key}"
                    );
                }
            }
        }
        // What no limit counts has no line.
        let none = page(&tacho, &somebody, "measure=errors").await;
        assert_eq!(told(&none), (false, false));
    }
}

#[tokio::test]
async fn what_was_learned_of_a_model_is_shown_with_its_filter() {
    let proxied = Proxied::start().await;
    assert_eq!(proxied.caller.send(proxied.caller.messages("words=3", true)).await.status, 200);
    proxied.events(1).await;
    let somebody = proxied.tacho.signed_in().await;
    for measure in ["requests", "itpm_tokens", "output_tokens"] {
        for range in RANGES {
            let of_model = format!("range={range}&measure={measure}&model={}", given::MODEL);
            let shown = page(&proxied.tacho, &somebody, &of_model).await;
            assert_ne!(told(&shown), (false, false), "{measure} {range}: no line");
            // It covers one model, so it is no line for all of them.
            let all = page(&proxied.tacho, &somebody, &format!("range={range}&measure={measure}")).await;
            assert_eq!(told(&all), (false, false), "{measure} {range}");
        }
    }
}
