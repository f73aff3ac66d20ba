//! The one screen: how much room there is, what uses it, and what happened.

mod feed;
mod notices;
mod policies;
mod setup;
mod tables;
mod view_state;

use feed::FeedCard;
use leptos::prelude::*;
use leptos_meta::Title;
use leptos_router::hooks::use_query_map;
use notices::{AddressNotices, Notices};
use policies::PoliciesCard;
use setup::SetupScreen;
use tables::BreakdownTable;
use view_state::ViewState;
use vocabulary::{Dimension, Measure, Range, wording};

use crate::api::Question;
use crate::api::breakdown::BreakdownQuestion;
use crate::api::chart::{Chart, ChartQuestion};
use crate::api::policies::PoliciesQuestion;
use crate::api::setup::Setup;
use crate::api::standing::{Room, Standings};
use crate::charts::figure::UsageFigure;
use crate::live::use_live;
use crate::parts::{Answered, Erase, Followed, Gauge, asking, state_word};

/// Measures offered above the chart.
const OFFERED: [Measure; 6] = [
    Measure::Requests,
    Measure::ItpmTokens,
    Measure::OutputTokens,
    Measure::TotalTokens,
    Measure::CostUsd,
    Measure::Throttled,
];

/// Gauges shown before the rest is only counted.
const MOST_GAUGES: usize = 12;

/// The overview, or the setup until the first event arrives.
#[component]
pub fn OverviewPage() -> impl IntoView {
    let query = use_query_map();
    let state = Memo::new(move |_| query.with(ViewState::read));
    let live = use_live();
    // One request a beat: each part draws its reply, by its place here.
    let questions = move || {
        let ViewState { measure, range, by, filters, .. } = state.get();
        let table = |by| Question::Breakdown(BreakdownQuestion { by, range, filters: filters.clone() });
        vec![
            Question::Setup,
            Question::Room,
            table(Dimension::Model),
            table(by),
            Question::Policies(PoliciesQuestion { range, filters: filters.clone() }),
            Question::Feed,
            Question::Chart(ChartQuestion { measure, range, filters }),
        ]
    };
    let asking = asking(questions, move || live.beat());
    // Where the reader is looking stays while the chart is drawn anew.
    let cursor = RwSignal::new(None);
    let panel = move || {
        view! {
            <AddressNotices state/>
            <Answered to=asking.question(1) draw=|room| view! { <RoomCard room/> }/>
            <section class="card" aria-labelledby="chart-title">
                <div class="card-head">
                    <h2 id="chart-title">{move || state.with(|state| state.measure.label())}</h2>
                    <Switch state/>
                </div>
                <Chips state/>
                <Answered to=asking.question(6) draw=move |chart| view! { <ChartBody chart cursor/> }/>
            </section>
            <div class="columns">
                <BreakdownTable state sums=asking.question(2)/>
                <BreakdownTable state sums=asking.question(3) choose=true/>
            </div>
            <Answered to=asking.question(4) draw=|policies| view! { <PoliciesCard policies/> }/>
            <FeedCard feed=asking.question(5)/>
        }
        .erased()
    };
    // The panel is made once, when there is something to show, and not at every beat.
    let draw = move |setup: Signal<Setup>| {
        let begun = Memo::new(move |_| setup.with(|setup| setup.has_events));
        let screen = move || match begun.get() {
            true => panel(),
            false => view! { <SetupScreen setup=setup.get_untracked()/> }.erased(),
        };
        (view! { <Notices setup/> }, screen)
    };
    view! {
        <h1 class="unseen">"Overview"</h1>
        <Followed to=asking.question(0) draw/>
    }
    .erased()
}

#[component]
fn RoomCard(room: Room) -> impl IntoView {
    let Room { verdict, title, spoken, state, standings } = room;
    let Standings { as_of_ms, utc_offset_s, limits, standings, .. } = standings;
    let more = limits.saturating_sub(standings.len().min(MOST_GAUGES) as u64);
    let gauges = standings
        .into_iter()
        .take(MOST_GAUGES)
        .map(|standing| view! { <Gauge standing as_of_ms/> })
        .collect_view();
    view! {
        <Title text=title/>
        <section class="verdict" data-state=state_word(state).1 aria-labelledby="verdict">
            <p id="verdict">{verdict}</p>
            <p class="as-of">"as of " {wording::clock(as_of_ms / 1_000, utc_offset_s)}</p>
        </section>
        <p class="unseen" role="status">{spoken}</p>
        <ul class="gauges">{gauges}</ul>
        {(more > 0).then(|| view! { <p><a href="/limits">{format!("and {more} more")}</a></p> })}
    }
    .erased()
}

#[component]
fn Switch(state: Memo<ViewState>) -> impl IntoView {
    let link = |label: &'static str, to: ViewState, current: bool| {
        view! { <a href=to.address() data-noscroll="true" aria-current=current.then_some("true")>{label}</a> }
    };
    view! {
        <div class="switches">
            <nav class="switch" aria-label="Measure">
                {move || {
                    let state = state.get();
                    OFFERED
                        .map(|measure| link(short_label(measure), state.with_measure(measure), measure == state.measure))
                        .into_iter()
                        .collect_view()
                }}
            </nav>
            <nav class="switch" aria-label="Range">
                {move || {
                    let state = state.get();
                    Range::ALL
                        .iter()
                        .map(|range| link(range.word(), state.with_range(*range), *range == state.range))
                        .collect_view()
                }}
            </nav>
        </div>
    }
}

fn short_label(measure: Measure) -> &'static str {
    match measure {
        Measure::ItpmTokens => "Input",
        Measure::OutputTokens => "Output",
        Measure::TotalTokens => "Tokens",
        other => other.label(),
    }
}

#[component]
fn Chips(state: Memo<ViewState>) -> impl IntoView {
    move || {
        let state = state.get();
        (!state.filters.is_empty()).then(|| {
            let chips = state.filters.iter().map(|filter| {
                let value = if filter.value.is_empty() { "none".to_owned() } else { wording::name(&filter.value) };
                let text = format!("{}: {value}", filter.dimension.label());
                let label = format!("Remove the filter {text}");
                view! { <li><a href=state.toggle(filter.clone()).address() data-noscroll="true" aria-label=label>{text} " ✕"</a></li> }
            });
            view! { <ul class="chips">{chips.collect_view()}</ul> }
        })
    }
}

#[component]
fn ChartBody(chart: Chart, cursor: RwSignal<Option<i64>>) -> impl IntoView {
    let mut notes = vec![format!("per {}, times in {}", wording::step(chart.series.step_s), chart.zone.name)];
    if chart.unpriced_requests > 0 && chart.series.measure == Measure::CostUsd {
        notes.push(wording::unpriced(chart.unpriced_requests));
    }
    if chart.unknown_usage_requests > 0 && chart.series.unit == "tokens" {
        let requests = wording::count(chart.unknown_usage_requests, "request");
        notes.push(format!("at least: the usage of {requests} is not fully known"));
    }
    view! {
        <UsageFigure chart cursor/>
        <p class="footnote">{notes.join(" · ")}</p>
    }
    .erased()
}
