//! What the overview says before anything else: what is wrong with events on their way here, and that the first call
//! has come.

use leptos::prelude::*;

use super::view_state::ViewState;
use crate::api::setup::Setup;
use crate::parts::Erase;

/// What is to be known at once.
#[component]
pub fn Notices(
    /// As the server says it.
    setup: Signal<Setup>,
) -> impl IntoView {
    said(Memo::new(move |_| setup.with(|setup| setup.notices.clone())))
}

/// What of the address made no sense.
#[component]
pub fn AddressNotices(
    /// What the address says.
    state: Memo<ViewState>,
) -> impl IntoView {
    let notices = Memo::new(move |_| {
        state.with(|state| state.notices.iter().map(|notice| ("notice".to_owned(), notice.clone())).collect())
    });
    said(notices)
}

/// A class, which says how bad it is, and the words.
type Notice = (String, String);

fn said(notices: Memo<Vec<Notice>>) -> AnyView {
    (move || {
        let each = notices.get().into_iter();
        each.map(|(class, text)| view! { <div class=class role="status"><p>{text}</p></div> }).collect_view()
    })
    .erased()
}
