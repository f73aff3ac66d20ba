//! Keeps pages up to date: one event stream says when something has changed, and pages ask again.

use std::time::Duration;

use js_sys::{JSON, Reflect};
use leptos::ev::MessageEvent;
use leptos::prelude::*;
use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::EventSource;

/// Ticks after which a page asks again even if nothing was stored: rolling windows empty by themselves.
const AGING_TICKS: u32 = 5;
/// How long after a stream that the browser has given up another one is opened.
const RETRY: Duration = Duration::from_secs(5);

/// How the page hears of changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Connection {
    /// Not yet, or without JavaScript never.
    Waiting,
    /// Every second.
    Live,
    /// The stream broke; the browser tries again.
    Reconnecting,
}

/// What pages share about being live.
#[derive(Clone, Copy)]
pub struct Live {
    connection: RwSignal<Connection>,
    paused: RwSignal<bool>,
    /// Grows whenever pages should ask again.
    beat: RwSignal<u32>,
    /// The page is of another build than the server.
    outdated: StoredValue<bool>,
}

impl Live {
    /// Grows whenever a page should ask again.
    pub fn beat(&self) -> u32 {
        self.beat.get()
    }

    /// Lets pages ask again, unless they are paused: what is shown then stays, and the end of the pause makes up for it.
    fn ask_again(&self) {
        if self.paused.get_untracked() {
            return;
        }
        if self.outdated.get_value() {
            let _ = window().location().reload();
        }
        self.beat.update(|beat| *beat += 1);
    }
}

/// Makes the page live, once it is in a browser.
pub fn provide() {
    let live = Live {
        connection: RwSignal::new(Connection::Waiting),
        paused: RwSignal::new(false),
        beat: RwSignal::new(0),
        outdated: StoredValue::new(false),
    };
    provide_context(live);
    // Effects run in the browser only.
    Effect::new(move |_| {
        let heard = Heard {
            build: StoredValue::new(None),
            revision: StoredValue::new(None),
            idle: StoredValue::new(0),
        };
        listen(live, heard);
    });
}

/// What pages share about being live.
pub fn use_live() -> Live {
    expect_context()
}

/// What the stream has said so far; it outlives a stream that broke.
#[derive(Clone, Copy)]
struct Heard {
    build: StoredValue<Option<String>>,
    revision: StoredValue<Option<f64>>,
    /// Ticks since pages asked last.
    idle: StoredValue<u32>,
}

fn listen(live: Live, heard: Heard) {
    let Ok(source) = EventSource::new("/v1/live?only=tick") else { return };
    on(&source, "hello", move |event| {
        let Some((build, revision)) = build(&event).zip(revision(&event)) else { return };
        live.connection.set(Connection::Live);
        let before = heard.build.get_value();
        heard.build.set_value(Some(build.clone()));
        if before.is_some_and(|before| before != build) {
            // Another build serves now: its pages may speak differently.
            live.outdated.set_value(true);
        }
        // Whatever was missed while the stream was broken.
        if heard.revision.get_value().is_some() {
            live.ask_again();
        }
        heard.revision.set_value(Some(revision));
    });
    on(&source, "tick", move |event| {
        let Some(revision) = revision(&event) else { return };
        live.connection.set(Connection::Live);
        if live.paused.get_untracked() || document().hidden() {
            return;
        }
        heard.idle.update_value(|idle| *idle += 1);
        if heard.revision.get_value() != Some(revision) || heard.idle.get_value() >= AGING_TICKS {
            heard.revision.set_value(Some(revision));
            heard.idle.set_value(0);
            live.ask_again();
        }
    });
    let stream = source.clone();
    on(&source, "error", move |_| {
        live.connection.set(Connection::Reconnecting);
        // The browser tries again by itself, but not after an answer that is no stream: a proxy's error while
        // Tacho starts, or a session that has ended. Pages ask again, and so say what is wrong.
        if stream.ready_state() == EventSource::CLOSED {
            live.ask_again();
            set_timeout(move || listen(live, heard), RETRY);
        }
    });
}

/// [`Hello::build`](crate::api::live::Hello::build)
fn build(event: &web_sys::Event) -> Option<String> {
    field(event, "build")?.as_string()
}

/// [`Tick::revision`](crate::api::live::Tick::revision), which a hello has as well.
fn revision(event: &web_sys::Event) -> Option<f64> {
    field(event, "revision")?.as_f64()
}

/// One field of what the stream has said. Read by the browser: another reader of JSON would be a tenth of the
/// bundle.
fn field(event: &web_sys::Event, name: &str) -> Option<JsValue> {
    let event: &MessageEvent = event.dyn_ref()?;
    let said = JSON::parse(&event.data().as_string()?).ok()?;
    Reflect::get(&said, &name.into()).ok()
}

/// Calls `heard` for each event of this name, as long as the stream lives.
fn on(source: &EventSource, name: &str, heard: impl FnMut(web_sys::Event) + 'static) {
    let closure = Closure::<dyn FnMut(web_sys::Event)>::new(heard).into_js_value();
    let _ = source.add_event_listener_with_callback(name, closure.unchecked_ref());
}

/// Says whether the page is live, and lets it be paused.
#[component]
pub fn LiveBadge() -> impl IntoView {
    let live = use_live();
    let state = move || match (live.connection.get(), live.paused.get()) {
        (Connection::Waiting, _) => ("waiting", "Not live"),
        (_, true) => ("paused", "Paused"),
        (Connection::Live, false) => ("live", "Live"),
        (Connection::Reconnecting, false) => ("reconnecting", "Reconnecting"),
    };
    let pause = move |_| {
        live.paused.update(|paused| *paused = !*paused);
        live.ask_again();
    };
    view! {
        <div class="live" data-state=move || state().0>
            <span class="live-dot" aria-hidden="true"></span>
            <span class="live-text">{move || state().1}</span>
            <button
                type="button"
                class="quiet"
                hidden=move || live.connection.get() == Connection::Waiting
                on:click=pause
            >
                {move || if live.paused.get() { "Resume" } else { "Pause" }}
            </button>
        </div>
    }
}
