//! The stretch of time an alert is about.

/// What time an alert is about, Unix milliseconds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Span {
    /// The last seconds, whenever one asks: it never ends, and its limit has one alert for ever.
    Rolling,
    /// From a start to an end of the calendar: each has an alert of its own.
    Calendar(i64, i64),
    /// Until the provider resets it, which may be said anew. What follows goes on with the same alert, in an incident of
    /// its own.
    Until(i64),
}

impl Span {
    /// The start that tells the alerts of one limit apart: 0 where there is one for ever.
    pub fn start_ms(self) -> i64 {
        self.bounds().0
    }

    /// Start and end, as they are stored; 0 where there is none.
    pub fn bounds(self) -> (i64, i64) {
        match self {
            Span::Rolling => (0, 0),
            Span::Calendar(start_ms, end_ms) => (start_ms, end_ms),
            Span::Until(end_ms) => (0, end_ms),
        }
    }

    /// What is stored so.
    pub fn of_bounds(bounds: (i64, i64)) -> Self {
        match bounds {
            (_, 0) => Span::Rolling,
            (0, end_ms) => Span::Until(end_ms),
            (start_ms, end_ms) => Span::Calendar(start_ms, end_ms),
        }
    }

    /// When it ends, or ended.
    pub fn end_ms(self) -> Option<i64> {
        match self {
            Span::Rolling => None,
            Span::Calendar(_, end_ms) | Span::Until(end_ms) => Some(end_ms),
        }
    }

    /// Whether it is over.
    pub fn is_over(self, now_ms: i64) -> bool {
        self.end_ms().is_some_and(|end_ms| end_ms <= now_ms)
    }

    /// Whether an alert about it is never needed again.
    pub fn is_gone(self, now_ms: i64) -> bool {
        matches!(self, Span::Calendar(..)) && self.is_over(now_ms)
    }
}
