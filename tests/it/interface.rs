//! The interface in a real browser: alive, complete, and free of complaints.

mod axe;
mod crowded;
mod figures;
mod hand;
mod jobs;
mod keys;
mod lines;
mod live;
mod managed;
mod media;
mod names;
mod policies;
mod proxied;
mod reading;
mod setup;
mod still;
mod unseen;
mod widths;
mod words;
mod zone;

use thirtyfour::Key;

use crate::given;
use crate::harness::browser::{Look, browse};
use crate::harness::receiver::Receiver;
use crate::harness::tacho::Tacho;

/// Every page of Tacho, and what it is called here.
pub const PAGES: [(&str, &str); 8] = [
    ("now", "/"),
    ("limits", "/limits"),
    ("alerts", "/alerts"),
    ("settings", "/settings"),
    ("connect", "/settings/connect"),
    ("access", "/settings/access"),
    ("health", "/settings/health"),
    ("search", "/search"),
];

/// A Tacho with something of everything.
async fn busy(receiver: &Receiver) -> Tacho {
    let tacho = Tacho::now().await;
    tacho.channel(receiver).await;
    tacho.limit("requests_per_minute", 40.0).await;
    tacho.limit("tokens_per_day", 1_000_000.0).await;
    tacho.limit("spend_per_month", 50.0).await;
    let mut events = given::events("a", 33);
    for (number, event) in events.as_array_mut().unwrap().iter_mut().enumerate() {
        event["project"] = ["checkout", "search"][number % 2].into();
        event["user"] = format!("u_{}", number % 5).into();
    }
    events.as_array_mut().unwrap().push(given::with(
        given::event("dear", 90_000, 4_000),
        "model",
        "claude-opus-5-5",
    ));
    events.as_array_mut().unwrap().push(given::with(
        given::event("new", 10, 5),
        "model",
        "claude-unheard-of",
    ));
    tacho.reporter.report(&events).await;
    tacho
}

#[tokio::test]
async fn every_page_comes_alive_without_a_complaint_and_fits() {
    let receiver = Receiver::start().await;
    let tacho = busy(&receiver).await;
    for (dark, width) in [(false, 1_280), (true, 1_280), (false, 360), (true, 360), (false, 320)] {
        browse(Look { width, dark, scripts: true }, async |page| {
            page.open(&tacho.sign_in_link().await).await;
            for (name, path) in PAGES {
                page.open(&format!("{}{path}", tacho.base_url())).await;
                page.alive().await;
                let theme = if dark { "dark" } else { "light" };
                page.screenshot(&format!("{name}-{theme}-{width}")).await;
                assert_eq!(page.complaints().await, Vec::<String>::new(), "{name} {theme} {width}");
                page.assert_fits(&format!("{name} at {width}")).await;
                assert_eq!(page.count("h1").await, 1, "{name}");
                let paper =
                    page.script("return getComputedStyle(document.documentElement).backgroundColor").await;
                assert!(paper.as_str().unwrap().starts_with("oklch(0.1") == dark, "{name} {theme}: {paper}");
            }
        })
        .await;
    }
}

#[tokio::test]
async fn measures_ranges_and_filters_change_the_page_and_its_address() {
    let receiver = Receiver::start().await;
    let tacho = busy(&receiver).await;
    browse(Look::default(), async |page| {
        page.open(&tacho.sign_in_link().await).await;
        page.alive().await;
        page.click(".measures a[href*=cost_usd]").await;
        page.element("figure[aria-label=Cost]").await;
        page.text_with(".plot-how", "without 1 request of unknown price").await;
        page.click("#stretch summary").await;
        page.click("#stretch a[href*='range=24h']").await;
        page.text_with("#stretch summary", "Last 24 hours").await;
        page.text_with(".plot-how", "15 min").await;
        assert_eq!(page.count("#stretch[open]").await, 0, "what was chosen from stays open");
        page.click(".sums[data-by=model] a.row-name[href*=claude-opus-5-5]").await;
        page.text_with(".chips", "Model: claude-opus-5-5").await;
        let address = page.driver.current_url().await.unwrap();
        assert_eq!(address.query(), Some("range=24h&measure=cost_usd&model=claude-opus-5-5"));
        // Back leads through all of it, and forth again.
        page.driver.back().await.unwrap();
        page.text_with(".sums[data-by=model]", "claude-sonnet-5-5").await;
        assert_eq!(page.count(".chips li").await, 0);
        page.driver.back().await.unwrap();
        page.text_with("#stretch summary", "Last hour").await;
        page.element("figure[aria-label=Cost]").await;
        page.driver.back().await.unwrap();
        page.element("figure[aria-label=Requests]").await;
        page.driver.forward().await.unwrap();
        page.element("figure[aria-label=Cost]").await;
        page.driver.refresh().await.unwrap();
        page.element("figure[aria-label=Cost]").await;
        page.alive().await;
        assert_eq!(page.script("return performance.getEntriesByType('navigation')[0].type").await, "reload");
        assert_eq!(page.complaints().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn pages_and_places_on_them_are_gone_to_without_a_new_document() {
    let receiver = Receiver::start().await;
    let tacho = busy(&receiver).await;
    let limits = tacho.admin.get("/v1/limits").await.json();
    let last = limits[2]["id"].as_str().unwrap();
    browse(Look::default(), async |page| {
        page.open(&tacho.sign_in_link().await).await;
        page.alive().await;
        page.script("window.stays = 1").await;
        page.click(&format!(".own a[href='/limits#{last}']")).await;
        page.element(&format!("li.limit-item[id='{last}']")).await;
        let address = page.driver.current_url().await.unwrap();
        assert_eq!((address.path(), address.fragment()), ("/limits", Some(last)));
        let place = format!("const place = document.getElementById('{last}').getBoundingClientRect(); return place.top >= 0 && place.bottom <= innerHeight");
        assert_eq!(page.script(&place).await, true, "what it leads to is not on screen");
        page.click("nav[aria-label=Pages] a[href='/alerts']").await;
        page.text_with("h1", "Alerts").await;
        page.driver.back().await.unwrap();
        page.text_with("h1", "Limits").await;
        page.driver.back().await.unwrap();
        page.element(".verdict").await;
        assert_eq!(page.script("return window.stays").await, 1, "a new document was loaded");
        assert_eq!(page.complaints().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn the_keyboard_reads_the_chart() {
    let receiver = Receiver::start().await;
    let tacho = busy(&receiver).await;
    browse(Look::default(), async |page| {
        page.open(&tacho.sign_in_link().await).await;
        page.alive().await;
        // Minutes do not move on under the cursor.
        page.click("#freshness").await;
        let plot = page.element("#plot[role=slider]").await;
        plot.send_keys(Key::End + "").await.unwrap();
        let mut read = page.text_with("#plot-read", "Requests").await;
        for _ in 0..2 {
            // A minute may have begun since the events came.
            if read.contains("Requests 0") {
                plot.send_keys(Key::Left + "").await.unwrap();
                read = page.text_with("#plot-read", "Requests 35").await;
            }
        }
        assert!(read.contains("Requests 35") && read.contains("Of limit 87"), "{read}");
        // The same is said to who hears the page.
        assert_eq!(
            page.element("#plot").await.attr("aria-valuetext").await.unwrap(),
            Some(read.replace("87 %", "87\u{a0}%"))
        );
        plot.send_keys(Key::Left + "").await.unwrap();
        page.text_with("#plot-read", "Requests 0").await;
        page.click("#plot-numbers summary").await;
        page.text_with("#plot-numbers table", "33").await;
        // What is selected adds up, and Enter zooms into it.
        plot.send_keys(Key::Right + "").await.unwrap();
        page.driver
            .action_chain()
            .key_down(Key::Shift)
            .send_keys(Key::Left + "")
            .key_up(Key::Shift)
            .perform()
            .await
            .unwrap();
        page.text_with("#plot-read", "35 requests").await;
        plot.send_keys(Key::Enter + "").await.unwrap();
        crate::harness::until("the address of the selection", async || {
            page.driver.current_url().await.ok()?.query()?.contains("from=").then_some(())
        })
        .await;
        assert_eq!(page.complaints().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn without_scripts_everything_reads_and_forms_work() {
    let mut receiver = Receiver::start().await;
    let tacho = busy(&receiver).await;
    while receiver.next().await.kind() != "limit.warning" {}
    browse(Look { scripts: false, ..Look::default() }, async |page| {
        page.open(&tacho.sign_in_link().await).await;
        page.text_with(".verdict", "Requests per minute: 87 % of 40").await;
        page.text_with("#freshness", "as of").await;
        page.click(".measures a[href*=output_tokens]").await;
        page.element("figure[aria-label='Output tokens']").await;
        page.screenshot("without-scripts").await;
        page.click("#stretch summary").await;
        page.click("#stretch a[href*='range=7d']").await;
        page.text_with("#stretch summary", "Last 7 days").await;
        for (name, path) in PAGES {
            page.open(&format!("{}{path}", tacho.base_url())).await;
            assert_eq!(page.count("h1").await, 1, "{name}");
        }
        page.fill("main input[name=q]", "last 30").await;
        page.click("main form[action='/search'] button").await;
        page.text_with(".commands", "Last 30 days").await;

        // What leads to the form opens it, and so does a refusal, with what was typed.
        page.open(&format!("{}/limits#add", tacho.base_url())).await;
        page.fill("#add input[name=amount]", "nonsense").await;
        page.fill("#add input[name=name]", "Mine").await;
        page.click("#add button").await;
        page.text_with("#add .refusal", "amount").await;
        assert_eq!(page.typed("#add input[name=name]").await, "Mine");
        page.fill("#add input[name=amount]", "12").await;
        page.click("#add button").await;
        page.text_with("section.limits", "Mine").await;
        assert_eq!(page.count(".refusal *").await, 0);

        page.open(&format!("{}/alerts", tacho.base_url())).await;
        page.fill("#add input[name=name]", "Second").await;
        page.fill("#add input[name=url]", "ftp://example.com").await;
        page.click("#add button").await;
        page.text_with("#add .refusal", "https").await;
        assert_eq!(page.typed("#add input[name=name]").await, "Second");
        page.fill("#add input[name=url]", &receiver.url).await;
        page.click("#add button").await;
        page.text_with(".secret", "whsec_").await;
        page.click("li.channel[aria-label='on call'] form[action='/alerts/channels/test'] button").await;
        while receiver.next().await.kind() != "limit.test" {}
        page.text_with(".deliveries", "Test message").await;
    })
    .await;
}
