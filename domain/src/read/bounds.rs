//! How large and how old what comes in may be.

/// The largest whole number every JSON library carries exactly: 2^53 - 1.
pub const MAX_INTEGER: u64 = (1 << 53) - 1;

/// How long a request may take, in seconds: a day.
pub const LONGEST_REQUEST_S: u64 = 24 * 60 * 60;

/// Bounds on what is taken in; each is the largest that is still accepted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Bounds {
    /// A body as it arrives, in bytes. Default 4 MiB.
    pub wire_bytes: usize,
    /// A body after decompression, in bytes. Default 16 MiB.
    pub inflated_bytes: usize,
    /// Items in a body. Default 5,000.
    pub items: usize,
    /// One item, in bytes. Default 64 KiB.
    pub item_bytes: usize,
    /// Objects and arrays inside one another in an item, itself included. Default 32; 128 at most.
    pub depth: usize,
    /// A model id, in bytes. Default 256.
    pub model_bytes: usize,
    /// Any other dimension value or word of the API, in bytes. Default 256.
    pub dimension_bytes: usize,
    /// An event's id, in bytes. Default 128.
    pub id_bytes: usize,
    /// Labels of an event. Default 32.
    pub labels: usize,
    /// The name of a label, in bytes. Default 64.
    pub label_key_bytes: usize,
    /// The value of a label, in bytes. Default 256.
    pub label_value_bytes: usize,
    /// A token count. Default and most: 2^53 - 1.
    pub tokens: u64,
    /// Tokens of one kind that one event may have used. Default 10,000,000.
    pub event_tokens: u64,
    /// Web searches that one event may have made. Default 10,000: the API makes them one after the other, and tokens
    /// run out long before.
    pub event_searches: u64,
    /// How long one request may take, in seconds. Default and most: a day.
    pub duration_s: u64,
    /// How far ahead of Tacho's clock an event may be, in seconds. Default 5 minutes.
    pub future_s: u64,
    /// How far back an event may be, in seconds. Default 35 days. Imports may be older.
    pub past_s: u64,
}

impl Default for Bounds {
    fn default() -> Self {
        Bounds {
            wire_bytes: 4 << 20,
            inflated_bytes: 16 << 20,
            items: 5_000,
            item_bytes: 64 << 10,
            depth: 32,
            model_bytes: 256,
            dimension_bytes: 256,
            id_bytes: 128,
            labels: 32,
            label_key_bytes: 64,
            label_value_bytes: 256,
            tokens: MAX_INTEGER,
            event_tokens: 10_000_000,
            event_searches: 10_000,
            duration_s: LONGEST_REQUEST_S,
            future_s: 5 * 60,
            past_s: 35 * 24 * 60 * 60,
        }
    }
}

impl Bounds {
    /// The same, however much an event has used: what is stored already, or was taken in once, is not refused.
    #[must_use]
    pub fn of_any_usage(self) -> Self {
        Bounds { event_tokens: u64::MAX, event_searches: u64::MAX, ..self }
    }

    /// The latest time an event may have, Unix milliseconds.
    pub(super) fn latest_ms(&self, now_ms: i64) -> i64 {
        now_ms.saturating_add_unsigned(self.future_s.saturating_mul(1_000))
    }

    /// The earliest time an event may have outside an import, Unix milliseconds.
    pub(super) fn earliest_ms(&self, now_ms: i64) -> i64 {
        now_ms.saturating_sub_unsigned(self.past_s.saturating_mul(1_000))
    }
}
