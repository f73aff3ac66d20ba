//! Where somebody reads: a link begins at the top or at its place, and Back leads to where one was.

use serde_json::json;
use tempfile::tempdir;
use thirtyfour::Key;

use super::busy;
use super::hand::Hand;
use crate::given;
use crate::harness::browser::{Look, Page, browse};
use crate::harness::program::Program;
use crate::harness::receiver::Receiver;
use crate::harness::until;

/// A window in which every page is longer than it is high.
async fn low(page: &Page) {
    let size = json!({ "width": 800, "height": 300, "deviceScaleFactor": 1, "mobile": false });
    page.devtools("Emulation.setDeviceMetricsOverride", size).await;
}

async fn scroll_to(page: &Page, y: u32) {
    page.script(&format!("scrollTo(0, {y})")).await;
    until("a note of it", async || (page.script("return history.state").await == y).then_some(())).await;
}

/// Once the page of a path is there, where it is read.
async fn is_at(page: &Page, path: &str, y: u32) {
    let script = "return [location.pathname + location.search, document.querySelector('main').dataset.drawn ?? '', scrollY]";
    let expected = json!([path, path, y]);
    let mut seen = json!(null);
    until(&format!("{path} at {y}"), async || {
        let now = page.script(script).await;
        if now != seen {
            // Of a test that fails, this says where it was instead.
            println!("{path} at {y}: {now}");
        }
        seen = now;
        (seen == expected).then_some(())
    })
    .await;
}

/// Has pages say of which address they were drawn last. One that is come back to may be a new document: Chromium loads it
/// where its entry of the history was written to at that very moment.
async fn mark(page: &Page) {
    let source = "const mark = () => document.querySelector('main').dataset.drawn = location.pathname + location.search; \
        document.addEventListener('DOMContentLoaded', mark); document.addEventListener('tacho:drawn', mark)";
    page.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": source })).await;
}

#[tokio::test]
async fn back_and_forward_lead_to_where_one_was_and_a_link_to_the_top() {
    let receiver = Receiver::start().await;
    let tacho = busy(&receiver).await;
    browse(Look::default(), async |page| {
        low(page).await;
        mark(page).await;
        page.open(&tacho.sign_in_link().await).await;
        page.alive().await;
        scroll_to(page, 419).await;
        page.script("document.querySelector('nav[aria-label=Pages] a[href=\"/limits\"]').click()").await;
        is_at(page, "/limits", 0).await;
        scroll_to(page, 77).await;
        page.script("document.querySelector('#menu a[href=\"/docs\"]').click()").await;
        is_at(page, "/docs", 0).await;
        page.script("document.querySelector('.doc-text a[href=\"/docs/dashboard\"]').click()").await;
        is_at(page, "/docs/dashboard", 0).await;
        scroll_to(page, 1_619).await;
        page.script("document.querySelector('.doc-text a[href=\"/docs/429\"]').click()").await;
        is_at(page, "/docs/429", 0).await;
        page.driver.back().await.unwrap();
        is_at(page, "/docs/dashboard", 1_619).await;
        page.driver.back().await.unwrap();
        is_at(page, "/docs", 0).await;
        page.driver.back().await.unwrap();
        is_at(page, "/limits", 77).await;
        page.driver.back().await.unwrap();
        is_at(page, "/", 419).await;
        page.driver.forward().await.unwrap();
        is_at(page, "/limits", 77).await;
        page.driver.back().await.unwrap();
        is_at(page, "/", 419).await;
        // What is chosen on a page changes it in place, and what is beside it is come back to as well.
        page.script("document.querySelector('.measures a[href*=cost_usd]').click()").await;
        is_at(page, "/?measure=cost_usd", 419).await;
        scroll_to(page, 30).await;
        page.driver.back().await.unwrap();
        is_at(page, "/", 419).await;
        // A page that is loaded anew is read where it was.
        page.driver.refresh().await.unwrap();
        page.alive().await;
        until("where it was", async || (page.script("return scrollY").await == 419).then_some(())).await;
        assert_eq!(page.complaints().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn a_place_on_a_page_is_left_and_come_back_to() {
    let receiver = Receiver::start().await;
    let tacho = busy(&receiver).await;
    browse(Look::default(), async |page| {
        low(page).await;
        mark(page).await;
        page.open(&tacho.sign_in_link().await).await;
        page.open(&format!("{}/docs/dashboard", tacho.base_url())).await;
        page.alive().await;
        let top = "return Math.abs(document.getElementById('keys')?.getBoundingClientRect().top) < 60";
        scroll_to(page, 123).await;
        page.script("document.querySelector('.doc-parts a[href=\"#keys\"]').click()").await;
        until("the place", async || (page.script(top).await == true).then_some(())).await;
        page.driver.back().await.unwrap();
        is_at(page, "/docs/dashboard", 123).await;
        page.driver.forward().await.unwrap();
        until("the place again", async || (page.script(top).await == true).then_some(())).await;
        // From another page, too.
        page.script("document.querySelector('nav[aria-label=Pages] a[href=\"/limits\"]').click()").await;
        is_at(page, "/limits", 0).await;
        page.driver.back().await.unwrap();
        until("the place once more", async || (page.script(top).await == true).then_some(())).await;
        assert_eq!(page.complaints().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn who_has_gone_on_is_not_taken_back_by_an_answer_that_comes_late() {
    let directory = tempdir().unwrap();
    let mut program = Program::start(directory.path(), &[]).await;
    let welcome = program.welcome().await;
    program.client(&welcome.ingest_key).report(&given::event("before", 10, 5)).await;
    browse(Look::default(), async |page| {
        page.open(&welcome.sign_in_link).await;
        page.alive().await;
        let hand = Hand::at(page);
        // From a place on the page.
        program.freeze().await;
        hand.press(Key::Tab + Key::Enter).await;
        until("the place", async || (page.script("return location.hash").await == "#main").then_some(()))
            .await;
        hand.tab_to(".sheet-head a").await;
        program.thaw().await;
        page.beat().await;
        let is_there = "return document.activeElement.matches('.sheet-head a')";
        assert_eq!(page.script(is_there).await, true);
        // From where they have gone back to, and on again.
        page.script("document.querySelector('nav[aria-label=Pages] a[href=\"/limits\"]').click()").await;
        page.text_with("h1", "Limits").await;
        let note = "window.seen = []; document.addEventListener('tacho:drawn', \
            () => seen.push(document.querySelector('main h1').textContent))";
        page.script(note).await;
        program.freeze().await;
        page.driver.back().await.unwrap();
        until("the way back", async || (page.script("return location.pathname").await == "/").then_some(()))
            .await;
        page.driver.forward().await.unwrap();
        until("the way on", async || {
            (page.script("return location.pathname").await == "/limits").then_some(())
        })
        .await;
        program.thaw().await;
        page.beat().await;
        let seen = page.script("return [...new Set(seen)]").await;
        assert_eq!(seen, json!(["Limits"]));
    })
    .await;
    program.terminate().await;
}
