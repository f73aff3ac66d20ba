//! The price book: what each provider asks for each model on each day, and the cost of an event by it.

use std::collections::HashMap;

use serde::Deserialize;

use super::offer::{Offers, TIMES};
use super::price::{Dated, FileRow, Price, PriceError};
use super::provider;
use super::rate::PICO;
use super::spelling::{Spelling, lower};
use crate::usage::{Event, NanoUsd, ServiceTier, Usage, attempts};

const EMBEDDED: &str = include_str!("prices.toml");

/// Prices of every model Tacho knows.
#[derive(Debug, Default)]
pub struct PriceBook {
    /// Of the Claude API, by model.
    prices: HashMap<String, Dated<Price>>,
    /// Of everyone who serves it, in terms of those.
    offers: Offers,
    web_search: i64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    web_search: f64,
    price: Vec<FileRow>,
}

impl PriceBook {
    /// The prices this program was built with.
    pub fn embedded() -> Self {
        // A test reads the same texts: a mistake in them does not leave the workshop.
        Self::parse(EMBEDDED, provider::EMBEDDED).unwrap_or_default()
    }

    /// Reads a price book: prices of the Claude API, and what others ask.
    pub fn parse(prices: &str, providers: &str) -> Result<Self, PriceError> {
        let file: File = toml::from_str(prices)?;
        let mut prices: HashMap<String, Dated<Price>> = HashMap::new();
        for row in file.price {
            let (from, price) = row.price()?;
            for model in row.models {
                prices.entry(model).or_default().add(from, price);
            }
        }
        let offers = Offers::parse(providers, prices.keys().map(String::as_str))?;
        let web_search =
            NanoUsd::from_usd(file.web_search).ok_or(PriceError::Price("web search".to_owned()))?;
        Ok(PriceBook { prices, offers, web_search: web_search.0 })
    }

    /// What an event cost; nothing when its model or its usage is unknown, or a count in it could not be read.
    ///
    /// With `iterations`, each is billed at its own model's price.
    pub fn cost(&self, event: &Event) -> Option<NanoUsd> {
        if event.has_unknown_usage() {
            return None;
        }
        // A refused request is free.
        if event.usage.is_incomplete() {
            return Some(NanoUsd(0));
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
        let name = lower(model);
        let spelling = Spelling::of(&name);
        let offer = self.offers.of(&spelling, day)?;
        let price = offer.own.as_ref().or_else(|| self.prices.get(spelling.model?)?.on(day))?;
        let mut numerator = offer.rate(price, usage.prompt_tokens())?.of(usage)? * offer.times;
        let mut denominator = PICO * TIMES;
        if event.fast || spelling.fast {
            numerator *= price.fast.filter(|_| self.offers.fast(&spelling))?;
        }
        if event.geo_us && price.us {
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
mod history;

#[cfg(test)]
mod tests;
