//! What happened: alerts as they rose and fell.

use leptos::prelude::*;
use vocabulary::wording;

use crate::api::alerts::FeedLines;
use crate::parts::{Answered, Asked, Erase, state_word};

/// The latest alert transitions.
#[component]
pub fn FeedCard(
    /// The latest alert transitions.
    feed: Asked<FeedLines>,
) -> impl IntoView {
    view! {
        <section class="card" aria-labelledby="feed-title">
            <div class="card-head"><h2 id="feed-title">"Alerts"</h2></div>
            <Answered to=feed draw=|feed| view! { <Lines feed/> }/>
        </section>
    }
}

#[component]
fn Lines(feed: FeedLines) -> impl IntoView {
    if feed.lines.is_empty() {
        return view! {
            <p class="footnote">
                "None yet. At 80 % of a limit one is raised here, and sent to your " <a href="/channels">"channels"</a> "."
            </p>
        }
        .erased();
    }
    let FeedLines { lines, as_of_ms, zone } = feed;
    let lines = lines.into_iter().map(move |line| {
        let (sign, word) = state_word(line.severity);
        let at_s = line.at_ms / 1_000;
        let when = wording::date_and_clock(at_s, zone.offset_s(at_s));
        let ago = wording::ago(line.at_ms, as_of_ms);
        view! {
            <li data-state=word data-open=line.open.then_some("true")>
                <span class="state"><span aria-hidden="true">{sign}</span></span>
                <span class="what">{line.text}</span>
                <span class="when" title=when>{ago}</span>
            </li>
        }
    });
    view! { <ol class="feed">{lines.collect_view()}</ol> }.erased()
}
