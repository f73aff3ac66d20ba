//! What is known of a learned limit beside its amount.

use super::named_by::{NamedBy, Reporter};
use super::place::Place;
use crate::limits::report::Report;

/// What is known of a learned limit beside its amount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen {
    /// Of which bucket or window it is.
    pub place: Place,
    /// When the first request was sent whose response named it, Unix milliseconds.
    pub first_seen_ms: i64,
    pub last_seen_ms: i64,
    pub named_by: NamedBy,
    /// The newest word on what is left, as far as it belongs to the amount that holds.
    pub report: Option<Report>,
}

impl Seen {
    /// Somebody has named it. False where it has been named by the same since.
    pub fn is_named(&mut self, reporter: &Reporter, sent_ms: i64) -> bool {
        let before_ms = self.named_by.insert(reporter.clone(), sent_ms);
        let is_news = before_ms.is_none_or(|before_ms| before_ms < sent_ms);
        if let Some(before_ms) = before_ms.filter(|_| !is_news) {
            self.named_by.insert(reporter.clone(), before_ms);
        }
        is_news
    }
}
