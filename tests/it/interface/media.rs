//! What people have told their browser: no motion, colours of their own, paper, a language; and what they choose here.

use serde_json::{Value, json};

use super::busy;
use crate::given;
use crate::harness::browser::{Look, Page, browse};
use crate::harness::receiver::Receiver;

/// As a browser is told on the page of its developer tools.
async fn emulate(page: &Page, medium: &str, features: &[(&str, &str)]) {
    let features: Vec<Value> =
        features.iter().map(|(name, value)| json!({ "name": name, "value": value })).collect();
    page.devtools("Emulation.setEmulatedMedia", json!({ "media": medium, "features": features })).await;
}

#[tokio::test]
async fn nothing_moves_where_somebody_wants_no_motion() {
    let receiver = Receiver::start().await;
    let tacho = busy(&receiver).await;
    let moving = "return [...document.querySelectorAll('*')].filter(element => ['', '::before', '::after'].some(part => { \
        const style = getComputedStyle(element, part || null); \
        return style.animationName !== 'none' || style.transitionDuration.split(', ').some(length => length !== '0s') })).length";
    browse(Look::default(), async |page| {
        page.open(&tacho.sign_in_link().await).await;
        page.alive().await;
        // Otherwise lanes glide: it would be seen.
        assert_ne!(page.script(moving).await, 0);
        emulate(page, "", &[("prefers-reduced-motion", "reduce")]).await;
        for path in ["/", "/limits", "/alerts", "/settings"] {
            page.open(&format!("{}{path}", tacho.base_url())).await;
            page.alive().await;
            assert_eq!(page.script(moving).await, 0, "{path}");
            page.script("window.ran = 0; document.addEventListener('tacho:drawn', () => ran += document.getAnimations().length)").await;
            tacho.reporter.report(&given::events(path, 3)).await;
            page.beat().await;
            assert_eq!(page.script("return ran + document.getAnimations().length").await, 0, "{path}");
        }
    })
    .await;
}

#[tokio::test]
async fn limits_and_lanes_keep_their_colours_where_somebody_forces_theirs() {
    let receiver = Receiver::start().await;
    let tacho = busy(&receiver).await;
    // Room for the line.
    let address = format!("{}/?range=15m", tacho.base_url());
    let colours = "const of = (css, what) => getComputedStyle(document.querySelector(css))[what]; \
        return [of('.picture .limit', 'stroke'), of('.lane-used', 'fill'), of('.lane-limit', 'fill'), of('.picture .m0', 'fill')]";
    for dark in [false, true] {
        browse(Look { dark, ..Look::default() }, async |page| {
            page.open(&tacho.sign_in_link().await).await;
            page.open(&address).await;
            page.alive().await;
            page.element(".picture .limit").await;
            let own = page.script(colours).await;
            let scheme = if dark { "dark" } else { "light" };
            emulate(page, "", &[("forced-colors", "active"), ("prefers-color-scheme", scheme)]).await;
            assert_eq!(page.script("return matchMedia('(forced-colors: active)').matches").await, true);
            let forced = page.script(colours).await;
            let forced: Vec<&str> = forced.as_array().unwrap().iter().filter_map(Value::as_str).collect();
            assert!(
                forced.iter().all(|colour| colour.starts_with("oklch") || colour.starts_with("color(")),
                "{forced:?}"
            );
            assert_eq!(json!(forced), own);
            page.screenshot(&format!("forced-{scheme}")).await;
        })
        .await;
    }
}

#[tokio::test]
async fn on_paper_there_is_no_bar_and_it_is_light() {
    let receiver = Receiver::start().await;
    let tacho = busy(&receiver).await;
    for chosen in [false, true] {
        browse(Look { dark: true, ..Look::default() }, async |page| {
            page.open(&tacho.sign_in_link().await).await;
            page.alive().await;
            if chosen {
                choose(page, "theme", "dark").await;
                page.element("html[data-theme=dark]").await;
            }
            emulate(page, "print", &[("prefers-color-scheme", "dark")]).await;
            let paper = page.script("return getComputedStyle(document.documentElement).backgroundColor").await;
            assert!(paper.as_str().unwrap().starts_with("oklch(0.9"), "chosen: {chosen}: {paper}");
            let seen = "return [...document.querySelectorAll('.bar nav, .bar .time, #freshness, #menu, .skip')].filter(part => part.checkVisibility()).length";
            assert_eq!(page.script(seen).await, 0);
            assert_eq!(page.script("return document.querySelector('.verdict').checkVisibility()").await, true);
            page.screenshot(&format!("paper-{chosen}")).await;
        })
        .await;
    }
}

/// Chooses in the menu.
async fn choose(page: &Page, name: &str, value: &str) {
    page.click("#menu summary").await;
    page.click(&format!("#menu button[name={name}][value={value}]")).await;
    page.element(&format!("#menu button[name={name}][value={value}][aria-pressed=true]")).await;
}

/// Asserts that what is said most on the first page is said in Korean.
async fn assert_korean(page: &Page) {
    page.element("html[lang=ko]").await;
    let said = "return ['.verdict h1', 'title', '.sheet-head h2', '.bar nav a', '.sums thead th:nth-child(2)', '.measure-name', '.log a'].map(css => document.querySelector(css).textContent)";
    let said = page.script(said).await;
    for text in said.as_array().unwrap() {
        let has_hangul = text.as_str().unwrap().chars().any(|sign| ('가'..='힣').contains(&sign));
        assert!(has_hangul, "{text} of {said}");
    }
}

#[tokio::test]
async fn theme_and_language_are_chosen_in_the_menu_and_kept() {
    let receiver = Receiver::start().await;
    let tacho = busy(&receiver).await;
    browse(Look::default(), async |page| {
        page.open(&tacho.sign_in_link().await).await;
        page.alive().await;
        choose(page, "theme", "dark").await;
        choose(page, "language", "ko").await;
        for _ in 0..2 {
            page.element("html[data-theme=dark]").await;
            let paper =
                page.script("return getComputedStyle(document.documentElement).backgroundColor").await;
            assert!(paper.as_str().unwrap().starts_with("oklch(0.1"), "{paper}");
            assert_korean(page).await;
            page.alive().await;
            page.driver.refresh().await.unwrap();
        }
        choose(page, "theme", "system").await;
        choose(page, "language", "en").await;
        page.text_with(".verdict", "Requests per minute").await;
        assert_eq!(page.count("html[lang=en]:not([data-theme])").await, 1);
        assert_eq!(page.complaints().await, Vec::<String>::new());
    })
    .await;
}

#[tokio::test]
async fn who_reads_korean_is_given_korean_at_once() {
    let receiver = Receiver::start().await;
    let tacho = busy(&receiver).await;
    browse(Look::default(), async |page| {
        let agent = page.script("return navigator.userAgent").await;
        let korean = json!({ "userAgent": agent, "acceptLanguage": "ko-KR,ko;q=0.9,en;q=0.5" });
        page.devtools("Emulation.setUserAgentOverride", korean).await;
        page.open(&tacho.sign_in_link().await).await;
        assert_korean(page).await;
        page.alive().await;
        assert_korean(page).await;
        assert_eq!(page.complaints().await, Vec::<String>::new());
    })
    .await;
}
