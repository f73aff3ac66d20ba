//! Which values have been counted in a shared meter, for as long as that matters: in a bounded memory.
//!
//! Bloom filters, one for each quarter of an hour in which what was counted ends to matter. They may say of a value
//! that it shares when it does not, which is stricter than need be; never the other way round.

use std::collections::BTreeMap;
use std::hash::{DefaultHasher, Hash, Hasher};

/// Bits of one filter: half a megabyte tells 100,000 values from others, and most of a million.
const BITS: u64 = 1 << 22;
/// Bits that one value sets.
const BITS_EACH: u64 = 4;
/// How long one filter collects, in milliseconds.
const SPAN_MS: i64 = 900_000;

/// Values that share.
pub(super) struct Sharers {
    /// Hashed with each value, so that nobody outside can choose a name that is taken for another. Without chance, so
    /// that a restart decides the same.
    salt: String,
    /// By when they are forgotten, Unix milliseconds.
    filters: BTreeMap<i64, Vec<u64>>,
}

impl Sharers {
    /// Nobody.
    pub fn new(salt: &str) -> Self {
        Sharers { salt: salt.to_owned(), filters: BTreeMap::new() }
    }

    /// A value shares until then, Unix milliseconds, or somewhat longer.
    pub fn note(&mut self, value: &str, until_ms: i64) {
        let spans = until_ms.saturating_sub(1).div_euclid(SPAN_MS).saturating_add(1);
        let forgotten_ms = spans.saturating_mul(SPAN_MS);
        let words = usize::try_from(BITS / 64).unwrap_or_default();
        let bits = self.bits(value);
        let filter = self.filters.entry(forgotten_ms).or_insert_with(|| vec![0; words]);
        bits.for_each(|(word, bit)| filter[word] |= bit);
    }

    /// Whether a value shares; of one that does not, rarely yes.
    pub fn may_hold(&self, value: &str) -> bool {
        !self.filters.is_empty()
            && self.filters.values().any(|filter| self.bits(value).all(|(word, bit)| filter[word] & bit != 0))
    }

    /// Whether nobody shares.
    pub fn is_empty(&self) -> bool {
        self.filters.is_empty()
    }

    /// Forgets everybody.
    pub fn clear(&mut self) {
        self.filters.clear();
    }

    /// Forgets those who share no more.
    pub fn prune(&mut self, now_ms: i64) {
        self.filters.retain(|forgotten_ms, _| *forgotten_ms > now_ms);
    }

    /// The word and the bit in it of each bit of a value.
    fn bits(&self, value: &str) -> impl Iterator<Item = (usize, u64)> + use<> {
        let mut hasher = DefaultHasher::new();
        (&self.salt, value).hash(&mut hasher);
        let hash = hasher.finish();
        let (first, step) = (hash & 0xffff_ffff, hash >> 32 | 1);
        (0..BITS_EACH).map(move |number| {
            let bit = (first + number * step) % BITS;
            (usize::try_from(bit / 64).unwrap_or_default(), 1 << (bit % 64))
        })
    }
}
