//! What is read in a browser, in the language of the page.

use serde_json::{Value, json};

use super::{PAGES, busy};
use crate::given;
use crate::harness::browser::{Look, Page, browse};
use crate::harness::receiver::Receiver;
use crate::harness::tacho::Tacho;

/// The page in Korean from now on.
async fn in_korean(page: &Page) {
    page.script("document.cookie = 'tacho_language=ko; path=/'").await;
}

/// What is read as English: two words in a row, but for code, documents, what can be typed, and names that were given.
const ENGLISH: &str = "const found = new Set(); \
    const isOwn = element => !element.closest('[lang=en]:not(html), code, pre') && !element.matches('script, style'); \
    const look = (text, where) => { if (/[a-z]{2,} [a-z]{2,}/.test(text.replaceAll('on call', '').replaceAll('first start', '').replaceAll('last tue', ''))) found.add(where + ': ' + text.trim()) }; \
    const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT); \
    while (walker.nextNode()) if (isOwn(walker.currentNode.parentElement)) look(walker.currentNode.textContent, walker.currentNode.parentElement.tagName); \
    for (const element of document.querySelectorAll('*')) if (isOwn(element)) \
        for (const name of ['title', 'aria-label', 'aria-description', 'aria-valuetext', 'placeholder', 'data-unreachable']) \
            look(element.getAttribute(name) ?? '', name); \
    return [...found]";

#[tokio::test]
async fn korean_pages_hold_no_english_sentence() {
    let mut receiver = Receiver::start().await;
    let tacho = busy(&receiver).await;
    while receiver.next().await.kind() != "limit.warning" {}
    browse(Look::default(), async |page| {
        page.open(&tacho.sign_in_link().await).await;
        page.alive().await;
        // It would be seen.
        assert_ne!(page.script(ENGLISH).await, json!([]));
        in_korean(page).await;
        let more = [
            ("no page", "/nowhere"),
            ("nonsense", "/?range=nope&from=x"),
            ("refusals", "/?measure=throttled&vs=prev"),
        ];
        for (name, path) in PAGES.into_iter().chain(more) {
            page.open(&format!("{}{path}", tacho.base_url())).await;
            page.alive().await;
            page.element("html[lang=ko]").await;
            page.screenshot(&format!("korean-{name}")).await;
            let found = page.script(ENGLISH).await;
            assert_eq!(found, json!([]), "{name}");
        }
    })
    .await;
}

/// All columns selected.
async fn select_all(page: &Page) {
    let keys = "const plot = document.querySelector('#plot'); plot.focus(); \
        const press = (key, shiftKey) => plot.dispatchEvent(new KeyboardEvent('keydown', { key, shiftKey, bubbles: true })); \
        press('End', false); press('Home', true)";
    page.script(keys).await;
}

#[tokio::test]
async fn what_is_selected_adds_up_however_much_it_is() {
    let tacho = Tacho::now().await;
    let events: Value = (0..2_000).map(|number| given::event(&format!("e{number}"), 10_000_000, 1)).collect();
    tacho.reporter.report(&events).await;
    browse(Look::default(), async |page| {
        page.open(&tacho.sign_in_link().await).await;
        for (measure, sum) in [("itpm_tokens", "20,000,000,000 tokens"), ("cost_usd", "$40,000.02")] {
            page.open(&format!("{}/?measure={measure}", tacho.base_url())).await;
            page.alive().await;
            select_all(page).await;
            page.text_with("#plot-read", sum).await;
        }
        // What there is none of is told with the calls there were, to who hears the page, too.
        page.open(&format!("{}/?measure=throttled", tacho.base_url())).await;
        page.alive().await;
        page.element("#plot[aria-valuetext='2,000\u{a0}requests, none was refused']").await;
        assert_eq!(page.complaints().await, Vec::<String>::new());
    })
    .await;
}
