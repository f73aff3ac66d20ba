//! A body that is one JSON document: a message, or an error.

use super::kept::Slot;
use super::walk::Walk;
use super::wanted::BODY;
use super::{Fault, Metered};
use crate::read::bounds::Bounds;
use crate::read::said::Said;

/// Reads a body.
#[derive(Debug)]
pub(super) struct Json {
    document: Walk,
    bounds: Bounds,
}

impl Json {
    pub fn new(bounds: Bounds) -> Self {
        Json { document: Walk::new(BODY), bounds }
    }

    pub fn feed(&mut self, bytes: &[u8]) {
        self.document.feed(bytes);
    }

    pub fn finish(self) -> Metered {
        read(&self.document, &self.bounds)
    }
}

/// What a document says, as far as it came.
pub(super) fn read(document: &Walk, bounds: &Bounds) -> Metered {
    let kept = document.kept();
    let mut metered = Metered {
        model: kept.word(Slot::Model),
        message_id: kept.word(Slot::MessageId),
        stop_reason: kept.word(Slot::StopReason).unwrap_or_default(),
        failure: kept.failure(),
        is_complete: document.is_done(),
        ..Metered::default()
    };
    if document.is_broken() {
        metered.fault = Some(Fault::Malformed);
    } else if kept.has_lost_usage() {
        metered.fault = Some(Fault::TooLarge);
    }
    if let Some(usage) = kept.raw(Slot::Usage) {
        metered.set(Said::of(usage, bounds).spent());
    }
    metered
}
