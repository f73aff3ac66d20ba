//! What is not known is told as that, wherever a sum stands: never as 0.

use serde_json::json;

use super::Reader;
use crate::given;
use crate::harness::tacho::Tacho;

/// A call of a model that has no price, one without usage, and one of which everything is known.
async fn little_known() -> Tacho {
    let tacho = Tacho::at_noon().await;
    let mut without_usage = given::with(given::event("b", 0, 0), "model", "claude-silent-5");
    without_usage.as_object_mut().unwrap().remove("usage");
    let events = json!([
        given::with(given::event("a", 10, 5), "model", "claude-unheard-of"),
        without_usage,
        given::event("c", 1_000_000, 0),
    ]);
    tacho.reporter.report(&events).await;
    tacho
}

#[tokio::test]
async fn pages_tell_no_unknown_price_or_usage_as_nothing() {
    let tacho = little_known().await;
    let reader = Reader::of(&tacho).await;
    for (query, unknown, part, zero) in [
        ("measure=cost_usd&model=claude-unheard-of", "unpriced", "$2", "$0"),
        ("measure=cost_usd", "unpriced", "≥\u{a0}$2.00", "$0"),
        ("measure=total_tokens&model=claude-silent-5", "unknown", "", ">0<"),
    ] {
        let page = reader.open(&format!("/?{query}")).await;
        let regions: Vec<&str> = page.text.split("<div id=\"region-").collect();
        for name in ["plot", "model"] {
            let region = regions.iter().find(|region| region.starts_with(name)).expect("a region");
            assert!(region.contains(unknown), "{query}: {name} does not say {unknown}: {region}");
            // In the key and in cells; bins in which nobody called hold nothing, and axes begin at 0.
            let cell = format!("figures\">{zero}</span>");
            assert!(!region.contains(&cell), "{query}: {name} says {cell}");
        }
        let tabs = regions.iter().find(|region| region.starts_with("measures")).expect("a region");
        let is_whole = query.contains("&model");
        assert_eq!(tabs.contains(unknown), is_whole, "{query}: {tabs}");
        assert!(is_whole || tabs.contains(part.trim_start_matches("≥\u{a0}")), "{query}: {tabs}");
    }
}

#[tokio::test]
async fn files_and_answers_leave_out_what_is_not_known() {
    let tacho = little_known().await;
    let reader = Reader::of(&tacho).await;
    let file = reader.open("/usage.csv?dimension=model&range=24h").await.text;
    let mut rows = csv::Reader::from_reader(file.as_bytes());
    let rows: Vec<csv::StringRecord> = rows.records().map(|row| row.expect("a row")).collect();
    let row = |model: &str| rows.iter().find(|row| &row[2] == model).expect("its row");
    // Tokens of four kinds, and the cost.
    let known = |model: &str| row(model).iter().skip(4).take(5).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(known("claude-unheard-of"), ["10", "0", "0", "5", ""]);
    assert_eq!(known("claude-silent-5"), ["", "", "", "", ""]);
    assert_eq!(known("claude-sonnet-5-5"), ["1000000", "0", "0", "0", "2"]);
    for (measure, model, left_out) in [
        ("cost_usd", "claude-unheard-of", 1),
        ("cost_usd", "claude-silent-5", 1),
        ("total_tokens", "claude-silent-5", 1),
        ("cost_usd", "claude-sonnet-5-5", 0),
        ("requests", "claude-silent-5", 0),
    ] {
        let series = tacho.admin.get(&format!("/v1/series?measure={measure}&model={model}")).await.json();
        assert_eq!(series["left_out"], left_out, "{measure} of {model}: {series}");
        // What is not known has no total.
        assert_eq!(series["groups"] == json!([]), left_out > 0, "{measure} of {model}: {series}");
    }
    let together = tacho.admin.get("/v1/series?measure=cost_usd").await.json();
    assert_eq!((&together["left_out"], &together["groups"][0]["left_out"]), (&json!(2), &json!(2)));
}

#[tokio::test]
async fn a_file_with_names_of_other_alphabets_says_that_it_is_utf8() {
    let tacho = Tacho::at_noon().await;
    tacho.reporter.report(&given::with(given::event("a", 1, 1), "project", "checkout")).await;
    let reader = Reader::of(&tacho).await;
    let path = "/usage.csv?dimension=project&range=24h";
    assert!(reader.open(path).await.text.starts_with("from,"));
    tacho.reporter.report(&given::with(given::event("b", 1, 1), "project", "결제")).await;
    let file = reader.open(path).await;
    assert!(file.text.starts_with("\u{feff}from,"), "{}", file.text);
}
