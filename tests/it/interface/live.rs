//! Pages that are open: they follow what happens, and never look better informed than they are.

use std::time::{Duration, Instant};

use serde_json::json;
use tempfile::tempdir;

use super::busy;
use crate::given;
use crate::harness::browser::{Look, browse};
use crate::harness::program::{Program, tacho_ok};
use crate::harness::receiver::Receiver;
use crate::harness::tacho::Tacho;
use crate::harness::{TRIES, until, within};

#[tokio::test]
async fn pages_follow_what_happens_and_pause_on_demand() {
    let receiver = Receiver::start().await;
    let tacho = busy(&receiver).await;
    browse(Look::default(), async |page| {
        page.open(&tacho.sign_in_link().await).await;
        page.alive().await;
        page.text_with(".verdict", "Requests per minute: 87 % of 40").await;
        page.click("#freshness").await;
        page.element("#freshness[data-state=paused]").await;
        let before = page.text_with(".verdict", "%").await;
        tacho.reporter.report(&given::events("more", 10)).await;
        // The stream has told of it; the page holds still.
        page.script("return new Promise(done => { const source = new EventSource('/v1/live'); source.addEventListener('tick', () => { source.close(); done(1) }) })").await;
        assert_eq!(page.text_with(".verdict", "%").await, before);
        page.click("#freshness").await;
        page.text_with(".verdict", "Requests per minute: 112 % of 40").await;
        page.element(".verdict[data-state=critical]").await;
        page.text_with(".log li[data-state=critical]", "Requests per minute").await;
        assert!(page.driver.title().await.unwrap().starts_with("112\u{a0}% Requests per minute"));
        assert_eq!(page.complaints().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn a_page_that_is_paused_says_of_when_its_figures_are() {
    let receiver = Receiver::start().await;
    let tacho = busy(&receiver).await;
    let said = "const main = document.querySelector('main'); const at = new Date(+main.dataset.at); \
        return [main.dataset.at, at.toLocaleTimeString('en-GB', { timeZone: main.dataset.zone })]";
    browse(Look::default(), async |page| {
        page.open(&tacho.sign_in_link().await).await;
        page.alive().await;
        page.element("main:not([data-guessed])").await;
        page.click("#freshness").await;
        page.element("#freshness[data-state=paused]").await;
        let before = page.script(said).await;
        page.text_with("#freshness", before[1].as_str().unwrap()).await;
        // A second later, something else is chosen: it is drawn for once.
        until("another second", async || {
            let now = page.script("return new Date().toLocaleTimeString('en-GB')").await;
            (!before[1].as_str()?.ends_with(&now.as_str()?[6..])).then_some(())
        })
        .await;
        page.click(".measures a[href*=cost_usd]").await;
        page.element("figure[aria-label=Cost]").await;
        let after = page.script(said).await;
        assert_ne!(after[1], before[1]);
        page.text_with("#freshness[data-state=paused]", after[1].as_str().unwrap()).await;
        assert_eq!(page.complaints().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn a_beat_of_a_page_is_one_request() {
    let receiver = Receiver::start().await;
    let tacho = busy(&receiver).await;
    // Where it was sent.
    let asked = "return performance.getEntriesByType('resource').filter(entry => entry.initiatorType == 'fetch').map(entry => entry.name)";
    browse(Look::default(), async |page| {
        page.open(&tacho.sign_in_link().await).await;
        // What it cannot know of the browser it is told by the first page.
        page.element("main:not([data-guessed])").await;
        for path in ["/?range=6h&by=user", "/limits", "/alerts", "/settings/health"] {
            let address = format!("{}{path}", tacho.base_url());
            page.open(&address).await;
            page.alive().await;
            page.script("performance.clearResourceTimings()").await;
            for number in 0..3 {
                tacho.reporter.report(&given::event(&format!("{path} {number}"), 1, 1)).await;
                // Not more than one for each news, and for each time that five seconds have passed without any.
                page.script("return new Promise(done => { const seen = performance.getEntriesByType('resource').length; const look = () => performance.getEntriesByType('resource').length > seen ? done(1) : setTimeout(look, 20); look() })").await;
            }
            let asked = page.script(asked).await;
            let asked: Vec<&str> = asked.as_array().unwrap().iter().filter_map(|path| path.as_str()).collect();
            assert!(asked.iter().all(|asked| *asked == address), "{path}: {asked:?}");
            assert!((3..=5).contains(&asked.len()), "{path}: {asked:?}");
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
        page.text_with("#freshness[data-state=lost]", "not live since").await;
        let program = Program::run(directory.path(), &["--listen", &address], &[]).await;
        page.alive().await;
        page.element("#trouble[hidden]").await;

        program.terminate().await;
        let database = format!("sqlite://{}", directory.path().join("tacho.db").display());
        let pool = sqlx::SqlitePool::connect(&database).await.unwrap();
        sqlx::query("delete from session").execute(&pool).await.unwrap();
        pool.close().await;
        let program = Program::run(directory.path(), &["--listen", &address], &[]).await;
        page.text_with("#trouble", "session has ended").await;
        // What is on screen can still be read.
        assert_eq!(page.count("h1").await, 1);
        program.terminate().await;
    })
    .await;
}

#[tokio::test]
async fn since_when_a_page_is_not_live_is_told_by_the_servers_clock() {
    // By its clock it is noon; by the browser's it is not.
    let tacho = Tacho::at_noon().await;
    tacho.reporter.report(&given::event("a", 10, 5)).await;
    browse(Look::default(), async |page| {
        page.devtools("Emulation.setTimezoneOverride", json!({ "timezoneId": "UTC" })).await;
        page.open(&tacho.sign_in_link().await).await;
        page.alive().await;
        page.element("main[data-zone=UTC]").await;
        tacho.stopped().await;
        page.text_with("#freshness[data-state=lost]", "not live since 12:0").await;
        // Whoever asks for the page is told why there is none, and since when.
        let other = json!({ "width": 800, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        page.devtools("Emulation.setDeviceMetricsOverride", other).await;
        let told = page.text_with("#trouble", "cannot be reached").await;
        assert!(told.starts_with("12:0"), "{told}");
    })
    .await;
}

#[tokio::test]
async fn a_server_that_stands_still_is_told_of_within_three_seconds_and_nothing_is_missed() {
    let directory = tempdir().unwrap();
    let mut program = Program::start(directory.path(), &[]).await;
    let welcome = program.welcome().await;
    let reporter = program.client(&welcome.ingest_key);
    reporter.report(&given::event("before", 10, 5)).await;
    browse(Look::default(), async |page| {
        page.open(&welcome.sign_in_link).await;
        page.text_with(".sums[data-by=model]", "claude-sonnet-5-5").await;
        let mut took = Vec::new();
        while took.len() < TRIES && took.last().is_none_or(|took| *took >= Duration::from_secs(3)) {
            page.alive().await;
            program.freeze().await;
            let frozen = Instant::now();
            page.element("#freshness[data-state=lost]").await;
            took.push(frozen.elapsed());
            page.text_with("#freshness", "not live since").await;
            let model = format!("claude-meanwhile-{}", took.len());
            let event = given::with(given::event(&model, 10, 5), "model", model.as_str());
            let reported = tokio::spawn({
                let reporter = reporter.clone();
                async move { reporter.report(&event).await }
            });
            assert!(!page.text_with(".sums[data-by=model]", "claude").await.contains(&model));
            program.thaw().await;
            within("an answer", reported).await.unwrap();
            page.text_with(".sums[data-by=model]", &model).await;
        }
        page.alive().await;
        assert!(took.last().is_some_and(|took| *took < Duration::from_secs(3)), "it took {took:?}");
        page.element("#trouble[hidden]").await;
        assert_eq!(page.complaints().await, Vec::<String>::new());
    })
    .await;
    program.terminate().await;
}

#[tokio::test]
async fn a_part_that_cannot_be_had_keeps_its_last_figures_and_says_so_while_the_others_go_on() {
    let directory = tempdir().unwrap();
    let mut program = Program::start(directory.path(), &[]).await;
    let welcome = program.welcome().await;
    let reporter = program.client(&welcome.ingest_key);
    let key = tacho_ok(directory.path(), &["keys", "create", "--scope", "admin", "--name", "a"]).await;
    let limit = json!({ "name": "Mine", "kind": "requests_per_hour", "amount": 1 });
    assert_eq!(program.client(&key).post("/v1/limits", &limit).await.status, 201);
    reporter.report(&given::event("before", 10, 5)).await;
    let database = format!("sqlite://{}", directory.path().join("tacho.db").display());
    let pool = sqlx::SqlitePool::connect(&database).await.unwrap();
    let run = async |statement: &'static str| {
        sqlx::query(statement).execute(&pool).await.unwrap();
    };
    browse(Look::default(), async |page| {
        page.open(&welcome.sign_in_link).await;
        page.alive().await;
        page.text_with("#region-happened .log", "Mine").await;
        // Somebody has meddled with the file: one table is not where it was.
        run("alter table alert_transition rename to elsewhere").await;
        page.text_with("#region-happened[data-failed] .failure", "Tacho").await;
        page.screenshot("failed").await;
        page.text_with("#region-happened .log", "Mine").await;
        assert_eq!(page.count("#region-verdict[data-failed]").await, 0);
        assert_eq!(page.count("#region-happened .failure").await, 1, "it is said once");
        page.beat().await;
        assert_eq!(page.count("#region-happened .failure").await, 1, "it is said once");
        run("alter table elsewhere rename to alert_transition").await;
        page.element("#region-happened:not([data-failed])").await;
        page.text_with("#region-happened .log", "Mine").await;
        assert_eq!(page.count("#region-happened .failure").await, 0);
        assert_eq!(page.complaints().await, Vec::<String>::new());
    })
    .await;
    pool.close().await;
    program.terminate().await;
}
