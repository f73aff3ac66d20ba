//! Channels and deliveries: adding, changing, testing, sending again.

use std::sync::PoisonError;

use app::api::channels::{ChannelItem, RevealedSecret};
use domain::time::new_id;
use domain::usage::holds_key;
use serde::{Deserialize, Serialize};
use vocabulary::{Problem, wording};

use super::{Commands, not_found};
use crate::alert::address;
use crate::alert::channel::{CHANNELS, webhook};
use crate::alert::outbox::Channel;
use crate::dashboard::channel_item;
use crate::secrets::session;
use crate::secrets::signature::Secret;
use crate::store::{Action, Author, ChannelChange, ChannelRecord};
use crate::watch::test_message;

const LONGEST_NAME: usize = 128;

/// A channel to add.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NewChannel {
    /// `webhook`
    #[serde(default = "webhook_kind")]
    pub kind: String,
    pub name: String,
    /// Where messages go.
    pub url: String,
}

fn webhook_kind() -> String {
    webhook::KIND.to_owned()
}

/// A channel just added: the only time its secret is shown.
#[derive(Debug, Serialize)]
pub struct AddedChannel {
    #[serde(flatten)]
    pub channel: ChannelItem,
    /// `whsec_...`
    pub secret: String,
}

/// What to change about a channel; what is left out stays.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ChannelEdit {
    pub name: Option<String>,
    pub url: Option<String>,
    /// Whether messages are sent.
    pub enabled: Option<bool>,
}

impl Commands {
    /// Adds a channel with a new secret.
    pub async fn create_channel(&self, new: NewChannel, by: Author) -> Result<AddedChannel, Problem> {
        if !CHANNELS.contains(&new.kind.as_str()) {
            let message = format!(
                "`{}` is no kind of channel; there are: {}",
                wording::name(&new.kind),
                CHANNELS.join(", ")
            );
            return Err(Problem::invalid("unknown_kind", message));
        }
        let now_ms = self.now_ms();
        let channel = Channel {
            id: new_id("chn", now_ms),
            kind: new.kind,
            name: checked_name(&new.name)?,
            url: self.checked_url(&new.url)?,
            secret: Secret::generate(),
            failing_since_ms: None,
            failed_attempts: 0,
            created_at_ms: now_ms,
        };
        self.store().put_channel(&channel).await?;
        let secret = channel.secret.reveal().to_owned();
        let record = ChannelRecord { channel, enabled: true, disabled_reason: None, pending: 0 };
        self.noted(by, Action::ChannelAdded, &record.channel.id, None, Some(told(&record))).await;
        Ok(AddedChannel { channel: channel_item(record), secret })
    }

    /// Keeps a new channel's secret for its page, to be shown once.
    pub fn reveal_once(&self, added: AddedChannel) -> String {
        let token = session::new_id();
        let revealed =
            RevealedSecret { channel_name: wording::name(&added.channel.name), secret: added.secret };
        self.reveals.lock().unwrap_or_else(PoisonError::into_inner).insert(token.clone(), revealed);
        token
    }

    /// The secret behind a one-time token: told once.
    pub fn secret(&self, token: &str) -> Option<RevealedSecret> {
        self.reveals.lock().unwrap_or_else(PoisonError::into_inner).remove(token)
    }

    /// Changes a channel. A resumed one is sent what waits for it.
    pub async fn edit_channel(&self, id: &str, edit: ChannelEdit, by: Author) -> Result<(), Problem> {
        let before = self.channel(id).await?;
        if before.channel.url.is_empty() && edit.url.is_none() && edit.enabled == Some(true) {
            let message =
                "the address of this channel was sealed with a key that is lost: remove it and add it anew";
            return Err(Problem::invalid("invalid_url", message));
        }
        let change = ChannelChange {
            name: edit.name.as_deref().map(checked_name).transpose()?,
            url: edit.url.as_deref().map(|url| self.checked_url(url)).transpose()?,
            enabled: edit.enabled,
        };
        let found = self.store().change_channel(id, &change).await?;
        self.means.outbox.notify_one();
        if !found {
            return Err(not_found("channel", id));
        }
        let after = self.channel(id).await.ok().as_ref().map(told);
        self.noted(by, Action::ChannelChanged, id, Some(told(&before)), after).await;
        Ok(())
    }

    /// Removes a channel.
    pub async fn delete_channel(&self, id: &str, by: Author) -> Result<(), Problem> {
        let before = self.channel(id).await?;
        if !self.store().delete_channel(id).await? {
            return Err(not_found("channel", id));
        }
        self.noted(by, Action::ChannelRemoved, id, Some(told(&before)), None).await;
        Ok(())
    }

    async fn channel(&self, id: &str) -> Result<ChannelRecord, Problem> {
        let channels = self.store().channels().await?;
        channels.into_iter().find(|record| record.channel.id == id).ok_or_else(|| not_found("channel", id))
    }

    /// Sends a `limit.test` message to one channel.
    pub async fn send_test(&self, id: &str, by: Author) -> Result<(), Problem> {
        let channel = self.channel(id).await?;
        let message = test_message(&self.means.base_url, self.now_ms());
        self.store().send_to(id, message).await?;
        self.means.outbox.notify_one();
        self.noted(by, Action::ChannelTested, id, None, Some(told(&channel))).await;
        Ok(())
    }

    /// Sends a past delivery again, as the same message.
    pub async fn deliver_again(&self, id: &str, by: Author) -> Result<(), Problem> {
        let now_ms = self.now_ms();
        let found = self.store().redeliver(id, &new_id("dlv", now_ms), now_ms).await?;
        self.means.outbox.notify_one();
        if !found {
            let id = wording::name(id);
            let message = format!("there is no delivery `{id}`, or its channel was removed");
            return Err(Problem::not_found(message));
        }
        self.noted(by, Action::Redelivered, id, None, None).await;
        Ok(())
    }

    fn checked_url(&self, url: &str) -> Result<String, Problem> {
        address::check_url(url.trim(), &self.means.addresses)
            .map(String::from)
            .map_err(|error| Problem::invalid(error.code(), error.to_string()))
    }
}

fn checked_name(name: &str) -> Result<String, Problem> {
    let name = name.trim();
    if name.is_empty() || name.len() > LONGEST_NAME {
        return Err(Problem::invalid(
            "invalid_name",
            format!("a channel's name has 1 to {LONGEST_NAME} bytes"),
        ));
    }
    if holds_key(name) {
        let message = "the name holds an API key or a secret, which is stored nowhere: give it another";
        return Err(Problem::invalid("secret_refused", message));
    }
    Ok(name.to_owned())
}

/// A channel as the audit log tells of it. Its address may hold a token, so only where it leads is said.
fn told(record: &ChannelRecord) -> serde_json::Value {
    let ChannelRecord { channel, enabled, .. } = record;
    let host = url::Url::parse(&channel.url).ok().and_then(|url| url.host_str().map(str::to_owned));
    serde_json::json!({ "name": channel.name, "kind": channel.kind, "host": host, "enabled": enabled })
}
