//! Times that somebody types: what makes no sense changes nothing, and what does is an address of its own.

use super::Reader;
use crate::given;
use crate::harness::client::Reply;
use crate::harness::tacho::Tacho;

/// The address that the field for typed times asks for, as a browser makes it of the form.
fn asked(page: &Reply, typed: &str) -> String {
    let field = page.text.find(" name=\"at\"").expect("the field");
    let form = page.text[..field].rfind("<form").expect("its form");
    let value = |tag: &str, name: &str| {
        let rest = tag.split(&format!(" {name}=\"")).nth(1)?;
        Some(rest.split('"').next()?.replace("&amp;", "&"))
    };
    let hidden = page.text[form..field].split("<input").filter(|tag| tag.contains("type=\"hidden\""));
    let pairs = hidden.filter_map(|tag| Some((value(tag, "name")?, value(tag, "value")?)));
    let query = url::form_urlencoded::Serializer::new(String::new())
        .extend_pairs(pairs)
        .append_pair("at", typed)
        .finish();
    format!("/?{query}")
}

fn shown(page: &Reply) -> &str {
    let picker = page.text.split("id=\"stretch\"").nth(1).expect("the control");
    picker.split("<summary>").nth(1).and_then(|rest| rest.split('<').next()).expect("what is shown")
}

#[tokio::test]
async fn a_time_that_makes_no_sense_leaves_the_one_that_was_shown() {
    let tacho = Tacho::at_noon().await;
    tacho.reporter.report(&given::with(given::event("a", 1, 1), "project", "checkout")).await;
    let reader = Reader::of(&tacho).await;
    for path in [
        "/?range=30d&project=checkout",
        "/?range=last_month",
        "/?at=90m",
        "/?at=yesterday+14:00-15:30&measure=cost_usd",
        "/?from=2026-11-22&to=2026-11-23",
        "/?from=2026-11-23T10:00",
        "/",
    ] {
        let before = reader.open(path).await;
        // No time, one of no century, and one that is still to come.
        for typed in ["last fortnight", "9999-12-31", "2026-12-24", "2026-12-24T10:00:00Z"] {
            let page = reader.open(&asked(&before, typed)).await;
            assert_eq!((page.status.as_u16(), shown(&page)), (200, shown(&before)), "{path} {typed}");
            assert!(page.text.contains("in the address was ignored"), "{path} {typed}");
            assert_eq!(page.text.contains("Remove the filter"), path.contains("project"), "{path} {typed}");
        }
    }
}

#[tokio::test]
async fn a_time_that_makes_sense_is_all_that_its_address_says_of_time() {
    let tacho = Tacho::at_noon().await;
    tacho.reporter.report(&given::event("a", 1, 1)).await;
    let reader = Reader::of(&tacho).await;
    for (path, typed, address) in [
        ("/?range=30d&project=checkout", "6h", "/?range=6h&project=checkout"),
        ("/?from=2026-11-22&to=2026-11-23", "Last Tue 14:02", "/?at=last%20tue%2014:02"),
        ("/?range=30d", "Last hour", "/"),
        ("/?at=yesterday+14:02", "지난 화요일", "/?at=last%20tue"),
        ("/?range=7d&measure=cost_usd", "11월 22일", "/?at=22%20nov&measure=cost_usd"),
    ] {
        let page = reader.open(&asked(&reader.open(path).await, typed)).await;
        assert_eq!((page.status.as_u16(), page.header("location")), (303, address), "{path} {typed}");
        assert_eq!(reader.open(address).await.status, 200);
    }
    // Where nothing was said before, it stands as it was typed.
    assert_eq!(reader.open(&asked(&reader.open("/").await, "3시간 전")).await.status, 200);
}

#[tokio::test]
async fn every_link_of_a_page_is_short_enough_to_be_followed() {
    let tacho = Tacho::at_noon().await;
    tacho.reporter.report(&given::event("a", 1, 1)).await;
    let reader = Reader::of(&tacho).await;
    // A sign that browsers send as it is, and that takes three in an address of Tacho's own.
    let filters: Vec<String> = (0..30).map(|number| format!("user={number}{}", "!".repeat(240))).collect();
    let page = reader.open(&format!("/?{}", filters.join("&"))).await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("in the address was ignored: there are too many"), "{}", page.text);
    let links = page.text.split("href=\"/").skip(1).filter_map(|rest| rest.split('"').next());
    let links: Vec<String> = links.map(|link| format!("/{}", link.replace("&amp;", "&"))).collect();
    let longest = links.iter().max_by_key(|link| link.len()).unwrap();
    assert!(longest.len() > 4_000, "the filters are kept: {longest}");
    assert_eq!(reader.open(longest).await.status, 200, "{}: {longest}", longest.len());
}
