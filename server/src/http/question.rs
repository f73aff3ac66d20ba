//! Reads questions from query strings: `from`, `to`, `step`, `measure`, `by`, filters, `limit`, `cursor`.

use std::str::FromStr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use domain::read::bounds::Bounds;
use domain::usage::name;
use vocabulary::{Dimension, Filter, Measure, Problem, Severity, wording};

use super::error::HttpError;
use crate::dashboard::cursor::read_cursor;
use crate::dashboard::series::SeriesQuestion;
use crate::store::{EventQuery, SeriesSource, plan};

/// The pairs of a query string, in order; names may repeat.
pub struct RawQuestion(Vec<(String, String)>);

const HOUR_MS: i64 = 3_600_000;
/// Buckets a question may ask for: a minute a bucket over a week.
const MOST_BUCKETS: i64 = 10_080;
/// Stored buckets a question may read to fill those.
const MOST_READ: i64 = 10 * MOST_BUCKETS;
/// The widest bucket, in seconds: a leap year.
const WIDEST_STEP_S: i64 = 366 * 86_400;
/// How far a question may reach that only the events can answer, in days.
const MOST_RAW_DAYS: i64 = 7;
/// How far a question about policies may reach, in days.
const MOST_POLICY_DAYS: i64 = 31;
const MOST_EVENTS: u32 = 1_000;
const WORDS: [&str; 8] = ["measure", "by", "from", "to", "step", "limit", "cursor", "state"];

impl<S: Send + Sync> FromRequestParts<S> for RawQuestion {
    type Rejection = HttpError;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, HttpError> {
        Ok(RawQuestion::of(parts.uri.query().unwrap_or_default())?)
    }
}

impl RawQuestion {
    /// The pairs of a query string, if each has a name that is known.
    fn of(query: &str) -> Result<Self, Problem> {
        let pairs: Vec<(String, String)> =
            url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        for (name, _) in &pairs {
            if !WORDS.contains(&name.as_str()) && Filter::of_pair(name, "").is_none() {
                let dimensions: Vec<_> = Dimension::ALL.iter().map(|dimension| dimension.word()).collect();
                return Err(Problem::invalid(
                    "unknown_parameter",
                    format!(
                        "`{}` is none of: {}, {}, or a dimension with `-` before it",
                        wording::name(name),
                        WORDS.join(", "),
                        dimensions.join(", ")
                    ),
                ));
            }
        }
        Ok(RawQuestion(pairs))
    }

    /// Reads a question for a series; the last hour when it says no time.
    pub fn series(&self, now_ms: i64) -> Result<SeriesQuestion, Problem> {
        let measure = self.parsed("measure")?.unwrap_or(Measure::Requests);
        let mut by: Vec<Dimension> = Vec::new();
        for word in self.all("by") {
            let dimension = invalid("by", word.parse())?;
            if !by.contains(&dimension) {
                by.push(dimension);
            }
        }
        let (from_ms, to_ms) = self.range(now_ms)?;
        let step_s: i64 = self.parsed("step")?.unwrap_or(60);
        if !(60..=WIDEST_STEP_S).contains(&step_s) || step_s % 60 != 0 {
            return Err(Problem::invalid(
                "invalid_parameter",
                format!("`step` is in seconds, a multiple of 60, and at most {WIDEST_STEP_S}"),
            ));
        }
        let step_ms = step_s * 1_000;
        let (from_ms, to_ms) = plan::widened(from_ms, to_ms, step_ms);
        let limit = self.limit(MOST_EVENTS)?;
        let question =
            SeriesQuestion { measure, by, filters: self.filters(), from_ms, to_ms, step_ms, limit };
        check_size(&question)?;
        Ok(question)
    }

    /// Reads a question for events; the last hour when it says no time.
    pub fn events(&self, now_ms: i64) -> Result<EventQuery, Problem> {
        let (from_ms, to_ms) = self.range(now_ms)?;
        let limit: u32 = self.parsed("limit")?.unwrap_or(100);
        let before = self.one("cursor").map(read_cursor).transpose()?;
        let limit = limit.clamp(1, MOST_EVENTS);
        Ok(EventQuery { from_ms, to_ms, filters: self.filters(), only_long: false, before, limit })
    }

    /// Reads a question for what policies did: start, end (Unix milliseconds) and filters; the last hour when it says
    /// no time.
    pub fn policies(&self, now_ms: i64) -> Result<(i64, i64, Vec<Filter>), Problem> {
        let (from_ms, to_ms) = self.range(now_ms)?;
        if to_ms - from_ms > MOST_POLICY_DAYS * 24 * HOUR_MS {
            return Err(Problem::invalid(
                "range_too_long",
                format!(
                    "what policies did is looked up event by event: ask for {MOST_POLICY_DAYS} days at most"
                ),
            ));
        }
        Ok((from_ms, to_ms, self.filters()))
    }

    /// Reads `state`.
    pub fn state(&self) -> Result<Option<Severity>, Problem> {
        self.parsed("state")
    }

    /// Reads a question for the audit log: the number that those asked for come before, and how many.
    pub fn audit(&self) -> Result<(Option<u64>, u32), Problem> {
        Ok((self.parsed("cursor")?, self.limit(100)?))
    }

    /// Reads `limit`.
    pub fn limit(&self, default: u32) -> Result<u32, Problem> {
        Ok(self.parsed("limit")?.unwrap_or(default).clamp(1, MOST_EVENTS))
    }

    fn one(&self, name: &str) -> Option<&str> {
        self.all(name).next()
    }

    fn all<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |pair| pair.0 == name).map(|pair| pair.1.as_str())
    }

    fn parsed<T: FromStr<Err: std::fmt::Display>>(&self, name: &str) -> Result<Option<T>, Problem> {
        self.one(name).map(|text| invalid(name, text.parse())).transpose()
    }

    /// Values are asked for as events have them: a long one as it is cut.
    fn filters(&self) -> Vec<Filter> {
        let kept = |value| name::cut(value, Bounds::default().dimension_bytes).0;
        let filters = self.0.iter().filter_map(|(name, value)| Filter::of_pair(name, value));
        filters.map(|filter| Filter { value: kept(filter.value), ..filter }).collect()
    }

    fn range(&self, now_ms: i64) -> Result<(i64, i64), Problem> {
        let time = |name: &str| -> Result<Option<i64>, Problem> {
            let parsed = self.parsed::<jiff::Timestamp>(name)?;
            Ok(parsed.map(jiff::Timestamp::as_millisecond))
        };
        let to_ms = time("to")?.unwrap_or(now_ms + 1);
        let from_ms = time("from")?.unwrap_or(to_ms - HOUR_MS);
        if from_ms >= to_ms {
            return Err(Problem::invalid("invalid_range", "`from` must be before `to`"));
        }
        Ok((from_ms, to_ms))
    }
}

/// Reads a query string as every question there is, for the fuzzer: what is asked for must be bounded.
pub fn read_question(query: &str, now_ms: i64) {
    let Ok(raw) = RawQuestion::of(query) else { return };
    if let Ok(question) = raw.series(now_ms) {
        assert!(question.from_ms < question.to_ms && question.step_ms >= 60_000);
        assert!((question.to_ms - question.from_ms) / question.step_ms <= MOST_BUCKETS + 2);
        assert!(question.by.len() <= Dimension::ALL.len() && (1..=MOST_EVENTS).contains(&question.limit));
    }
    if let Ok(query) = raw.events(now_ms) {
        assert!((1..=MOST_EVENTS).contains(&query.limit));
    }
    let _ = (raw.policies(now_ms), raw.state(), raw.audit(), raw.limit(1));
}

/// Whether a question reads no more than what is answered at once.
fn check_size(question: &SeriesQuestion) -> Result<(), Problem> {
    let SeriesQuestion { by, filters, from_ms, to_ms, step_ms, .. } = question;
    let query = plan::bins(by, filters, *from_ms, *to_ms, *step_ms);
    let length_ms = query.to_ms - query.from_ms;
    let read_ms = match query.source {
        SeriesSource::Rollup(_, grain) => grain.length_ms(),
        // One day more, for the widening.
        SeriesSource::Raw | SeriesSource::Counted(_) if length_ms > (MOST_RAW_DAYS + 1) * 24 * HOUR_MS => {
            return Err(Problem::invalid(
                "range_too_long",
                format!(
                    "sessions are looked up event by event: ask for {MOST_RAW_DAYS} days at most, with a `step` of a \
                     day or less, or without `session`"
                ),
            ));
        }
        SeriesSource::Raw | SeriesSource::Counted(_) => *step_ms,
    };
    if length_ms / step_ms > MOST_BUCKETS + 1 || length_ms / read_ms > MOST_READ {
        return Err(Problem::invalid(
            "too_many_buckets",
            format!(
                "that is more than {MOST_BUCKETS} buckets, or they are put together from more than {MOST_READ}; ask \
                 for a larger `step`, of whole hours or days, or for a shorter range"
            ),
        ));
    }
    Ok(())
}

fn invalid<T, E: std::fmt::Display>(name: &str, parsed: Result<T, E>) -> Result<T, Problem> {
    parsed.map_err(|error| Problem::invalid("invalid_parameter", format!("`{name}`: {error}")))
}
