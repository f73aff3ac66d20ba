//! What the proxy's policies did, where they did anything.

use leptos::prelude::*;

use crate::api::policies::{Policies, PolicyItem};
use crate::wording;

/// One line for each policy that did something; nothing when none did.
#[component]
pub fn PoliciesCard(
    /// What they did.
    policies: Policies,
) -> impl IntoView {
    (!policies.policies.is_empty()).then(|| {
        let lines = policies.policies.iter().map(|item| {
            view! { <li><b>{item.policy.clone()}</b> <span>{sentence(item)}</span></li> }
        });
        view! {
            <section class="card" aria-labelledby="policies-title">
                <div class="card-head"><h2 id="policies-title">"What policies did"</h2></div>
                <ul class="policies">{lines.collect_view()}</ul>
                <p class="footnote">
                    "What Tacho answered or refused itself never reached the API. It counts against no limit, and in no "
                    "other number here."
                </p>
            </section>
        }
    })
}

fn sentence(item: &PolicyItem) -> String {
    let mut parts = Vec::new();
    if let (Some(half), Some(most)) = (item.wait_p50_ms, item.wait_p99_ms) {
        let calls = wording::count(item.waited, "call");
        let (half, most) = (wording::span(half), wording::span(most));
        parts.push(format!("{calls} waited: half at most {half}, 99 % at most {most}"));
    }
    for (calls, what) in [
        (item.retries, "sent again"),
        (item.answered, "answered from the cache"),
        (item.refused, "refused"),
        (item.given_up, "given up by their callers"),
    ] {
        if calls > 0 {
            parts.push(format!("{} {what}", wording::exact(calls as f64)));
        }
    }
    parts.join(" · ")
}
