//! A tab that nobody looks at: it holds no connection and asks for next to nothing, but its title and icon go on telling how
//! things stand.

use serde_json::json;

use super::busy;
use crate::given;
use crate::harness::browser::{Look, Page, browse};
use crate::harness::receiver::Receiver;
use crate::harness::until;

/// The minutes of this browser are seconds.
const FAST: &str =
    "const every = setInterval; window.setInterval = (act, ms) => every(act, ms >= 60000 ? ms / 60 : ms)";

/// What the page has asked for since it was hidden: how often, and how many bytes of text came at most.
const ASKED: &str = "const asked = performance.getEntriesByType('resource').filter(entry => entry.initiatorType === 'fetch'); \
    return [asked.length, Math.max(0, ...asked.map(entry => entry.decodedBodySize))]";

async fn title(page: &Page) -> String {
    page.script("return document.title").await.as_str().expect("a title").to_owned()
}

#[tokio::test]
async fn the_tab_of_a_page_that_nobody_sees_tells_how_things_stand() {
    let receiver = Receiver::start().await;
    let tacho = busy(&receiver).await;
    browse(Look::default(), async |page| {
        page.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": FAST })).await;
        page.open(&tacho.sign_in_link().await).await;
        page.alive().await;
        page.element("main:not([data-guessed])").await;
        until("the warning", async || title(page).await.starts_with("87\u{a0}%").then_some(())).await;
        page.driver.minimize_window().await.unwrap();
        until("a hidden page", async || (page.script("return document.hidden").await == true).then_some(())).await;
        page.script("performance.clearResourceTimings(); window.drawn = 0; document.addEventListener('tacho:drawn', () => drawn++)").await;

        tacho.reporter.report(&given::events("more", 10)).await;
        until("the alarm in the title", async || title(page).await.starts_with("112\u{a0}%").then_some(())).await;
        page.element("link[rel=icon][data-state=critical]").await;
        let asked = page.script(ASKED).await;
        assert!(asked[0].as_u64().unwrap() >= 1 && asked[1].as_u64().unwrap() < 4_000, "{asked}");
        // Nothing else is drawn.
        assert_eq!(page.script("return drawn").await, 0);
        assert_eq!(page.count(".verdict[data-state=critical]").await, 0);

        // Who looks at it again sees everything at once.
        page.driver.set_window_rect(0, 0, 1_280, 900).await.unwrap();
        page.text_with(".verdict", "112 % of 40").await;
        page.alive().await;
        assert_eq!(page.complaints().await, Vec::<String>::new());
    })
    .await;
}
