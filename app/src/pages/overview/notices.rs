//! What the overview says before anything else: what is wrong with events on their way here, and that the first call
//! has come.

use leptos::prelude::*;

use super::view_state::ViewState;
use crate::api::setup::{FirstCall, Refused, Setup, Unstored};
use crate::parts::Erase;
use crate::wording;

/// What is to be known at once.
#[component]
pub fn Notices(
    /// As the server says it.
    setup: Signal<Setup>,
) -> impl IntoView {
    let notices = Memo::new(move |_| setup.with(all));
    said(notices)
}

/// What of the address made no sense.
#[component]
pub fn AddressNotices(
    /// What the address says.
    state: Memo<ViewState>,
) -> impl IntoView {
    let notices = Memo::new(move |_| {
        state.with(|state| state.notices.iter().map(|notice| ("notice", notice.clone())).collect())
    });
    said(notices)
}

/// A class, which says how bad it is, and the words.
type Notice = (&'static str, String);

fn said(notices: Memo<Vec<Notice>>) -> AnyView {
    (move || {
        let each = notices.get().into_iter();
        each.map(|(class, text)| view! { <div class=class role="status"><p>{text}</p></div> }).collect_view()
    })
    .erased()
}

fn all(setup: &Setup) -> Vec<Notice> {
    let Unstored { spilled_bytes, lost } = setup.unstored;
    let lost = (lost > 0).then(|| {
        let events = wording::count(lost, "event");
        let were = if lost == 1 { "was" } else { "were" };
        format!(
            "{events} of the proxy {were} lost since Tacho started: neither stored nor kept in a file. Make room on \
             the disk of the data directory, or raise spill_max_bytes under [proxy], and see Tacho's log. The calls \
             themselves went through."
        )
    });
    let spilled = (spilled_bytes > 0).then(|| {
        let size = wording::exact(spilled_bytes.div_ceil(1_000) as f64);
        format!("Storage is blocked: {size} KB of events wait in a file, and will be brought in. Calls go through.")
    });
    let refused = setup.refused.as_ref().map(|Refused { count, key, message }| {
        let events = wording::count(*count, "event");
        format!("{events} refused in the last 24 hours. The latest, from the key {key}: {message}.")
    });
    let first = setup.first_call.as_ref().map(first_call);
    [("failure", lost), ("notice", spilled), ("failure", refused), ("notice", first)]
        .into_iter()
        .filter_map(|(class, text)| Some((class, text?)))
        .collect()
}

fn first_call(first: &FirstCall) -> String {
    let FirstCall { model, input_tokens, error_status, learned } = first;
    let used = match (error_status, input_tokens) {
        (Some(status), _) => format!("answered with status {status}"),
        (None, Some(tokens)) => wording::count(*tokens, "input token"),
        (None, None) => "of unknown usage".to_owned(),
    };
    let limits = match learned.as_slice() {
        [] => "Limits appear as soon as a response with rate-limit headers is seen.".to_owned(),
        learned => format!("Limits learned: {}.", learned.join(", ")),
    };
    format!("First call seen: {model}, {used}. {limits}")
}
