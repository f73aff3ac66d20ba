//! Reads what a response used while its bytes pass, and keeps nothing else of it.
//!
//! Bytes go through two stages: `decode` undoes the response's encodings, and one of three scanners reads
//! what comes out: `sse` a stream, `json` a body, `jsonl` the results of a batch. `sniff` tells by the first bytes
//! whether it is a stream. All of them walk over JSON with `walk`, which keeps the members that `wanted` lists and
//! passes over all else, however large. A `usage` object is read by the same code as in an event that is posted
//! ([`crate::read`]).
//!
//! A meter never fails and never holds anything up. What it cannot read is unknown, and [`Metered::fault`] says
//! why. Memory is bounded: some kilobytes; where a usage lists very many attempts, 600 KiB of their text and what 2,000
//! come to; and the window of a compressed response (at most 16 MiB).

mod decode;
mod json;
mod jsonl;
mod kept;
mod merge;
mod request;
mod short;
mod sniff;
mod sse;
mod walk;
mod wanted;

#[cfg(test)]
mod tests;

use decode::{Budget, Decoder};
use json::Json;
use jsonl::Jsonl;
use sniff::{Kind, Sniff};
use sse::Sse;

use crate::read::bounds::Bounds;
use crate::read::said::Spent;
use crate::usage::{ApiFailure, Iteration, RemarkCode, Remarks, ServiceTier, Usage};

pub use request::{Inflated, Known, RequestReader};

/// What was called, as far as it decides how its response is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endpoint {
    /// `POST /v1/messages`.
    Messages,
    /// `POST /v1/messages/count_tokens`: an estimate, which costs nothing. The call has used nothing, and what
    /// it counted is not kept.
    CountTokens,
    /// The download of a batch's results. The download itself has used nothing; its items have.
    BatchResults,
    /// What generates nothing: what is read or deleted, and what only keeps something, such as a batch or a file.
    Free,
    /// Anything else. Read like a message: a `usage` is taken when there is one, and unknown when there is none.
    Other,
}

impl Endpoint {
    /// Whether a call itself may use tokens.
    pub fn may_generate(self) -> bool {
        matches!(self, Endpoint::Messages | Endpoint::Other)
    }
}

/// Why the usage of a response is unknown though the response came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// `Content-Encoding` names an encoding that is not undone here, or too many of them.
    UnknownEncoding,
    /// The bytes are not what `Content-Encoding` says, or they were damaged.
    Undecodable,
    /// It inflates to far more than text does, or its usage is too large to be kept.
    TooLarge,
    /// Not JSON where it has to be.
    Malformed,
}

/// What a response says about what it used.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Metered {
    /// What it used; all that is billed, when the API said so attempt by attempt. Unknown after a fault.
    ///
    /// Of a stream that was cut off, the input is what the API said last, and the output is unknown unless
    /// generation had stopped.
    pub usage: Usage,
    /// What was used attempt by attempt, when the API said so; otherwise empty.
    pub iterations: Vec<Iteration>,
    /// The model that answered.
    pub model: Option<String>,
    /// The id of the message, `msg_...`. Not the request's.
    pub message_id: Option<String>,
    /// Why generation stopped; empty when unknown.
    pub stop_reason: String,
    /// The tier that served it.
    pub service_tier: ServiceTier,
    pub fast: bool,
    /// Served with `inference_geo: "us"`.
    pub geo_us: bool,
    /// The API's error: the body of a refused request, or an `error` event in a stream that began well.
    pub failure: Option<ApiFailure>,
    /// Everything came: a stream's `message_stop`, the end of a JSON document, or whole lines of results.
    pub is_complete: bool,
    /// It was a stream of events.
    pub streamed: bool,
    /// UTF-8 bytes of text, thinking and tool input that a stream generated, to estimate the output of one that
    /// was cut off.
    pub generated_bytes: u64,
    /// The output that a stream had told before it was cut off, in tokens. There was no less.
    pub output_so_far: u64,
    /// What of its usage could not be read.
    pub remarks: Remarks,
    /// Items of a batch that were not taken yet.
    pub items: Vec<BatchItem>,
    /// Lines of a batch's results that could not be read, or that nobody took in time.
    pub items_skipped: u64,
    /// Why the usage is unknown.
    pub fault: Option<Fault>,
}

impl Metered {
    fn set(&mut self, spent: Spent) {
        self.usage = spent.usage;
        self.iterations = spent.iterations;
        self.service_tier = spent.service_tier;
        self.fast = spent.fast;
        self.geo_us = spent.geo_us;
        self.remarks = spent.remarks;
    }
}

/// The answer to one request of a batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BatchItem {
    /// The id of the message, `msg_...`.
    pub message_id: Option<String>,
    /// The model that answered.
    pub model: Option<String>,
    /// What it used. Only requests that succeeded have any; unknown when it could not be read.
    pub usage: Usage,
    /// What was used attempt by attempt, when the API said so; otherwise empty.
    pub iterations: Vec<Iteration>,
    /// Why generation stopped; empty when unknown.
    pub stop_reason: String,
    /// Always [`ServiceTier::Batch`].
    pub service_tier: ServiceTier,
    pub fast: bool,
    /// Served with `inference_geo: "us"`.
    pub geo_us: bool,
    /// How the request ended.
    pub outcome: BatchOutcome,
    /// The API's error, when it ended in one.
    pub failure: Option<ApiFailure>,
    /// What of its usage could not be read.
    pub remarks: Remarks,
}

/// How a request of a batch ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum BatchOutcome {
    /// With a message.
    Succeeded,
    /// With an error.
    Errored,
    /// The batch was canceled before it was sent.
    Canceled,
    /// The batch expired before it was sent.
    Expired,
}

/// Reads one response.
pub struct UsageMeter {
    is_error: bool,
    may_generate: bool,
    decoder: Result<Decoder, Fault>,
    scanner: Scanner,
    bounds: Bounds,
}

/// What reads the plain bytes. One per response, so their sizes do not matter.
#[allow(clippy::large_enum_variant)]
enum Scanner {
    /// Not known yet.
    Open(Sniff),
    Stream(Sse),
    Body(Json),
    Lines(Jsonl),
}

impl Scanner {
    fn feed(&mut self, plain: &[u8], bounds: &Bounds) {
        match self {
            Scanner::Open(sniff) => {
                if let Some((kind, rest)) = sniff.feed(plain) {
                    self.is(kind, bounds);
                    self.feed(rest, bounds);
                }
            }
            Scanner::Stream(sse) => sse.feed(plain),
            Scanner::Body(json) => json.feed(plain),
            Scanner::Lines(jsonl) => jsonl.feed(plain),
        }
    }

    /// What was looked at to know the kind is read now.
    fn is(&mut self, kind: Kind, bounds: &Bounds) {
        let scanner = match kind {
            Kind::Stream => Scanner::Stream(Sse::new(bounds.clone())),
            Kind::Document => Scanner::Body(Json::new(bounds.clone())),
        };
        if let Scanner::Open(sniff) = std::mem::replace(self, scanner) {
            self.feed(sniff.seen(), bounds);
        }
    }

    fn finish(mut self, bounds: &Bounds) -> Metered {
        match self {
            Scanner::Open(sniff) => {
                let kind = sniff.otherwise();
                self = Scanner::Open(sniff);
                self.is(kind, bounds);
                self.finish(bounds)
            }
            Scanner::Stream(sse) => sse.finish(),
            Scanner::Body(json) => json.finish(),
            Scanner::Lines(jsonl) => jsonl.finish(),
        }
    }
}

impl UsageMeter {
    /// A meter for a response with this status and these `Content-Type` and `Content-Encoding` headers, to a request
    /// that asked for a stream or for none. Several `Content-Encoding` headers are joined with commas. A count beyond
    /// `bounds` is unknown.
    pub fn new(
        endpoint: Endpoint,
        asks_for_stream: bool,
        status: u16,
        content_type: Option<&str>,
        content_encoding: Option<&str>,
        bounds: Bounds,
    ) -> Self {
        let is_error = status >= 400;
        let media_type = content_type.unwrap_or_default().split(';').next().unwrap_or_default().trim();
        let scanner = match endpoint {
            Endpoint::BatchResults if !is_error => Scanner::Lines(Jsonl::new(bounds.clone())),
            _ => Scanner::Open(Sniff::new(media_type, asks_for_stream)),
        };
        UsageMeter {
            is_error,
            may_generate: endpoint.may_generate(),
            decoder: Decoder::new(content_encoding.unwrap_or_default(), Budget::ANSWER),
            scanner,
            bounds,
        }
    }

    /// The next bytes of the response as they passed, cut anywhere. Work is bounded by what they inflate to: 16
    /// MiB, and 200 bytes for each that was fed. After a fault they are passed over.
    pub fn feed(&mut self, bytes: &[u8]) {
        let UsageMeter { decoder, scanner, bounds, .. } = self;
        let Ok(stages) = decoder else { return };
        let fed = stages.feed(bytes, &mut |plain| scanner.feed(plain, bounds));
        if let Err(fault) = fed {
            *decoder = Err(fault);
        }
    }

    /// Items of a batch's results that are whole. To be taken after each feed: only some thousands are held.
    pub fn take_items(&mut self) -> Vec<BatchItem> {
        if let Scanner::Lines(jsonl) = &mut self.scanner { jsonl.take_items() } else { Vec::new() }
    }

    /// Whether a stream's first generated token has passed.
    pub fn has_begun_output(&self) -> bool {
        matches!(&self.scanner, Scanner::Stream(sse) if sse.has_begun_output())
    }

    /// What the response says, as far as it came.
    pub fn finish(self) -> Metered {
        let mut metered = self.scanner.finish(&self.bounds);
        if let Err(fault) = self.decoder {
            metered.fault = Some(fault);
            metered.is_complete = false;
        }
        if metered.fault.is_some() {
            metered.set(Spent::default());
            if !self.is_error {
                metered.remarks.note(RemarkCode::UsageUnreadable, "usage");
            }
        }
        if !self.may_generate && !self.is_error {
            metered.usage = Usage::nothing();
            metered.iterations.clear();
            metered.remarks = Remarks::default();
        }
        metered
    }
}
