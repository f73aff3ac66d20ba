//! What people are told: a transition as a message for every channel.

use domain::alert::machine::{Instance, Transition};
use domain::alert::span::Span;
use domain::limits::{Limit, MOST_VALUES, Scope, WindowShape};
use domain::rollup::OVERFLOW;
use domain::time::new_id;
use vocabulary::{Severity, wording};

use super::AlertBehaviour;
use crate::alert::message::{self, Subject};
use crate::store::OutgoingMessage;

/// Renders a transition once, for all channels. A window that the provider resets is `length_ms` long, if that is known; `is_last`
/// says that others of its limit are not sent.
pub(super) fn message(
    limit: &Limit,
    instance: &Instance,
    transition: &Transition,
    length_ms: Option<i64>,
    settings: &AlertBehaviour,
    is_last: bool,
    now_ms: i64,
) -> OutgoingMessage {
    let at_ms = transition.event_time_ms;
    let window = match (instance.span, limit.kind.window) {
        (Span::Calendar(start_ms, end_ms), _) => (start_ms, end_ms),
        (Span::Until(end_ms), _) => (length_ms.map_or(at_ms, |length_ms| end_ms - length_ms), end_ms),
        (Span::Rolling, WindowShape::Rolling { length_s }) => (at_ms - length_s * 1_000, at_ms),
        (Span::Rolling, WindowShape::Calendar(_) | WindowShape::Reported) => (at_ms, at_ms),
    };
    let (scope_dimension, scope_value) = covered(limit, instance, str::to_owned);
    let means = (instance.scope_value == OVERFLOW)
        .then(|| format!("`{OVERFLOW}` stands for {} of this limit, together.", beyond()));
    let means = match is_last {
        false => means,
        true => Some(
            "There are many alerts of this limit: further ones of this minute are not sent; the dashboard shows them."
                .to_owned(),
        ),
    };
    let subject = Subject {
        limit_id: limit.id.clone(),
        limit_name: limit.name.clone(),
        kind: limit.kind.word.to_owned(),
        used: limit.kind.unit.display(transition.used),
        amount: limit.kind.unit.display(transition.amount),
        scope_dimension,
        scope_value,
        means,
        window,
        dashboard_url: settings.dashboard_url.clone(),
    };
    let (_, said) = covered(limit, instance, value_in_words);
    let of = said.map(|value| format!(" for {value}")).unwrap_or_default();
    OutgoingMessage {
        message_id: new_id("evt", now_ms),
        message_type: message::message_type(transition).to_owned(),
        incident_key: transition.incident_key.clone(),
        position: transition.sequence,
        subject: format!("{}{of}: {}", wording::name(&limit.name), message::percent_text(transition)),
        body: message::render(&subject, transition, now_ms),
        only_if_told: transition.severity == Severity::Ok,
        created_at_ms: now_ms,
    }
}

/// The value of a limit's scope as people read it.
fn value_in_words(value: &str) -> String {
    if value == OVERFLOW { beyond() } else { wording::name(value) }
}

/// What a limit on each value counts together.
fn beyond() -> String {
    format!("values beyond the {} counted one by one", wording::exact(MOST_VALUES as f64))
}

/// What a message says its limit covers: the word of a dimension or `pool`, and its value, with each name as `named` has
/// it.
fn covered(
    limit: &Limit,
    instance: &Instance,
    named: fn(&str) -> String,
) -> (Option<String>, Option<String>) {
    if let Scope::Pool { organization, workspace, pool } = &limit.scope {
        let place = [("workspace", workspace), ("organization", organization)];
        let place = place.iter().filter(|(_, value)| !value.is_empty());
        let place: String = place.map(|(word, value)| format!(", {word} {}", named(value))).collect();
        return (Some("pool".to_owned()), Some(format!("{}{place}", named(pool))));
    }
    let value = (!instance.scope_value.is_empty()).then(|| named(&instance.scope_value));
    (limit.scope.dimension().map(|dimension| dimension.word().to_owned()), value)
}

/// A `limit.test` message.
pub fn test_message(dashboard_url: &str, now_ms: i64) -> OutgoingMessage {
    let message_id = new_id("evt", now_ms);
    let incident_key = format!("test-{message_id}");
    OutgoingMessage {
        message_type: message::TEST.to_owned(),
        position: 1,
        subject: "Test message".to_owned(),
        body: message::render_test(&incident_key, dashboard_url, now_ms),
        only_if_told: false,
        created_at_ms: now_ms,
        incident_key,
        message_id,
    }
}
