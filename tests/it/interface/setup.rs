//! The first screen, until the first call turns it into the overview.

use std::time::{Duration, Instant};

use thirtyfour::Key;

use crate::given;
use crate::harness::TRIES;
use crate::harness::browser::{Look, Page, browse};
use crate::harness::proxied::{Caller, Proxied};
use crate::harness::tacho::Tacho;

/// The lines that the setup shows, panel by panel, as far as they can be seen.
async fn shown_lines(page: &Page) -> String {
    page.text_with(".ways", "\n").await
}

#[tokio::test]
async fn the_first_event_turns_the_setup_into_the_overview_within_a_second() {
    browse(Look::default(), async |page| {
        let mut took = Vec::new();
        while took.len() < TRIES && took.last().is_none_or(|took| *took >= Duration::from_secs(1)) {
            let tacho = Tacho::now().await;
            tacho.limit("requests_per_minute", 60.0).await;
            page.open(&tacho.sign_in_link().await).await;
            page.text_with("main", "Listening for the first call").await;
            page.alive().await;
            page.screenshot("empty").await;
            tacho.reporter.report(&given::event("first", 412, 231)).await;
            let reported = Instant::now();
            page.text_with("main", "claude-sonnet-5-5").await;
            took.push(reported.elapsed());
            assert_eq!(page.complaints().await, Vec::<String>::new());
            page.open("about:blank").await;
        }
        assert!(took.last().is_some_and(|took| *took < Duration::from_secs(1)), "it took {took:?}");
    })
    .await;
}

#[tokio::test]
async fn the_arrow_keys_choose_how_to_set_up() {
    let tacho = Tacho::now().await;
    for (dark, width) in [(false, 1_280), (true, 1_280), (false, 390), (true, 390)] {
        browse(Look { width, dark, scripts: true }, async |page| {
            page.open(&tacho.sign_in_link().await).await;
            page.alive().await;
            let theme = if dark { "dark" } else { "light" };
            assert!(shown_lines(page).await.contains("/proxy claude"));
            for (tab, line) in [
                ("Python", "Anthropic(middleware=["),
                ("TypeScript", "new Anthropic({"),
                ("curl", "/v1/events"),
                ("Claude Code", "/proxy claude"),
            ] {
                page.script("document.querySelector('.ways :checked').focus()").await;
                page.element(".ways :checked").await.send_keys(Key::Right + "").await.unwrap();
                page.text_with(".tab:has(:checked)", tab).await;
                page.screenshot(&format!("setup-{tab}-{theme}-{width}")).await;
                let lines = shown_lines(page).await;
                assert!(lines.contains(line), "{tab}: {lines}");
                assert_eq!(lines.contains("new Anthropic({"), tab == "TypeScript", "{tab}: {lines}");
                page.assert_fits(&format!("{tab} at {width}")).await;
            }
            assert_eq!(page.complaints().await, Vec::<String>::new());
        })
        .await;
    }
}

#[tokio::test]
async fn the_setup_is_chosen_without_scripts() {
    let tacho = Tacho::now().await;
    browse(Look { scripts: false, ..Look::default() }, async |page| {
        page.open(&tacho.sign_in_link().await).await;
        page.click(".tab input[value=Python]").await;
        page.text_with(".ways", "pip install").await;
        assert!(!shown_lines(page).await.contains("/proxy claude"));
    })
    .await;
}

#[tokio::test]
async fn the_first_call_through_the_pasted_address_turns_the_setup_into_the_overview() {
    let proxied = Proxied::start().await;
    browse(Look::default(), async |page| {
        page.open(&proxied.tacho.sign_in_link().await).await;
        page.alive().await;
        let lines = shown_lines(page).await;
        let address = lines.split("ANTHROPIC_BASE_URL=").nth(1).and_then(|rest| rest.split(' ').next());
        let caller = Caller::new(address.expect("an address"));
        assert_eq!(caller.send(caller.messages("words=3", true)).await.status, 200);
        page.text_with("main", "First call seen: claude-sonnet-5-5, ").await;
        page.text_with(".sums", "claude-sonnet-5-5").await;
        page.screenshot("first-call").await;
        assert_eq!(page.complaints().await, Vec::<String>::new());
    })
    .await;
}
