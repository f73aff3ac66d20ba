//! What goes wrong between a browser and Tacho, and what somebody is told of it.

use super::busy;
use crate::given;
use crate::harness::browser::{Look, browse};
use crate::harness::program::Program;
use crate::harness::receiver::Receiver;
use crate::harness::tacho::Tacho;
use crate::harness::until;
use tempfile::tempdir;

/// One more than a browser has connections to one place.
const WINDOWS: usize = 7;

#[tokio::test]
async fn many_windows_leave_each_other_connections() {
    let receiver = Receiver::start().await;
    let tacho = busy(&receiver).await;
    browse(Look::default(), async |page| {
        page.open(&tacho.sign_in_link().await).await;
        let mut windows = vec![page.driver.window().await.unwrap()];
        while windows.len() < WINDOWS {
            let window = page.driver.new_window().await.unwrap();
            page.driver.switch_to_window(window.clone()).await.unwrap();
            page.open(tacho.base_url()).await;
            windows.push(window);
        }
        tacho.reporter.report(&given::with(given::event("news", 10, 5), "project", "newcomer")).await;
        for window in windows {
            page.driver.switch_to_window(window).await.unwrap();
            page.text_with(".sums[data-by=project]", "newcomer").await;
            page.element("#freshness[data-state=live]").await;
        }
        assert_eq!(page.complaints().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn a_form_that_did_not_arrive_says_so_until_it_is_sent_again() {
    let directory = tempdir().unwrap();
    let mut program = Program::start(directory.path(), &[]).await;
    let link = program.welcome().await.sign_in_link;
    let address = program.base_url.strip_prefix("http://").unwrap().to_owned();
    browse(Look::default(), async |page| {
        page.open(&link).await;
        page.open(&format!("{}/limits", program.base_url)).await;
        page.alive().await;
        page.click("details.add > summary").await;
        page.fill("#add input[name=name]", "Mine").await;
        page.fill("#add input[name=amount]", "12").await;
        program.kill().await;
        page.click("#add button").await;
        page.text_with("#refusal", "not known whether this was done").await;
        let program = Program::run(directory.path(), &["--listen", &address], &[]).await;
        page.alive().await;
        page.beat().await;
        page.text_with("#refusal", "not known whether this was done").await;
        page.click("#add button").await;
        page.text_with("section.limits", "Mine").await;
        assert_eq!(page.count("#refusal *").await, 0);
        program.terminate().await;
    })
    .await;
}

#[tokio::test]
async fn what_is_refused_in_other_words_than_a_page_is_told_all_the_same() {
    let tacho = Tacho::now().await;
    tacho.reporter.report(&given::event("a", 10, 5)).await;
    browse(Look::default(), async |page| {
        page.open(&tacho.sign_in_link().await).await;
        page.alive().await;
        // Longer than an address may be; followed at once, as a beat would take it away.
        page.script(
            "const link = document.createElement('a'); link.id = 'long'; link.textContent = 'long'; \
            link.href = '/?user=' + 'x'.repeat(9000); document.querySelector('main').prepend(link); link.click()",
        )
        .await;
        page.text_with("#refusal", "fewer filters").await;
        page.beat().await;
        page.text_with("#refusal", "fewer filters").await;
    })
    .await;
}

#[tokio::test]
async fn who_sends_a_form_from_the_keyboard_keeps_their_place() {
    let tacho = Tacho::now().await;
    browse(Look::default(), async |page| {
        page.open(&tacho.sign_in_link().await).await;
        page.open(&format!("{}/alerts", tacho.base_url())).await;
        page.alive().await;
        page.fill("#add input[name=name]", "One").await;
        page.fill("#add input[name=url]", "ftp://nowhere").await;
        page.script("document.querySelector('#add button').focus()").await;
        page.devtools("Input.dispatchKeyEvent", serde_json::json!({ "type": "keyDown", "key": "Enter", "code": "Enter", "text": "\r", "windowsVirtualKeyCode": 13 })).await;
        page.devtools("Input.dispatchKeyEvent", serde_json::json!({ "type": "keyUp", "key": "Enter", "code": "Enter" })).await;
        page.text_with(".refusal:not(:empty)", "https://").await;
        until("the focus on the button", async || {
            (page.script("return document.activeElement.tagName").await == "BUTTON").then_some(())
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn what_can_be_done_follows_the_page_also_while_it_is_looked_at() {
    let tacho = Tacho::now().await;
    tacho.reporter.report(&given::with(given::event("a", 10, 5), "project", "search")).await;
    browse(Look::default(), async |page| {
        page.open(&tacho.sign_in_link().await).await;
        page.alive().await;
        page.click("a.row-name[href='/?project=search']").await;
        page.element(".chips li").await;
        page.click("[data-opens=palette]").await;
        page.driver.back().await.unwrap();
        until("no filter", async || (page.count(".chips li").await == 0).then_some(())).await;
        // One at a time.
        page.script("document.querySelector('[data-opens=help]').click()").await;
        page.element("dialog#help[open]").await;
        assert_eq!(page.count("dialog[open]").await, 1);
        page.script("document.querySelector('dialog#help').close()").await;
        until("commands without the filter", async || {
            (page.count("#palette a[href*='project=search']").await == 0).then_some(())
        })
        .await;
    })
    .await;
}

#[tokio::test]
async fn who_sends_something_after_the_session_has_ended_is_told_so_where_they_are() {
    let receiver = Receiver::start().await;
    let tacho = busy(&receiver).await;
    let is_seen = "const { top, bottom } = document.querySelector('#refusal').getBoundingClientRect(); return top >= 0 && bottom <= innerHeight && bottom > top";
    browse(Look::default(), async |page| {
        page.open(&tacho.sign_in_link().await).await;
        let low =
            serde_json::json!({ "width": 1280, "height": 300, "deviceScaleFactor": 1, "mobile": false });
        page.devtools("Emulation.setDeviceMetricsOverride", low).await;
        page.open(&format!("{}/limits", tacho.base_url())).await;
        page.alive().await;
        page.click("li.limit-item:last-of-type details[id^=change-] summary").await;
        page.fill("li.limit-item:last-of-type input[name=amount]", "77").await;
        let (other, cookie) = tacho.signed_in().await;
        let headers = [
            ("cookie", cookie.as_str()),
            ("content-type", "application/x-www-form-urlencoded"),
            ("sec-fetch-site", "same-origin"),
        ];
        let ended =
            other.send(reqwest::Method::POST, "/settings/access/end", &headers, b"id=".to_vec()).await;
        assert_eq!(ended.status, 303);
        for press in ["li.limit-item:last-of-type button.primary", "nav[aria-label=Pages] a[href='/alerts']"]
        {
            page.script("document.querySelector('#refusal').replaceChildren(); scrollTo(0, 10000)").await;
            page.script(&format!("document.querySelector(\"{press}\").click()")).await;
            page.text_with("#refusal", "The session has ended. Run `tacho sign-in-link`").await;
            assert_eq!(page.script(is_seen).await, true, "{press}");
            assert_eq!(page.typed("li.limit-item:last-of-type input[name=amount]").await, "77");
        }
    })
    .await;
}

#[tokio::test]
async fn where_browsers_have_no_clipboard_the_text_is_selected() {
    let tacho = Tacho::now().await;
    browse(Look::default(), async |page| {
        page.open(&tacho.sign_in_link().await).await;
        page.open(&format!("{}/settings/connect", tacho.base_url())).await;
        page.alive().await;
        // As in a page over plain HTTP that is not of this machine.
        page.script("Object.defineProperty(Navigator.prototype, 'clipboard', { get: () => undefined })").await;
        page.click("[data-copy]").await;
        page.text_with("[data-copy]", "Selected, copy it now").await;
        let selected = "return getSelection().toString().trim() === document.querySelector('[data-copy]').parentElement.querySelector('pre').textContent.trim()";
        assert_eq!(page.script(selected).await, true);
        assert_eq!(page.complaints().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn a_filter_for_what_has_no_value_stays_when_a_time_is_typed() {
    let tacho = Tacho::now().await;
    tacho.reporter.report(&given::event("a", 10, 5)).await;
    browse(Look::default(), async |page| {
        page.open(&tacho.sign_in_link().await).await;
        page.open(&format!("{}/?project=", tacho.base_url())).await;
        page.alive().await;
        page.click("#stretch summary").await;
        page.fill("#stretch input[name=at]", "6h").await;
        page.element("#stretch input[name=at]").await.send_keys(thirtyfour::Key::Enter + "").await.unwrap();
        page.text_with("#stretch summary", "Last 6 hours").await;
        let address = page.driver.current_url().await.unwrap();
        assert!(
            address.query_pairs().any(|(name, value)| name == "project" && value.is_empty()),
            "{address}"
        );
        assert_eq!(page.count(".chips li").await, 1);
        assert_eq!(page.complaints().await, Vec::<String>::new());
    })
    .await;
}
