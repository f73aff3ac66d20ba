//! What a bucket sums.

use vocabulary::Measure;

use crate::usage::{Event, NanoUsd};

/// Sums over events. They stop at [`Sums::LARGEST`].
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Sums {
    /// HTTP attempts.
    pub requests: i64,
    /// Uncached input tokens.
    pub input_tokens: i64,
    /// 5-minute cache writes.
    pub cache_write_5m_tokens: i64,
    /// 1-hour cache writes.
    pub cache_write_1h_tokens: i64,
    pub cache_read_tokens: i64,
    /// Generated tokens.
    pub output_tokens: i64,
    /// Cost of the priced events.
    pub cost_nano_usd: i64,
    /// Events without a price.
    pub unpriced: i64,
    /// Events whose input or output is unknown, and not because they were refused.
    pub unknown_usage: i64,
    /// Events that failed.
    pub errors: i64,
    /// Events refused for a limit.
    pub throttled: i64,
    pub web_search_requests: i64,
}

impl Sums {
    /// Where every sum stops instead of overflowing: no honest traffic comes near, and a reporter of absurd counts
    /// must not be able to stop anything.
    pub const LARGEST: i64 = 1 << 56;

    /// The sums of one event.
    pub fn of(event: &Event, cost: Option<NanoUsd>) -> Self {
        let usage = &event.usage;
        Sums {
            requests: 1,
            input_tokens: count(usage.input_tokens),
            cache_write_5m_tokens: count(usage.cache_write_5m_tokens),
            cache_write_1h_tokens: count(usage.cache_write_1h_tokens),
            cache_read_tokens: count(usage.cache_read_tokens),
            output_tokens: count(usage.output_tokens),
            cost_nano_usd: cost.map_or(0, |cost| cost.0.min(Sums::LARGEST)),
            unpriced: i64::from(cost.is_none()),
            unknown_usage: i64::from(event.has_unknown_usage()),
            errors: i64::from(event.is_error()),
            throttled: i64::from(event.is_throttled()),
            web_search_requests: count(Some(usage.web_search_requests)),
        }
    }

    /// Adds other sums.
    pub fn add(&mut self, other: &Sums) {
        let pairs = [
            (&mut self.requests, other.requests),
            (&mut self.input_tokens, other.input_tokens),
            (&mut self.cache_write_5m_tokens, other.cache_write_5m_tokens),
            (&mut self.cache_write_1h_tokens, other.cache_write_1h_tokens),
            (&mut self.cache_read_tokens, other.cache_read_tokens),
            (&mut self.output_tokens, other.output_tokens),
            (&mut self.cost_nano_usd, other.cost_nano_usd),
            (&mut self.unpriced, other.unpriced),
            (&mut self.unknown_usage, other.unknown_usage),
            (&mut self.errors, other.errors),
            (&mut self.throttled, other.throttled),
            (&mut self.web_search_requests, other.web_search_requests),
        ];
        for (sum, more) in pairs {
            *sum = sum.saturating_add(more).min(Sums::LARGEST);
        }
    }

    /// What the input-tokens-per-minute limit counts.
    pub fn itpm_tokens(&self) -> i64 {
        self.input_tokens.saturating_add(self.cache_write_tokens())
    }

    /// Both lifetimes of cache writes.
    pub fn cache_write_tokens(&self) -> i64 {
        self.cache_write_5m_tokens.saturating_add(self.cache_write_1h_tokens)
    }

    /// All four kinds of tokens.
    pub fn total_tokens(&self) -> i64 {
        self.itpm_tokens().saturating_add(self.cache_read_tokens).saturating_add(self.output_tokens)
    }

    /// How many events the sum of one measure leaves out.
    pub fn left_out(&self, measure: Measure) -> u64 {
        measure.left_out(self.unpriced.unsigned_abs(), self.unknown_usage.unsigned_abs())
    }

    /// One measure, in its unit.
    pub fn measure(&self, measure: Measure) -> f64 {
        let sum = match measure {
            Measure::Requests => self.requests,
            Measure::ItpmTokens => self.itpm_tokens(),
            Measure::InputTokens => self.input_tokens,
            Measure::CacheWriteTokens => self.cache_write_tokens(),
            Measure::CacheReadTokens => self.cache_read_tokens,
            Measure::OutputTokens => self.output_tokens,
            Measure::TotalTokens => self.total_tokens(),
            Measure::CostUsd => self.cost_nano_usd,
            Measure::Errors => self.errors,
            Measure::Throttled => self.throttled,
        };
        Sums::in_unit(measure, sum)
    }

    /// A sum as it is kept, in the unit of its measure.
    pub fn in_unit(measure: Measure, sum: i64) -> f64 {
        match measure {
            Measure::CostUsd => NanoUsd(sum).as_usd(),
            _ => sum as f64,
        }
    }
}

fn count(tokens: Option<u64>) -> i64 {
    tokens.map_or(0, |tokens| tokens.min(Sums::LARGEST.unsigned_abs()).cast_signed())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn sums_do_not_depend_on_order_or_grouping(tokens in prop::collection::vec(0..1u64 << 40, 1..50), cut in 0..50usize) {
            let all: Vec<Sums> = tokens
                .iter()
                .map(|tokens| Sums { requests: 1, input_tokens: count(Some(*tokens)), ..Sums::default() })
                .collect();
            let sum = |parts: &[Sums]| parts.iter().fold(Sums::default(), |mut sum, part| { sum.add(part); sum });
            let (left, right) = all.split_at(cut.min(all.len()));
            let mut grouped = sum(right);
            grouped.add(&sum(left));
            prop_assert_eq!(sum(&all), grouped);
        }
    }
}
