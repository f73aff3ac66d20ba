//! What browsers are sent of a page that is open already, and what of it they keep.

use std::collections::BTreeMap;

use reqwest::Method;

use super::Reader;
use crate::given;
use crate::harness::client::Reply;
use crate::harness::tacho::Tacho;

/// The tags of the parts of a page, by their names.
fn regions(page: &Reply) -> BTreeMap<String, String> {
    let tags = page.text.match_indices(" data-region=\"").map(|(at, _)| {
        let start = page.text[..at].rfind('<').expect("a tag");
        page.text[start..].split('>').next().expect("a tag").to_owned()
    });
    tags.map(|tag| (attribute(&tag, "data-region"), tag)).collect()
}

/// The value of an attribute; empty when there is none.
fn attribute(tag: &str, name: &str) -> String {
    let value = tag.split(&format!("{name}=\"")).nth(1).and_then(|rest| rest.split('"').next());
    value.unwrap_or_default().to_owned()
}

#[tokio::test]
async fn a_page_that_is_open_is_sent_only_what_it_does_not_have() {
    let tacho = Tacho::at_noon().await;
    tacho.limit("requests_per_minute", 1_000.0).await;
    tacho.reporter.report(&given::event("a", 1, 1)).await;
    let reader = Reader::of(&tacho).await;
    for path in ["/", "/limits", "/alerts", "/settings/access", "/settings/connect"] {
        let whole = reader.open(path).await;
        let all = regions(&whole);
        let marks: Vec<String> = all.values().map(|tag| attribute(tag, "data-mark")).collect();
        assert!(marks.iter().all(|mark| !mark.is_empty()), "{path}: {all:?}");
        let again = reader.beat(path, &marks.join(" ")).await;
        assert_eq!(again.status, 200);
        let same = regions(&again);
        assert!(same.keys().eq(all.keys()), "{path}: {same:?}");
        for (name, tag) in &same {
            assert!(tag.contains("data-same"), "{path} {name} is sent again: {tag}");
            // What was told once has no mark, and stays.
            let mark = attribute(tag, "data-mark");
            assert!(mark.is_empty() || mark == attribute(&all[name], "data-mark"), "{path} {name}");
        }
        assert!(again.body.len() < whole.body.len(), "{path}");
        // Who has one of another page has nothing of this one.
        let strange = regions(&reader.beat(path, "0 1 nonsense").await);
        let kept = |tag: &String| tag.contains("data-same") && !attribute(tag, "data-mark").is_empty();
        assert!(!strange.values().any(kept), "{path}: {strange:?}");
    }
    // News are sent, and nothing else.
    let marks: Vec<String> =
        regions(&reader.open("/").await).values().map(|tag| attribute(tag, "data-mark")).collect();
    tacho.reporter.report(&given::event("b", 1, 1)).await;
    let news = regions(&reader.beat("/", &marks.join(" ")).await);
    for (name, is_same) in
        [("measures", false), ("plot", false), ("model", false), ("policies", true), ("happened", true)]
    {
        assert_eq!(news[name].contains("data-same"), is_same, "{name}: {}", news[name]);
    }
}

#[tokio::test]
async fn a_tab_that_nobody_sees_is_told_how_things_stand_and_no_more() {
    let tacho = Tacho::at_noon().await;
    tacho.limit("requests_per_minute", 10.0).await;
    let reader = Reader::of(&tacho).await;
    for (calls, title, state) in
        [(9, "90\u{a0}% Requests per minute", "warning"), (3, "120\u{a0}% ", "critical")]
    {
        tacho.reporter.report(&given::events(state, calls)).await;
        let (whole, seen) = (reader.open("/?range=24h").await, reader.beat("/?range=24h", "*").await);
        for page in [&whole, &seen] {
            assert!(page.text.contains(&format!("<title>{title}")), "{state}: {}", page.text);
            let icon = page.text.split("<link rel=\"icon\"").nth(1).expect("an icon");
            assert!(icon.split('>').next().unwrap().contains(&format!("data-state=\"{state}\"")), "{icon}");
        }
        assert!(regions(&seen).keys().eq(regions(&whole).keys()), "{}", seen.text);
        assert!(regions(&seen).values().all(|tag| tag.contains("data-same")), "{}", seen.text);
        assert!(seen.body.len() < 4_000, "{} bytes: {}", seen.body.len(), seen.text);
    }
    // The title of other pages tells nothing that changes: their tabs need not ask.
    let limits = reader.open("/limits").await;
    let icon = limits.text.split("<link rel=\"icon\"").nth(1).expect("an icon");
    assert!(!icon.split('>').next().unwrap().contains("data-state"), "{icon}");
}

#[tokio::test]
async fn how_somebody_reads_is_kept_by_the_browser_and_leads_back_to_pages_alone() {
    let tacho = Tacho::at_noon().await;
    let reader = Reader::of(&tacho).await;
    let fields = [
        ("theme", "dark"),
        ("language", "ko"),
        ("zone", "UTC"),
        ("keys", "off"),
        ("back", "/limits?range=7d"),
    ];
    let kept = reader.send("/settings", "/settings/look", &fields).await;
    assert_eq!((kept.status.as_u16(), kept.header("location")), (303, "/limits?range=7d"));
    let cookies: Vec<_> =
        kept.headers.get_all("set-cookie").iter().filter_map(|line| line.to_str().ok()).collect();
    for cookie in ["tacho_theme=dark", "tacho_language=ko", "tacho_zone=UTC", "tacho_keys=off"] {
        assert!(
            cookies.iter().any(|line| line.starts_with(&format!("{cookie}; Path=/;"))),
            "{cookie}: {cookies:?}"
        );
    }
    let cookie = format!("{}; tacho_theme=dark; tacho_language=ko; tacho_keys=off", reader.cookie);
    let page = reader.client.send(Method::GET, "/limits", &[("cookie", &cookie)], Vec::new()).await;
    assert!(page.text.contains("<html lang=\"ko\" data-theme=\"dark\" data-keys=\"off\""), "{}", page.text);
    for away in [
        "https://evil.example/",
        "//evil.example",
        "/\\evil.example",
        "evil",
        "/a\r\nb: c",
        "/\t/evil.example",
        "/\u{1}",
        "/\u{7f}",
    ] {
        let kept = reader.send("/settings", "/settings/look", &[("theme", "light"), ("back", away)]).await;
        assert_eq!((kept.status.as_u16(), kept.header("location")), (303, "/settings"), "{away}");
    }
    let odd = reader.send("/settings", "/settings/look", &[("theme", "x; Domain=evil"), ("back", "/")]).await;
    assert!(odd.headers.get("set-cookie").is_none(), "{:?}", odd.headers);
}

#[tokio::test]
async fn the_table_of_a_page_is_had_as_a_file() {
    let tacho = Tacho::at_noon().await;
    tacho.reporter.report(&given::with(given::event("a", 10, 5), "project", "=cmd")).await;
    tacho.reporter.report(&given::with(given::event("b", 10, 5), "project", "search")).await;
    let reader = Reader::of(&tacho).await;
    let page = reader.open("/?project=search").await;
    let at = page.text.find("href=\"/usage.csv").expect("a link to the file") + 6;
    let link = page.text[at..].split('"').next().unwrap().replace("&amp;", "&");
    let file = reader.open(&link).await;
    assert_eq!(file.header("content-type"), "text/csv; charset=utf-8");
    assert!(file.header("content-disposition").starts_with("attachment; filename=\"usage-by-"));
    assert!(file.text.contains("claude-sonnet-5-5"), "{}", file.text);
    let all = reader.open("/usage.csv?dimension=project").await;
    assert!(all.text.contains("search") && all.text.contains("'=cmd"), "no formulas: {}", all.text);
    for nonsense in ["range=zzz", "from=2030-01-01", "dimension=nope"] {
        let refused = reader.open(&format!("/usage.csv?{nonsense}")).await;
        assert_eq!(
            (refused.status.as_u16(), refused.code().as_str()),
            (400, "invalid_parameter"),
            "{nonsense}"
        );
    }
}
