//! An event: one HTTP attempt against the Claude API, as reported.

use vocabulary::Dimension;

use super::{Dimensions, EndpointClass, Handling, Iteration, Remarks, Usage, are_untold};

/// What an event takes in memory beside its texts, in bytes.
const BARE_BYTES: usize = 512;
/// What an attempt takes, and what a label takes beside its texts.
const ITERATION_BYTES: usize = 128;
const LABEL_BYTES: usize = 64;

/// From this HTTP status on nothing was answered but an error.
pub const FAILED_FROM: u16 = 400;
/// The HTTP status of what is refused for a limit.
pub const THROTTLED: u16 = 429;

/// One HTTP attempt against the Claude API.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Event {
    /// Unique within a project; the API's `request-id` where it is known.
    pub id: String,
    /// When the request was sent, Unix milliseconds.
    pub at_ms: i64,
    /// The reporter gave no time, so `at_ms` is when Tacho received the event.
    pub at_assigned: bool,
    /// When Tacho received it, Unix milliseconds.
    pub received_at_ms: i64,
    /// From sending the request to the end of the answer.
    pub duration_ms: Option<u64>,
    /// From sending the request to the first generated token.
    pub ttft_ms: Option<u64>,
    /// The API's endpoint, e.g. `messages`.
    pub endpoint: String,
    /// What the provider counts it with.
    pub endpoint_class: EndpointClass,
    /// Whether the answer was streamed.
    pub stream: bool,
    /// HTTP status; nothing when unknown.
    pub status: Option<u16>,
    pub outcome: Outcome,
    /// What the API answered instead of a message.
    pub failure: Option<ApiFailure>,
    /// Why generation stopped.
    pub stop_reason: String,
    /// The request's `max_tokens`.
    pub max_tokens: Option<u64>,
    /// The client library's retry count: 0 for a first attempt.
    pub attempt: u32,
    /// What the proxy's policies did with it.
    pub handling: Handling,
    /// What it used; all that is billed, when the API said so attempt by attempt.
    pub usage: Usage,
    /// The output count is an estimate: the answer was not heard to its end.
    pub estimated: bool,
    /// What was used attempt by attempt, when the API said so; otherwise empty.
    pub iterations: Vec<Iteration>,
    /// The tier that served it.
    pub service_tier: ServiceTier,
    pub fast: bool,
    /// Served with `inference_geo: "us"`.
    pub geo_us: bool,
    /// Who and what for.
    pub dimensions: Dimensions,
    /// What of it could not be taken as it was given.
    pub remarks: Remarks,
}

impl Event {
    /// An error, by its status, by an `error` inside a 200 stream, or because the answer never came to its end. A
    /// caller that did not want the rest is none.
    pub fn is_error(&self) -> bool {
        self.has_failed() || self.failure.is_some() || self.outcome.is_broken()
    }

    /// Refused for a limit.
    pub fn is_throttled(&self) -> bool {
        self.status == Some(THROTTLED)
    }

    /// Its usage is not known, or not all of it: neither where an iteration that is billed does not tell its own, so
    /// that what is known is the least there was. A refused request without any has used nothing.
    pub fn has_unknown_usage(&self) -> bool {
        let used_nothing = self.has_failed() && self.usage == Usage::default();
        self.usage.is_incomplete() && !used_nothing || are_untold(&self.iterations)
    }

    fn has_failed(&self) -> bool {
        self.status.is_some_and(|status| status >= FAILED_FROM)
    }

    /// About what it takes in memory, in bytes.
    pub fn memory_bytes(&self) -> usize {
        let Event { id, endpoint, stop_reason, iterations, dimensions, remarks, .. } = self;
        let values: usize = Dimension::ALL.iter().map(|dimension| dimensions.get(*dimension).len()).sum();
        let labels: usize =
            dimensions.labels.iter().map(|(name, value)| name.len() + value.len() + LABEL_BYTES).sum();
        let iterations = iterations.len() * ITERATION_BYTES;
        let remarks: usize = remarks.iter().map(|remark| remark.field.len() + LABEL_BYTES).sum();
        BARE_BYTES + id.len() + endpoint.len() + stop_reason.len() + iterations + values + labels + remarks
    }

    /// When its answer ended, Unix milliseconds; when it was sent, if the duration is unknown.
    pub fn end_ms(&self) -> i64 {
        self.at_ms.saturating_add_unsigned(self.duration_ms.unwrap_or(0))
    }

    /// When it was sent, Unix milliseconds. Where the reporter gave no time it has just told of what had ended then.
    pub fn sent_ms(&self) -> i64 {
        let taken_ms = if self.at_assigned { self.duration_ms.unwrap_or(0) } else { 0 };
        self.at_ms.saturating_sub_unsigned(taken_ms)
    }

    /// When its answer ended, Unix milliseconds, counted from [`Event::sent_ms`].
    pub fn answered_ms(&self) -> i64 {
        self.sent_ms().saturating_add_unsigned(self.duration_ms.unwrap_or(0))
    }

    /// When its first token was generated, Unix milliseconds; when it was sent, if unknown.
    pub fn first_token_ms(&self) -> i64 {
        self.at_ms.saturating_add_unsigned(self.ttft_ms.unwrap_or(0)).min(self.end_ms())
    }
}

/// The API's error object.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ApiFailure {
    /// `error.type`, e.g. `rate_limit_error`.
    pub kind: String,
    /// `error.details.error_code`, e.g. `ramp_limit_exceeded`; empty when there is none.
    pub code: String,
}

/// How an attempt ended.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// The answer came to its end, whatever it said.
    #[default]
    Complete,
    /// The caller went away first.
    ClientCancelled,
    /// The answer broke off.
    Interrupted,
    /// There was no answer: the API could not be reached.
    Unreachable,
}

impl Outcome {
    /// Every outcome, in the order they are stored by.
    pub const ALL: [Outcome; 4] =
        [Outcome::Complete, Outcome::ClientCancelled, Outcome::Interrupted, Outcome::Unreachable];

    /// The answer never came to its end, and not because the caller went away.
    pub fn is_broken(self) -> bool {
        matches!(self, Outcome::Interrupted | Outcome::Unreachable)
    }

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Outcome::Complete => "complete",
            Outcome::ClientCancelled => "client_cancelled",
            Outcome::Interrupted => "interrupted",
            Outcome::Unreachable => "unreachable",
        }
    }

    /// The outcome with this word.
    pub fn from_word(word: &str) -> Option<Outcome> {
        Outcome::ALL.into_iter().find(|outcome| outcome.word() == word)
    }
}

/// `usage.service_tier`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub enum ServiceTier {
    /// Ordinary requests, also when the tier is unknown.
    #[default]
    Standard,
    /// Committed capacity.
    Priority,
    /// Message Batches, at half price.
    Batch,
}
