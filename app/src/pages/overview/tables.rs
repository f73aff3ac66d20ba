//! Who and what uses the limits: sums by one dimension; each row filters everything.

use leptos::prelude::*;
use vocabulary::{Dimension, Filter, wording};

use super::view_state::ViewState;
use crate::api::breakdown::{Breakdown, BreakdownSums};
use crate::parts::{Answered, Asked, Erase};

/// Dimensions offered for the second table; sessions are only kept with events.
const OFFERED: [Dimension; 6] = [
    Dimension::Project,
    Dimension::Feature,
    Dimension::User,
    Dimension::ApiKey,
    Dimension::Workspace,
    Dimension::Organization,
];

/// Sums by one dimension.
#[component]
pub fn BreakdownTable(
    /// What the page shows.
    state: Memo<ViewState>,
    sums: Asked<Breakdown>,
    /// Whether its dimension can be chosen.
    #[prop(optional)]
    choose: bool,
) -> impl IntoView {
    let title = move || if choose { state.with(|state| state.by.label()) } else { Dimension::Model.label() };
    view! {
        <section class="card" aria-label=title>
            <div class="card-head">
                <h2>{title}</h2>
                {choose.then(|| view! { <Choice state/> })}
            </div>
            <Answered to=sums draw=move |breakdown| view! { <Rows breakdown state/> }/>
        </section>
    }
    .erased()
}

#[component]
fn Choice(state: Memo<ViewState>) -> impl IntoView {
    view! {
        <nav class="switch" aria-label="Dimension">
            {move || {
                let state = state.get();
                OFFERED
                    .map(|by| {
                        let current = (by == state.by).then_some("true");
                        view! { <a href=state.with_by(by).address() data-noscroll="true" aria-current=current>{by.label()}</a> }
                    })
                    .into_iter()
                    .collect_view()
            }}
        </nav>
    }
}

#[component]
fn Rows(breakdown: Breakdown, state: Memo<ViewState>) -> impl IntoView {
    let by = breakdown.by;
    let most = breakdown.rows.iter().map(|row| row.sums.requests).max().unwrap_or(0).max(1) as f64;
    let empty = breakdown.rows.is_empty();
    let rows = breakdown.rows.into_iter().map(move |row| {
        let filter = Filter::only(by, row.value);
        let address = move || state.with(|state| state.toggle(filter.clone()).address());
        let share = wording::plain(row.sums.requests as f64 / most * 100.0, 2);
        view! {
            <tr>
                <th scope="row">
                    <a href=address data-noscroll="true">{row.name}</a>
                    <svg class="share" viewBox="0 0 100 2" preserveAspectRatio="none" aria-hidden="true">
                        <rect width=share height="2"></rect>
                    </svg>
                </th>
                <Cells sums=row.sums/>
            </tr>
        }
    });
    let others = breakdown.others.map(|row| {
        view! { <tr><th scope="row">{wording::count(breakdown.other_count, "other")}</th><Cells sums=row.sums/></tr> }
    });
    view! {
        <div class="scroll">
            <table class="sums">
                <thead>
                    <tr>
                        <th scope="col">{by.label()}</th>
                        <th scope="col">"Requests"</th>
                        <th scope="col">"Input"</th>
                        <th scope="col">"Output"</th>
                        <th scope="col">"Cost"</th>
                        <th scope="col" title="Refused or failed calls, and answers that broke off">"Errors"</th>
                    </tr>
                </thead>
                <tbody>{rows.collect_view()} {others}</tbody>
            </table>
        </div>
        {empty.then(|| view! { <p class="footnote">"Nothing in this range."</p> })}
    }
    .erased()
}

#[component]
fn Cells(sums: BreakdownSums) -> impl IntoView {
    let input = sums.input_tokens + sums.cache_write_tokens + sums.cache_read_tokens;
    let number = |value: u64, unknown: u64| {
        let (exact, short) = (wording::exact(value as f64), wording::short(value as f64));
        let (title, text) = match unknown {
            0 => (exact, short),
            _ => {
                let requests = wording::count(unknown, "request");
                let text = if value == 0 { "unknown".to_owned() } else { format!("{short} +") };
                (format!("at least {exact}; the usage of {requests} is not fully known"), text)
            }
        };
        view! { <td title=title>{text}</td> }
    };
    let unknown = sums.unknown_usage;
    let cost = match (sums.cost_usd, sums.unpriced) {
        // Requests that were refused cost nothing, whatever the price.
        (0.0, 1..) => "unpriced".to_owned(),
        (cost, 0) => wording::usd(cost),
        (cost, _) => format!("{} +", wording::usd(cost)),
    };
    let hint = (sums.unpriced > 0).then(|| wording::unpriced(sums.unpriced));
    view! {
        {number(sums.requests, 0)} {number(input, unknown)} {number(sums.output_tokens, unknown)}
        <td title=hint>{cost}</td> {number(sums.errors, 0)}
    }
    .erased()
}
