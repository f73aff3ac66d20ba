//! Channels and deliveries.

use app::api::channels::{AttemptItem, ChannelItem, ChannelsPage, DeliveryItem, DeliveryRow, MessageAbout};
use domain::limits::learned::Place;
use serde_json::Value;
use vocabulary::Problem;

use super::Dashboard;
use super::shown::channels_as_shown;
use crate::alert::message::TEST;
use crate::alert::outbox::Channel;
use crate::store::{ChannelRecord, DeliveryRecord};

/// Deliveries on the page.
const DELIVERIES: u32 = 50;

impl Dashboard {
    /// Every channel.
    pub async fn list_channels(&self) -> Result<Vec<ChannelItem>, Problem> {
        Ok(self.store().channels().await?.into_iter().map(channel_item).collect())
    }

    /// The latest deliveries, newest first.
    pub async fn list_deliveries(&self, limit: u32) -> Result<Vec<DeliveryItem>, Problem> {
        let records = self.store().deliveries(limit).await?;
        Ok(records.into_iter().map(delivery).collect())
    }

    /// What the page of alerts shows of channels, with names as they are shown.
    pub async fn channels_page(&self) -> Result<ChannelsPage, Problem> {
        let rows = self.store().deliveries(DELIVERIES).await?.into_iter();
        let row = |record: DeliveryRecord| DeliveryRow { about: about(&record), delivery: delivery(record) };
        let (channels, deliveries) = (self.list_channels().await?, rows.map(row).collect());
        let mut page = ChannelsPage { channels, deliveries };
        channels_as_shown(&mut page);
        Ok(page)
    }
}

/// A channel as it is listed.
pub fn channel_item(record: ChannelRecord) -> ChannelItem {
    let Channel { id, kind, name, url, secret, .. } = record.channel;
    ChannelItem {
        id,
        kind,
        name,
        url,
        secret_hint: secret.hint(),
        enabled: record.enabled,
        disabled_reason: record.disabled_reason,
        pending: record.pending,
    }
}

/// What a message is about, as its body says it; a test is about nothing.
fn about(record: &DeliveryRecord) -> Option<MessageAbout> {
    if record.message_type == TEST {
        return None;
    }
    let body: Value = serde_json::from_slice(&record.body).ok()?;
    let data = &body["data"];
    let text = |of: &Value| of.as_str().map(str::to_owned);
    Some(MessageAbout {
        name: text(&data["limit"]["name"])?,
        kind: text(&data["limit"]["kind"])?,
        is_learned: data["limit"]["id"].as_str().is_some_and(Place::has_limit_id),
        value: covered(&data["scope"]),
        severity: data["severity"].as_str()?.parse().ok()?,
        percent: data["percent"].as_f64()?,
    })
}

/// The value of a scope; of a pool the workspace and the organization it is of, since the limit is named after the pool.
fn covered(scope: &Value) -> Option<String> {
    let value = scope["value"].as_str()?;
    if scope["dimension"] != "pool" {
        return Some(value.to_owned());
    }
    let places = value
        .split(", ")
        .filter_map(|part| ["workspace ", "organization "].iter().find_map(|word| part.strip_prefix(word)));
    let places: Vec<&str> = places.collect();
    (!places.is_empty()).then(|| places.join(", "))
}

fn delivery(record: DeliveryRecord) -> DeliveryItem {
    DeliveryItem {
        id: record.id,
        message_id: record.message_id,
        channel_name: record.channel_name,
        message_type: record.message_type,
        subject: record.subject,
        state: record.state,
        created_at_ms: record.created_at_ms,
        next_attempt_at_ms: record.next_attempt_at_ms,
        attempts: record
            .attempts
            .into_iter()
            .map(|attempt| AttemptItem {
                number: attempt.number,
                at_ms: attempt.at_ms,
                duration_ms: attempt.duration_ms,
                status: attempt.status,
                error: attempt.error,
                response: attempt.response,
            })
            .collect(),
    }
}
