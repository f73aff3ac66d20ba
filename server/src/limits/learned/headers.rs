//! Response headers about limits, read into an [`Observation`].
//!
//! What makes no sense is passed over: headers come from wherever events come from, and nothing hangs on one.

use std::borrow::Cow;

use super::limiter::{FAMILIES, Limiter, UNIFIED};
use super::summary::{REJECTED, Summary};
use crate::limits::subscription_window::WHOLE;
use crate::usage::Dimensions;

/// Values longer than this are none of the provider's.
const LONGEST_VALUE: usize = 128;
/// Windows of a subscription in one response; there are about ten.
const MOST_WINDOWS: usize = 16;
const LONGEST_WINDOW_NAME: usize = 32;
/// The largest number believed: 2^53.
const LARGEST: u64 = 1 << 53;

/// What the headers of one response say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Observation {
    /// `anthropic-organization-id`; empty when it is not there.
    pub organization: String,
    /// `anthropic-workspace-id`; empty when it is not there.
    pub workspace: String,
    /// `request-id`; empty when it is not there.
    pub request_id: String,
    /// One for each limiter that is named, in order of the limiters.
    pub observed: Vec<Observed>,
}

/// What one response says of one limiter.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Observed {
    /// Which.
    pub limiter: Limiter,
    /// What a minute allows, in requests or tokens; all of a subscription window, in hundredths of a percent.
    pub limit: Option<u64>,
    /// What is left, in the same unit. Of a window it may be negative: its use may exceed the whole.
    pub remaining: Option<i64>,
    /// When all of it is there again, Unix milliseconds.
    pub reset_ms: Option<i64>,
    /// `allowed`, `allowed_warning` or `rejected`, of a window that says so; otherwise empty.
    pub status: String,
}

impl Observed {
    /// It lets nothing through any more. What is paid beyond a subscription (`overage-status`) is no window, and is
    /// rejected wherever it is switched off.
    fn is_rejected(&self) -> bool {
        self.status == REJECTED && self.limiter.length_ms().is_some()
    }
}

impl Observation {
    /// Fills organization and workspace in where an event leaves them out.
    pub fn fill(&self, dimensions: &mut Dimensions) {
        for (mine, theirs) in
            [(&self.organization, &mut dimensions.organization), (&self.workspace, &mut dimensions.workspace)]
        {
            if theirs.is_empty() {
                theirs.clone_from(mine);
            }
        }
    }

    /// Itself if it says anything: most events carry no headers, and stay small.
    pub fn boxed(self) -> Option<Box<Self>> {
        (self != Observation::default()).then(|| Box::new(self))
    }

    fn of(&mut self, limiter: Limiter) -> Option<&mut Observed> {
        let index = self.observed.iter().position(|observed| observed.limiter == limiter);
        let index = match index {
            Some(index) => index,
            None => {
                let is_window = |observed: &&Observed| matches!(observed.limiter, Limiter::Window(_));
                let windows = self.observed.iter().filter(is_window).count();
                if matches!(limiter, Limiter::Window(_)) && windows >= MOST_WINDOWS {
                    return None;
                }
                let nothing =
                    Observed { limiter, limit: None, remaining: None, reset_ms: None, status: String::new() };
                self.observed.push(nothing);
                self.observed.len() - 1
            }
        };
        self.observed.get_mut(index)
    }

    fn take(&mut self, name: &str, value: &str) {
        let owned = || value.to_owned();
        match name {
            "anthropic-organization-id" => self.organization = owned(),
            "anthropic-workspace-id" => self.workspace = owned(),
            "request-id" => self.request_id = owned(),
            _ => {
                if let Some(rest) = name.strip_prefix(UNIFIED) {
                    self.take_window(rest, value);
                } else if let Some((prefix, field)) = name.rsplit_once('-')
                    && let Some(family) = FAMILIES.iter().find(|family| family.prefix == prefix)
                {
                    self.take_bucket(Limiter::Bucket(family), field, value);
                }
            }
        }
    }

    fn take_bucket(&mut self, limiter: Limiter, field: &str, value: &str) {
        match field {
            "limit" => {
                if let Some(limit) = number(value)
                    && let Some(observed) = self.of(limiter)
                {
                    observed.limit = Some(limit);
                }
            }
            "remaining" => {
                if let Some(remaining) = number(value)
                    && let Some(observed) = self.of(limiter)
                {
                    observed.remaining = Some(remaining.cast_signed());
                }
            }
            "reset" => {
                if let Some(at_ms) = time(value)
                    && let Some(observed) = self.of(limiter)
                {
                    observed.reset_ms = Some(at_ms);
                }
            }
            _ => {}
        }
    }

    /// `5h-utilization`, `7d_sonnet-reset`, `7d-sonnet-status`: whatever stands before the field is the window's
    /// name. Words that are about no window, such as `representative-claim`, end in none of these: see [`Summary`].
    fn take_window(&mut self, rest: &str, value: &str) {
        let Some((name, field)) = rest.rsplit_once('-') else { return };
        let known = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.');
        if name.is_empty() || name.len() > LONGEST_WINDOW_NAME || !name.bytes().all(known) {
            return;
        }
        let limiter = Limiter::Window(name.replace('-', "_"));
        match field {
            "utilization" => {
                if let Some(used) = fraction(value)
                    && let Some(observed) = self.of(limiter)
                {
                    observed.limit = Some(WHOLE.unsigned_abs());
                    observed.remaining = Some(WHOLE - used);
                }
            }
            "reset" => {
                if let Some(at_ms) = time(value)
                    && let Some(observed) = self.of(limiter)
                {
                    observed.reset_ms = Some(at_ms);
                }
            }
            "status" => {
                if let Some(observed) = self.of(limiter) {
                    observed.status = value.to_owned();
                }
            }
            _ => {}
        }
    }
}

/// Reads the headers of one response. Names may be written in any case; headers about anything else are passed over.
pub fn read<'a>(headers: impl Iterator<Item = (&'a str, &'a str)>) -> Observation {
    let mut observation = Observation::default();
    let mut summary = Summary::default();
    for (name, value) in headers {
        let value = value.trim();
        let is_short = (1..=LONGEST_VALUE).contains(&value.len());
        let is_lower = !name.bytes().any(|byte| byte.is_ascii_uppercase());
        let name = if is_lower { Cow::Borrowed(name) } else { Cow::Owned(name.to_ascii_lowercase()) };
        // Some ways to write a time have blanks.
        let may_part = name.ends_with("-reset");
        let is_word = |byte: u8| byte.is_ascii_graphic() || may_part && byte == b' ';
        if is_short && value.bytes().all(is_word) {
            observation.take(&name, value);
            if let Some(field) = name.strip_prefix(UNIFIED) {
                summary.take(field, value);
            }
        }
    }
    if let Some((window, reset)) = summary.rejected()
        && window.len() <= LONGEST_WINDOW_NAME
        && let Some(observed) = observation.of(Limiter::Window(window))
    {
        REJECTED.clone_into(&mut observed.status);
        observed.reset_ms = observed.reset_ms.or_else(|| time(reset));
    }
    for observed in observation.observed.iter_mut().filter(|observed| observed.is_rejected()) {
        // It says so whether or not it says how much is used.
        observed.limit = Some(WHOLE.unsigned_abs());
        observed.remaining = Some(observed.remaining.unwrap_or(0).min(0));
    }
    observation.observed.sort_by(|a, b| a.limiter.cmp(&b.limiter));
    observation
}

fn number(value: &str) -> Option<u64> {
    let digits = value.bytes().all(|byte| byte.is_ascii_digit());
    value.parse().ok().filter(|number| digits && *number <= LARGEST)
}

/// A time, Unix milliseconds. The provider writes RFC 3339, or whole seconds since 1970; what stands between may write
/// fractions of them, milliseconds, a date of HTTP, or leave out the zone, which is UTC.
fn time(value: &str) -> Option<i64> {
    let value = value.trim_matches('"');
    let is_number = value.bytes().all(|byte| byte.is_ascii_digit() || byte == b'.');
    if let Some(number) = value.parse::<f64>().ok().filter(|_| is_number) {
        let ms = if number < EARLIEST_MS { number * 1_000.0 } else { number };
        return (ms < LATEST_MS).then_some(ms as i64);
    }
    let at = value.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_millisecond);
    let utc = || jiff::tz::TimeZone::UTC.to_timestamp(value.parse::<jiff::civil::DateTime>().ok()?).ok();
    let of_http = || httpdate::parse_http_date(value).ok()?.duration_since(std::time::UNIX_EPOCH).ok();
    at.or_else(|| utc().map(jiff::Timestamp::as_millisecond))
        .or_else(|| i64::try_from(of_http()?.as_millis()).ok())
}

/// Numbers from here on count milliseconds: as seconds they would be thousands of years away.
const EARLIEST_MS: f64 = 1e11;
/// In the year 2286: a number beyond is no time.
const LATEST_MS: f64 = 1e13;

/// A fraction such as `0.83` in hundredths of a percent, rounded down so that it never overstates.
fn fraction(value: &str) -> Option<i64> {
    let fraction: f64 = value.parse().ok()?;
    // A fraction may lie a hair below what it is written as.
    let parts = (fraction * WHOLE as f64 + 1e-6).floor();
    (0.0..=(WHOLE * 1_000) as f64).contains(&parts).then_some(parts as i64)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn of(headers: &[(&str, &str)]) -> Observation {
        read(headers.iter().copied())
    }

    fn observed(observation: &Observation, word: &str) -> (Option<u64>, Option<i64>, Option<i64>) {
        let found = observation.observed.iter().find(|observed| observed.limiter.word() == word);
        found.map(|observed| (observed.limit, observed.remaining, observed.reset_ms)).expect(word)
    }

    #[test]
    fn times_are_read_in_every_form() {
        for value in [
            "1796011331",
            "1796011331.0",
            "1796011331.4",
            "1796011331000",
            "\"1796011331\"",
            "2026-11-30T04:02:11Z",
            "2026-11-30 04:02:11Z",
            "2026-11-30T13:02:11+09:00",
            "2026-11-30T04:02:11",
            "Mon, 30 Nov 2026 04:02:11 GMT",
        ] {
            assert_eq!(time(value).map(|ms| ms.div_euclid(1_000)), Some(1_796_011_331), "{value}");
        }
        for value in ["", "soon", ".", "1.2.3", "-5", "1e400", "99999999999999999999999", "inf", "nan"] {
            assert_eq!(time(value), None, "{value}");
        }
    }

    #[test]
    fn every_family_is_read() {
        let observation = of(&[
            ("Anthropic-RateLimit-Requests-Limit", "1000"),
            ("anthropic-ratelimit-requests-remaining", " 871 "),
            ("anthropic-ratelimit-requests-reset", "2025-08-21T12:40:59Z"),
            ("anthropic-ratelimit-input-tokens-limit", "80000"),
            ("anthropic-ratelimit-output-tokens-remaining", "16000"),
            ("anthropic-ratelimit-tokens-limit", "96000"),
            ("anthropic-fast-input-tokens-limit", "0"),
            ("anthropic-priority-output-tokens-limit", "5"),
            ("anthropic-organization-id", "org"),
            ("anthropic-workspace-id", "wrkspc"),
            ("request-id", "req_1"),
            ("retry-after", "7"),
        ]);
        assert_eq!(observed(&observation, "requests"), (Some(1_000), Some(871), Some(1_755_780_059_000)));
        assert_eq!(observed(&observation, "input_tokens"), (Some(80_000), None, None));
        assert_eq!(observed(&observation, "output_tokens"), (None, Some(16_000), None));
        assert_eq!(observed(&observation, "tokens"), (Some(96_000), None, None));
        assert_eq!(observed(&observation, "fast_input_tokens"), (Some(0), None, None));
        assert_eq!(observed(&observation, "priority_output_tokens"), (Some(5), None, None));
        assert_eq!(observation.observed.len(), 6);
        let Observation { organization, workspace, request_id, .. } = observation;
        assert_eq!((&*organization, &*workspace, &*request_id), ("org", "wrkspc", "req_1"));
    }

    #[test]
    fn windows_are_read_by_prefix_whatever_they_are_called() {
        let observation = of(&[
            ("anthropic-ratelimit-unified-status", "allowed"),
            ("anthropic-ratelimit-unified-reset", "1795521600"),
            ("anthropic-ratelimit-unified-representative-claim", "five_hour"),
            ("anthropic-ratelimit-unified-fallback-percentage", "0.5"),
            ("anthropic-ratelimit-unified-5h-status", "allowed_warning"),
            ("anthropic-ratelimit-unified-5h-utilization", "0.83"),
            ("anthropic-ratelimit-unified-5h-reset", "1795521600"),
            ("anthropic-ratelimit-unified-5h-surpassed-threshold", "0.8"),
            ("anthropic-ratelimit-unified-7d-sonnet-utilization", "1.024"),
            ("anthropic-ratelimit-unified-9w_new-utilization", "0"),
        ]);
        let words: Vec<_> = observation.observed.iter().map(|observed| observed.limiter.word()).collect();
        assert_eq!(words, ["unified_5h", "unified_7d_sonnet", "unified_9w_new"]);
        let five_hours = observed(&observation, "unified_5h");
        assert_eq!(five_hours, (Some(10_000), Some(1_700), Some(1_795_521_600_000)));
        assert_eq!(observed(&observation, "unified_7d_sonnet").1, Some(-240));
        assert_eq!(observation.observed[0].status, "allowed_warning");
    }

    #[test]
    fn what_makes_no_sense_is_passed_over() {
        let long = "9".repeat(200);
        let nothing = of(&[
            ("anthropic-ratelimit-requests-limit", "many"),
            ("anthropic-ratelimit-requests-limit", "-5"),
            ("anthropic-ratelimit-requests-limit", "+5"),
            ("anthropic-ratelimit-requests-remaining", "99999999999999999999"),
            ("anthropic-ratelimit-requests-reset", "tomorrow"),
            ("anthropic-ratelimit-input-tokens-limit", &long),
            ("anthropic-ratelimit-moods-limit", "5"),
            ("anthropic-ratelimit-unified-5h-utilization", "NaN"),
            ("anthropic-ratelimit-unified-5h-utilization", "-1"),
            ("anthropic-ratelimit-unified-5h-utilization", "inf"),
            ("anthropic-ratelimit-unified--utilization", "0.5"),
            ("anthropic-ratelimit-unified-5h-reset", "99999999999999"),
            ("anthropic-organization-id", "two words"),
        ]);
        assert_eq!(nothing, Observation::default());
        assert_eq!(nothing.boxed(), None);
    }

    #[test]
    fn a_window_that_is_rejected_has_nothing_left_whatever_else_it_says() {
        for (utilization, remaining) in [(None, 0), (Some("0.99"), 0), (Some("1.02"), -200)] {
            let mut headers = vec![("anthropic-ratelimit-unified-5h-status", "rejected")];
            headers.extend(utilization.map(|used| ("anthropic-ratelimit-unified-5h-utilization", used)));
            assert_eq!(observed(&of(&headers), "unified_5h"), (Some(10_000), Some(remaining), None));
        }
        let claim = |status, claim| {
            of(&[
                ("anthropic-ratelimit-unified-status", status),
                ("anthropic-ratelimit-unified-reset", "1795521600"),
                ("anthropic-ratelimit-unified-representative-claim", claim),
                ("anthropic-ratelimit-unified-5h-utilization", "0.2"),
            ])
        };
        let nothing_left = (Some(10_000), Some(0), Some(1_795_521_600_000));
        assert_eq!(observed(&claim("rejected", "five_hour"), "unified_5h"), nothing_left);
        assert_eq!(observed(&claim("rejected", "seven_day_sonnet"), "unified_7d_sonnet"), nothing_left);
        for untold in [claim("allowed_warning", "seven_day"), claim("rejected", "overage")] {
            assert_eq!(untold.observed.len(), 1);
            assert_eq!(observed(&untold, "unified_5h"), (Some(10_000), Some(8_000), None));
        }
        let taught_nothing = of(&[
            ("anthropic-ratelimit-unified-5h-status", "allowed"),
            ("anthropic-ratelimit-unified-overage-status", "rejected"),
        ]);
        for word in ["unified_5h", "unified_overage"] {
            assert_eq!(observed(&taught_nothing, word), (None, None, None));
        }
    }

    #[test]
    fn windows_do_not_grow_without_end() {
        let names: Vec<_> =
            (0..100).map(|number| format!("anthropic-ratelimit-unified-{number}d-utilization")).collect();
        let observation = read(names.iter().map(|name| (name.as_str(), "0.5")));
        assert_eq!(observation.observed.len(), MOST_WINDOWS);
    }

    proptest! {
        #[test]
        fn nothing_that_is_sent_does_harm(
            headers in prop::collection::vec((
                prop_oneof![
                    "[ -~]{0,60}",
                    "anthropic-ratelimit-(requests|tokens|unified-5h|unified-\\PC{0,40})-(limit|remaining|reset|utilization|status)",
                ],
                prop_oneof!["\\PC{0,200}", "[0-9.e+-]{0,30}"],
            ), 0..60),
        ) {
            let observation = read(headers.iter().map(|(name, value)| (name.as_str(), value.as_str())));
            prop_assert!(observation.observed.len() <= FAMILIES.len() + MOST_WINDOWS);
            for observed in &observation.observed {
                prop_assert!(observed.limit.is_none_or(|limit| limit <= LARGEST));
                prop_assert!(observed.status.len() <= LONGEST_VALUE);
            }
        }
    }
}
