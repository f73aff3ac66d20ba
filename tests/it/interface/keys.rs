//! Keys that do what links and buttons do, and the list of all that can be done.

use thirtyfour::Key;

use serde_json::json;

use super::{PAGES, busy};
use crate::given;
use crate::harness::browser::{Look, Page, browse};
use crate::harness::receiver::Receiver;
use crate::harness::until;

#[tokio::test]
async fn keys_lead_to_pages_and_do_nothing_where_somebody_types_or_has_switched_them_off() {
    let receiver = Receiver::start().await;
    let tacho = busy(&receiver).await;
    browse(Look::default(), async |page| {
        let press = async |keys: &str| page.driver.action_chain().send_keys(keys).perform().await.unwrap();
        page.open(&tacho.sign_in_link().await).await;
        page.alive().await;
        press("gl").await;
        page.text_with("h1", "Limits").await;
        page.click(".add > summary").await;
        page.click("#add input[name=name]").await;
        press("ga p").await;
        assert_eq!(page.typed("#add input[name=name]").await, "ga p");
        page.element("#freshness[data-state=live]").await;
        page.script("document.activeElement.blur()").await;
        press("p").await;
        page.element("#freshness[data-state=paused]").await;
        press("p").await;
        page.alive().await;
        press("gn").await;
        page.element(".verdict").await;
        press("d").await;
        page.text_with("#stretch summary", "Last 24 hours").await;
        press("c").await;
        page.element("figure[aria-label=Cost]").await;
        press("?").await;
        page.text_with("#help[open]", "Keyboard shortcuts").await;
        page.driver.action_chain().send_keys(Key::Escape + "").perform().await.unwrap();
        until("no dialog", async || (page.count("dialog[open]").await == 0).then_some(())).await;

        page.open(&format!("{}/settings", tacho.base_url())).await;
        page.click("input[name=keys][value=off]").await;
        page.click(".look button.primary").await;
        page.element("html[data-keys=off]").await;
        page.alive().await;
        press("gl").await;
        page.beat().await;
        assert_eq!(page.driver.current_url().await.unwrap().path(), "/settings");
        assert_eq!(page.complaints().await, Vec::<String>::new());
    })
    .await;
}

/// A key as a keyboard of another layout sends it: what it says, where it lies, and modifiers (Alt 1, Ctrl 2, Meta 4, Shift 8).
async fn strike(page: &Page, key: &str, code: &str, modifiers: u8) {
    for kind in ["rawKeyDown", "keyUp"] {
        let event = json!({ "type": kind, "key": key, "code": code, "modifiers": modifiers });
        page.devtools("Input.dispatchKeyEvent", event).await;
    }
}

#[tokio::test]
async fn keys_are_found_by_their_place_where_the_layout_has_other_letters() {
    let receiver = Receiver::start().await;
    let tacho = busy(&receiver).await;
    browse(Look::default(), async |page| {
        page.open(&tacho.sign_in_link().await).await;
        page.alive().await;
        // Korean, Russian, Greek, an input method that takes every key, full width, Caps Lock.
        for (key, code, shown) in [
            ("ㅈ", "KeyW", "Last 7 days"),
            ("в", "KeyD", "Last 24 hours"),
            ("μ", "KeyM", "Last 30 days"),
            ("Process", "KeyD", "Last 24 hours"),
            ("Process", "Digit6", "Last 6 hours"),
            ("１", "Digit1", "Last hour"),
            ("W", "KeyW", "Last 7 days"),
        ] {
            strike(page, key, code, 0).await;
            page.text_with("#stretch summary", shown).await;
        }
        strike(page, "Process", "Comma", 0).await;
        page.element(".time a[data-hotkey='.']").await;
        strike(page, "Process", "Period", 0).await;
        page.text_with("#stretch summary", "Last 7 days").await;
        for (key, code) in [("ㅎ", "KeyG"), ("ㅣ", "KeyL")] {
            strike(page, key, code, 0).await;
        }
        page.text_with("h1", "Limits").await;
        for (key, code) in [("G", "KeyG"), ("N", "KeyN")] {
            strike(page, key, code, 0).await;
        }
        page.element(".verdict").await;
        for (key, modifier) in [("ㅏ", 2), ("л", 4), ("K", 2), ("Process", 2)] {
            strike(page, key, "KeyK", modifier).await;
            page.element("#palette[open]").await;
            page.driver.action_chain().send_keys(Key::Escape + "").perform().await.unwrap();
            until("no dialog", async || (page.count("dialog[open]").await == 0).then_some(())).await;
        }

        // Other letters and keys with others are no keys of ours, and neither is what is being composed or typed.
        for (key, code, modifiers) in
            [("é", "KeyW", 0), ("W", "KeyW", 8), ("ㅈ", "KeyW", 8), ("ㅈ", "KeyW", 1), ("ㅈ", "KeyW", 2), ("ß", "Minus", 0)]
        {
            strike(page, key, code, modifiers).await;
        }
        page.script("for (const more of [{ isComposing: true }, { modifierAltGraph: true }, { ctrlKey: true, isComposing: true, key: 'k', code: 'KeyK' }]) document.body.dispatchEvent(new KeyboardEvent('keydown', { key: 'ㅈ', code: 'KeyW', bubbles: true, ...more }))").await;
        page.click("#stretch summary").await;
        page.click("#stretch input[name=at]").await;
        strike(page, "ㅈ", "KeyW", 0).await;
        page.script("document.activeElement.blur()").await;
        // Whatever they had led to would be on its way before this.
        strike(page, "ㅊ", "KeyC", 0).await;
        page.element("figure[aria-label=Cost]").await;
        page.text_with("#stretch summary", "Last 7 days").await;
        let address = page.driver.current_url().await.unwrap();
        assert_eq!(address.query(), Some("range=7d&measure=cost_usd"));
        assert_eq!(page.count("dialog[open]").await, 0);
        assert_eq!(page.complaints().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn what_can_be_done_is_found_by_typing_and_stays_found_while_the_page_beats() {
    let receiver = Receiver::start().await;
    let tacho = busy(&receiver).await;
    browse(Look::default(), async |page| {
        page.open(&tacho.sign_in_link().await).await;
        page.alive().await;
        let chain = page.driver.action_chain().key_down(Key::Control).send_keys("k").key_up(Key::Control);
        chain.perform().await.unwrap();
        page.element("#palette[open]").await;
        page.driver.action_chain().send_keys("nonsense").perform().await.unwrap();
        page.text_with("#palette .empty", "Nothing matches").await;
        page.script("document.querySelector('#palette input').value = ''").await;
        page.driver.action_chain().send_keys("range month").perform().await.unwrap();
        let found = "#palette li:not([hidden])";
        until("what fits", async || (page.count(found).await == 2).then_some(())).await;
        // A group is named once.
        assert_eq!(page.count("#palette .empty:not([hidden])").await, 0);
        assert_eq!(page.count(&format!("{found}[data-first]")).await, 1);
        page.driver.action_chain().send_keys(Key::Down + "").perform().await.unwrap();
        page.text_with("#palette li[data-marked]", "Last month").await;
        tacho.reporter.report(&given::event("meanwhile", 10, 5)).await;
        page.beat().await;
        assert_eq!(page.count(found).await, 2);
        page.text_with("#palette li[data-marked]", "Last month").await;
        page.driver.action_chain().send_keys(Key::Enter + "").perform().await.unwrap();
        page.text_with("#stretch summary", "Last month").await;
        assert_eq!(page.count("dialog[open]").await, 0);
        assert_eq!(page.complaints().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn whatever_leads_somewhere_or_does_something_can_be_reached_with_the_keyboard() {
    let receiver = Receiver::start().await;
    let tacho = busy(&receiver).await;
    let unreachable = "const closed = element => element.closest('dialog:not([open]), [hidden]') || element.closest('.way')?.checkVisibility() === false || [...function*() { for (let at = element; at; at = at.parentElement) yield at }()] \
        .some(at => at.parentElement?.matches('details:not([open])') && !at.matches('summary')); \
        return [...document.querySelectorAll('a[href], button:enabled')].filter(element => !closed(element)) \
        .filter(element => (element.focus({ preventScroll: true }), document.activeElement !== element)).map(element => element.outerHTML.slice(0, 160))";
    browse(Look::default(), async |page| {
        page.open(&tacho.sign_in_link().await).await;
        for (name, path) in PAGES {
            page.open(&format!("{}{path}", tacho.base_url())).await;
            page.alive().await;
            assert_eq!(page.script(unreachable).await, json!([]), "{name}");
        }
        // And what has the focus is seen.
        page.open(tacho.base_url()).await;
        page.alive().await;
        let seen = "const without = document.querySelector('.row-without'); without.focus(); return getComputedStyle(without).opacity";
        assert_eq!(page.script(seen).await, "1");
    })
    .await;
}
