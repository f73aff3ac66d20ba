//! What people and programs ask, and what they are answered.

use async_trait::async_trait;
use domain::rollup::Grain;
use domain::usage::{Policy, RemarkCode};
use vocabulary::{Filter, Measure};

use super::{Busiest, EventQuery, SeriesQuery, SeriesRow, StoreError, StoredEvent};

/// Answers to questions that people and programs ask. Each has a budget: what takes longer ends as
/// [`StoreError::OverBudget`], what waits too long for others to be answered as [`StoreError::Crowded`].
#[async_trait]
pub trait Answers: Send + Sync {
    /// As [`Ledger::series`](super::Ledger::series), but only so many groups: the largest, and all the others as one, [`OVERFLOW`](super::OVERFLOW).
    async fn top_series(&self, query: &SeriesQuery, most: Most) -> Result<TopSeries, StoreError>;

    /// How much there was in the busiest window of each bucket, all groups together, in order of bucket and without
    /// those in which there was nothing. Buckets are whole windows, in UTC. Of each measure it is the most of any window:
    /// not all need be of the same one.
    async fn busiest(
        &self,
        query: &SeriesQuery,
        window: Grain,
        of: &[Measure],
    ) -> Result<Vec<Busiest>, StoreError>;

    /// The latest minute in which the API refused calls for a limit, from one time (inclusive) to another (exclusive),
    /// which are widened to whole minutes. Filters are as in [`SeriesQuery`].
    async fn last_throttled(
        &self,
        from_ms: i64,
        to_ms: i64,
        filters: &[Filter],
    ) -> Result<Option<Throttled>, StoreError>;

    /// When Tacho did not run: stretches from a run to the next, of [`RESTART_MS`](super::RESTART_MS) or longer, as far as
    /// they lie from one time to another, in order. Of more than [`MOST_GAPS`] the longest are told. Before the run that
    /// was noted first there is none, nor after the beginning of the one that was noted last.
    async fn gaps(&self, from_ms: i64, to_ms: i64) -> Result<Vec<(i64, i64)>, StoreError>;

    /// As [`Ledger::events`](super::Ledger::events).
    async fn page_of_events(&self, query: &EventQuery) -> Result<Vec<StoredEvent>, StoreError>;

    /// What each policy of the proxy did from one time (inclusive) to another (exclusive), in the order of
    /// [`Policy::ALL`](domain::usage::Policy::ALL) and without those that did nothing. Filters are as in [`SeriesQuery`].
    async fn policy_actions(
        &self,
        from_ms: i64,
        to_ms: i64,
        filters: &[Filter],
    ) -> Result<Vec<PolicyActions>, StoreError>;

    /// What of the events since a time could not be taken as it was given; nothing where all could.
    async fn remarked(&self, since_ms: i64) -> Result<Vec<Remarked>, StoreError>;
}

/// Gaps that are told at most.
pub const MOST_GAPS: usize = 200;

/// Which groups of an answer are told apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Most {
    /// So many, and at least one; every other is one with them, [`OVERFLOW`](super::OVERFLOW)(super::OVERFLOW).
    pub groups: usize,
    /// Those with the most of this.
    pub by: Measure,
}

/// The largest groups of an answer.
#[derive(Debug, Clone, PartialEq)]
pub struct TopSeries {
    /// Their rows and those of all the others, in order of bucket.
    pub rows: Vec<SeriesRow>,
    /// How many groups there are, told apart or not.
    pub groups: u64,
}

/// A minute in which the API refused calls for a limit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Throttled {
    /// Its start, Unix milliseconds.
    pub minute_ms: i64,
    /// How many calls.
    pub calls: u64,
    /// The models that they asked for.
    pub models: Largest,
    /// The projects that they came from.
    pub projects: Largest,
}

/// What some calls have of a dimension.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Largest {
    /// The value of most of them, of as many the first by name; empty for those without one.
    pub value: String,
    /// How many calls have it.
    pub calls: u64,
    /// How many values there are.
    pub values: u64,
}

impl Largest {
    /// Of values, each with its calls.
    pub fn of(values: impl IntoIterator<Item = (String, u64)>) -> Self {
        values.into_iter().fold(Largest::default(), |largest, (value, calls)| {
            let values = largest.values + 1;
            let is_first = largest.calls == calls && value < largest.value;
            match calls > largest.calls || is_first {
                true => Largest { value, calls, values },
                false => Largest { values, ..largest },
            }
        })
    }
}

/// What a policy did over a stretch of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PolicyActions {
    pub policy: Policy,
    /// Attempts that it added: calls that were sent to the API again.
    pub retries: u64,
    /// Calls that Tacho answered itself, with what it had kept.
    pub answered: u64,
    pub refused: u64,
    /// Calls whose callers went away while they waited to be sent.
    pub given_up: u64,
    /// Calls that waited, and were sent then.
    pub waited: u64,
    /// What half of those waited at most, in milliseconds; nothing when none waited.
    pub wait_p50_ms: Option<u64>,
    /// What 99 of 100 of those waited at most, in milliseconds; nothing when none waited.
    pub wait_p99_ms: Option<u64>,
}

impl PolicyActions {
    /// A policy that has done nothing.
    pub fn none(policy: Policy) -> Self {
        PolicyActions {
            policy,
            retries: 0,
            answered: 0,
            refused: 0,
            given_up: 0,
            waited: 0,
            wait_p50_ms: None,
            wait_p99_ms: None,
        }
    }

    /// Whether it has done anything at all.
    pub fn is_none(&self) -> bool {
        *self == Self::none(self.policy)
    }
}

/// How many events have a remark of one code.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct Remarked {
    /// What was not taken as it was given.
    pub code: RemarkCode,
    /// Events with such a remark, on whichever fields.
    pub events: u64,
    /// The same by field, most first; no more than 20.
    pub fields: Vec<RemarkedField>,
}

impl Remarked {
    /// Puts together what was counted: events by code and field, and without a field by code alone. In the order of
    /// [`RemarkCode::ALL`].
    pub fn of(counted: impl IntoIterator<Item = (RemarkCode, Option<String>, u64)>) -> Vec<Remarked> {
        let mut all = RemarkCode::ALL.map(|code| Remarked { code, events: 0, fields: Vec::new() });
        for (code, field, events) in counted {
            let remarked = &mut all[code as usize];
            match field {
                Some(field) => remarked.fields.push(RemarkedField { field, events }),
                None => remarked.events = events,
            }
        }
        for Remarked { fields, .. } in &mut all {
            fields.sort_by(|a, b| (b.events, &a.field).cmp(&(a.events, &b.field)));
            fields.truncate(MOST_REMARKED);
        }
        all.into_iter().filter(|remarked| remarked.events > 0).collect()
    }
}

/// How many events have a remark on one field.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize)]
pub struct RemarkedField {
    /// The field or header.
    pub field: String,
    /// Events with a remark on it.
    pub events: u64,
}

/// Fields of one code that are told of.
const MOST_REMARKED: usize = 20;
