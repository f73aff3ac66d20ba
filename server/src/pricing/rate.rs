//! What one model costs, in nano-dollars per token.

use serde::Deserialize;

use crate::usage::Usage;

/// A price card as written: dollars per million tokens.
#[derive(Debug, Clone, Copy, Deserialize)]
pub struct Card {
    input: f64,
    cache_write_5m: Option<f64>,
    cache_write_1h: Option<f64>,
    cache_read: f64,
    output: f64,
}

/// Prices in nano-dollars per token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rate {
    input: i64,
    cache_write_5m: i64,
    cache_write_1h: i64,
    cache_read: i64,
    output: i64,
}

impl Rate {
    /// The exact rate of a card; nothing when a price is negative or finer than a nano-dollar per token.
    pub fn new(card: &Card) -> Option<Self> {
        let input = exact(card.input)?;
        let times = |given: Option<f64>, quarters: i64| match given {
            Some(price) => exact(price),
            None => (input * quarters % 4 == 0).then_some(input * quarters / 4),
        };
        Some(Rate {
            input,
            cache_write_5m: times(card.cache_write_5m, 5)?,
            cache_write_1h: times(card.cache_write_1h, 8)?,
            cache_read: exact(card.cache_read)?,
            output: exact(card.output)?,
        })
    }

    /// What a usage costs before modifiers, in nano-dollars.
    pub fn of(&self, usage: &Usage) -> i128 {
        [
            (usage.input_tokens, self.input),
            (usage.cache_write_5m_tokens, self.cache_write_5m),
            (usage.cache_write_1h_tokens, self.cache_write_1h),
            (usage.cache_read_tokens, self.cache_read),
            (usage.output_tokens, self.output),
        ]
        .into_iter()
        .map(|(tokens, rate)| i128::from(tokens.unwrap_or(0)) * i128::from(rate))
        .sum()
    }
}

/// Dollars per million tokens as nano-dollars per token.
fn exact(usd_per_million: f64) -> Option<i64> {
    let nano = usd_per_million * 1_000.0;
    let whole = nano.round();
    ((nano - whole).abs() < 1e-6 && (0.0..1e12).contains(&whole)).then_some(whole as i64)
}
