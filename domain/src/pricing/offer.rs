//! What each provider asks for a model, by region and day.

use std::collections::HashMap;

use jiff::civil::Date;

use super::price::{Dated, Price, PriceError, day};
use super::provider::{File, Long, OfferRow, ProviderRow};
use super::rate::{Cached, Rate};
use super::region;
use super::spelling::Spelling;

/// Above so many tokens a prompt is `long`.
const LONG_PROMPT_TOKENS: u64 = 200_000;

/// The region of an offer for all of its provider's cloud that no other one names for the model.
const ANY_REGION: &str = "*";

/// `times` is kept in thousandths.
pub const TIMES: i128 = 1_000;

/// What a provider asks for a model in a region.
#[derive(Debug, Clone)]
pub struct Offer {
    /// In thousandths of the price.
    pub times: i128,
    /// Instead of the price of the Claude API.
    pub own: Option<Price>,
    long: Long,
    without: Vec<Cached>,
}

/// By provider.
#[derive(Debug, Default)]
pub struct Offers(HashMap<String, Served>);

/// What one provider serves.
#[derive(Debug, Default)]
struct Served {
    /// The cloud of `regions.toml` it runs in.
    cloud: Option<String>,
    /// The models whose price in fast mode is known.
    fast: Vec<String>,
    /// By region and model.
    regions: HashMap<String, HashMap<String, Dated<Offer>>>,
}

impl Offers {
    /// Reads the file. An offer for every model is one for each of `models`.
    pub fn parse<'a>(text: &str, models: impl Iterator<Item = &'a str> + Clone) -> Result<Self, PriceError> {
        let File { older, provider } = toml::from_str(text)?;
        let mut offers = Offers::default();
        for ProviderRow { name, cloud, fast, offer, .. } in provider {
            let mut served = Served { cloud, fast, regions: HashMap::new() };
            for written in offer {
                let (from, offer) = written.read(&name)?;
                let every = || models.clone().map(str::to_owned).collect();
                let covered =
                    if written.older { older.clone() } else { written.models.unwrap_or_else(every) };
                for region in written.regions.unwrap_or_else(|| vec![String::new()]) {
                    let known = served.regions.entry(region).or_default();
                    for model in &covered {
                        known.entry(model.clone()).or_default().add(from, offer.clone());
                    }
                }
            }
            offers.0.insert(name, served);
        }
        Ok(offers)
    }

    /// The models that somebody offers.
    #[cfg(test)]
    pub fn models(&self) -> impl Iterator<Item = &str> {
        let regions = self.0.values().flat_map(|served| served.regions.values());
        regions
            .flat_map(HashMap::keys)
            .chain(self.0.values().flat_map(|served| &served.fast))
            .map(String::as_str)
    }

    /// What the provider that a spelling names asks for its model on a day.
    pub fn of(&self, spelling: &Spelling, day: Date) -> Option<&Offer> {
        let served = self.0.get(spelling.provider?)?;
        let offer = |region: &str| served.regions.get(region)?.get(spelling.model?)?.on(day);
        let elsewhere = || {
            let cloud = region::cloud_of(spelling.region)?;
            (served.cloud.as_deref() == Some(cloud)).then(|| offer(ANY_REGION)).flatten()
        };
        offer(spelling.region).or_else(elsewhere)
    }

    /// Whether the provider that a spelling names is known to ask for its model in fast mode what the Claude API does.
    pub fn fast(&self, spelling: &Spelling) -> bool {
        let served = spelling.provider.and_then(|provider| self.0.get(provider));
        served.zip(spelling.model).is_some_and(|(served, model)| served.fast.iter().any(|fast| fast == model))
    }
}

impl OfferRow {
    fn read(&self, provider: &str) -> Result<(Option<Date>, Offer), PriceError> {
        let name = || provider.to_owned();
        let above = self.above_prompt_tokens.zip(self.above.as_ref());
        let own = match &self.card {
            Some(card) => Some(Price::new(card, above).ok_or_else(|| PriceError::Price(name()))?),
            None => None,
        };
        let exact = self.times.unwrap_or(1.0) * TIMES as f64;
        let times = exact.round() as i128;
        if times < 1 || (exact - times as f64).abs() > 1e-6 {
            return Err(PriceError::Times(name()));
        }
        let offer = Offer { times, own, long: self.long, without: self.without.clone() };
        Ok((day(self.from.as_deref(), name)?, offer))
    }
}

impl Offer {
    /// The rate of a prompt of so many tokens, at a price, before it is multiplied; nothing when it is not known.
    pub fn rate(&self, price: &Price, prompt_tokens: u64) -> Option<Rate> {
        let rate = match self.long {
            Long::Dearer if prompt_tokens > LONG_PROMPT_TOKENS => price.short().long(),
            Long::Unknown if prompt_tokens > LONG_PROMPT_TOKENS => return None,
            _ => price.rate(prompt_tokens),
        };
        Some(self.without.iter().fold(rate, |rate, kind| rate.without(*kind)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::pricing::provider::EMBEDDED;

    #[test]
    fn who_offers_any_region_names_a_cloud_that_has_some() {
        let offers = Offers::parse(EMBEDDED, std::iter::empty()).expect("the providers");
        for (name, served) in offers.0 {
            let known = ["us-east-1", "us-east5"].map(region::cloud_of).contains(&served.cloud.as_deref());
            assert!(known || (served.cloud.is_none() && !served.regions.contains_key(ANY_REGION)), "{name}");
        }
    }
}
