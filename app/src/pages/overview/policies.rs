//! What the proxy's policies did, where they did anything.

use leptos::prelude::*;

/// One line for each policy that did something; nothing when none did.
#[component]
pub fn PoliciesCard(
    /// The word of each, and what it did, in words.
    policies: Vec<(String, String)>,
) -> impl IntoView {
    (!policies.is_empty()).then(|| {
        let lines = policies.into_iter().map(|(policy, did)| view! { <li><b>{policy}</b> <span>{did}</span></li> });
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
