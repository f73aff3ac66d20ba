//! Response headers about limits, read into an [`Observation`].
//!
//! What makes no sense is passed over: headers come from wherever events come from, and nothing hangs on one.

use std::borrow::Cow;

use super::limiter::{FAMILIES, Limiter, UNIFIED};
use super::named_by::Reporter;
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
    /// Who reports it.
    pub reporter: Reporter,
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

    /// As it is reported by somebody.
    pub fn reported_by(mut self: Box<Self>, reporter: &Reporter) -> Box<Self> {
        self.reporter = reporter.clone();
        self
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
mod tests;
