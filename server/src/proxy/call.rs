//! One call through the proxy, from its request to the end of its answer: what is known of it, gathered on the way.

use std::time::Duration;

use domain::meter::{BatchItem, Endpoint, Metered, UsageMeter};
use domain::read::event::assigned_id;
use domain::usage::{
    ApiFailure, Dimensions, EndpointClass, Event, Handling, NO_MODEL, Outcome, Policy, RemarkCode, Remarks,
    Usage, estimate_output, name,
};
use http::{HeaderMap, StatusCode, header};

use super::guard::guarded;
use super::headers::AboutLimits;
use super::journal::{Journal, Recorded};
use super::policy::enforce::OpenCall;
use super::refusal::UNREADABLE;
use super::request::RequestFacts;
use super::request_ids::{LONGEST_ID, RequestIds};
use crate::clock::Clock;

/// Bytes of text per token, as 7 to 2: Anthropic's glossary says about 3.5 characters of English. Newer models make
/// more tokens of the same text, so this is rather too few.
const BYTES_PER_TOKENS: (u64, u64) = (7, 2);

/// A call. Dropping it writes its one event, wherever it has come to by then.
pub struct Call {
    journal: Journal,
    request_ids: RequestIds,
    clock: Clock,
    at_ms: i64,
    endpoint: Endpoint,
    endpoint_word: String,
    class: EndpointClass,
    attempt: u32,
    handling: Handling,
    dimensions: Dimensions,
    remarks: Remarks,
    request: RequestFacts,
    answered: Option<Answered>,
    /// What went wrong, where the API does not say it.
    failure: Option<ApiFailure>,
    /// When the first token passed, Unix milliseconds.
    first_token_at_ms: Option<i64>,
    /// How it ended and when, once it has.
    end: Option<(Outcome, i64)>,
    /// For limits that are enforced it is open until it is dropped, and counted until its event is stored.
    open: Option<OpenCall>,
}

/// What the head of the answer said.
struct Answered {
    id: Option<String>,
    status: u16,
    headers: AboutLimits,
    /// Nothing once it has failed: then the usage is unknown.
    meter: Option<UsageMeter>,
}

/// What is known when a request has been read up to its body.
#[derive(Clone)]
pub struct Beginning {
    pub endpoint: Endpoint,
    /// The same in a few words.
    pub endpoint_word: String,
    /// What the provider counts it with.
    pub class: EndpointClass,
    /// Whether it may lead to tokens that are used: a message, or a batch of them.
    pub may_spend: bool,
    /// Whether its body says which model it is for.
    pub names_model: bool,
    /// The client library's retry count.
    pub attempt: u32,
    /// Who and what it is for.
    pub dimensions: Dimensions,
    /// What of that could not be taken as it came.
    pub remarks: Remarks,
    /// What the body says, as it is sent.
    pub request: RequestFacts,
}

impl Beginning {
    /// Whether the call itself generates, or is not known not to.
    pub fn generates(&self) -> bool {
        self.may_spend && self.class == EndpointClass::Messages
    }
}

impl Call {
    /// A call that begins now.
    pub fn new(beginning: Beginning, journal: Journal, request_ids: RequestIds, clock: Clock) -> Self {
        let Beginning { endpoint, endpoint_word, class, attempt, dimensions, remarks, request, .. } =
            beginning;
        let at_ms = clock.now_ms();
        journal.call_begins();
        Call {
            journal,
            request_ids,
            clock,
            at_ms,
            endpoint,
            endpoint_word,
            class,
            attempt,
            handling: Handling::default(),
            dimensions,
            remarks,
            request,
            answered: None,
            failure: None,
            first_token_at_ms: None,
            end: None,
            open: None,
        }
    }

    /// It counts as open until it is dropped, against limits on how many there are until its event is stored.
    pub fn holds(&mut self, open: Option<OpenCall>) {
        self.open = open;
    }

    /// It is sent again, for the `number`th time.
    pub fn is_retry(&mut self, number: u32) {
        self.handling.note(Policy::Retry);
        self.attempt = self.attempt.saturating_add(number);
    }

    /// It waits to be sent. Should it end now, it was never sent.
    pub fn waits(&mut self) {
        self.handling.note(Policy::Queue);
        self.handling.answered_here = true;
    }

    /// Its wait is over, and it is sent.
    pub fn waited(&mut self, waited: Duration) {
        self.at_ms = self.clock.now_ms();
        self.handling.answered_here = false;
        self.handling.waited_ms = Some(u64::try_from(waited.as_millis()).unwrap_or(u64::MAX));
    }

    /// A policy has refused it.
    pub fn refused(&mut self, policy: Policy) {
        self.handling.note(policy);
        self.handling.answered_here = true;
        self.answered = Some(Answered {
            id: None,
            status: StatusCode::TOO_MANY_REQUESTS.as_u16(),
            headers: AboutLimits::default(),
            meter: None,
        });
        self.ended(Outcome::Complete);
    }

    /// The cache has answered it. Returns the id of its event.
    pub fn answered_from_cache(&mut self) -> String {
        let id = assigned_id(self.at_ms);
        self.handling.note(Policy::Cache);
        self.handling.answered_here = true;
        self.answered = Some(Answered {
            id: Some(id.clone()),
            status: 200,
            headers: AboutLimits::default(),
            meter: None,
        });
        self.ended(Outcome::Complete);
        id
    }

    /// The head of the answer has come. Returns the id of the call: the API's own, where it gave one that no other has.
    pub fn answered(&mut self, status: StatusCode, headers: &HeaderMap) -> String {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let given = text("request-id").unwrap_or_default();
        let id = self.request_ids.claim(&self.dimensions.project, given, rand::random());
        let id = id.unwrap_or_else(|| assigned_id(self.at_ms));
        let metered = self.endpoint != Endpoint::Free || status.as_u16() >= 400;
        let meter = metered.then(|| {
            UsageMeter::new(
                self.endpoint,
                self.request.known().stream,
                status.as_u16(),
                text(header::CONTENT_TYPE.as_str()),
                text(header::CONTENT_ENCODING.as_str()),
                self.journal.bounds().clone(),
            )
        });
        self.answered = Some(Answered {
            id: Some(id.clone()),
            status: status.as_u16(),
            headers: AboutLimits::of(headers),
            meter,
        });
        id
    }

    /// The API has answered, and the answer cannot be passed on. What it used is not known.
    pub fn unreadable(&mut self) {
        self.failure = Some(ApiFailure { kind: "api_error".to_owned(), code: UNREADABLE.to_owned() });
        self.ended(Outcome::Interrupted);
    }

    /// Bytes of the answer have passed. A meter that cannot go on is given up; the bytes go on.
    pub fn passed(&mut self, bytes: &[u8]) {
        let Some(answered) = &mut self.answered else { return };
        let Some(meter) = &mut answered.meter else { return };
        if guarded(|| meter.feed(bytes)).is_none() {
            answered.meter = None;
            return;
        }
        let items = meter.take_items();
        if self.first_token_at_ms.is_none() && meter.has_begun_output() {
            self.first_token_at_ms = Some(self.clock.now_ms());
        }
        self.note_items(items);
    }

    fn note_items(&self, items: Vec<BatchItem>) {
        for recorded in items.into_iter().filter_map(|item| self.batch_item(item)) {
            self.journal.note(recorded);
        }
    }

    /// The call has ended; only the first end counts. Returns when that was, Unix milliseconds.
    pub fn ended(&mut self, outcome: Outcome) -> i64 {
        let now_ms = self.clock.now_ms();
        self.end.get_or_insert((outcome, now_ms)).1
    }

    /// The one event of the call.
    fn record(&mut self) -> Recorded {
        let (outcome, end_ms) = self.end.unwrap_or((Outcome::ClientCancelled, self.clock.now_ms()));
        let answered = self.answered.take();
        let status = answered.as_ref().map(|answered| answered.status);
        let (id, headers, meter) = match answered {
            Some(answered) => (answered.id, answered.headers, answered.meter),
            None => (None, AboutLimits::default(), None),
        };
        let mut metered = meter.and_then(|meter| guarded(|| meter.finish()));
        if let Some(metered) = &mut metered {
            // The last line may have come to its end only now.
            self.note_items(std::mem::take(&mut metered.items));
            if metered.items_skipped > 0 {
                let skipped = metered.items_skipped;
                tracing::warn!(
                    skipped,
                    "Results of a batch could not be read; what they used is not counted"
                );
            }
        }
        let request = self.request.known();
        let mut event = Event {
            id: id.unwrap_or_else(|| assigned_id(self.at_ms)),
            at_ms: self.at_ms,
            received_at_ms: end_ms,
            duration_ms: Some(since(self.at_ms, end_ms)),
            ttft_ms: self.first_token_at_ms.map(|at_ms| since(self.at_ms, at_ms)),
            endpoint: std::mem::take(&mut self.endpoint_word),
            endpoint_class: self.class,
            status,
            outcome,
            failure: self.failure.take(),
            max_tokens: request.max_tokens,
            stream: request.stream,
            attempt: self.attempt,
            handling: self.handling,
            dimensions: std::mem::take(&mut self.dimensions),
            remarks: std::mem::take(&mut self.remarks),
            ..Event::default()
        };
        let model = metered.as_ref().and_then(|metered| metered.model.clone()).or(request.model);
        event.dimensions.model = model.unwrap_or_else(|| NO_MODEL.to_owned());
        if name::is_cut(&event.dimensions.model) {
            event.remarks.note(RemarkCode::Cut, "model");
        }
        match metered {
            Some(metered) => take_up(&mut event, metered, self.endpoint),
            None if !self.endpoint.may_generate() => event.usage = Usage::nothing(),
            // What never came to the API has used nothing.
            None if outcome == Outcome::Unreachable || event.handling.answered_here => {
                event.usage = Usage::nothing();
            }
            None => {}
        }
        let hold = self.open.take().map(OpenCall::until_stored);
        Recorded { event, headers, hold }
    }

    /// The result of one request of a batch. Its id is its message's, so that results that are fetched twice count
    /// once. A request without a message is not billed, and is no event.
    fn batch_item(&self, item: BatchItem) -> Option<Recorded> {
        let now_ms = self.clock.now_ms();
        let model = item.model.unwrap_or_else(|| NO_MODEL.to_owned());
        let mut event = Event {
            id: name::cut(item.message_id?, LONGEST_ID).0,
            at_ms: now_ms,
            received_at_ms: now_ms,
            endpoint: "messages".to_owned(),
            stop_reason: item.stop_reason,
            usage: item.usage,
            iterations: item.iterations,
            service_tier: item.service_tier,
            fast: item.fast,
            geo_us: item.geo_us,
            remarks: item.remarks,
            dimensions: Dimensions { model, ..self.dimensions.clone() },
            ..Event::default()
        };
        event.remarks.extend(&self.remarks);
        Some(Recorded { event, headers: AboutLimits::default(), hold: None })
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        let recorded = self.record();
        self.journal.call_ends(recorded);
    }
}

/// Takes up what the meter read.
fn take_up(event: &mut Event, metered: Metered, endpoint: Endpoint) {
    event.stream |= metered.streamed;
    event.failure = metered.failure;
    event.stop_reason = metered.stop_reason;
    event.service_tier = metered.service_tier;
    event.fast = metered.fast;
    event.geo_us = metered.geo_us;
    let is_refused = event.status.is_some_and(|status| status >= 400);
    if !endpoint.may_generate() {
        event.usage = if is_refused { Usage::default() } else { Usage::nothing() };
        return;
    }
    event.usage = event.endpoint_class.used(&event.endpoint, event.status, metered.usage);
    if event.endpoint_class.tells_usage() {
        event.iterations = metered.iterations;
        // First, as a price may hang on it: only so many remarks are kept.
        let names = std::mem::replace(&mut event.remarks, metered.remarks);
        event.remarks.extend(&names);
    }
    let is_over = metered.is_complete || event.failure.is_some();
    match event.outcome {
        // Callers may leave at the last event of a stream, before the stream is closed.
        Outcome::ClientCancelled if metered.is_complete => event.outcome = Outcome::Complete,
        // What is refused is over with its body, whether that is an event of a stream or a page of a gateway's.
        Outcome::Complete if metered.streamed && metered.fault.is_none() && !is_over && !is_refused => {
            event.outcome = Outcome::Interrupted;
        }
        _ => {}
    }
    let is_cut =
        metered.streamed && event.usage.input_tokens.is_some() && event.usage.output_tokens.is_none();
    if is_cut && metered.fault.is_none() {
        let (bytes, tokens) = BYTES_PER_TOKENS;
        let written = metered.generated_bytes.saturating_mul(tokens).div_ceil(bytes);
        let written = written.max(metered.output_so_far);
        estimate_output(&mut event.usage, &mut event.iterations, written);
        event.estimated = true;
    }
}

fn since(from_ms: i64, to_ms: i64) -> u64 {
    to_ms.saturating_sub(from_ms).max(0).unsigned_abs()
}
