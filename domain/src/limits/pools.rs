//! Which bucket of the provider a request comes out of.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

use super::kind::Unit;
use crate::pricing::{FIRST_PARTY, Spelling, canonical, lower};
use crate::usage::{EndpointClass, Event, NO_MODEL, ServiceTier, endpoint};

/// The pool of subscription windows, which all models share.
pub const SUBSCRIPTION: &str = "subscription";

const FAST: &str = " fast";
const PRIORITY: &str = " priority";
/// Where items of a batch count: not in the pool of their model, and no header tells of it.
const BATCH_ITEMS: &str = "batch items";

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    pool: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: String,
    models: Vec<String>,
}

/// Names of pools by model.
static POOLS: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    // A test reads the same text: a mistake in it does not leave the workshop.
    let file = toml::from_str(include_str!("pools.toml")).unwrap_or(File { pool: Vec::new() });
    let named = |row: Row| row.models.into_iter().map(move |model| (model, row.name.clone()));
    file.pool.into_iter().flat_map(named).collect()
});

/// How requests are served; each tier has buckets of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tier {
    /// Ordinary requests.
    Standard,
    Fast,
    /// Committed capacity.
    Priority,
}

/// The pools that one request counts in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pools<'a> {
    standard: Cow<'a, str>,
    fast: bool,
    priority: bool,
}

impl<'a> Pools<'a> {
    /// The pools of an event. Message Batches, token counting, Files and whatever else is no message have pools of
    /// their own, whatever the model.
    pub fn of(event: &'a Event) -> Self {
        let path = endpoint::path(&event.endpoint);
        let apart = match event.endpoint_class {
            class @ (EndpointClass::CountTokens
            | EndpointClass::Batches
            | EndpointClass::Files
            | EndpointClass::Agents) => Some(class.word()),
            _ if event.service_tier == ServiceTier::Batch => Some(BATCH_ITEMS),
            EndpointClass::Messages if path.is_empty() || endpoint::listed(path).is_some() => None,
            EndpointClass::Messages | EndpointClass::Other => Some(path),
        };
        let standard = standard(&event.dimensions.model, apart);
        Pools { standard, fast: event.fast, priority: event.service_tier == ServiceTier::Priority }
    }

    /// The pools of messages by a model.
    pub fn of_model(model: &'a str) -> Self {
        Pools { standard: standard(model, None), fast: false, priority: false }
    }

    /// The name of the pool whose bucket a tier's headers tell of.
    pub fn name(&self, tier: Tier) -> String {
        match tier {
            Tier::Standard => self.standard.clone().into_owned(),
            Tier::Fast => format!("{}{FAST}", self.standard),
            Tier::Priority => format!("{}{PRIORITY}", self.standard),
        }
    }

    /// Whether the request comes out of a pool's bucket of requests or of tokens.
    ///
    /// Fast mode has buckets of tokens alone, so that its requests count with the others. What the priority tier
    /// serves comes out of its own buckets and out of the ordinary ones.
    pub fn count_in(&self, pool: &str, unit: Unit) -> bool {
        match pool.strip_prefix(&*self.standard) {
            Some("") => !self.fast || unit == Unit::Requests,
            Some(FAST) => self.fast,
            Some(PRIORITY) => self.priority,
            _ => false,
        }
    }
}

/// The pool of messages by a model, or of something else that is counted `apart`. Those without a provider in their
/// names are the pools of the Claude API: a cloud or a gateway has quotas of its own for the same model, and what nobody
/// knows by its name comes out of no bucket that is known.
fn standard<'a>(model: &'a str, apart: Option<&'a str>) -> Cow<'a, str> {
    let name = lower(model);
    let spelling = Spelling::of(&name);
    let plain = || spelling.model.unwrap_or_else(|| canonical(model));
    match (spelling.provider, apart) {
        (Some(FIRST_PARTY), Some(apart)) => Cow::Borrowed(apart),
        (Some(FIRST_PARTY), None) => Cow::Borrowed(POOLS.get(plain()).map_or_else(plain, String::as_str)),
        (Some(provider), apart) => Cow::Owned(format!("{provider} {}", apart.unwrap_or_else(plain))),
        (None, Some(apart)) if model == NO_MODEL => Cow::Borrowed(apart),
        (None, Some(apart)) => Cow::Owned(format!("{model} {apart}")),
        (None, None) => Cow::Borrowed(model),
    }
}

/// The tier whose bucket a pool's name means.
pub fn tier(pool: &str) -> Tier {
    if pool.ends_with(PRIORITY) {
        Tier::Priority
    } else if is_fast(pool) {
        Tier::Fast
    } else {
        Tier::Standard
    }
}

/// Whether a pool is one of fast mode.
pub fn is_fast(pool: &str) -> bool {
    pool.ends_with(FAST)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::usage::{Dimensions, Usage};

    fn event(model: &str, endpoint: &str) -> Event {
        let dimensions = Dimensions { model: model.to_owned(), ..Dimensions::default() };
        let endpoint_class = EndpointClass::of(endpoint, &Usage::default());
        Event { endpoint: endpoint.to_owned(), endpoint_class, dimensions, ..Event::default() }
    }

    fn pool(model: &str, endpoint: &str) -> String {
        Pools::of(&event(model, endpoint)).name(Tier::Standard)
    }

    #[test]
    fn the_table_is_read_and_names_no_model_twice() {
        let file: File = toml::from_str(include_str!("pools.toml")).expect("a table");
        let listed: usize = file.pool.iter().map(|row| row.models.len()).sum();
        assert_eq!(POOLS.len(), listed);
        assert!(file.pool.iter().flat_map(|row| &row.models).all(|model| canonical(model) == model));
    }

    #[test]
    fn models_of_one_line_share_a_pool_and_others_do_not() {
        for model in ["claude-opus-4-8", "claude-opus-4-7", "anthropic/claude-opus-4-5-20251101"] {
            assert_eq!(pool(model, "messages"), "Opus 4.x", "{model}");
        }
        assert_eq!(pool("claude-opus-5", ""), "Opus 5");
        assert_eq!(pool("claude-opus-5-5", "/v1/messages?beta=true"), "Opus 5.5");
        assert_eq!(pool("Claude-Sonnet-4.5", "messages"), "Sonnet 4.x");
        assert_eq!(pool("claude-sonnet-4-5[1m]", "messages"), "Sonnet 4.x");
        assert_eq!(pool("claude-next-6-20270101", "messages"), "claude-next-6");
    }

    #[test]
    fn whoever_else_serves_a_model_has_a_pool_of_its_own_for_it() {
        for (model, name) in [
            ("claude-sonnet-4-5@20250929", "vertex claude-sonnet-4-5"),
            ("us.anthropic.claude-sonnet-4-5-20250929-v1:0", "bedrock claude-sonnet-4-5"),
            ("bedrock/us-east-1/anthropic.claude-opus-5", "bedrock claude-opus-5"),
            ("us.anthropic.claude-next-6-v1:0", "bedrock claude-next-6"),
            ("openrouter/anthropic/claude-sonnet-4.5", "openrouter claude-sonnet-4-5"),
            ("somewhere/claude-sonnet-4-5", "somewhere/claude-sonnet-4-5"),
        ] {
            assert_eq!(pool(model, "messages"), name, "{model}");
            for unit in [Unit::Requests, Unit::Tokens] {
                assert!(!Pools::of_model(model).count_in("Sonnet 4.x", unit), "{model}");
            }
        }
        assert_eq!(pool("us.anthropic.claude-sonnet-4-5", "count_tokens"), "bedrock count_tokens");
        assert_eq!(pool("claude-sonnet-4-5", "count_tokens"), "count_tokens");
    }

    #[test]
    fn what_is_no_message_has_a_pool_of_its_own() {
        for (endpoint, name) in [
            ("count_tokens", "count_tokens"),
            ("messages/count_tokens", "count_tokens"),
            ("/v1/messages/batches", "batches"),
            ("messages/batches/msgbatch_1/results", "batches"),
            ("files", "files"),
            ("models", "models"),
        ] {
            assert_eq!(pool("claude-opus-5", endpoint), name, "{endpoint}");
            assert_eq!(pool(NO_MODEL, endpoint), name, "{endpoint}");
        }
        let item = Event { service_tier: ServiceTier::Batch, ..event("claude-opus-5", "messages") };
        assert_eq!(Pools::of(&item).name(Tier::Standard), "batch items");
    }

    #[test]
    fn tiers_have_buckets_of_their_own() {
        let fast = Event { fast: true, ..event("claude-opus-5", "messages") };
        let priority = Event { service_tier: ServiceTier::Priority, ..event("claude-opus-5", "messages") };
        for (event, pool, unit, counts) in [
            (&fast, "Opus 5", Unit::Tokens, false),
            (&fast, "Opus 5", Unit::Requests, true),
            (&fast, "Opus 5 fast", Unit::Tokens, true),
            (&fast, "Opus 5 priority", Unit::Tokens, false),
            (&priority, "Opus 5", Unit::Tokens, true),
            (&priority, "Opus 5 priority", Unit::Tokens, true),
            (&priority, "Opus 5 fast", Unit::Tokens, false),
            (&priority, "Opus 5.5", Unit::Tokens, false),
        ] {
            assert_eq!(Pools::of(event).count_in(pool, unit), counts, "{pool} {unit:?}");
        }
        assert!(is_fast(&Pools::of(&fast).name(Tier::Fast)));
    }
}
