//! Every page as axe-core looks at it: nothing that keeps somebody from using it.

use serde_json::{Value, json};

use super::{PAGES, busy};
use crate::given;
use crate::harness::browser::{Look, Page, browse};
use crate::harness::receiver::Receiver;
use crate::harness::tacho::Tacho;

/// See `axe/README.md`.
const AXE: &str = include_str!("axe/axe.min.js");
const LOOKS: [(bool, u32); 4] = [(false, 1_280), (true, 1_280), (false, 390), (true, 390)];

/// Asserts that nothing is wrong with the page as it is.
async fn assert_usable(page: &Page, what: &str) {
    let (passed, found) = look(page).await;
    assert!(passed > 10, "{what}: {passed} rules");
    assert_eq!(found, json!([]), "{what}: {found:#}");
}

/// How many rules hold, and what is wrong by others.
async fn look(page: &Page) -> (u64, Value) {
    if page.script("return typeof axe").await != "object" {
        page.script(AXE).await;
    }
    let found = "const tags = ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'];
        // What lies behind a menu that is open cannot be pressed: it is looked at when that is closed.
        const menu = document.querySelector('.bar .menu[open]');
        return axe.run(menu ? { exclude: [['main'], ['.bar > nav']] } : document, { runOnly: { type: 'tag', values: tags }, resultTypes: ['violations'], preload: false }).then(({ violations, passes }) => [
            passes.length,
            violations.flatMap(({ id, nodes }) => nodes.map(node => `${id}: ${node.target} ${node.failureSummary}`)),
        ])";
    let mut found = page.script(found).await;
    (found[0].as_u64().expect("a number"), found[1].take())
}

async fn assert_pages_usable(tacho: &Tacho, pages: &[(&str, &str)]) {
    for (dark, width) in LOOKS {
        browse(Look { width, dark, scripts: true }, async |page| {
            page.open(&tacho.sign_in_link().await).await;
            for (name, path) in pages {
                page.open(&format!("{}{path}", tacho.base_url())).await;
                page.alive().await;
                assert_usable(page, &format!("{name} at {width}, dark: {dark}")).await;
            }
        })
        .await;
    }
}

#[tokio::test]
async fn every_page_with_data_is_usable() {
    let mut receiver = Receiver::start().await;
    let tacho = busy(&receiver).await;
    while receiver.next().await.kind() != "limit.warning" {}
    let pages: Vec<_> = PAGES
        .into_iter()
        .chain([
            ("compared", "/?range=today&vs=day&measure=cost_usd"),
            ("filtered", "/?project=checkout&by=user"),
            ("nonsense", "/?range=never"),
            ("docs", "/docs"),
            ("a document", "/docs/limits"),
        ])
        .collect();
    assert_pages_usable(&tacho, &pages).await;
}

#[tokio::test]
async fn the_empty_start_and_what_goes_wrong_are_usable() {
    let empty = Tacho::for_the_first_time().await;
    assert_pages_usable(&empty, &PAGES[..3]).await;

    let refused = Tacho::now().await;
    refused.limit("requests_per_minute", 1.0).await;
    let calls = json!([given::with(given::event("refused", 1, 1), "status", 429), given::event("ok", 1, 1)]);
    refused.reporter.report(&calls).await;
    let nonsense = refused.reporter.post("/v1/events", &json!({ "id": "without a model" })).await;
    assert!(!nonsense.status.is_success(), "{}", nonsense.text);
    browse(Look::default(), async |page| {
        page.open(&refused.sign_in_link().await).await;
        page.text_with(".verdict", "The API is refusing calls").await;
        page.text_with("main", "1 event refused").await;
        // And what is wrong would be seen; the next beat would take it away.
        page.alive().await;
        page.click("#freshness").await;
        page.element("#freshness[data-state=paused]").await;
        page.script("document.querySelector('main').append(document.createElement('img'), document.createElement('select'))").await;
        let (_, found) = look(page).await;
        assert!(found.to_string().contains("image-alt") && found.to_string().contains("select-name"), "{found:#}");
    })
    .await;
    assert_pages_usable(&refused, &PAGES[..3]).await;
}

#[tokio::test]
async fn what_is_opened_over_a_page_is_usable() {
    let receiver = Receiver::start().await;
    let tacho = busy(&receiver).await;
    for (dark, width) in LOOKS {
        browse(Look { width, dark, scripts: true }, async |page| {
            page.open(&tacho.sign_in_link().await).await;
            page.alive().await;
            for menu in ["#stretch", "#menu", "#plot-numbers"] {
                page.click(&format!("{menu} summary")).await;
                assert_usable(page, &format!("{menu} at {width}, dark: {dark}")).await;
                page.click(&format!("{menu} summary")).await;
            }
            for dialog in ["palette", "help"] {
                page.script(&format!("document.querySelector('[data-opens={dialog}]').click()")).await;
                page.element(&format!("#{dialog}[open]")).await;
                assert_usable(page, &format!("{dialog} at {width}, dark: {dark}")).await;
                page.script(&format!("document.getElementById('{dialog}').close()")).await;
            }
            page.open(&format!("{}/limits", tacho.base_url())).await;
            page.alive().await;
            page.script("document.querySelectorAll('main details').forEach(details => details.open = true)")
                .await;
            assert_usable(page, &format!("limits, opened, at {width}, dark: {dark}")).await;
        })
        .await;
    }
}
