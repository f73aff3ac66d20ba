//! One usage out of the many a stream tells.

use crate::read::bounds::Bounds;
use crate::read::said::{Said, Spent};

/// The `usage` of a stream: every event tells all there was so far (claude-api: cumulative, never to be added), so that
/// of each count the largest stands.
#[derive(Debug, Default)]
pub(super) struct Merged {
    bounds: Bounds,
    /// Without the output that `message_start` tells.
    said: Said,
    /// What `message_start` told. Its output is a placeholder, until a `message_delta` tells one, too.
    start: Said,
    /// A `message_delta` told the output.
    has_output: bool,
    /// A `message_delta` told the iterations.
    has_iterations: bool,
    output_so_far: u64,
}

impl Merged {
    /// Nothing yet, of an answer within these bounds.
    pub fn within(bounds: Bounds) -> Self {
        Merged { bounds, ..Merged::default() }
    }

    /// The usage in `message_start`.
    pub fn start(&mut self, usage: &str) {
        let mut said = Said::of(usage, &self.bounds);
        self.start.merge(said.clone());
        said.forget_output();
        self.said.merge(said);
    }

    /// The usage in a `message_delta`.
    pub fn delta(&mut self, usage: &str) {
        let said = Said::of(usage, &self.bounds);
        self.has_output |= said.tells_output();
        self.has_iterations |= said.has_iterations();
        self.output_so_far = self.output_so_far.max(said.output_tokens().unwrap_or(0));
        self.said.merge(said);
    }

    /// A usage came that cannot be read.
    pub fn lost(&mut self) {
        self.said.merge(Said::unreadable());
    }

    /// What all of it comes to. The output is known when a `message_delta` told it and generation had stopped: before
    /// that it is only what there was so far.
    pub fn spent(mut self, has_stopped: bool) -> Spent {
        if !(self.has_output && has_stopped) {
            self.said.forget_output();
            return self.said.spent();
        }
        // Which attempts were declined is known by the end only.
        let mut told = if self.has_iterations { self.start.without_iterations() } else { self.start };
        told.merge(self.said);
        told.spent()
    }

    /// The output that was told before generation had stopped, in tokens. There was no less.
    pub fn output_so_far(&self) -> u64 {
        self.output_so_far
    }
}
