//! Which limit it is, and setting one.

use thirtyfour::Key;

use super::super::busy;
use super::super::hand::Hand;
use crate::harness::browser::{Look, Page, browse};
use crate::harness::receiver::Receiver;
use crate::harness::tacho::Tacho;

/// Whether all of something is on screen, without scrolling.
async fn is_on_screen(page: &Page, css: &str) -> bool {
    page.element(css).await;
    let place = format!(
        "const place = document.querySelector({css:?}).getBoundingClientRect(); return place.top >= 0 && place.bottom <= innerHeight"
    );
    page.script(&place).await == true
}

#[tokio::test]
async fn the_limit_that_matters_is_named_and_shown_without_a_click_and_its_place_is_one_away() {
    let receiver = Receiver::start().await;
    let tacho = busy(&receiver).await;
    let id = tacho.standing("requests_per_minute").await["limit_id"].as_str().unwrap().to_owned();
    let row = format!(".own tr:has(a[href='/limits#{id}'])");
    for by_keys in [false, true] {
        browse(Look::default(), async |page| {
            page.open(&tacho.sign_in_link().await).await;
            page.alive().await;
            let hand = Hand::at(page);
            page.text_with(".verdict h1", "Requests per minute").await;
            assert!(is_on_screen(page, ".verdict h1").await && is_on_screen(page, &row).await);
            hand.took("to see which", 0, 0);
            if by_keys {
                hand.press(Key::Tab + Key::Enter).await;
                hand.tab_to(&format!("a[href='/limits#{id}']")).await;
                hand.press(Key::Enter + "").await;
            } else {
                hand.click(&format!("{row} a")).await;
            }
            page.text_with("h1", "Limits").await;
            assert!(is_on_screen(page, &format!("li.limit-item[id='{id}']")).await);
            hand.took("to go to its place", 1, 12);
            // The keys go on from there.
            hand.tab_to("*").await;
            let is_within = format!("return document.activeElement.closest('li')?.id === '{id}'");
            assert_eq!(page.script(&is_within).await, true);
            assert_eq!(page.complaints().await, Vec::<String>::new());
        })
        .await;
    }
}

#[tokio::test]
async fn a_limit_is_set_with_two_clicks_and_what_only_the_person_knows() {
    for by_keys in [false, true] {
        let tacho = Tacho::now().await;
        tacho.reporter.report(&crate::given::events("a", 3)).await;
        browse(Look::default(), async |page| {
            page.open(&tacho.sign_in_link().await).await;
            page.alive().await;
            let hand = Hand::at(page);
            if by_keys {
                hand.find("set l").await;
                page.element("#add").await;
                hand.tab_to("#add input[name=amount]").await;
                hand.type_in("30").await;
                hand.tab_to("#add input[name=name]").await;
                hand.type_in("All of ours").await;
                hand.press(Key::Enter + "").await;
            } else {
                hand.click("a[href='/limits#add']").await;
                page.fill("#add input[name=name]", "All of ours").await;
                page.fill("#add input[name=amount]", "30").await;
                hand.click("#add button").await;
            }
            page.text_with("section.limits", "All of ours").await;
            hand.took("to set a limit", 2, 15);
            // Where somebody types, keys lead nowhere.
            page.script("document.activeElement.blur()").await;
            hand.press("gn").await;
            page.text_with(".own", "All of ours").await;
            assert_eq!(page.complaints().await, Vec::<String>::new());
        })
        .await;
    }
}
