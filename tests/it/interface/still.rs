//! While events come in, a page stands still: nothing on it moves, and what somebody is at stays theirs.

use serde_json::{Value, json};
use thirtyfour::Key;

use super::busy;
use crate::given;
use crate::harness::browser::{Look, Page, browse};
use crate::harness::receiver::Receiver;
use crate::harness::tacho::Tacho;

/// How often something is reported: once for each second, since a page hears of news every second.
const ROUNDS: usize = 15;

/// Notes what moves by itself, and in which order rows are, each time that the page is drawn.
async fn watch(page: &Page, rows: &str) {
    let script = "window.moved = 0; window.orders = []; window.sources = [];
        new PerformanceObserver(list => list.getEntries().filter(entry => !entry.hadRecentInput).forEach(entry => {
            moved += entry.value;
            entry.sources.forEach(({ node }) => sources.push(`${entry.value} ${node?.outerHTML?.slice(0, 160) ?? node?.nodeName}`));
        })).observe({ type: 'layout-shift' });
        const order = () => [...document.querySelectorAll(ROWS)].map(row => row.dataset.key ?? row.id);
        window.before = order();
        document.addEventListener('tacho:drawn', () => orders.push(order()));";
    page.script(&script.replace("ROWS", &json!(rows).to_string())).await;
}

/// Reports something again and again, each time once the page shows what was reported before.
async fn report(page: &Page, tacho: &Tacho, prefix: &str) {
    for round in 0..ROUNDS {
        let drawn = page.script("return orders.length").await;
        tacho
            .reporter
            .report(&given::with(given::event(&format!("{prefix}{round}"), 900, 70), "project", "checkout"))
            .await;
        page.script(&format!("return new Promise(done => {{ const look = () => orders.length > {drawn} ? done(1) : document.addEventListener('tacho:drawn', look, {{ once: true }}); look() }})")).await;
    }
}

async fn assert_stood_still(page: &Page) {
    // Whatever was still to be told of.
    page.script("return new Promise(done => requestAnimationFrame(() => requestAnimationFrame(done)))").await;
    let seen = page.script("return [moved, before, orders, sources]").await;
    assert!(seen[0].as_f64().unwrap() < 0.005, "the page moved by {}: {:#}", seen[0], seen[3]);
    let (before, orders) = (&seen[1], seen[2].as_array().unwrap());
    assert!(before.as_array().unwrap().len() >= 4, "{before}");
    assert!(orders.len() >= ROUNDS && orders.iter().all(|order| order == before), "{before} {orders:?}");
    assert_eq!(page.complaints().await, Vec::<String>::new());
    // And it would be seen.
    page.script("return new Promise(done => { const high = document.createElement('div'); high.style.height = '200px'; document.querySelector('main').prepend(high); const look = () => moved > 0.005 ? done(1) : requestAnimationFrame(look); look() })").await;
}

/// A Tacho with limits of which several come near while it is looked at.
async fn near(receiver: &Receiver) -> Tacho {
    let tacho = busy(receiver).await;
    for (name, kind, amount) in [
        ("Half", "requests_per_minute", 90.0),
        ("Words", "output_tokens_per_minute", 5_000.0),
        ("Hour", "requests_per_hour", 45.0),
        ("Spend", "spend_per_day", 1.0),
    ] {
        tacho.limit_of(&json!({ "name": name, "kind": kind, "amount": amount })).await;
    }
    tacho
}

#[tokio::test]
async fn the_first_page_stands_still_and_what_is_chosen_stays() {
    let receiver = Receiver::start().await;
    let tacho = near(&receiver).await;
    for width in [1_280, 390] {
        browse(Look { width, ..Look::default() }, async |page| {
            page.open(&tacho.sign_in_link().await).await;
            page.alive().await;
            page.element("main:not([data-guessed])").await;
            page.click("#plot-numbers summary").await;
            page.click("#stretch summary").await;
            page.fill("#stretch input[name=at]", "14:0").await;
            let plot = page.element("#plot[role=slider]").await;
            page.script("document.getElementById('plot').focus()").await;
            plot.send_keys(Key::Home + Key::Right).await.unwrap();
            let chain = page.driver.action_chain().key_down(Key::Shift).send_keys(Key::Right + "").key_up(Key::Shift);
            chain.perform().await.unwrap();
            page.script("getSelection().selectAllChildren(document.getElementById('own-limits'))").await;
            let kept = "return [document.activeElement.id, getSelection().toString(), document.querySelector('#plot-numbers').open || document.querySelector('#plot-numbers details')?.open, \
                document.querySelector('#stretch').open, document.querySelector('#stretch input[name=at]').value, document.querySelector('#plot-selection').hidden]";
            let before = page.script(kept).await;
            assert_eq!(before, json!(["plot", "Your limits", true, true, "14:0", false]));
            watch(page, ".own tr").await;
            report(page, &tacho, &format!("{width} ")).await;
            assert_eq!(page.script(kept).await, before);
            assert_stood_still(page).await;
        })
        .await;
    }
}

#[tokio::test]
async fn the_limits_stand_still_and_what_is_half_typed_stays() {
    let receiver = Receiver::start().await;
    let tacho = near(&receiver).await;
    let id = tacho.admin.get("/v1/limits").await.json()[1]["id"].as_str().unwrap().to_owned();
    browse(Look::default(), async |page| {
        page.open(&tacho.sign_in_link().await).await;
        page.open(&format!("{}/limits#add", tacho.base_url())).await;
        page.alive().await;
        page.fill("#add input[name=name]", "Half a na").await;
        page.click(&format!("[id='change-{id}'] summary")).await;
        let field = format!("[id='change-{id}'] input[name=amount]");
        page.fill(&field, "1234").await;
        page.script("document.activeElement.setSelectionRange(1, 3)").await;
        let kept = format!("const field = document.activeElement; return [field === document.querySelector(\"{field}\"), field.value, field.selectionStart, field.selectionEnd, \
            document.getElementById('change-{id}').open, document.querySelector('#add input[name=name]').value]");
        let before: Value = page.script(&kept).await;
        assert_eq!(before, json!([true, "1234", 1, 3, true, "Half a na"]));
        watch(page, "li.limit-item").await;
        report(page, &tacho, "limits ").await;
        assert_eq!(page.script(&kept).await, before);
        assert_stood_still(page).await;
    })
    .await;
}

#[tokio::test]
async fn what_is_said_of_freshness_moves_nothing_beside_it() {
    let receiver = Receiver::start().await;
    let tacho = busy(&receiver).await;
    let places = "return [...document.querySelectorAll('.bar > *')].filter(part => part.checkVisibility()).map(part => Math.round(part.getBoundingClientRect().left))";
    for width in [1_440, 390, 320] {
        browse(Look { width, ..Look::default() }, async |page| {
            page.open(&tacho.sign_in_link().await).await;
            for language in ["en", "ko"] {
                page.click("#menu summary").await;
                page.click(&format!("#menu button[name=language][value={language}]")).await;
                page.element(&format!("html[lang={language}]")).await;
                page.open(tacho.base_url()).await;
                page.alive().await;
                let before = page.script(places).await;
                page.click("#freshness").await;
                page.element("#freshness[data-state=paused]").await;
                assert_eq!(page.script(places).await, before, "{language} at {width}");
                page.assert_fits(&format!("{language} at {width}, paused")).await;
                page.click("#freshness").await;
                page.element("#freshness[data-state=live]").await;
            }
        })
        .await;
    }
}
