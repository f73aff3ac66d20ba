//! What the overview shows, as its address says it: every link is an address, and every address works.

use std::str::FromStr;

use leptos_router::params::ParamsMap;
use vocabulary::{Dimension, Filter, Measure, Range};

/// What the overview shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ViewState {
    /// The stretch of time.
    pub range: Range,
    pub measure: Measure,
    /// The dimension of the second table.
    pub by: Dimension,
    /// Only these events.
    pub filters: Vec<Filter>,
    /// What in the address made no sense.
    pub notices: Vec<String>,
}

impl Default for ViewState {
    fn default() -> Self {
        ViewState {
            range: Range::Hour,
            measure: Measure::Requests,
            by: Dimension::Project,
            filters: Vec::new(),
            notices: Vec::new(),
        }
    }
}

impl ViewState {
    /// Reads an address; what makes no sense falls back, with a notice.
    pub fn read(query: &ParamsMap) -> Self {
        let mut state = ViewState::default();
        let mut notices = Vec::new();
        let mut take = |name: &str, take: &mut dyn FnMut(&str) -> Result<(), String>| {
            if let Some(text) = query.get(name)
                && let Err(error) = take(&text)
            {
                notices.push(format!("{name}: {error}"));
            }
        };
        take("range", &mut |text| Range::from_str(text).map(|range| state.range = range));
        take("measure", &mut |text| Measure::from_str(text).map(|measure| state.measure = measure));
        take("by", &mut |text| Dimension::from_str(text).map(|by| state.by = by));
        for dimension in Dimension::ALL {
            for value in query.get_all(dimension.word()).unwrap_or_default() {
                state.filters.push(Filter::only(*dimension, value));
            }
        }
        state.notices = notices;
        state
    }

    /// Its address; what is as by default is left out.
    pub fn address(&self) -> String {
        let default = ViewState::default();
        let mut pairs = Vec::new();
        if self.range != default.range {
            pairs.push(("range", self.range.word().to_owned()));
        }
        if self.measure != default.measure {
            pairs.push(("measure", self.measure.word().to_owned()));
        }
        if self.by != default.by {
            pairs.push(("by", self.by.word().to_owned()));
        }
        for filter in &self.filters {
            pairs.push((filter.dimension.word(), encode(&filter.value)));
        }
        let query: Vec<String> = pairs.into_iter().map(|(name, value)| format!("{name}={value}")).collect();
        if query.is_empty() { "/".to_owned() } else { format!("/?{}", query.join("&")) }
    }

    /// The same with another stretch of time.
    pub fn with_range(&self, range: Range) -> Self {
        ViewState { range, ..self.clone() }
    }

    /// The same with another measure.
    pub fn with_measure(&self, measure: Measure) -> Self {
        ViewState { measure, ..self.clone() }
    }

    /// The same by another dimension.
    pub fn with_by(&self, by: Dimension) -> Self {
        ViewState { by, ..self.clone() }
    }

    /// The same with one more filter, or without it if it is there.
    pub fn toggle(&self, filter: Filter) -> Self {
        let mut state = self.clone();
        match state.filters.iter().position(|known| *known == filter) {
            Some(place) => {
                state.filters.remove(place);
            }
            None => state.filters.push(filter),
        }
        state
    }
}

/// Percent-encodes all but letters, digits and `-._~`.
fn encode(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => {
                encoded.push(char::from(byte));
            }
            _ => encoded.push_str(&format!("%{byte:02X}")),
        }
    }
    encoded
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(pairs: &[(&str, &str)]) -> ViewState {
        let mut query = ParamsMap::new();
        for (name, value) in pairs {
            query.insert((*name).to_owned(), (*value).to_owned());
        }
        ViewState::read(&query)
    }

    #[test]
    fn an_address_says_what_is_shown() {
        let state = read(&[("range", "7d"), ("measure", "cost_usd"), ("model", "a b"), ("model", "c")]);
        assert_eq!((state.range, state.measure, state.filters.len()), (Range::Week, Measure::CostUsd, 2));
        assert_eq!(state.address(), "/?range=7d&measure=cost_usd&model=a%20b&model=c");
        assert_eq!(ViewState::default().address(), "/");
    }

    #[test]
    fn nonsense_falls_back_with_a_notice() {
        let state = read(&[("range", "1y"), ("measure", "requests")]);
        assert_eq!(state.range, Range::Hour);
        assert_eq!(state.notices.len(), 1);
    }

    #[test]
    fn a_filter_toggles() {
        let filter = Filter::only(Dimension::Model, "a");
        let on = ViewState::default().toggle(filter.clone());
        assert_eq!(on.filters.len(), 1);
        assert_eq!(on.toggle(filter), ViewState::default());
    }
}
