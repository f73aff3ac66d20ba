//! What one response said is left of a limit.

/// What a response said is left.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Report {
    /// When the request was sent, Unix milliseconds. The report was true at some moment from here; it is dated so, and of
    /// two reports the one of the later request is the newer.
    pub from_ms: i64,
    /// When the head of the answer came: it was true by then.
    pub to_ms: i64,
    /// What was left, in the limit's unit; below 0 for a window that is used beyond its whole.
    pub remaining: i64,
    /// When all of it is there again, Unix milliseconds, as the headers said.
    pub reset_ms: Option<i64>,
}

impl Report {
    /// Whether it is newer than another, or as new and says less.
    pub fn is_newer(&self, other: &Report) -> bool {
        (self.from_ms, -self.remaining, self.to_ms) > (other.from_ms, -other.remaining, other.to_ms)
    }

    /// Whether it says less than another, or as much and is newer.
    pub fn is_lower(&self, other: &Report) -> bool {
        (-self.remaining, self.from_ms, self.to_ms) > (-other.remaining, other.from_ms, other.to_ms)
    }
}
