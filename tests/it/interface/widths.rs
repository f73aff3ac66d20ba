//! Every width there is: what is written in a plot is as large as beside it, nothing is scrolled sideways, and what can be
//! pressed is large enough.

use serde_json::{Value, json};

use super::{PAGES, busy};
use crate::given;
use crate::harness::browser::{Look, Page, browse};
use crate::harness::receiver::Receiver;
use crate::harness::until;

/// What can be pressed and is smaller than 24 by 24 pixels: neither a word within a sentence, nor with enough room
/// around it (WCAG 2.5.8).
const SMALL: &str = r"
    const seen = element => element.checkVisibility({ checkVisibilityCSS: true, checkOpacity: true });
    const clipped = element => getComputedStyle(element).clipPath !== 'none';
    const targets = [...document.querySelectorAll('a[href], button, summary, input, select, [tabindex=\x220\x22]')]
        .filter(target => seen(target) && !clipped(target) && !target.disabled && target.type !== 'hidden');
    const box = target => (target.closest('label') ?? target).getBoundingClientRect();
    const inSentence = target => getComputedStyle(target).display === 'inline'
        && [...target.parentElement.childNodes].some(node => node.nodeType === 3 && node.textContent.trim().length > 1);
    const middle = ({ left, right, top, bottom }) => [(left + right) / 2, (top + bottom) / 2];
    const distance = ([x, y], { left, right, top, bottom }) =>
        Math.hypot(Math.max(left - x, 0, x - right), Math.max(top - y, 0, y - bottom));
    const small = target => { const { width, height } = box(target); return width < 23.9 || height < 23.9 };
    const isCrowded = target => targets.some(other => {
        if (other === target || other.contains(target) || target.contains(other)) return false;
        if (small(other)) { const [x, y] = middle(box(other)), [a, b] = middle(box(target)); return Math.hypot(x - a, y - b) < 24 }
        return distance(middle(box(target)), box(other)) < 12;
    });
    return targets.filter(target => small(target) && !inSentence(target) && isCrowded(target))
        .map(target => `${target.outerHTML.slice(0, 120)} ${box(target).width}x${box(target).height}`);
";

/// Once the page has told how wide it is, and has been drawn for that.
async fn measured(page: &Page) {
    page.alive().await;
    page.element("main:not([data-guessed])").await;
}

#[tokio::test]
async fn what_is_written_in_a_plot_has_its_size_at_every_width() {
    let receiver = Receiver::start().await;
    let tacho = busy(&receiver).await;
    for width in [320, 390, 768, 1_440, 1_920] {
        browse(Look { width, ..Look::default() }, async |page| {
            page.open(&tacho.sign_in_link().await).await;
            measured(page).await;
            let drawn = "const picture = document.querySelector('svg.picture'); return [picture.clientWidth, +picture.getAttribute('width'), document.querySelector('.plot-frame').clientWidth]";
            let drawn = page.script(drawn).await;
            assert!(drawn[0] == drawn[1] && drawn[1] == drawn[2], "{width}: {drawn}");
            let sizes = "const picture = document.querySelector('svg.picture'); const scale = picture.getScreenCTM().a; return [...new Set([...picture.querySelectorAll('text')].map(text => parseFloat(getComputedStyle(text).fontSize) * scale))]";
            assert_eq!(page.script(sizes).await, json!([12]), "{width}");
            // And what is written is all within it.
            let beyond = "const frame = document.querySelector('.plot-frame').getBoundingClientRect(); return [...document.querySelectorAll('.picture text')].filter(text => { const { left, right } = text.getBoundingClientRect(); return left < frame.left - 1 || right > frame.right + 1 }).map(text => text.textContent)";
            assert_eq!(page.script(beyond).await, json!([]), "{width}");
        })
        .await;
    }
}

#[tokio::test]
async fn text_has_the_sizes_of_the_look_and_what_matters_is_on_the_first_screen() {
    let receiver = Receiver::start().await;
    let tacho = busy(&receiver).await;
    browse(Look { width: 1_440, ..Look::default() }, async |page| {
        page.open(&tacho.sign_in_link().await).await;
        measured(page).await;
        let sizes = "return ['html', 'body', 'h1', 'h2', '.measures .figure', '.own th', '.own-share i'].map(css => parseFloat(getComputedStyle(document.querySelector(css)).fontSize))";
        assert_eq!(page.script(sizes).await, json!([16, 14, 26, 12, 22, 14, 11]));
        let bottom = "return document.querySelector('.plot-frame').getBoundingClientRect().bottom < innerHeight";
        assert_eq!(page.script(bottom).await, true, "the plot is below the first screen");
        for (name, path) in PAGES {
            page.open(&format!("{}{path}", tacho.base_url())).await;
            page.element("main .region").await;
            let small = "const written = element => [...element.childNodes].some(node => node.nodeType === 3 && node.textContent.trim()); \
                return [...document.querySelectorAll('body *')].filter(element => element.checkVisibility() && written(element)) \
                .filter(element => parseFloat(getComputedStyle(element).fontSize) < (element.matches('.figure i, .bound') ? 11 : 12)).map(element => element.outerHTML.slice(0, 120))";
            assert_eq!(page.script(small).await, json!([]), "{name}");
        }
    })
    .await;
    browse(Look { width: 1_920, ..Look::default() }, async |page| {
        page.open(&tacho.sign_in_link().await).await;
        measured(page).await;
        assert_eq!(page.script("return document.querySelector('.measures').clientWidth").await, 1_680);
    })
    .await;
}

#[tokio::test]
async fn what_to_compare_with_is_chosen_at_every_width() {
    let receiver = Receiver::start().await;
    let tacho = busy(&receiver).await;
    for (width, menu) in [(320, "#stretch"), (390, "#stretch"), (1_280, "#compare")] {
        browse(Look { width, ..Look::default() }, async |page| {
            page.open(&tacho.sign_in_link().await).await;
            measured(page).await;
            page.click(&format!("{menu} summary")).await;
            page.screenshot(&format!("compare-{width}")).await;
            let links = format!("return [...document.querySelectorAll(`{menu} .menu-body a[href*='vs='], {menu} .menu-body a[aria-current]`)].filter(link => link.checkVisibility()).map(link => link.getBoundingClientRect()).filter(({{ width, height }}) => width < 24 || height < 24).length");
            assert_eq!(page.script(&links).await, 0, "{width}: too small");
            page.assert_fits(&format!("the menu at {width}")).await;
            page.click(&format!("{menu} .menu-body a[href*='vs=week']")).await;
            page.element("#stretch a[aria-current][href*='vs=week']").await;
            assert_eq!(page.driver.current_url().await.unwrap().query(), Some("vs=week"), "{width}");
            assert_eq!(page.complaints().await, Vec::<String>::new());
        })
        .await;
    }
}

#[tokio::test]
async fn no_page_is_scrolled_sideways_and_what_can_be_pressed_is_large_enough() {
    let receiver = Receiver::start().await;
    let tacho = busy(&receiver).await;
    // 320 is what a window of 1,280 has at a zoom of 400 %.
    for width in [320, 390, 1_280] {
        browse(Look { width, ..Look::default() }, async |page| {
            page.open(&tacho.sign_in_link().await).await;
            for (name, path) in PAGES.into_iter().chain([("docs", "/docs"), ("a document", "/docs/limits")]) {
                page.open(&format!("{}{path}", tacho.base_url())).await;
                page.alive().await;
                page.assert_fits(&format!("{name} at {width}")).await;
                let small: Value = page.script(SMALL).await;
                assert_eq!(small, json!([]), "{name} at {width}");
                // With everything open that can be opened in place.
                page.script("document.querySelectorAll('main details:not([data-menu])').forEach(details => details.open = true)").await;
                page.assert_fits(&format!("{name} at {width}, opened")).await;
            }
            // And it would be seen; looked at before a beat takes it away.
            let two = "const two = document.createElement('p'); two.innerHTML = '<a href=\"/\">x</a><a href=\"/\">y</a>'; document.querySelector('main').prepend(two)";
            assert_eq!(page.script(&format!("{two}; {SMALL}")).await.as_array().map(Vec::len), Some(2));
            assert_eq!(page.complaints().await, Vec::<String>::new());
        })
        .await;
    }
}

/// The width that the plot is drawn for, and the width of its frame.
const DRAWN: &str = "return [+document.querySelector('svg.picture').getAttribute('width'), document.querySelector('.plot-frame').clientWidth]";

#[tokio::test]
async fn a_plot_is_as_wide_as_its_window_whatever_another_window_has_told() {
    let receiver = Receiver::start().await;
    let tacho = busy(&receiver).await;
    browse(Look::default(), async |page| {
        page.open(&tacho.sign_in_link().await).await;
        measured(page).await;
        page.script("document.cookie = 'tacho_width=500; path=/'").await;
        for number in 0..2 {
            tacho.reporter.report(&given::event(&format!("news {number}"), 10, 5)).await;
            page.beat().await;
            let drawn = page.script(DRAWN).await;
            assert_eq!(drawn[0], drawn[1]);
        }
        // The first page is drawn for what the cookie says; nothing but that is told leads to another.
        let silent = "window.EventSource = class extends EventTarget { static CLOSED = 2; readyState = 1; close() {} }";
        page.devtools("Page.addScriptToEvaluateOnNewDocument", json!({ "source": silent })).await;
        page.script("document.cookie = 'tacho_width=500; path=/'").await;
        page.open(tacho.base_url()).await;
        until("a plot of the width of the window", async || {
            let drawn = page.script(DRAWN).await;
            (drawn[0] == drawn[1]).then_some(())
        })
        .await;
        page.element("#freshness[data-state=waiting]").await;
        assert_eq!(page.complaints().await, Vec::<String>::new());
    })
    .await;
}
