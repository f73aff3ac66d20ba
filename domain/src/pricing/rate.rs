//! What one model costs, in pico-dollars per token.

use serde::Deserialize;

use crate::usage::Usage;

/// Pico-dollars in a nano-dollar: some providers' prices are finer than that per token.
pub const PICO: i128 = 1_000;

/// A price card as written: dollars per million tokens.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Card {
    input: f64,
    cache_write_5m: Option<f64>,
    cache_write_1h: Option<f64>,
    cache_read: Option<f64>,
    output: f64,
}

/// A kind of cached tokens whose price a provider may leave open.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
pub enum Cached {
    /// Cache writes that last 5 minutes.
    #[serde(rename = "cache_write_5m")]
    CacheWrite5m,
    /// Cache writes that last an hour.
    #[serde(rename = "cache_write_1h")]
    CacheWrite1h,
    #[serde(rename = "cache_read")]
    CacheRead,
}

/// Prices in pico-dollars per token; nothing where there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    input: i64,
    cache_write_5m: Option<i64>,
    cache_write_1h: Option<i64>,
    cache_read: Option<i64>,
    output: i64,
}

impl Rate {
    /// The exact rate of a card; nothing when a price is negative or finer than a pico-dollar per token. A card without
    /// a price of cache reads is one of a model that has no cache.
    pub fn new(card: &Card) -> Option<Self> {
        let input = exact(card.input)?;
        let write = |given: Option<f64>, quarters: i64| match (given, card.cache_read) {
            (Some(price), _) => Some(Some(exact(price)?)),
            (None, Some(_)) => (input * quarters % 4 == 0).then_some(Some(input * quarters / 4)),
            (None, None) => Some(None),
        };
        let cache_read = match card.cache_read {
            Some(price) => Some(exact(price)?),
            None => None,
        };
        Some(Rate {
            input,
            cache_write_5m: write(card.cache_write_5m, 5)?,
            cache_write_1h: write(card.cache_write_1h, 8)?,
            cache_read,
            output: exact(card.output)?,
        })
    }

    /// The rate with the price of a kind left open.
    pub fn without(mut self, kind: Cached) -> Self {
        match kind {
            Cached::CacheWrite5m => self.cache_write_5m = None,
            Cached::CacheWrite1h => self.cache_write_1h = None,
            Cached::CacheRead => self.cache_read = None,
        }
        self
    }

    /// The rate of a long prompt where one costs more: twice the input and its cache, 1.5 times the output.
    pub fn long(self) -> Self {
        let twice = |price: Option<i64>| price.map(|price| price * 2);
        Rate {
            input: self.input * 2,
            cache_write_5m: twice(self.cache_write_5m),
            cache_write_1h: twice(self.cache_write_1h),
            cache_read: twice(self.cache_read),
            output: self.output * 3 / 2,
        }
    }

    /// What a usage costs before modifiers, in pico-dollars; nothing when it has tokens of a kind without a price.
    pub fn of(&self, usage: &Usage) -> Option<i128> {
        let kinds = [
            (usage.input_tokens, Some(self.input)),
            (usage.cache_write_5m_tokens, self.cache_write_5m),
            (usage.cache_write_1h_tokens, self.cache_write_1h),
            (usage.cache_read_tokens, self.cache_read),
            (usage.output_tokens, Some(self.output)),
        ];
        kinds.into_iter().try_fold(0, |sum, (tokens, rate)| match tokens.unwrap_or(0) {
            0 => Some(sum),
            tokens => Some(sum + i128::from(tokens) * i128::from(rate?)),
        })
    }
}

/// Dollars per million tokens as pico-dollars per token.
fn exact(usd_per_million: f64) -> Option<i64> {
    let pico = usd_per_million * 1_000_000.0;
    let whole = pico.round();
    ((pico - whole).abs() < 1e-3 && (0.0..1e15).contains(&whole)).then_some(whole as i64)
}
