//! What the provider limits, and what its response headers call it.
//!
//! To add a limiter of per-minute buckets: one line in [`FAMILIES`].

use std::fmt;
use std::hash::{Hash, Hasher};

use crate::limits::kind::Kind;
use crate::limits::limit::{Limit, Scope};
use crate::limits::pools::{self, Tier};
use crate::limits::{
    input_tokens_per_minute, output_tokens_per_minute, requests_per_minute, subscription_window,
    tokens_per_minute,
};
use crate::rollup::Sums;

/// Headers `<prefix>-limit`, `-remaining` and `-reset` that tell of one token bucket.
pub struct Family {
    /// Its word in the API and in the store.
    pub word: &'static str,
    /// What its headers begin with.
    pub prefix: &'static str,
    /// The kind of limit it becomes.
    pub kind: &'static Kind,
    /// Whose bucket it is.
    pub tier: Tier,
    /// What a cached token takes of it.
    pub burn: Burn,
}

/// How much of a bucket of input one token takes, in hundredths; what is neither read from the cache nor written to it
/// takes one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Burn {
    pub cache_read: i64,
    /// Written for 5 minutes.
    pub cache_write_5m: i64,
    /// Written for an hour.
    pub cache_write_1h: i64,
}

/// Cache reads are free, writes are input like any other.
const EVEN: Burn = Burn { cache_read: 0, cache_write_5m: 100, cache_write_1h: 100 };
/// Committed capacity burns down by price. Source: Anthropic, "Service tiers" (Claude Docs), 2026-11.
const BY_PRICE: Burn = Burn { cache_read: 10, cache_write_5m: 125, cache_write_1h: 200 };

impl Burn {
    /// How a limit's tokens burn down.
    pub fn of(limit: &Limit) -> Self {
        let Scope::Pool { pool, .. } = &limit.scope else { return EVEN };
        let tier = pools::tier(pool);
        let family = FAMILIES.iter().find(|family| family.tier == tier && family.kind == limit.kind);
        family.map_or(EVEN, |family| family.burn)
    }

    /// The sums of an event as the bucket counts them. A part of a token is a whole one.
    pub fn weigh(self, sums: &Sums) -> Sums {
        if self == EVEN {
            return *sums;
        }
        let cached = [
            (sums.cache_read_tokens, self.cache_read),
            (sums.cache_write_5m_tokens, self.cache_write_5m),
            (sums.cache_write_1h_tokens, self.cache_write_1h),
        ];
        let hundredths: i128 =
            cached.iter().map(|(tokens, each)| i128::from(*tokens) * i128::from(*each)).sum();
        let whole = i64::try_from((hundredths + 99) / 100).unwrap_or(Sums::LARGEST);
        let input_tokens = sums.input_tokens.saturating_add(whole).min(Sums::LARGEST);
        Sums {
            input_tokens,
            cache_read_tokens: 0,
            cache_write_5m_tokens: 0,
            cache_write_1h_tokens: 0,
            ..*sums
        }
    }
}

/// Every family of headers. Source: Anthropic's API reference, "Rate limits", response headers, 2026-11.
pub const FAMILIES: &[Family] = &[
    Family {
        word: "requests",
        prefix: "anthropic-ratelimit-requests",
        kind: &requests_per_minute::KIND,
        tier: Tier::Standard,
        burn: EVEN,
    },
    Family {
        word: "input_tokens",
        prefix: "anthropic-ratelimit-input-tokens",
        kind: &input_tokens_per_minute::KIND,
        tier: Tier::Standard,
        burn: EVEN,
    },
    Family {
        word: "output_tokens",
        prefix: "anthropic-ratelimit-output-tokens",
        kind: &output_tokens_per_minute::KIND,
        tier: Tier::Standard,
        burn: EVEN,
    },
    Family {
        word: "tokens",
        prefix: "anthropic-ratelimit-tokens",
        kind: &tokens_per_minute::KIND,
        tier: Tier::Standard,
        burn: EVEN,
    },
    Family {
        word: "fast_input_tokens",
        prefix: "anthropic-fast-input-tokens",
        kind: &input_tokens_per_minute::KIND,
        tier: Tier::Fast,
        burn: EVEN,
    },
    Family {
        word: "fast_output_tokens",
        prefix: "anthropic-fast-output-tokens",
        kind: &output_tokens_per_minute::KIND,
        tier: Tier::Fast,
        burn: EVEN,
    },
    Family {
        word: "priority_input_tokens",
        prefix: "anthropic-priority-input-tokens",
        kind: &input_tokens_per_minute::KIND,
        tier: Tier::Priority,
        burn: BY_PRICE,
    },
    Family {
        word: "priority_output_tokens",
        prefix: "anthropic-priority-output-tokens",
        kind: &output_tokens_per_minute::KIND,
        tier: Tier::Priority,
        burn: BY_PRICE,
    },
];

/// What the headers of subscription windows begin with.
pub const UNIFIED: &str = "anthropic-ratelimit-unified-";
const WINDOW_WORD: &str = "unified_";

/// One thing the provider limits.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Limiter {
    /// A token bucket that refills over a minute.
    Bucket(&'static Family),
    /// A window of a subscription, by its name: `5h`, `7d`, `7d_sonnet`, or one nobody has heard of yet.
    Window(String),
}

impl Limiter {
    /// Its word in the API and in the store: `requests`, `fast_input_tokens`, `unified_5h`.
    pub fn word(&self) -> String {
        match self {
            Limiter::Bucket(family) => family.word.to_owned(),
            Limiter::Window(name) => format!("{WINDOW_WORD}{name}"),
        }
    }

    /// The limiter with this word.
    pub fn from_word(word: &str) -> Option<Limiter> {
        let family = FAMILIES.iter().find(|family| family.word == word).map(Limiter::Bucket);
        family.or_else(|| Some(Limiter::Window(word.strip_prefix(WINDOW_WORD)?.to_owned())))
    }

    /// The header that names its amount; of a window, the one that says how much of it is used.
    pub fn header(&self) -> String {
        match self {
            Limiter::Bucket(family) => format!("{}-limit", family.prefix),
            Limiter::Window(name) => format!("{UNIFIED}{name}-utilization"),
        }
    }

    /// The kind of limit it becomes.
    pub fn kind(&self) -> &'static Kind {
        match self {
            Limiter::Bucket(family) => family.kind,
            Limiter::Window(_) => &subscription_window::KIND,
        }
    }

    /// How long a window is, in milliseconds, as far as its name says: `5h`, `7d_sonnet`.
    pub fn length_ms(&self) -> Option<i64> {
        let Limiter::Window(name) = self else { return Some(60_000) };
        let digits = name.bytes().take_while(u8::is_ascii_digit).count();
        let count: i64 = name.get(..digits)?.parse().ok().filter(|count| *count <= 1_000)?;
        match name.as_bytes().get(digits)? {
            b'h' => Some(count * 3_600_000),
            b'd' => Some(count * 86_400_000),
            _ => None,
        }
    }
}

impl fmt::Debug for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word)
    }
}

impl PartialEq for Family {
    fn eq(&self, other: &Self) -> bool {
        self.word == other.word
    }
}

impl Eq for Family {}

impl Hash for Family {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.word.hash(state);
    }
}

impl PartialOrd for Family {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Family {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.word.cmp(other.word)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_lead_back_to_their_limiter() {
        let windows = ["5h", "7d_sonnet"].map(|name| Limiter::Window(name.to_owned()));
        for limiter in FAMILIES.iter().map(Limiter::Bucket).chain(windows) {
            assert_eq!(Limiter::from_word(&limiter.word()), Some(limiter));
        }
        assert_eq!(Limiter::from_word("moods"), None);
    }

    #[test]
    fn a_window_is_as_long_as_its_name_says() {
        let length = |name: &str| Limiter::Window(name.to_owned()).length_ms();
        assert_eq!(length("5h"), Some(18_000_000));
        assert_eq!(length("7d_sonnet"), Some(604_800_000));
        for unknown in ["overage", "", "7", "99999999999999999999h", "5x"] {
            assert_eq!(length(unknown), None, "{unknown}");
        }
    }
}
