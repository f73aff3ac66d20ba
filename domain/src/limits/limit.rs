//! A limit as people set it.

use jiff::tz::TimeZone;
use vocabulary::Dimension;

use super::kind::{Kind, Unit};
use super::pools::{self, Pools};
use crate::pricing::canonical;
use crate::usage::{EndpointClass, Endpoints, Event, holds_key};

pub(super) const LONGEST_NAME: usize = 128;
const LONGEST_VALUE: usize = 256;
const HIGHEST_PERCENT: u32 = 1_000;

/// A rule that usage can approach or exceed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limit {
    pub id: String,
    pub name: String,
    /// What it counts, and over which window.
    pub kind: &'static Kind,
    /// What a window allows, in the kind's own unit (nano-dollars for spend).
    pub amount: i64,
    /// Which events it covers.
    pub scope: Scope,
    /// IANA time zone of its calendar windows; nothing for the configured one.
    pub time_zone: Option<String>,
    /// Percent of the amount at which a warning is raised.
    pub warn_percent: u32,
    /// Percent of the amount at which it becomes critical.
    pub critical_percent: u32,
    /// Where the amount comes from.
    pub source: Source,
    /// Whether it is evaluated.
    pub enabled: bool,
    /// Whether the proxy refuses calls while it is exhausted.
    pub enforce: bool,
    /// Of a limit on requests, which calls it counts. Tokens and money count wherever they were used.
    pub endpoints: Endpoints,
    /// Grows with every change.
    pub revision: u64,
}

/// Which events a limit covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Scope {
    /// All of them, together.
    Everything,
    /// Those with one value.
    One(Dimension, String),
    /// Each value by itself: one standing per value.
    Each(Dimension),
    /// Those that come out of one bucket of the provider.
    Pool {
        /// The organization; empty when nothing tells.
        organization: String,
        /// The workspace; empty when nothing tells.
        workspace: String,
        /// The models, endpoint or tier that share it.
        pool: String,
    },
}

/// Words that name no scope.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScopeError {
    /// There is a value, and nothing says of what.
    #[error("a scope with a `value` needs a `dimension`")]
    NoDimension,
    /// There is no such dimension.
    #[error("the scope's dimension {0}")]
    UnknownDimension(String),
}

impl Scope {
    /// The scope that a dimension's word and a value name: no dimension is everything, no value is each value.
    pub fn of_words(dimension: Option<&str>, value: Option<String>) -> Result<Scope, ScopeError> {
        let Some(word) = dimension else {
            return if value.is_none() { Ok(Scope::Everything) } else { Err(ScopeError::NoDimension) };
        };
        let dimension: Dimension = word.parse().map_err(ScopeError::UnknownDimension)?;
        Ok(match value {
            Some(value) => Scope::One(dimension, value),
            None => Scope::Each(dimension),
        })
    }

    /// The value under which an event counts, in a limit on this unit: empty for everything and for a pool, nothing
    /// when it is not covered. `pools` are those of the event.
    fn value_of<'a>(&'a self, event: &'a Event, pools: &Pools, unit: Unit) -> Option<&'a str> {
        let dimensions = &event.dimensions;
        match self {
            Scope::Everything => Some(""),
            Scope::One(dimension, _) | Scope::Each(dimension) => self.covers(dimensions.get(*dimension)),
            Scope::Pool { organization, workspace, pool } => {
                let covers = pools.count_in(pool, unit)
                    && dimensions.organization == *organization
                    && dimensions.workspace == *workspace;
                covers.then_some("")
            }
        }
    }

    /// The value under which one of its dimension counts. A model has many spellings: asked for by its alias it answers
    /// by the name of its snapshot, and who names either means both.
    pub fn covers<'a>(&'a self, actual: &'a str) -> Option<&'a str> {
        match self {
            Scope::Everything | Scope::Pool { .. } => None,
            Scope::One(Dimension::Model, value) => (canonical(actual) == canonical(value)).then_some(value),
            Scope::One(_, value) => (actual == value).then_some(value),
            Scope::Each(_) => (!actual.is_empty()).then_some(actual),
        }
    }

    /// The dimension, unless it covers everything or a pool.
    pub fn dimension(&self) -> Option<Dimension> {
        match self {
            Scope::Everything | Scope::Pool { .. } => None,
            Scope::One(dimension, _) | Scope::Each(dimension) => Some(*dimension),
        }
    }

    /// The one value it covers.
    pub fn value(&self) -> Option<&str> {
        match self {
            Scope::One(_, value) => Some(value),
            Scope::Everything | Scope::Each(_) | Scope::Pool { .. } => None,
        }
    }
}

/// Where a limit's amount comes from, most trusted last.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// A plan Tacho knows, or the example of a fresh start.
    Preset,
    /// Typed in the interface or through the API.
    Typed,
    /// `tacho.toml`.
    File,
    /// The provider's Rate Limits API.
    Api,
    /// Response headers.
    Learned,
}

impl Source {
    const ALL: [Source; 5] = [Source::Preset, Source::Typed, Source::File, Source::Api, Source::Learned];

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Source::Preset => "preset",
            Source::Typed => "typed",
            Source::File => "file",
            Source::Api => "api",
            Source::Learned => "learned",
        }
    }

    /// The source with this word.
    pub fn from_word(word: &str) -> Option<Source> {
        Source::ALL.into_iter().find(|source| source.word() == word)
    }
}

/// Why a limit makes no sense.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LimitError {
    /// The name is empty or too long.
    #[error("a limit's name has 1 to {LONGEST_NAME} bytes")]
    Name,
    /// The amount is negative.
    #[error("a limit's amount is 0 or more")]
    Amount,
    /// The thresholds are out of order.
    #[error(
        "the thresholds must be 1 <= warning <= critical <= {HIGHEST_PERCENT} percent, for example 80 and 100"
    )]
    Thresholds,
    #[error("`{0}` is no time zone: use an IANA name such as `UTC` or `Asia/Seoul`")]
    TimeZone(String),
    /// The provider enforces its own.
    #[error(
        "a learned limit is enforced by the provider: add a limit of your own beside it to have calls refused earlier, or use the policy `queue`"
    )]
    Enforced,
    /// It covers no endpoints, or is no limit on requests.
    #[error("{0}")]
    Endpoints(&'static str),
    /// The name or the scope's value is, or holds, a key or secret.
    #[error(
        "the name or the scope's value holds an API key or a secret, which is stored nowhere: for a limit on a key take the fingerprint that Tacho shows for it, such as key_0123456789ab..WXYZ"
    )]
    HoldsKey,
    /// The value of a scope is empty or too long.
    #[error("the value of a scope has 1 to {LONGEST_VALUE} bytes; leave it out to cover each value")]
    ScopeValue,
}

impl LimitError {
    /// Its stable code.
    pub fn code(&self) -> &'static str {
        match self {
            LimitError::Name => "invalid_name",
            LimitError::Amount => "invalid_amount",
            LimitError::Thresholds => "invalid_threshold",
            LimitError::TimeZone(_) => "invalid_time_zone",
            LimitError::ScopeValue => "invalid_scope",
            LimitError::HoldsKey => "secret_refused",
            LimitError::Enforced => "learned_enforced",
            LimitError::Endpoints(_) => "invalid_endpoints",
        }
    }
}

impl Limit {
    /// The value under which an event counts: empty for everything and for a pool, nothing when it is not covered.
    /// `pools` are those of the event.
    ///
    /// A pool says by itself which endpoints come out of it; a limit of one's own on requests says which it covers.
    pub fn value_of<'a>(&'a self, event: &'a Event, pools: &Pools) -> Option<&'a str> {
        if !self.counts(event.endpoint_class) {
            return None;
        }
        self.scope.value_of(event, pools, self.kind.unit)
    }

    /// It is an example of a fresh start that nobody has touched.
    pub fn is_example(&self) -> bool {
        self.source == Source::Preset && self.revision == 1
    }

    /// Whether an example has served: with this limit beside it, it would warn of what nobody has asked for.
    pub fn replaces(&self, example: &Limit) -> bool {
        let is_of_api = self.source == Source::Learned;
        example.is_example() && !self.is_example() && (is_of_api || self.kind.word == example.kind.word)
    }

    /// Words of the endpoints that calls it counts go to. What comes out of a pool the provider says; and tokens and money
    /// count wherever they were used.
    pub fn endpoint_words(&self) -> Vec<String> {
        if !self.kind.counts_requests() || matches!(self.scope, Scope::Pool { .. }) {
            return Vec::new();
        }
        self.endpoints.classes().map(|class| class.word().to_owned()).collect()
    }

    /// Whether it counts calls of this class, by what it says of itself.
    pub fn counts(&self, class: EndpointClass) -> bool {
        let is_own_count = self.kind.counts_requests() && !matches!(self.scope, Scope::Pool { .. });
        !is_own_count || self.endpoints.covers(class)
    }

    /// Fast mode is not granted: the provider says so with a limit of 0, which nobody needs to be warned of.
    pub fn is_not_provisioned(&self) -> bool {
        let is_fast = matches!(&self.scope, Scope::Pool { pool, .. } if pools::is_fast(pool));
        is_fast && self.amount == 0
    }

    /// Whether it makes sense.
    pub fn check(&self) -> Result<(), LimitError> {
        if self.name.trim().is_empty() || self.name.len() > LONGEST_NAME {
            return Err(LimitError::Name);
        }
        if holds_key(&self.name) || self.scope.value().is_some_and(holds_key) {
            return Err(LimitError::HoldsKey);
        }
        if self.amount < 0 {
            return Err(LimitError::Amount);
        }
        if !(1 <= self.warn_percent
            && self.warn_percent <= self.critical_percent
            && self.critical_percent <= HIGHEST_PERCENT)
        {
            return Err(LimitError::Thresholds);
        }
        if self.enforce && self.source == Source::Learned {
            return Err(LimitError::Enforced);
        }
        if self.endpoints.is_empty() {
            return Err(LimitError::Endpoints(
                "a limit covers at least one kind of endpoint; leave `endpoints` out for what generates",
            ));
        }
        if self.endpoints != Endpoints::default() && !self.kind.counts_requests() {
            return Err(LimitError::Endpoints(
                "only limits on requests say which endpoints they cover: tokens and money count wherever they were used; \
                 leave `endpoints` out",
            ));
        }
        if let Some(zone) = &self.time_zone
            && TimeZone::get(zone).is_err()
        {
            return Err(LimitError::TimeZone(zone.clone()));
        }
        match self.scope.value() {
            Some(value) if value.is_empty() || value.len() > LONGEST_VALUE => Err(LimitError::ScopeValue),
            _ => Ok(()),
        }
    }
}
