//! Keeps the page up to date: one stream says when something has changed, and the page is asked for again.

use std::cell::{Cell, RefCell};

use js_sys::{Date, JSON, Reflect};
use wasm_bindgen::JsCast;
use web_sys::{Event, EventSource, MessageEvent};

use super::status::{self, Connection};
use super::{dom, page, settings};

/// Ticks after which a page is asked for again even if nothing was stored: rolling windows empty by themselves.
const AGING_TICKS: u32 = 5;
/// A tick comes each second; after so long without one the page is not live.
const SILENCE_MS: f64 = 2_500.0;
/// How often it is looked for that: so a server that stands still is told of within three seconds.
const WATCH_MS: i32 = 250;
/// How often a page that nobody sees is asked for what the browser's tab shows; browsers let it wake up no oftener.
const GLANCE_MS: i32 = 60_000;
/// How long after a stream that the browser has given up another one is opened.
const RETRY_MS: i32 = 5_000;

/// How long a window keeps its size before pages are drawn for it.
const STILL_MS: i32 = 200;
/// How often a page without a stream is asked for, and how long it may be silent.
const POLL_MS: f64 = 2_000.0;
const POLL_SILENCE_MS: f64 = 6_000.0;

thread_local! {
    /// The page has given its stream's connection to others, and asks by itself.
    static POLLS: Cell<bool> = const { Cell::new(false) };
    /// When it was asked for last.
    static ASKED_MS: Cell<f64> = const { Cell::new(0.0) };
    static STREAM: RefCell<Option<EventSource>> = const { RefCell::new(None) };
    static REVISION: Cell<f64> = const { Cell::new(-1.0) };
    /// Ticks since the page was asked for.
    static IDLE: Cell<u32> = const { Cell::new(0) };
    /// When the stream last said anything.
    static HEARD_MS: Cell<f64> = const { Cell::new(0.0) };
    static IS_PAUSED: Cell<bool> = const { Cell::new(false) };
    /// Counts how often the window has got another size, so that only the last is drawn for.
    static RESIZED: Cell<u32> = const { Cell::new(0) };
}

pub fn listen() {
    if dom::find("#freshness").is_none() {
        return;
    }
    // Until the stream tells it.
    if let Some(at_ms) = dom::find("main").and_then(|main| dom::number(&main, "data-at")) {
        status::server_clock(at_ms);
    }
    wake();
    dom::every(WATCH_MS, watch);
    dom::on(&dom::document(), page::SLOW, |_: Event| make_way());
    dom::on(&dom::document(), page::ANSWERED, |_: Event| answered());
    dom::every(GLANCE_MS, || {
        if dom::document().hidden() && !IS_PAUSED.get() {
            page::glance();
        }
    });
    dom::on(&dom::document(), "click", |event: Event| {
        if dom::around(&event, "#freshness").is_some() {
            pause(!IS_PAUSED.get());
        }
    });
    dom::on(&dom::document(), "visibilitychange", |_: Event| {
        if dom::document().hidden() {
            // There may be a connection by the time somebody comes back.
            POLLS.set(false);
            return sleep();
        }
        wake();
        // What was missed while nobody looked.
        settings::tell();
        ask();
    });
    // The browser may keep a page that was left, to be come back to.
    dom::on(&dom::window(), "pagehide", |_: Event| sleep());
    dom::on(&dom::window(), "pageshow", |_: Event| wake());
    dom::on(&dom::window(), "resize", |_: Event| {
        let number = RESIZED.get().wrapping_add(1);
        RESIZED.set(number);
        dom::after(STILL_MS, move || {
            if RESIZED.get() == number && settings::tell() && !IS_PAUSED.get() {
                page::refresh();
            }
        });
    });
    // Drawn for another clock or width than this browser's.
    if settings::tell() || dom::find("main[data-guessed]").is_some() {
        page::refresh();
    }
}

/// A page that nobody sees holds no connection: a browser has six to one place, for all its tabs and all the pages that it
/// keeps.
fn sleep() {
    if let Some(stream) = STREAM.take() {
        stream.close();
    }
}

/// An answer takes long while the stream goes on: the streams of many windows may have taken all connections of the browser,
/// of which it has six to one place. This one makes way, and the page asks by itself.
fn make_way() {
    if STREAM.with_borrow(Option::is_some) && !is_silent() {
        POLLS.set(true);
        sleep();
    }
}

/// The server has answered.
fn answered() {
    if POLLS.get() {
        HEARD_MS.set(Date::now());
        if !IS_PAUSED.get() {
            status::change(Connection::Live, Date::now());
        }
    }
}

fn wake() {
    if POLLS.get() {
        return;
    }
    if !dom::document().hidden() && STREAM.with_borrow(Option::is_none) {
        HEARD_MS.set(Date::now());
        open();
    }
}

fn pause(is_paused: bool) {
    IS_PAUSED.set(is_paused);
    match (is_paused, is_silent()) {
        (true, _) => status::change(Connection::Paused, Date::now()),
        (false, true) => status::change(Connection::Lost, HEARD_MS.get()),
        (false, false) => status::change(Connection::Live, Date::now()),
    }
    ask();
}

fn ask() {
    if IS_PAUSED.get() || dom::document().hidden() {
        return;
    }
    IDLE.set(0);
    ASKED_MS.set(Date::now());
    page::refresh();
}

/// What is silent is not live.
fn watch() {
    if dom::document().hidden() {
        return;
    }
    if POLLS.get() && Date::now() - ASKED_MS.get() > POLL_MS {
        ask();
    }
    if !IS_PAUSED.get() && is_silent() && status::connection() != Connection::Lost {
        status::change(Connection::Lost, HEARD_MS.get());
    }
    status::tell();
}

fn is_silent() -> bool {
    let silence_ms = if POLLS.get() { POLL_SILENCE_MS } else { SILENCE_MS };
    Date::now() - HEARD_MS.get() > silence_ms
}

fn open() {
    let Ok(stream) = EventSource::new("/v1/live?only=tick") else { return };
    dom::on(&stream, "hello", |event: MessageEvent| {
        heard(&event);
        // Whatever was missed while there was no stream.
        if REVISION.replace(field(&event, "revision")) >= 0.0 {
            ask();
        }
    });
    dom::on(&stream, "tick", |event: MessageEvent| {
        let was_lost = status::connection() == Connection::Lost;
        heard(&event);
        let is_news = REVISION.replace(field(&event, "revision")) != field(&event, "revision");
        IDLE.set(IDLE.get() + 1);
        if is_news || was_lost || IDLE.get() >= AGING_TICKS {
            ask();
        }
    });
    dom::on(&stream, "error", |event: Event| {
        // The browser tries again by itself, but not after an answer that is no stream: a proxy's error while Tacho
        // starts, or a session that has ended. The page is asked for, and so says what is wrong.
        let is_over = |stream: &EventSource| stream.ready_state() == EventSource::CLOSED;
        if event.target().is_some_and(|stream| is_over(stream.unchecked_ref())) {
            ask();
            dom::after(RETRY_MS, move || {
                if STREAM.with_borrow(|stream| stream.as_ref().is_some_and(is_over)) {
                    open();
                }
            });
        }
    });
    STREAM.set(Some(stream));
}

fn heard(event: &MessageEvent) {
    status::server_clock(field(event, "now_ms"));
    HEARD_MS.set(Date::now());
    if !IS_PAUSED.get() {
        status::change(Connection::Live, Date::now());
    }
}

/// One field of what the stream has said.
fn field(event: &MessageEvent, name: &str) -> f64 {
    let said = event.data().as_string().and_then(|said| JSON::parse(&said).ok());
    let field = said.and_then(|said| Reflect::get(said.unchecked_ref(), &name.into()).ok());
    field.and_then(|field| field.as_f64()).unwrap_or_default()
}
