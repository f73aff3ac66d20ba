//! The price book: dated rows, and the cost of an event by the row of its day.

use std::collections::HashMap;

use jiff::civil::Date;
use serde::Deserialize;

use super::model::canonical;
use super::rate::{Card, Rate};
use crate::usage::{Event, NanoUsd, ServiceTier, Usage, attempts};

const EMBEDDED: &str = include_str!("prices.toml");

/// Prices of every model Tacho knows.
#[derive(Debug, Default)]
pub struct PriceBook {
    /// Rows by model, oldest first.
    rows: HashMap<String, Vec<Row>>,
    web_search: i64,
}

#[derive(Debug, Clone)]
struct Row {
    from: Option<Date>,
    rate: Rate,
    /// Prompts above so many tokens have another rate.
    step: Option<(u64, Rate)>,
    fast: i128,
    us: bool,
}

/// A price book that makes no sense.
#[derive(Debug, thiserror::Error)]
pub enum PriceError {
    /// The file cannot be read.
    #[error("the price book cannot be read: {0}")]
    Syntax(#[from] toml::de::Error),
    /// A row begins on no date.
    #[error("the price of {0} begins on no date; write it like 2026-11-24")]
    Date(String),
    /// A price is negative or too fine.
    #[error("a price of {0} is negative, or finer than 0.001 dollars per million tokens")]
    Price(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    web_search: f64,
    price: Vec<FileRow>,
}

#[derive(Deserialize)]
struct FileRow {
    models: Vec<String>,
    from: Option<String>,
    #[serde(flatten)]
    card: Card,
    fast: Option<u8>,
    #[serde(default)]
    us: bool,
    above_prompt_tokens: Option<u64>,
    above: Option<Card>,
}

impl PriceBook {
    /// The prices this program was built with.
    pub fn embedded() -> Self {
        // A test reads the same text: a mistake in it does not leave the workshop.
        Self::parse(EMBEDDED).unwrap_or_default()
    }

    /// Reads a price book.
    pub fn parse(text: &str) -> Result<Self, PriceError> {
        let file: File = toml::from_str(text)?;
        let mut rows: HashMap<String, Vec<Row>> = HashMap::new();
        for written in file.price {
            let bad = || PriceError::Price(written.models.join(", "));
            let rate = |card: &Card| Rate::new(card).ok_or_else(bad);
            let from = written.from.as_deref().map(str::parse).transpose();
            let from = from.map_err(|_| PriceError::Date(written.models.join(", ")))?;
            let step = match (written.above_prompt_tokens, &written.above) {
                (Some(tokens), Some(card)) => Some((tokens, rate(card)?)),
                _ => None,
            };
            let fast = i128::from(written.fast.unwrap_or(1));
            let row = Row { from, rate: rate(&written.card)?, step, fast, us: written.us };
            for model in written.models {
                rows.entry(model).or_default().push(row.clone());
            }
        }
        for dated in rows.values_mut() {
            dated.sort_by_key(|row| row.from);
        }
        let web_search =
            NanoUsd::from_usd(file.web_search).ok_or(PriceError::Price("web search".to_owned()))?;
        Ok(PriceBook { rows, web_search: web_search.0 })
    }

    /// What an event cost; nothing when its model or its usage is unknown, or a count in it could not be read.
    ///
    /// With `iterations`, each is billed at its own model's price.
    pub fn cost(&self, event: &Event) -> Option<NanoUsd> {
        if event.usage.is_incomplete() {
            // A refused request is free; an answered one of unknown size is of unknown price.
            return (!event.has_unknown_usage()).then_some(NanoUsd(0));
        }
        if event.remarks.hide_a_price() {
            return None;
        }
        let mut total = i128::from(event.usage.web_search_requests) * i128::from(self.web_search);
        if event.usage.total_tokens() == 0 {
            return Some(to_money(total));
        }
        for (model, usage) in attempts(&event.usage, &event.iterations) {
            total += self.attempt(event, model.unwrap_or(&event.dimensions.model), &usage)?;
        }
        Some(to_money(total))
    }

    /// One billed attempt with its modifiers, in nano-dollars, rounded half up.
    fn attempt(&self, event: &Event, model: &str, usage: &Usage) -> Option<i128> {
        let day = jiff::Timestamp::from_millisecond(event.at_ms)
            .ok()?
            .to_zoned_datetime(jiff::tz::TimeZone::UTC)
            .date();
        let rows = self.rows.get(canonical(model))?;
        let row = rows.iter().rev().find(|row| row.from.is_none_or(|from| from <= day))?;
        let rate = match &row.step {
            Some((tokens, above)) if usage.prompt_tokens() > *tokens => above,
            _ => &row.rate,
        };
        let mut numerator = rate.of(usage);
        let mut denominator = 1;
        if event.fast {
            numerator *= row.fast;
        }
        if event.geo_us && row.us {
            numerator *= 11;
            denominator *= 10;
        }
        if event.service_tier == ServiceTier::Batch {
            denominator *= 2;
        }
        Some((numerator * 2 + denominator) / (denominator * 2))
    }
}

fn to_money(nano: i128) -> NanoUsd {
    NanoUsd(i64::try_from(nano).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::usage::{Dimensions, Iteration, settle};

    fn book() -> PriceBook {
        PriceBook::parse(EMBEDDED).expect("the embedded price book")
    }

    fn event(model: &str, input: u64, output: u64) -> Event {
        Event {
            at_ms: "2026-11-24T12:00:00Z".parse::<jiff::Timestamp>().expect("a time").as_millisecond(),
            usage: Usage { input_tokens: Some(input), output_tokens: Some(output), ..Usage::default() },
            dimensions: Dimensions { model: model.to_owned(), ..Dimensions::default() },
            ..Event::default()
        }
    }

    fn nano(event: &Event) -> Option<i64> {
        book().cost(event).map(|cost| cost.0)
    }

    #[test]
    fn every_model_of_the_price_list_has_its_price() {
        // Dollars for a million input and a million output tokens.
        for (model, input, output) in [
            ("claude-fable-5-2", 8.0, 40.0),
            ("claude-fable-5-1", 10.0, 50.0),
            ("claude-mythos-5", 10.0, 50.0),
            ("claude-opus-5-5", 4.0, 20.0),
            ("claude-opus-5", 5.0, 25.0),
            ("claude-opus-4-8", 5.0, 25.0),
            ("claude-opus-4-7", 5.0, 25.0),
            ("claude-opus-4-6", 5.0, 25.0),
            ("claude-opus-4-5-20251101", 5.0, 25.0),
            ("claude-opus-4-1", 15.0, 75.0),
            ("claude-opus-4-20250514", 15.0, 75.0),
            ("claude-3-opus-20240229", 15.0, 75.0),
            ("claude-sonnet-5-5", 2.0, 10.0),
            ("claude-sonnet-5", 2.0, 10.0),
            ("claude-sonnet-4-6", 3.0, 15.0),
            ("claude-sonnet-4-5-20250929", 3.0, 15.0),
            ("claude-3-7-sonnet-20250219", 3.0, 15.0),
            ("claude-haiku-4-5", 1.0, 5.0),
            ("claude-3-5-haiku-20241022", 0.8, 4.0),
            ("claude-3-haiku-20240307", 0.25, 1.25),
        ] {
            let cost = book().cost(&event(model, 1_000_000, 1_000_000)).map(NanoUsd::as_usd);
            assert_eq!(cost, Some(input + output), "{model}");
        }
    }

    #[test]
    fn modifiers_multiply() {
        let base = event("claude-opus-5-5", 1_000, 100);
        assert_eq!(nano(&base), Some(1_000 * 4_000 + 100 * 20_000));
        assert_eq!(nano(&Event { fast: true, ..base.clone() }), Some(12_000_000));
        assert_eq!(nano(&Event { geo_us: true, ..base.clone() }), Some(6_600_000));
        assert_eq!(nano(&Event { service_tier: ServiceTier::Batch, ..base.clone() }), Some(3_000_000));
        assert_eq!(nano(&Event { geo_us: true, fast: true, ..base }), Some(13_200_000));
    }

    #[test]
    fn cache_kinds_have_their_own_prices() {
        let mut cached = event("claude-opus-5-5", 0, 0);
        cached.usage.cache_write_5m_tokens = Some(10);
        assert_eq!(nano(&cached), Some(50_000));
        cached.usage.cache_write_1h_tokens = Some(10);
        assert_eq!(nano(&cached), Some(130_000));
        cached.usage.cache_read_tokens = Some(10);
        assert_eq!(nano(&cached), Some(132_000));
    }

    #[test]
    fn the_price_is_that_of_the_day() {
        let mut read = event("claude-sonnet-5-5", 0, 0);
        read.usage.cache_read_tokens = Some(1_000);
        assert_eq!(nano(&read), Some(100_000));
        read.at_ms = "2026-10-06T23:59:59Z".parse::<jiff::Timestamp>().expect("a time").as_millisecond();
        assert_eq!(nano(&read), Some(200_000));
    }

    #[test]
    fn a_book_that_makes_no_sense_says_why() {
        let row = |fields: &str| {
            let text = format!("web_search = 0.01\n[[price]]\nmodels = [\"m\"]\n{fields}\n");
            PriceBook::parse(&text).expect_err(fields).to_string()
        };
        assert!(row("from = \"soon\"\ninput = 1.0\ncache_read = 0.1\noutput = 1.0").contains("no date"));
        assert!(row("input = -1.0\ncache_read = 0.1\noutput = 1.0").contains("negative"));
    }

    #[test]
    fn a_long_prompt_moves_the_whole_request_to_the_higher_card() {
        assert_eq!(nano(&event("claude-haiku-5-5", 100_000, 0)), Some(100_000 * 100));
        assert_eq!(nano(&event("claude-haiku-5-5", 100_001, 0)), Some(100_001 * 500));
        let mut cached = event("claude-haiku-5-5", 1, 0);
        cached.usage.cache_read_tokens = Some(100_000);
        assert_eq!(nano(&cached), Some(500 + 100_000 * 50));
    }

    #[test]
    fn the_unknown_is_unpriced_and_the_refused_is_free() {
        assert_eq!(nano(&event("claude-experimental", 1, 1)), None);
        let answered = Event { usage: Usage::default(), status: Some(200), ..event("claude-opus-5-5", 0, 0) };
        assert_eq!(nano(&answered), None);
        assert_eq!(nano(&Event { status: Some(429), ..answered }), Some(0));
    }

    #[test]
    fn searches_cost_a_cent() {
        let mut searching = event("claude-sonnet-5-5", 0, 0);
        searching.usage.web_search_requests = 3;
        assert_eq!(nano(&searching), Some(30_000_000));
    }

    #[test]
    fn iterations_are_what_is_billed() {
        let usage = |input, output| Usage {
            input_tokens: Some(input),
            output_tokens: Some(output),
            ..Usage::default()
        };
        let iteration = |kind: &str, model: Option<&str>, usage| Iteration {
            kind: kind.to_owned(),
            model: model.map(str::to_owned),
            usage,
        };
        let mut event = event("claude-sonnet-5-5", 9, 9);
        event.iterations = vec![
            iteration("message", None, usage(10, 0)),
            iteration("fallback_message", Some("claude-opus-5-5"), usage(10, 1)),
            iteration("compaction", None, usage(100, 1)),
        ];
        event.usage = settle(&usage(10, 1), &mut event.iterations);
        assert_eq!(nano(&event), Some(10 * 4_000 + 20_000 + 100 * 2_000 + 10_000));
        // What the iterations leave out was used by the attempt that answered.
        event.usage = settle(&usage(12, 5), &mut event.iterations);
        assert_eq!(nano(&event), Some(12 * 4_000 + 5 * 20_000 + 100 * 2_000 + 10_000));
    }

    proptest! {
        #[test]
        fn more_tokens_never_cost_less(input in 0..1u64 << 53, output in 0..1u64 << 53, more in 0..1u64 << 40) {
            let less = nano(&event("claude-sonnet-5-5", input, output));
            let dearer = nano(&event("claude-sonnet-5-5", input + more, output + more));
            prop_assert!(less >= Some(0) && dearer >= less);
        }
    }
}
