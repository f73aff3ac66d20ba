//! Names that others chose, as a browser lays them out.

use serde_json::{Value, json};

use super::PAGES;
use crate::given;
use crate::harness::browser::{Look, Page, browse};
use crate::harness::receiver::Receiver;
use crate::harness::tacho::Tacho;

const SCRIPT: &str = "<script>window.hacked = 1</script>";

/// Where each of some words is within an element, in reading order: its line and its place in it, in pixels.
const PLACES: &str = "(element, words) => {
    const walker = document.createTreeWalker(element, NodeFilter.SHOW_TEXT);
    const nodes = [];
    let text = '', from = 0;
    while (walker.nextNode()) {
        nodes.push([text.length, walker.currentNode]);
        text += walker.currentNode.data;
    }
    const place = offset => {
        const [start, node] = nodes.findLast(([start]) => start <= offset);
        return [node, offset - start];
    };
    return words.map(word => {
        const at = text.indexOf(word, from);
        if (at < 0) throw new Error(`no ${word} in ${text}`);
        from = at + word.length;
        const range = document.createRange();
        range.setStart(...place(at));
        const [node, offset] = place(from - 1);
        range.setEnd(node, offset + 1);
        const box = range.getClientRects()[0];
        return [Math.round(box.top), Math.round(box.left)];
    });
}";

/// Asserts that the words of an element are read one after the other, line by line.
async fn assert_in_order(page: &Page, css: &str, words: &[&str]) {
    let text = page.text_with(css, words[0]).await;
    let (css, sought) = (json!(css), json!(words));
    let places = page.script(&format!("return ({PLACES})(document.querySelector({css}), {sought})")).await;
    let places: Vec<(i64, i64)> = places
        .as_array()
        .expect("places")
        .iter()
        .map(|place| (place[0].as_i64().unwrap(), place[1].as_i64().unwrap()))
        .collect();
    // Letters of other scripts are a little higher or lower than those beside them.
    let in_order = |pair: &[(i64, i64)]| match pair[1].0 - pair[0].0 {
        -8..=8 => pair[0].1 < pair[1].1,
        lower => lower > 0,
    };
    assert!(places.windows(2).all(in_order), "{words:?} are at {places:?} in {text:?}");
}

fn limit(name: &str, kind: &str, amount: f64, dimension: &str) -> Value {
    json!({ "name": name, "kind": kind, "amount": amount, "scope": { "dimension": dimension } })
}

/// A Tacho whose users, limit and channel have names of all sorts.
async fn named(receiver: &Receiver) -> Tacho {
    let tacho = Tacho::now().await;
    let channel = json!({ "kind": "webhook", "name": "\u{202e}channel", "url": receiver.url });
    receiver.trust(tacho.admin.post("/v1/channels", &channel).await.json()["secret"].as_str().unwrap());
    tacho.limit_of(&limit("\u{202e}Each user", "spend_per_day", 0.01, "user")).await;
    tacho.limit_of(&limit("לכל משתמש", "tokens_per_day", 1_000_000.0, "user")).await;
    for (id, user, input_tokens) in
        [("a", "\u{202e}user", 10_000), ("b", "דנה כהן", 6_750), ("c", SCRIPT, 6_000), ("d", "سارة 7", 4_500)]
    {
        tacho.reporter.report(&given::with(given::event(id, input_tokens, 0), "user", user)).await;
    }
    tacho
}

#[tokio::test]
async fn sentences_keep_their_order_around_any_name() {
    let mut receiver = Receiver::start().await;
    let tacho = named(&receiver).await;
    while receiver.next().await.kind() != "limit.warning" {}
    for (dark, width) in [(false, 1_280), (true, 1_280), (false, 390), (true, 390)] {
        browse(Look { width, dark, scripts: true }, async |page| {
            let theme = if dark { "dark" } else { "light" };
            page.open(&tacho.sign_in_link().await).await;
            page.open(&format!("{}/?by=user", tacho.base_url())).await;
            page.alive().await;
            page.screenshot(&format!("names-overview-{theme}-{width}")).await;
            let verdict = ["⟨U+202E⟩", "Each", "for", "⟨U+202E⟩user", ":", "200", "%", "of", "$0.010"];
            assert_in_order(page, ".verdict h1", &verdict).await;
            let title = page.driver.title().await.unwrap();
            assert!(title.starts_with("200\u{a0}% \u{2068}⟨U+202E⟩Each user\u{2069}"), "{title}");
            // On a phone the name has two lines, and the share stands beside both.
            let name = ["⟨U+202E⟩", "Each", "⟨U+202E⟩user", "highest", "of", "4"];
            assert_in_order(page, ".own tr:last-child th", &name).await;
            let said = page.text_with(".log", "דנה").await;
            assert!(said.contains("for \u{2068}דנה כהן\u{2069}, 135 %"), "{said}");
            assert_in_order(page, ".log", &["for", "דנה", ", 135", "%"]).await;
            let table = page.text_with(".sums[data-by=user]", "<script>").await;
            assert!(table.contains("⟨U+202E⟩user") && table.contains("سارة 7"), "{table}");
            assert_eq!(page.script("return window.hacked ?? 0").await, 0);
            page.click(".sums[data-by=user] a.row-name[href*='%E2%80%AEuser']").await;
            assert_in_order(page, ".chips", &["User:", "⟨U+202E⟩user", "✕"]).await;

            page.open(&format!("{}/limits", tacho.base_url())).await;
            page.alive().await;
            page.screenshot(&format!("names-limits-{theme}-{width}")).await;
            let name = ["⟨U+202E⟩", "Each", "user", "each user:", "⟨U+202E⟩user", "highest"];
            assert_in_order(page, "li.limit-item:last-child .limit-name", &name).await;
            assert_in_order(page, "li.limit-item:last-child .facts", &["Spend per day", "·", "set"]).await;
            let kept = page.typed("li.limit-item:last-child input[name=name]").await;
            assert_eq!(kept, "\u{202e}Each user", "a name is not changed");

            page.open(&format!("{}/alerts", tacho.base_url())).await;
            page.alive().await;
            page.screenshot(&format!("names-alerts-{theme}-{width}")).await;
            assert_in_order(page, ".deliveries li", &["⟨U+202E⟩", "Each", "for", ":", "⟨U+202E⟩channel"])
                .await;
            assert_eq!(page.complaints().await, Vec::<String>::new());
        })
        .await;
    }
}

#[tokio::test]
async fn a_name_without_a_space_fits_on_a_phone_and_can_be_read_whole() {
    let receiver = Receiver::start().await;
    let tacho = Tacho::now().await;
    let (long, longest) = ("n".repeat(128), "u".repeat(256));
    let channel = json!({ "kind": "webhook", "name": long, "url": receiver.url });
    receiver.trust(tacho.admin.post("/v1/channels", &channel).await.json()["secret"].as_str().unwrap());
    tacho.limit_of(&limit(&long, "spend_per_day", 0.01, "user")).await;
    tacho.limit_of(&json!({ "name": long, "kind": "requests_per_minute", "amount": 1 })).await;
    let event = given::with(given::event("a", 10_000, 0), "user", longest.as_str());
    tacho.reporter.report(&given::with(event, "model", longest.as_str())).await;
    for (dark, width) in [(false, 390), (true, 390), (false, 1_280)] {
        browse(Look { width, dark, scripts: true }, async |page| {
            let theme = if dark { "dark" } else { "light" };
            page.open(&tacho.sign_in_link().await).await;
            let filtered = format!("/?by=user&user={longest}");
            for (name, path) in PAGES.iter().copied().chain([("filtered", filtered.as_str())]) {
                page.open(&format!("{}{path}", tacho.base_url())).await;
                page.alive().await;
                page.screenshot(&format!("long-names-{name}-{theme}-{width}")).await;
                page.assert_fits(&format!("{name} at {width}")).await;
                // Nothing reaches out of where it is, so that it could be neither read nor scrolled to, unless the
                // whole is said where it is cut off.
                let out = page.script("return [...document.querySelectorAll('main *')].filter(element => !element.closest('.scroll, .measures, .unseen, pre, svg, details:not([open])') && element.getBoundingClientRect().right > innerWidth + 1 && ![...function*() { for (let at = element; at; at = at.parentElement) yield at }()].some(at => at.title.startsWith(element.textContent) || at.title.endsWith(element.textContent))).map(element => element.outerHTML.slice(0, 200))").await;
                assert_eq!(out, json!([]), "{name} at {width}");
            }
            let row = page.text_with(".sums[data-by=user] tr[data-chosen] a.row-name", "u").await;
            assert_eq!(row.split_whitespace().collect::<String>(), longest, "it is cut off");
            assert_eq!(page.complaints().await, Vec::<String>::new());
        })
        .await;
    }
}
