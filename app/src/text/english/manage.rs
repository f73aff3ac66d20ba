//! Limits and alerts, in English.

use crate::text::shape::{AlertsTexts, LimitsTexts};

fn attempts(of: u64, number: &str) -> String {
    format!("{number} {}", if of == 1 { "attempt" } else { "attempts" })
}

pub(super) const LIMITS: LimitsTexts = LimitsTexts {
    lead: "A limit says how much may be used in a window, and from which percentage you are told. Limits per minute \
           look at the last 60 seconds; hours, days and months follow the calendar.",
    kinds: &[
        ("requests_per_minute", "Requests per minute"),
        ("requests_per_hour", "Requests per hour"),
        ("input_tokens_per_minute", "Input tokens per minute"),
        ("output_tokens_per_minute", "Output tokens per minute"),
        ("tokens_per_minute", "Tokens per minute"),
        ("tokens_per_day", "Tokens per day"),
        ("concurrent_requests", "Concurrent requests"),
        ("spend_per_day", "Spend per day"),
        ("spend_per_month", "Spend per month"),
        ("subscription_window", "Subscription window"),
    ],
    of_pool: |pool, kind| format!("{pool} {}", kind.to_lowercase()),
    of_window: |window| format!("Subscription {window} window"),
    for_value: |name, value| format!("{name} for {value}"),
    add: "Set a limit",
    kind: "Kind",
    covers: "Applies to",
    each: |dimension| format!("each {}", dimension.to_lowercase()),
    value: "Which one",
    each_value: "each one separately",
    name: "Name",
    amount: "Amount",
    warns_at: "Warn at %",
    critical_at: "Critical at %",
    counts: "Of requests, counts",
    counted: &[
        ("messages", "messages"),
        ("count_tokens", "token counts"),
        ("batches", "batches"),
        ("files", "files"),
        ("agents", "managed agents"),
        ("messages,count_tokens,batches,files,agents,other", "every call"),
    ],
    more_fields: "More",
    zone: "Time zone",
    when_exhausted: "When it is full, the proxy",
    lets_pass: "lets calls pass",
    refuses: "refuses calls",
    add_button: "Set the limit",
    none: "No limit is set: nothing will be warned of.",
    not_learned: |times| {
        format!(
            "Response headers named more limits than Tacho keeps: {times} one was passed over or made room for \
             another. Each key has room for 200."
        )
    },
    more: |limits| {
        format!(
            "{limits} more, learned from response headers and further from full: ask GET /v1/limits and \
             GET /v1/limits/status for them."
        )
    },
    beyond: "values beyond the 10,000 counted one by one",
    more_values: |number| format!("and {number} more below these"),
    other_values: |number| format!("{number} lower values"),
    nothing_yet: "No call has come under it yet.",
    changed: |before, after| format!("{before} to {after}"),
    first_seen: |after| format!("first seen, {after}"),
    set_in_file: "Set in tacho.toml: change it there.",
    thresholds: |warn, critical| format!("warns at {warn}\u{a0}%, critical at {critical}\u{a0}%"),
    sources: &[
        ("typed", "set here"),
        ("file", "from tacho.toml"),
        ("preset", "example"),
        ("api", "set through the API"),
        ("learned", "learned from headers"),
    ],
    switched_off: "switched off",
    is_enforced: "the proxy refuses calls when it is full",
    counts_calls: |what| format!("counts {what}"),
    change: "Change",
    save: "Save",
    cancel: "Cancel",
    remove: "Remove",
    remove_note: "Its open alerts are resolved. Its history stays.",
    remove_button: "Remove the limit",
    comes_back: "It comes back with the next response that names it.",
};

pub(super) const ALERTS: AlertsTexts = AlertsTexts {
    lead: "Alerts are sent as signed webhooks (Standard Webhooks). A message that does not arrive is sent again for up \
           to three days, always as the same message.",
    secret_of: |channel| format!("The signing secret of {channel}"),
    secret_note: "It is shown this once. Give it to the receiver, which verifies every message with it.",
    add: "Add a webhook",
    name: "Name",
    name_hint: "On call",
    address: "Address",
    add_button: "Add the webhook",
    channels: "Webhooks",
    no_channel: "No webhook yet: alerts are only shown here.",
    switched_off: |reason| format!("switched off: {reason}"),
    reasons: &[],
    paused: "paused",
    active: "active",
    waiting: |number| format!("{number} waiting"),
    secret_ends: |hint| format!("secret ends in {hint}"),
    send_test: "Send a test",
    pause: "Pause",
    resume: "Resume",
    remove: "Remove",
    remove_note: "Messages that wait to be sent are dropped.",
    remove_button: "Remove the webhook",
    deliveries: "Deliveries",
    nothing_sent: "Nothing has been sent yet.",
    test_message: "Test message",
    reached: |state, percent| format!("{state} at {percent}"),
    resolved: "resolved",
    states: &[
        ("pending", "pending"),
        ("delivered", "delivered"),
        ("exhausted", "gave up"),
        ("dropped", "dropped"),
    ],
    next_at: |clock| format!(", next attempt {clock}"),
    attempts,
    errors: &[
        ("connection", "no connection"),
        ("refused_address", "address refused"),
        ("timeout", "timeout"),
    ],
    send_again: "Send again",
};
