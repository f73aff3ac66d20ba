//! The interface in a real browser: alive, complete, and free of complaints.

mod figures;
mod names;
mod policies;
mod proxied;
mod setup;

use tempfile::tempdir;
use thirtyfour::Key;

use crate::given;
use crate::harness::browser::{Look, browse};
use crate::harness::program::Program;
use crate::harness::receiver::Receiver;
use crate::harness::tacho::Tacho;

pub const PAGES: [(&str, &str); 3] = [("overview", "/"), ("limits", "/limits"), ("channels", "/channels")];

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
    for (dark, width) in [(false, 1_280), (true, 1_280), (false, 360), (true, 360)] {
        browse(Look { width, dark, scripts: true }, async |page| {
            page.open(&tacho.sign_in_link().await).await;
            for (name, path) in PAGES {
                page.open(&format!("{}{path}", tacho.base_url())).await;
                page.alive().await;
                let theme = if dark { "dark" } else { "light" };
                page.screenshot(&format!("{name}-{theme}-{width}")).await;
                assert_eq!(page.complaints().await, Vec::<String>::new(), "{name} {theme} {width}");
                let overflow = page.script("return document.documentElement.scrollWidth - innerWidth").await;
                assert!(overflow.as_i64().unwrap() <= 0, "{name} at {width} is {overflow} px too wide");
                assert_eq!(page.count("h1").await, 1, "{name}");
                let paper = page.script("return getComputedStyle(document.body).backgroundColor").await;
                assert!(paper.as_str().unwrap().starts_with("oklch(0.1") == dark, "{name} {theme}: {paper}");
            }
        })
        .await;
    }
}

#[tokio::test]
async fn pages_follow_what_happens_and_pause_on_demand() {
    let receiver = Receiver::start().await;
    let tacho = busy(&receiver).await;
    browse(Look::default(), async |page| {
        page.open(&tacho.sign_in_link().await).await;
        page.alive().await;
        page.text_with(".verdict", "requests_per_minute is near its limit").await;
        page.click(".live button").await;
        page.element(".live[data-state=paused]").await;
        let before = page.text_with(".verdict", "%").await;
        tacho.reporter.report(&given::events("more", 10)).await;
        // The stream has told of it; the page holds still.
        page.script("return new Promise(done => { const source = new EventSource('/v1/live'); source.addEventListener('tick', () => { source.close(); done(1) }) })").await;
        assert_eq!(page.text_with(".verdict", "%").await, before);
        page.click(".live button").await;
        page.text_with(".verdict", "has reached its limit").await;
        page.text_with(".feed", "critical").await;
        assert!(page.driver.title().await.unwrap().starts_with("112 %"));
        assert_eq!(page.complaints().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn a_beat_of_a_page_is_one_request() {
    let receiver = Receiver::start().await;
    let tacho = busy(&receiver).await;
    // Where it was sent, and when.
    let asked = "return performance.getEntriesByType('resource').filter(entry => entry.initiatorType == 'fetch').map(entry => new URL(entry.name).pathname)";
    browse(Look::default(), async |page| {
        page.open(&tacho.sign_in_link().await).await;
        for (path, seen) in [("/", ".verdict"), ("/limits", "main"), ("/channels", "main")] {
            page.open(&format!("{}{path}", tacho.base_url())).await;
            page.alive().await;
            page.script("performance.clearResourceTimings()").await;
            for number in 0..3 {
                tacho.reporter.report(&given::event(&format!("{path} {number}"), 1, 1)).await;
                // Not more than one for each news, and for each time that five seconds have passed without any.
                page.script("return new Promise(done => { const seen = performance.getEntriesByType('resource').length; const look = () => performance.getEntriesByType('resource').length > seen ? done(1) : setTimeout(look, 20); look() })").await;
            }
            let asked = page.script(asked).await;
            let asked: Vec<&str> = asked.as_array().unwrap().iter().filter_map(|path| path.as_str()).collect();
            assert!(asked.iter().all(|path| *path == "/api/ask"), "{path}: {asked:?}");
            assert!((3..=5).contains(&asked.len()), "{path}: {asked:?}");
            page.element(seen).await;
        }
        assert_eq!(page.complaints().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn a_stream_that_broke_is_found_again_and_a_session_that_has_ended_is_told() {
    let directory = tempdir().unwrap();
    let mut program = Program::start(directory.path(), &[]).await;
    let link = program.welcome().await.sign_in_link;
    let address = program.base_url.strip_prefix("http://").unwrap().to_owned();
    browse(Look::default(), async |page| {
        page.open(&link).await;
        page.alive().await;
        program.kill().await;
        page.text_with(".live-text", "Reconnecting").await;
        let program = Program::run(directory.path(), &["--listen", &address], &[]).await;
        page.alive().await;

        program.terminate().await;
        let database = format!("sqlite://{}", directory.path().join("tacho.db").display());
        let pool = sqlx::SqlitePool::connect(&database).await.unwrap();
        sqlx::query("delete from session").execute(&pool).await.unwrap();
        pool.close().await;
        let program = Program::run(directory.path(), &["--listen", &address], &[]).await;
        page.text_with(".failure", "the session has ended").await;
        program.terminate().await;
    })
    .await;
}

#[tokio::test]
async fn measures_ranges_and_filters_change_the_page_and_its_address() {
    let receiver = Receiver::start().await;
    let tacho = busy(&receiver).await;
    browse(Look::default(), async |page| {
        page.open(&tacho.sign_in_link().await).await;
        page.alive().await;
        page.click("nav[aria-label=Measure] a[href*=cost_usd]").await;
        page.text_with("#chart-title", "Cost").await;
        page.text_with("main", "1 request of unknown price left out").await;
        page.click("nav[aria-label=Range] a[href*='range=24h']").await;
        page.text_with("main", "per 15 min").await;
        page.click(".sums a[href*=claude-opus-5-5]").await;
        page.text_with(".chips", "Model: claude-opus-5-5").await;
        let address = page.driver.current_url().await.unwrap();
        assert_eq!(address.query(), Some("range=24h&measure=cost_usd&model=claude-opus-5-5"));
        page.driver.back().await.unwrap();
        page.text_with(".sums", "claude-sonnet-5-5").await;
        assert_eq!(page.count(".chips li").await, 0);
        page.driver.refresh().await.unwrap();
        page.text_with("#chart-title", "Cost").await;
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
        page.click(".live button").await;
        let slider = page.element(".chart-cursor input").await;
        slider.send_keys(Key::End + "").await.unwrap();
        let mut read = page.text_with(".chart-cursor output", ":").await;
        for _ in 0..2 {
            // A minute may have begun since the events came.
            if read.contains("nothing") {
                slider.send_keys(Key::Left + "").await.unwrap();
                read = page.text_with(".chart-cursor output", ":").await;
            }
        }
        assert!(read.contains("35 requests") && read.contains("of requests_per_minute"), "{read}");
        slider.send_keys(Key::Left + "").await.unwrap();
        page.text_with(".chart-cursor output", "nothing").await;
        page.click(".numbers summary").await;
        page.text_with(".numbers table", "33").await;
    })
    .await;
}

#[tokio::test]
async fn limits_and_channels_are_managed_in_place() {
    let mut receiver = Receiver::start().await;
    let tacho = busy(&receiver).await;
    browse(Look::default(), async |page| {
        page.open(&tacho.sign_in_link().await).await;
        page.open(&format!("{}/limits", tacho.base_url())).await;
        page.alive().await;
        page.fill("section[aria-labelledby=add-title] input[name='form[name]']", "Mine").await;
        page.fill("section[aria-labelledby=add-title] input[name='form[amount]']", "nonsense").await;
        page.click("section[aria-labelledby=add-title] button").await;
        page.text_with("section[aria-labelledby=add-title] .failure", "amount").await;
        let refusal = page.complaints().await;
        assert!(refusal.len() == 1 && refusal[0].contains("status of 400"), "{refusal:?}");
        page.fill("section[aria-labelledby=add-title] input[name='form[amount]']", "12").await;
        page.click("section[aria-labelledby=add-title] button").await;
        page.element("section[aria-label=Mine]").await;
        assert_eq!(page.count(".failure").await, 0, "the refusal is gone");
        let emptied = page.element("section[aria-labelledby=add-title] input[name='form[amount]']").await;
        assert_eq!(emptied.prop("value").await.unwrap().as_deref(), Some(""), "the form would add it again");
        // What is half typed stays while another limit is changed.
        page.fill("section[aria-labelledby=add-title] input[name='form[name]']", "half typed").await;
        page.click("section[aria-label=Mine] summary").await;
        page.fill("section[aria-label=Mine] input[name='form[amount]']", "24").await;
        page.click("section[aria-label=Mine] button.primary").await;
        page.text_with("section[aria-label=Mine] .facts", "24").await;
        let kept = page.element("section[aria-labelledby=add-title] input[name='form[name]']").await;
        assert_eq!(kept.prop("value").await.unwrap().as_deref(), Some("half typed"));
        // What is open stays with its limit when another one goes.
        page.click("section[aria-label=requests_per_minute] details:last-of-type summary").await;
        page.click("section[aria-label=requests_per_minute] button.danger").await;
        page.text_with("main", "tokens_per_day").await;
        crate::harness::until("an end of the limit", async || {
            (page.count("section[aria-label=requests_per_minute]").await == 0).then_some(())
        })
        .await;
        let opened = page.count("section:not([aria-label=Mine]) details[open].edit").await;
        assert_eq!(opened, 0, "another limit's form has opened");

        page.open(&format!("{}/channels", tacho.base_url())).await;
        page.alive().await;
        page.fill("input[name='form[name]']", "Second").await;
        page.fill("input[name='form[url]']", &receiver.url).await;
        page.click("section[aria-labelledby=add-title] button").await;
        page.text_with(".secret", "whsec_").await;
        page.screenshot("channel-added").await;
        page.click("section[aria-label='on call'] button").await;
        while receiver.next().await.kind() != "limit.test" {}
        page.text_with(".deliveries", "Test message").await;
        page.text_with(".deliveries", "delivered").await;
        page.text_with(".secret", "whsec_").await;
        assert_eq!(page.complaints().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn without_scripts_the_overview_still_reads() {
    let receiver = Receiver::start().await;
    let tacho = busy(&receiver).await;
    browse(Look { scripts: false, ..Look::default() }, async |page| {
        page.open(&tacho.sign_in_link().await).await;
        page.text_with(".verdict", "requests_per_minute is near its limit").await;
        page.text_with(".live", "Not live").await;
        page.click("nav[aria-label=Measure] a[href*=output_tokens]").await;
        page.text_with("#chart-title", "Output tokens").await;
        page.screenshot("without-scripts").await;
        page.open(&format!("{}/limits", tacho.base_url())).await;
        page.fill("section[aria-labelledby=add-title] input[name='form[name]']", "Mine").await;
        page.fill("section[aria-labelledby=add-title] input[name='form[amount]']", "nonsense").await;
        page.click("section[aria-labelledby=add-title] button").await;
        page.text_with(".failure", "amount").await;
        page.fill("section[aria-labelledby=add-title] input[name='form[name]']", "Mine").await;
        page.fill("section[aria-labelledby=add-title] input[name='form[amount]']", "12").await;
        page.click("section[aria-labelledby=add-title] button").await;
        page.element("section[aria-label=Mine]").await;
    })
    .await;
}
