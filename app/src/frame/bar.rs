//! The bar: pages, the stretch of time, how fresh the figures are.

use leptos::prelude::*;

use super::help::COMMAND_KEY;
use super::menu::menu;
use super::picker::picker;
use super::{Frame, Section};
use crate::parts::{MARK, state_class};
use crate::reader::Reader;

/// The bar of a page.
pub fn bar(reader: &Reader, frame: &Frame) -> AnyView {
    let text = &reader.text().frame;
    let link = |place: Section, name: &'static str, path: &str, hotkey: &'static str| {
        let current = (frame.place == place).then_some("page");
        view! { <a href=frame.view.address(path) aria-current=current data-hotkey=hotkey>{name}</a> }
    };
    let (open, worst) = frame.open_alerts;
    let open = (open > 0).then(|| {
        let number = reader.exact(open as f64);
        let said = (text.open_alerts)(&number);
        view! { " "<span class="badge" data-state=state_class(worst) title=said>{number}<span class="unseen">{said.clone()}</span></span> }
    });
    let current = (frame.place == Section::Alerts).then_some("page");
    view! {
        <a class="skip" href="#main">{text.skip}</a>
        <header class="bar">
            <a class="brand" href="/" aria-label="Tacho"><span inner_html=MARK></span>"Tacho"</a>
            <nav aria-label=text.pages>
                {link(Section::Now, text.now, "/", "g n")}
                {link(Section::Limits, text.limits, "/limits", "g l")}
                <a href=frame.view.address("/alerts") aria-current=current data-hotkey="g a">{text.alerts}{open}</a>
            </nav>
            {frame.stretch.as_ref().map(|stretch| picker(reader, &frame.view, stretch))}
            {freshness(reader)}
            <a class="command" href="/search" data-opens="palette" aria-keyshortcuts="Control+K Meta+K" title=text.palette><kbd data-command-key="" data-own="">{COMMAND_KEY}</kbd><span class="unseen">{text.palette}</span></a>
            {menu(reader, frame)}
        </header>
    }
    .into_any()
}

/// How old the figures are; in a browser it pauses the page.
fn freshness(reader: &Reader) -> AnyView {
    let text = &reader.text().frame;
    let as_of = (text.as_of)(&reader.clock_with_seconds(reader.now_ms / 1_000));
    let at_length = |said: &str| said.replace("{}", "00:00:00");
    view! {
        <button
            type="button"
            id="freshness"
            class="fresh"
            data-own=""
            data-state="waiting"
            data-hotkey="p"
            data-now=text.now_fresh
            data-seconds=text.seconds_fresh
            data-minutes=text.minutes_fresh
            data-paused=text.paused
            data-lost=text.not_live
            data-unreachable=text.unreachable
            data-undone=text.undone
            data-unknown=text.unknown
            title=text.pause
            disabled
        >
            <span class="fresh-dot" aria-hidden="true"></span>
            <span class="fresh-room" data-paused=at_length(text.paused) data-lost=at_length(text.not_live)><span class="fresh-text">{as_of}</span></span>
        </button>
    }
    .into_any()
}
