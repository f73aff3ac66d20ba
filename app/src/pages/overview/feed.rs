//! What happened: alerts as they rose and fell.

use leptos::prelude::*;

use crate::api::Question;
use crate::api::alerts::{AlertItem, Feed};
use crate::live::use_live;
use crate::parts::{Answered, Erase, asked, state_word};
use crate::wording;

/// The latest alert transitions.
#[component]
pub fn FeedCard() -> impl IntoView {
    let live = use_live();
    let feed = asked(|| Question::Feed, move || live.beat());
    view! {
        <section class="card" aria-labelledby="feed-title">
            <div class="card-head"><h2 id="feed-title">"Alerts"</h2></div>
            <Answered to=feed draw=|feed| view! { <Items feed/> }/>
        </section>
    }
}

#[component]
fn Items(feed: Feed) -> impl IntoView {
    if feed.items.is_empty() {
        return view! {
            <p class="footnote">
                "None yet. At 80 % of a limit one is raised here, and sent to your " <a href="/channels">"channels"</a> "."
            </p>
        }
        .erased();
    }
    let Feed { items, as_of_ms, zone } = feed;
    let items = items.into_iter().map(move |item| {
        let (sign, word) = state_word(item.severity);
        let at_s = item.event_time_ms / 1_000;
        let when = wording::date_and_clock(at_s, zone.offset_s(at_s));
        let ago = wording::ago(item.event_time_ms, as_of_ms);
        view! {
            <li data-state=word data-open=item.open.then_some("true")>
                <span class="state"><span aria-hidden="true">{sign}</span></span>
                <span class="what">{sentence(&item)}</span>
                <span class="when" title=when>{ago}</span>
            </li>
        }
    });
    view! { <ol class="feed">{items.collect_view()}</ol> }.erased()
}

fn sentence(item: &AlertItem) -> String {
    let scope = item.scope.value.as_ref().map(|value| format!(" for {value}")).unwrap_or_default();
    let share = if item.amount > 0.0 { item.used / item.amount } else { 1.0 };
    let state = match item.severity {
        crate::api::standing::Severity::Ok => {
            let reason = match item.reason.as_str() {
                "usage_dropped" => "usage has dropped",
                "window_reset" => "a new window began",
                "limit_changed" => "the limit was changed",
                "limit_disabled" => "the limit was switched off",
                "limit_deleted" => "the limit was removed",
                "corrected" => "what was counted has been put right",
                other => other,
            };
            return format!("{}{scope}: resolved, {reason}", item.limit_name);
        }
        _ => state_word(item.severity).1,
    };
    format!(
        "{}{scope}: {state}, {} of {}",
        item.limit_name,
        wording::percent(share),
        wording::amount(item.amount, &item.unit)
    )
}
