//! Keys that do what links and buttons do, and the list of all that can be done.

use thirtyfour::Key;

use super::busy;
use crate::given;
use crate::harness::browser::{Look, browse};
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
