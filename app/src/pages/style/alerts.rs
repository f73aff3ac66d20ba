//! Channels and deliveries.

use leptos::prelude::*;
use vocabulary::Severity;

use super::{NOON_MS, part, state};
use crate::api::channels::{
    AttemptItem, ChannelItem, ChannelsPage, DeliveryItem, DeliveryRow, MessageAbout, RevealedSecret,
};
use crate::pages::alerts::{add, channels, deliveries, secret};
use crate::reader::Reader;

/// Channels and deliveries in every state.
pub(super) fn alerts(reader: &Reader) -> AnyView {
    let channel = |name: &str| ChannelItem {
        id: format!("style-{name}"),
        kind: "webhook".to_owned(),
        name: name.to_owned(),
        url: "https://hooks.example.com/…".to_owned(),
        secret_hint: "4f2a".to_owned(),
        enabled: true,
        disabled_reason: None,
        pending: 0,
    };
    let attempt = |number: u32, status: Option<u16>, error: &str, response: &str| AttemptItem {
        number,
        at_ms: NOON_MS - 60_000 + i64::from(number) * 5_000,
        duration_ms: 184,
        status,
        error: error.to_owned(),
        response: response.to_owned(),
    };
    let about = MessageAbout {
        name: "Opus 5: requests per minute".to_owned(),
        kind: "requests_per_minute".to_owned(),
        is_learned: true,
        value: None,
        severity: Severity::Critical,
        percent: 125.0,
    };
    let item = |state: &str, attempts: Vec<AttemptItem>| DeliveryItem {
        id: format!("style-{state}"),
        message_id: "evt_019ab".to_owned(),
        channel_name: "on call".to_owned(),
        message_type: "limit.critical".to_owned(),
        subject: "Opus 5: requests per minute: critical at 125 %".to_owned(),
        state: state.to_owned(),
        created_at_ms: NOON_MS - 60_000,
        next_attempt_at_ms: (state == "pending").then_some(NOON_MS + 30_000),
        attempts,
    };
    let delivery = |state: &str, attempts: Vec<AttemptItem>| DeliveryRow {
        delivery: item(state, attempts),
        about: Some(about.clone()),
    };
    let page = ChannelsPage {
        channels: vec![
            channel("active"),
            ChannelItem { pending: 3, ..channel("with messages that wait") },
            ChannelItem { enabled: false, ..channel("paused") },
            ChannelItem {
                enabled: false,
                disabled_reason: Some("410 Gone".to_owned()),
                ..channel("switched off")
            },
        ],
        deliveries: vec![
            delivery(
                "pending",
                vec![attempt(1, Some(503), "status", "upstream is down"), attempt(2, None, "timeout", "")],
            ),
            delivery("delivered", vec![attempt(1, Some(204), "", "")]),
            delivery("exhausted", vec![attempt(1, None, "connection", "")]),
            delivery("dropped", Vec::new()),
        ],
    };
    let nothing = ChannelsPage { channels: Vec::new(), deliveries: Vec::new() };
    let revealed = RevealedSecret { channel_name: "on call".to_owned(), secret: "whsec_made-up".to_owned() };
    part(
        "Alerts",
        vec![
            state("A secret, shown once", secret(reader, Some(&revealed))),
            state("The form for a channel", add(reader, None)),
            state("Channels", channels(reader, &page)),
            state("No channel", channels(reader, &nothing)),
            state("Deliveries", deliveries(reader, &page)),
            state("Nothing was sent", deliveries(reader, &nothing)),
        ],
    )
}
