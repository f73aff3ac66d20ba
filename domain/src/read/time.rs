//! When an event was: reading its time and holding it against the clock.

use jiff::Timestamp;

use super::context::Context;
use super::fields::Fields;
use super::refusal::{Code, Refusal};

/// Numbers below this (2001) are no milliseconds, but seconds, or the digits of a date such as 202611241030.
const MIN_MS: i64 = 1_000_000_000_000;
/// The end of the year 9999.
const MAX_MS: i64 = 253_402_300_799_999;

/// Differences between two clocks up to this are how long sending takes, not a clock that is wrong.
const MOST_ORDINARY_SKEW_MS: u64 = 1_000;

/// When an event was.
pub(super) struct Times {
    /// Unix milliseconds, within the bounds; nothing when the item does not say.
    pub at_ms: Option<i64>,
    /// How far the sender's clock is behind Tacho's, in milliseconds, when `at_ms` had to be moved by that.
    pub skew_ms: Option<i64>,
}

/// The times of an item. One that says by `sent_at` what its sender's clock showed when it was sent is put
/// right by the difference to Tacho's.
pub(super) fn times(item: &Fields, context: &Context) -> Result<Times, Refusal> {
    let sent_at_ms = given(item, "sent_at")?;
    let Some(at_ms) = given(item, "at")? else { return Ok(Times { at_ms: None, skew_ms: None }) };
    let skew_ms = sent_at_ms
        .filter(|_| context.just_sent)
        .map(|sent_at_ms| context.now_ms.saturating_sub(sent_at_ms))
        .filter(|skew_ms| skew_ms.unsigned_abs() > MOST_ORDINARY_SKEW_MS);
    let moved_ms = at_ms.saturating_add(context.shift_ms).saturating_add(skew_ms.unwrap_or(0));
    Ok(Times { at_ms: Some(within_bounds(moved_ms, item, context)?), skew_ms })
}

/// The time in a field, Unix milliseconds.
fn given(item: &Fields, name: &str) -> Result<Option<i64>, Refusal> {
    let Some(raw) = item.raw(name) else { return Ok(None) };
    let given_ms = if raw.starts_with('"') { rfc3339(&item.unquoted(name, raw)?) } else { milliseconds(raw) };
    given_ms.map(Some).ok_or_else(|| {
        let problem = "must be RFC 3339 with an offset (2026-11-23T20:00:00.123Z), or Unix milliseconds as a whole number";
        item.refuse(Code::InvalidTime, name, problem)
    })
}

fn within_bounds(at_ms: i64, item: &Fields, context: &Context) -> Result<i64, Refusal> {
    if at_ms > context.bounds.latest_ms(context.now_ms) {
        let problem = format_args!(
            "is more than {} s ahead of Tacho's clock; set the sender's clock, or send what it shows as `sent_at`",
            context.bounds.future_s
        );
        return Err(item.refuse(Code::Future, "at", problem));
    }
    if at_ms < 0 {
        return Err(item.refuse(Code::TooOld, "at", "is before 1970; correct it"));
    }
    let earliest_ms = context.bounds.earliest_ms(context.now_ms);
    if !context.accepts_old && at_ms < earliest_ms {
        let earliest = Timestamp::from_millisecond(earliest_ms).unwrap_or(Timestamp::MIN);
        let problem = format_args!(
            "is before {earliest}, the earliest taken now; bring in older events with `tacho import`"
        );
        return Err(item.refuse(Code::TooOld, "at", problem));
    }
    Ok(at_ms)
}

/// A raw JSON time, as items give it, whatever the clock says.
pub(crate) fn of_json(raw: &str) -> Option<i64> {
    if raw.starts_with('"') { rfc3339(&serde_json::from_str::<String>(raw).ok()?) } else { milliseconds(raw) }
}

fn rfc3339(text: &str) -> Option<i64> {
    text.parse::<Timestamp>().ok().map(Timestamp::as_millisecond)
}

fn milliseconds(raw: &str) -> Option<i64> {
    raw.parse().ok().filter(|at_ms| (MIN_MS..=MAX_MS).contains(at_ms))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_json_are_milliseconds() {
        assert_eq!(of_json("1700158623979"), Some(1_700_158_623_979));
        for raw in [
            "1700158623",
            "202611241030",
            "1700158623979.0",
            "1e12",
            "-1",
            "NaN",
            "\"1700158623979\"",
            "9e99",
            "true",
        ] {
            assert_eq!(of_json(raw), None, "{raw}");
        }
    }
}
