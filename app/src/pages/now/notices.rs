//! What is said besides: what is wrong with events on their way here, what of the address made no sense, and that the first
//! call has come.

use leptos::prelude::*;
use vocabulary::view::Nonsense;

use crate::api::notice::{FirstCall, FirstOutcome, Notice};
use crate::parts::{kind_name, with_code};
use crate::reader::Reader;
use crate::text::Noun;

/// What is to be known at once.
pub fn notices(reader: &Reader, notices: &[Notice]) -> AnyView {
    let lines = notices.iter().map(|notice| {
        let class = if notice.is_failure() { "notice failure" } else { "notice" };
        view! { <p class=class role="status">{with_code(&said(reader, notice))}</p> }
    });
    lines.collect_view().into_any()
}

/// That the first call has come, and what is known since; nothing once that is old.
pub fn first_call(reader: &Reader, first: Option<&FirstCall>) -> Option<AnyView> {
    let said = said_of_first(reader, first?);
    Some(view! { <p class="first-call" role="status">{said}</p> }.into_any())
}

/// What of the address made no sense, and what stands for it.
pub fn nonsense(reader: &Reader, nonsense: &[Nonsense]) -> AnyView {
    let text = &reader.text().frame;
    let lines = nonsense.iter().map(|of| {
        let why = text.senseless[of.reason as usize];
        let (name, value) = (vocabulary::wording::name(&of.name), vocabulary::wording::name(&of.value));
        view! { <p class="notice" role="status">{(text.nonsense)(&name, &value, why)}</p> }
    });
    lines.collect_view().into_any()
}

fn said(reader: &Reader, notice: &Notice) -> String {
    let text = &reader.text().notices;
    match notice {
        Notice::Lost { events } => (text.lost)(&reader.count(*events, Noun::Event)),
        Notice::ReadOnly => text.read_only.to_owned(),
        Notice::Waiting { bytes } => (text.waiting)(&reader.exact(bytes.div_ceil(1_000) as f64)),
        Notice::Refused { events, key, code, message } => {
            let why = reader.text().refusals.event(code, message);
            (text.refused)(&reader.count(*events, Noun::Event), key, &why)
        }
        Notice::Unreadable { calls, fields } => {
            let fields: Vec<String> = fields
                .iter()
                .map(|(field, events)| format!("{field} ({})", reader.exact(*events as f64)))
                .collect();
            (text.unreadable)(&reader.count(*calls, Noun::Call), &fields.join(", "))
        }
        Notice::Overflowing { values, limits, more } => {
            let limits: Vec<String> = limits.iter().map(|limit| format!("“{limit}”")).collect();
            let more = if *more > 0 { (text.and_more)(&reader.exact(*more as f64)) } else { String::new() };
            (text.overflowing)(
                &reader.exact(*values as f64),
                &format!("{}{more}", limits.join(", ")),
                reader.text().limits.beyond,
            )
        }
    }
}

fn said_of_first(reader: &Reader, FirstCall { model, outcome, learned }: &FirstCall) -> String {
    let text = &reader.text().notices;
    let outcome = match outcome {
        FirstOutcome::Failed { status } => (text.failed)(&status.to_string()),
        FirstOutcome::Used { input_tokens } => reader.count(*input_tokens, Noun::InputToken),
        FirstOutcome::Unknown => text.unknown_usage.to_owned(),
    };
    let kind = |kind: &str| kind_name(reader, kind).unwrap_or(kind).to_lowercase();
    let learned: Vec<String> =
        learned.iter().map(|of| format!("{} {}", reader.exact(of.amount), kind(&of.kind))).collect();
    let learned = match learned.as_slice() {
        [] => text.no_limits_yet.to_owned(),
        learned => (text.limits_learned)(&learned.join(", ")),
    };
    format!("{} {learned}", (text.first_call)(model, &outcome))
}
