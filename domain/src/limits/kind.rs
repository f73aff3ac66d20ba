//! What makes one kind of limit different from another.

use vocabulary::Measure;

use super::tally::Tally;
use super::window::Period;
use crate::rollup::Sums;
use crate::usage::NanoUsd;

/// A kind of limit.
#[derive(Debug)]
pub struct Kind {
    /// Its word in the API, in files and in the store.
    pub word: &'static str,
    /// Its name on screen.
    pub label: &'static str,
    pub unit: Unit,
    /// The stretch of time it sums over.
    pub window: WindowShape,
    /// What an event adds.
    pub count: Count,
    /// The measure that sums over time what it is held against; nothing where none does.
    pub measure: Option<Measure>,
}

impl PartialEq for Kind {
    fn eq(&self, other: &Self) -> bool {
        self.word == other.word
    }
}

impl Eq for Kind {}

/// What an event adds to a window.
#[derive(Debug, Clone, Copy)]
pub enum Count {
    /// An amount when the request was sent.
    AtStart(fn(&Sums) -> i64),
    /// An amount, spread evenly from the first token to the end, as the provider counts output.
    WhileGenerating(fn(&Sums) -> i64),
    /// One, from its start to its end; the standing is the peak.
    InFlight,
    /// Nothing: response headers alone say where it stands.
    Reported,
}

/// The stretch of time a limit sums over.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WindowShape {
    /// The last seconds up to now.
    Rolling { length_s: i64 },
    /// An hour, day or month of the calendar, in a time zone.
    Calendar(Period),
    /// Until the provider says that it starts anew.
    Reported,
}

impl WindowShape {
    /// What it is, in words.
    pub fn words(self) -> String {
        match self {
            WindowShape::Rolling { length_s: 60 } => "the last 60 seconds".to_owned(),
            WindowShape::Rolling { length_s } => format!("the last {length_s} seconds"),
            WindowShape::Calendar(period) => format!("each calendar {}", period.word()),
            WindowShape::Reported => "until the provider resets it".to_owned(),
        }
    }

    /// How long it is, in seconds; of a month, 30 days. Nothing where only the provider knows.
    pub fn length_s(self) -> Option<i64> {
        match self {
            WindowShape::Rolling { length_s } => Some(length_s),
            WindowShape::Calendar(period) => Some(period.length_s()),
            WindowShape::Reported => None,
        }
    }
}

/// The unit of a limit's amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unit {
    /// HTTP attempts.
    Requests,
    Tokens,
    /// Money, kept in nano-dollars and shown in dollars.
    NanoUsd,
    /// Requests in flight at one instant.
    InFlight,
    /// Percent, kept in hundredths of one.
    Percent,
}

/// An amount that is no amount.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the amount must be a {what} from 0 to {largest}")]
pub struct UnitError {
    what: &'static str,
    largest: i64,
}

/// The largest amount in a kind's own unit: far beyond any plan, and safe to multiply.
const LARGEST: i64 = 1 << 53;

const PER_PERCENT: i64 = 100;

impl Unit {
    /// Its word: `requests`, `tokens`, `usd`, `in_flight` or `percent`.
    pub fn word(self) -> &'static str {
        match self {
            Unit::Requests => "requests",
            Unit::Tokens => "tokens",
            Unit::NanoUsd => "usd",
            Unit::InFlight => "in_flight",
            Unit::Percent => "percent",
        }
    }

    /// Whether an amount is a share of something that is not told, and so says nothing by itself.
    pub fn is_share(self) -> bool {
        match self {
            Unit::Percent => true,
            Unit::Requests | Unit::Tokens | Unit::NanoUsd | Unit::InFlight => false,
        }
    }

    /// An amount as it is shown.
    pub fn display(self, amount: i64) -> f64 {
        match self {
            Unit::NanoUsd => NanoUsd(amount).as_usd(),
            Unit::Percent => amount as f64 / PER_PERCENT as f64,
            _ => amount as f64,
        }
    }

    /// An amount as it is typed.
    pub fn parse(self, shown: f64) -> Result<i64, UnitError> {
        let (what, amount) = match self {
            Unit::NanoUsd => ("number of US dollars", shown * NanoUsd::PER_USD as f64),
            Unit::Percent => ("number of percent", shown * PER_PERCENT as f64),
            _ => ("whole number", shown),
        };
        let largest = match self {
            Unit::NanoUsd => LARGEST / NanoUsd::PER_USD,
            Unit::Percent => LARGEST / PER_PERCENT,
            _ => LARGEST,
        };
        let whole = amount.round();
        let exact = matches!(self, Unit::NanoUsd | Unit::Percent) || whole == amount;
        if exact && (0.0..=LARGEST as f64).contains(&whole) {
            Ok(whole as i64)
        } else {
            Err(UnitError { what, largest })
        }
    }
}

impl Kind {
    /// What a rolled-up bucket has used.
    pub fn of_sums(&self, sums: &Sums) -> Tally {
        let used = match self.count {
            Count::AtStart(count) | Count::WhileGenerating(count) => count(sums),
            Count::InFlight | Count::Reported => 0,
        };
        let unknown = match self.unit {
            Unit::Tokens => sums.unknown_usage,
            Unit::NanoUsd => sums.unpriced,
            Unit::Requests | Unit::InFlight | Unit::Percent => 0,
        };
        Tally { calls: sums.requests, used, unknown }
    }

    /// Whether it counts the results of Message Batches: they cost money and are tokens of their day, but come when they
    /// are downloaded, which is no rate, and out of pools of their own.
    pub fn counts_batches(&self) -> bool {
        matches!(self.window, WindowShape::Calendar(Period::Day | Period::Month))
    }

    /// Whether it counts calls, so that it matters which: each says which endpoints it covers.
    pub fn counts_requests(&self) -> bool {
        matches!(self.unit, Unit::Requests | Unit::InFlight)
    }

    /// Whether headers alone say where it stands: nobody can add a limit of such a kind.
    pub fn is_reported(&self) -> bool {
        matches!(self.count, Count::Reported)
    }
}

#[cfg(test)]
mod tests {
    use super::super::KINDS;
    use super::*;

    #[test]
    fn what_a_kind_counts_of_events_is_summed_by_its_measure() {
        let sums = Sums {
            requests: 2,
            input_tokens: 3,
            cache_write_5m_tokens: 5,
            cache_write_1h_tokens: 7,
            cache_read_tokens: 11,
            output_tokens: 13,
            cost_nano_usd: 17_000_000_000,
            ..Sums::default()
        };
        for kind in KINDS {
            let is_summed = matches!(kind.count, Count::AtStart(_) | Count::WhileGenerating(_));
            assert_eq!(kind.measure.is_some(), is_summed, "{}", kind.word);
            if let Some(measure) = kind.measure {
                assert_eq!(
                    sums.measure(measure),
                    kind.unit.display(kind.of_sums(&sums).used),
                    "{}",
                    kind.word
                );
            }
        }
    }
}
