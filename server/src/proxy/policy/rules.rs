//! `[[policies]]`: what the proxy may do beyond passing calls on.

use serde::Deserialize;
use toml::{Table, Value};

/// One policy, and which calls it looks after.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(try_from = "Table")]
pub struct PolicyEntry {
    /// Only calls of this project; nothing for all.
    pub project: Option<String>,
    /// Only calls to this pool of models; nothing for all.
    pub pool: Option<String>,
    /// What it does.
    pub rule: PolicyRule,
}

/// What a policy does, named by `policy`.
#[derive(Debug, Clone, PartialEq)]
pub enum PolicyRule {
    Queue(QueueRule),
    Retry(RetryRule),
    Cache(CacheRule),
    Cooldown(CooldownRule),
}

impl TryFrom<Table> for PolicyEntry {
    type Error = String;

    // By hand, so that a misspelt setting is a mistake: serde forgives those in what it flattens.
    fn try_from(mut table: Table) -> Result<Self, String> {
        let mut text = |name: &str| match table.remove(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(format!("`{name}` of a policy must be text in \"quotes\"")),
        };
        let (policy, project, pool) = (text("policy")?, text("project")?, text("pool")?);
        let policy = policy.unwrap_or_default();
        let rest = Value::Table(table);
        let rule = match policy.as_str() {
            "queue" => rest.try_into().map(PolicyRule::Queue),
            "retry" => rest.try_into().map(PolicyRule::Retry),
            "cache" => rest.try_into().map(PolicyRule::Cache),
            "cooldown" => rest.try_into().map(PolicyRule::Cooldown),
            _ => return Err(format!("`policy` is `{policy}`; there are: queue, retry, cache, cooldown")),
        };
        let rule = rule.map_err(|error| format!("policy `{policy}`: {}", error.message()))?;
        Ok(PolicyEntry { project, pool, rule })
    }
}

/// Lets calls wait until the pool has room.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct QueueRule {
    pub max_wait_s: u64,
    pub max_waiting: usize,
}

impl Default for QueueRule {
    fn default() -> Self {
        QueueRule { max_wait_s: 60, max_waiting: 1_000 }
    }
}

/// Sends calls again that the API could not take.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RetryRule {
    /// How often a call is sent again at most.
    pub max_retries: u32,
    /// How long one pause may be; when the API asks for a longer one, its answer is passed on.
    pub max_pause_s: u64,
    /// How many retries there may be for a hundred calls, so that they never are most of the traffic.
    pub budget_percent: u64,
}

impl Default for RetryRule {
    fn default() -> Self {
        RetryRule { max_retries: 3, max_pause_s: 30, budget_percent: 20 }
    }
}

/// Answers again what was answered before.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CacheRule {
    /// How long an answer is good.
    pub ttl_s: u64,
    /// What all answers together may take in memory.
    pub max_bytes: u64,
}

impl Default for CacheRule {
    fn default() -> Self {
        CacheRule { ttl_s: 3_600, max_bytes: 64 << 20 }
    }
}

/// Keeps a distance between calls.
#[derive(Debug, Clone, PartialEq, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CooldownRule {
    /// The distance between the starts of two calls.
    pub spacing_ms: u64,
    /// Between the calls of whom.
    pub per: Per,
}

impl Default for CooldownRule {
    fn default() -> Self {
        CooldownRule { spacing_ms: 1_000, per: Per::User }
    }
}

/// Whose calls a cooldown keeps apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Per {
    User,
    Session,
}
