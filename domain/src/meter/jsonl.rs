//! The results of a batch: a JSON document per line, each the answer to one request.

use memchr::memchr;

use super::json::read;
use super::kept::Slot;
use super::walk::Walk;
use super::wanted::{BODY, RESULT};
use super::{BatchItem, BatchOutcome, Fault, Metered};
use crate::read::bounds::Bounds;
use crate::usage::{RemarkCode, ServiceTier};

/// Items that are held until they are taken. A piece of 64 KiB, as a connection hands them on, has some 200.
const MOST_ITEMS: usize = 20_000;

/// Reads results.
#[derive(Debug)]
pub(super) struct Jsonl {
    line: Walk,
    /// All of it as one document, in case it is an error and no results.
    document: Walk,
    items: Vec<BatchItem>,
    found: u64,
    skipped: u64,
    bounds: Bounds,
}

impl Jsonl {
    pub fn new(bounds: Bounds) -> Self {
        let (line, document) = (Walk::new(RESULT), Walk::new(BODY));
        Jsonl { line, document, items: Vec::new(), found: 0, skipped: 0, bounds }
    }

    pub fn feed(&mut self, bytes: &[u8]) {
        self.document.feed(bytes);
        let mut rest = bytes;
        while let Some(length) = memchr(b'\n', rest) {
            let (line, end) = rest.split_at(length);
            self.line.feed(line);
            self.end_of_line();
            rest = end.get(1..).unwrap_or_default();
        }
        self.line.feed(rest);
    }

    pub fn take_items(&mut self) -> Vec<BatchItem> {
        std::mem::take(&mut self.items)
    }

    fn end_of_line(&mut self) {
        if !self.line.is_blank() {
            match item(&self.line, &self.bounds) {
                Some(item) if self.items.len() < MOST_ITEMS => {
                    self.items.push(item);
                    self.found += 1;
                }
                _ => self.skipped = self.skipped.saturating_add(1),
            }
        }
        self.line.reset();
    }

    /// The error that stands in the place of results.
    fn error(&self) -> Option<Metered> {
        let is_one = self.found == 0 && self.document.is_done();
        Some(read(&self.document, &self.bounds)).filter(|document| is_one && document.failure.is_some())
    }

    /// What remains: items of a last line that is whole, though no line break follows it.
    pub fn finish(mut self) -> Metered {
        let is_complete = self.line.is_blank() || self.line.is_done();
        if is_complete {
            self.end_of_line();
        }
        if let Some(error) = self.error() {
            return error;
        }
        Metered { is_complete, items: self.items, items_skipped: self.skipped, ..Metered::default() }
    }
}

/// The item of a line; nothing when it is not one.
fn item(line: &Walk, bounds: &Bounds) -> Option<BatchItem> {
    let outcome = match line.kept().word(Slot::Outcome)?.as_str() {
        "succeeded" => BatchOutcome::Succeeded,
        "errored" => BatchOutcome::Errored,
        "canceled" => BatchOutcome::Canceled,
        "expired" => BatchOutcome::Expired,
        _ => return None,
    };
    let mut read = read(line, bounds);
    if !read.is_complete {
        return None;
    }
    if read.fault == Some(Fault::TooLarge) {
        read.remarks.note(RemarkCode::UsageUnreadable, "usage");
    }
    Some(BatchItem {
        message_id: read.message_id,
        model: read.model,
        usage: read.usage,
        iterations: read.iterations,
        stop_reason: read.stop_reason,
        service_tier: ServiceTier::Batch,
        fast: read.fast,
        geo_us: read.geo_us,
        outcome,
        failure: read.failure,
        remarks: read.remarks,
    })
}
