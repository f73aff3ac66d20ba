//! A price as `prices.toml` writes it, and how it is dated.

use jiff::civil::Date;
use serde::Deserialize;

use super::rate::{Card, Rate};

/// A price book that makes no sense.
#[derive(Debug, thiserror::Error)]
pub enum PriceError {
    #[error("the price book cannot be read: {0}")]
    Syntax(#[from] toml::de::Error),
    /// A row begins on no date.
    #[error("the price of {0} begins on no date; write it like 2026-11-24")]
    Date(String),
    /// A price is negative or too fine.
    #[error("a price of {0} is negative, or finer than 0.000001 dollars per million tokens")]
    Price(String),
    /// A factor is not one.
    #[error("{0} asks a multiple that is not above 0, or finer than 0.001")]
    Times(String),
}

/// What a model costs.
#[derive(Debug, Clone, Copy)]
pub struct Price {
    rate: Rate,
    /// Prompts above so many tokens have another rate.
    step: Option<(u64, Rate)>,
    /// What fast mode multiplies by, where there is one.
    pub fast: Option<i128>,
    /// Inference in the US alone costs more.
    pub us: bool,
}

/// A row of `prices.toml`.
#[derive(Deserialize)]
pub struct FileRow {
    pub models: Vec<String>,
    from: Option<String>,
    #[serde(flatten)]
    card: Card,
    fast: Option<u8>,
    #[serde(default)]
    us: bool,
    above_prompt_tokens: Option<u64>,
    above: Option<Card>,
}

impl FileRow {
    /// The price, and the day from which it holds.
    pub fn price(&self) -> Result<(Option<Date>, Price), PriceError> {
        let names = || self.models.join(", ");
        let price = Price::new(&self.card, self.above_prompt_tokens.zip(self.above.as_ref()));
        let mut price = price.ok_or_else(|| PriceError::Price(names()))?;
        price.fast = self.fast.map(i128::from);
        price.us = self.us;
        Ok((day(self.from.as_deref(), names)?, price))
    }
}

impl Price {
    /// The price of a card, and of another for prompts above so many tokens; nothing when one of them makes no sense.
    pub fn new(card: &Card, above: Option<(u64, &Card)>) -> Option<Self> {
        let step = match above {
            Some((tokens, card)) => Some((tokens, Rate::new(card)?)),
            None => None,
        };
        Some(Price { rate: Rate::new(card)?, step, fast: None, us: false })
    }

    /// The rate of a prompt that is below every step.
    pub fn short(&self) -> Rate {
        self.rate
    }

    /// The rate of a prompt of so many tokens.
    pub fn rate(&self, prompt_tokens: u64) -> Rate {
        match self.step {
            Some((tokens, above)) if prompt_tokens > tokens => above,
            _ => self.rate,
        }
    }
}

/// The day a row begins.
pub fn day(written: Option<&str>, names: impl FnOnce() -> String) -> Result<Option<Date>, PriceError> {
    written.map(str::parse).transpose().map_err(|_| PriceError::Date(names()))
}

/// What holds from which day, oldest first.
#[derive(Debug)]
pub struct Dated<T>(Vec<(Option<Date>, T)>);

impl<T> Default for Dated<T> {
    fn default() -> Self {
        Dated(Vec::new())
    }
}

impl<T> Dated<T> {
    /// Adds what holds from a day on, or from the beginning. Of two from the same day the first one holds.
    pub fn add(&mut self, from: Option<Date>, value: T) {
        let at = self.0.partition_point(|(known, _)| *known < from);
        if self.0.get(at).is_none_or(|(known, _)| *known != from) {
            self.0.insert(at, (from, value));
        }
    }

    /// What holds on a day.
    pub fn on(&self, day: Date) -> Option<&T> {
        let row = self.0.iter().rev().find(|(from, _)| from.is_none_or(|from| from <= day));
        row.map(|(_, value)| value)
    }
}
