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
async fn paper_says_what_it_shows_and_leaves_nothing_out() {
    let receiver = Receiver::start().await;
    let tacho = busy(&receiver).await;
    let host = tacho.base_url().strip_prefix("http://").unwrap();
    browse(Look::default(), async |page| {
        page.open(&tacho.sign_in_link().await).await;
        page.alive().await;
        page.element("main:not([data-guessed])").await;
        let paths = ["/?range=24h&project=checkout&-model=claude-unheard-of&vs=week", "/limits", "/alerts", "/docs/dashboard"];
        for (number, path) in paths.into_iter().enumerate() {
            page.open(&format!("{}{path}", tacho.base_url())).await;
            page.alive().await;
            assert_eq!(page.script("return document.querySelector('.printed').checkVisibility()").await, false);
            save_as_pdf(page, number).await;
            // A4 upright has this width between its margins.
            let paper = json!({ "width": 718, "height": 1_000, "deviceScaleFactor": 1, "mobile": false });
            page.devtools("Emulation.setDeviceMetricsOverride", paper).await;
            emulate(page, "print", &[]).await;
            let said = page.script("return document.querySelector('.printed').innerText").await;
            let (said, address) = said.as_str().unwrap().split_once('\n').unwrap();
            assert_eq!(address, format!("{host}{path}"));
            let year = page.script("return String(new Date(+document.querySelector('main').dataset.at).getUTCFullYear())").await;
            let moment = format!("{} ", year.as_str().unwrap());
            let mut parts = vec!["as of ", moment.as_str(), "times in "];
            if number == 0 {
                parts.extend(["Last 24 hours: ", " – ", "Compare: the week before", "Project: checkout", "Model: not claude-unheard-of"]);
            }
            assert!(parts.iter().all(|part| said.contains(part)), "{path}: {said}");
            page.assert_fits(&format!("{path} on paper")).await;
            let hidden = "return [...document.querySelectorAll('main *')].filter(part => part.checkVisibility() && ['auto', 'scroll', 'hidden'].includes(getComputedStyle(part).overflowX) \
                && part.scrollWidth > part.clientWidth + 1 && getComputedStyle(part).clipPath === 'none' && getComputedStyle(part).textOverflow !== 'ellipsis').map(part => part.outerHTML.slice(0, 90))";
            assert_eq!(page.script(hidden).await, json!([]), "{path}");
            if number == 0 {
                // Words in the plot are as large as they must be to be read, and nothing leads anywhere.
                let large = "const text = document.querySelector('.picture .time-label'); return parseFloat(getComputedStyle(text).fontSize) * text.getScreenCTM().a >= 9";
                assert_eq!(page.script(large).await, true);
                let seen = "return ['.share-column', '.verdict p a'].map(css => document.querySelector(css)?.checkVisibility() ?? false)";
                assert_eq!(page.script(seen).await, json!([true, false]));
            }
            emulate(page, "", &[]).await;
        }
    })
    .await;
}

/// Saves what a printer would be sent, where somebody wants to look at it.
async fn save_as_pdf(page: &Page, number: usize) {
    let Some(folder) = std::env::var_os("TACHO_TEST_SCREENSHOTS") else { return };
    let wishes = json!({ "preferCSSPageSize": false, "paperWidth": 8.27, "paperHeight": 11.69 });
    let pdf = page.driver.cdp().send_raw("Page.printToPDF", wishes).await.unwrap();
    let text = pdf["data"].as_str().unwrap();
    std::fs::write(std::path::Path::new(&folder).join(format!("paper-{number}.pdf.base64")), text).unwrap();
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
async fn what_is_chosen_in_another_window_is_taken_over() {
    let receiver = Receiver::start().await;
    let tacho = busy(&receiver).await;
    browse(Look::default(), async |page| {
        page.open(&tacho.sign_in_link().await).await;
        page.alive().await;
        let chosen = "['tacho_language=ko', 'tacho_theme=dark', 'tacho_keys=off']";
        page.script(&format!("{chosen}.forEach(chosen => document.cookie = `${{chosen}}; path=/`)")).await;
        page.element("html[lang=ko][data-theme=dark][data-keys=off]").await;
        assert_korean(page).await;
        // The bar says how old the figures are in words of its own.
        page.click("#freshness").await;
        page.text_with("#freshness[data-state=paused]", "일시 정지").await;
        page.click("#freshness").await;
        let chosen = "['tacho_language=en', 'tacho_theme=system', 'tacho_keys=on']";
        page.script(&format!("{chosen}.forEach(chosen => document.cookie = `${{chosen}}; path=/`)")).await;
        page.element("html[lang=en]:not([data-theme]):not([data-keys])").await;
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
