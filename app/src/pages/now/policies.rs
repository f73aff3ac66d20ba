//! What the proxy's policies did, where they did anything.

use leptos::prelude::*;

use crate::api::policies::PolicyItem;
use crate::reader::Reader;
use crate::text::Noun;

/// One line for each policy that did something; nothing when none did.
pub fn policies(reader: &Reader, items: &[PolicyItem]) -> Option<AnyView> {
    let text = &reader.text().now;
    if items.is_empty() {
        return None;
    }
    let lines = items
        .iter()
        .map(|item| view! { <li><b>{item.policy.clone()}</b>" "<span>{said(reader, item)}</span></li> });
    Some(
        view! {
            <section class="policies" aria-labelledby="policies-title">
                <div class="table-head"><h2 id="policies-title">{text.policies}</h2></div>
                <ul>{lines.collect_view()}</ul>
                <p class="footnote">{text.policies_note}</p>
            </section>
        }
        .into_any(),
    )
}

fn said(reader: &Reader, item: &PolicyItem) -> String {
    let text = &reader.text().now;
    let mut parts = Vec::new();
    if let (Some(half), Some(most)) = (item.wait_p50_ms, item.wait_p99_ms) {
        let [half, most] = [half, most].map(|ms| reader.wait(ms));
        parts.push((text.waited)(&reader.count(item.waited, Noun::Call), &half, &most));
    }
    for (calls, what) in [
        (item.retries, text.sent_again),
        (item.answered, text.answered_from_cache),
        (item.refused, text.refused_calls),
        (item.given_up, text.given_up),
    ] {
        if calls > 0 {
            parts.push(what(&reader.exact(calls as f64)));
        }
    }
    parts.join(" · ")
}
