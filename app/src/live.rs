//! Keeps pages up to date: one event stream says when something has changed, and pages ask again.

use leptos::ev::MessageEvent;
use leptos::prelude::*;
use wasm_bindgen::JsCast;
use wasm_bindgen::closure::Closure;
use web_sys::EventSource;

use crate::api::live::{Hello, Tick};

/// Ticks after which a page asks again even if nothing was stored: rolling windows empty by themselves.
const AGING_TICKS: u32 = 5;

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
}

impl Live {
    /// Grows whenever a page should ask again.
    pub fn beat(&self) -> u32 {
        self.beat.get()
    }
}

/// Makes the page live, once it is in a browser.
pub fn provide() {
    let live = Live {
        connection: RwSignal::new(Connection::Waiting),
        paused: RwSignal::new(false),
        beat: RwSignal::new(0),
    };
    provide_context(live);
    // Effects run in the browser only.
    Effect::new(move |_| listen(live));
}

/// What pages share about being live.
pub fn use_live() -> Live {
    expect_context()
}

fn listen(live: Live) {
    let Ok(source) = EventSource::new("/v1/live") else { return };
    let build = StoredValue::new(None::<String>);
    let revision = StoredValue::new(None::<u64>);
    let idle = StoredValue::new(0_u32);

    on(&source, "hello", move |data| {
        let Ok(hello) = serde_json::from_str::<Hello>(&data) else { return };
        live.connection.set(Connection::Live);
        let before = build.get_value();
        if before.is_some_and(|before| before != hello.build) {
            // Another build serves now: its pages may speak differently.
            let _ = window().location().reload();
        }
        build.set_value(Some(hello.build));
        if revision.get_value().is_some() {
            live.beat.update(|beat| *beat += 1);
        }
        revision.set_value(Some(hello.revision));
    });
    on(&source, "tick", move |data| {
        let Ok(tick) = serde_json::from_str::<Tick>(&data) else { return };
        live.connection.set(Connection::Live);
        if live.paused.get_untracked() || document().hidden() {
            return;
        }
        idle.update_value(|idle| *idle += 1);
        if revision.get_value() != Some(tick.revision) || idle.get_value() >= AGING_TICKS {
            revision.set_value(Some(tick.revision));
            idle.set_value(0);
            live.beat.update(|beat| *beat += 1);
        }
    });
    let failed = Closure::<dyn FnMut()>::new(move || live.connection.set(Connection::Reconnecting));
    source.set_onerror(Some(failed.as_ref().unchecked_ref()));
    // The stream lives as long as the page.
    failed.forget();
}

fn on(source: &EventSource, name: &str, mut heard: impl FnMut(String) + 'static) {
    let closure = Closure::<dyn FnMut(MessageEvent)>::new(move |event: MessageEvent| {
        if let Some(data) = event.data().as_string() {
            heard(data);
        }
    });
    let _ = source.add_event_listener_with_callback(name, closure.as_ref().unchecked_ref());
    closure.forget();
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
        if !live.paused.get_untracked() {
            live.beat.update(|beat| *beat += 1);
        }
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
