//! Traffic as a function of time: the same minute always holds the same events, so that history and live
//! traffic are one.

use domain::usage::{ApiFailure, Dimensions, Event, ServiceTier, Usage};
use rand::rngs::SmallRng;
use rand::{Rng, RngExt, SeedableRng};

const MINUTE_MS: i64 = 60_000;
const DAY_MIN: i64 = 1_440;

/// `(project, feature, how much of the traffic, input tokens, output tokens)`
const WORK: [(&str, &str, u32, u64, u64); 8] = [
    ("checkout", "summary", 22, 1_400, 180),
    ("checkout", "fraud-check", 12, 2_600, 60),
    ("support", "reply-draft", 24, 3_800, 420),
    ("support", "triage", 16, 900, 40),
    ("search", "rerank", 12, 5_200, 30),
    ("search", "answer", 6, 6_800, 350),
    ("backoffice", "report", 4, 14_000, 1_600),
    ("backoffice", "translate", 4, 2_200, 1_900),
];

/// `(model, how much of the traffic)`; nobody knows the price of the last one.
const MODELS: [(&str, u32); 4] = [
    ("claude-sonnet-5-5", 62),
    ("claude-haiku-5-5", 25),
    ("claude-opus-5-5", 12),
    ("claude-experimental-x", 1),
];

/// Traffic around a start. The start is always a Wednesday at eleven, shortly before a wave and half an hour
/// after an incident, whatever the clock says: whoever looks sees the same story.
#[derive(Debug, Clone, Copy)]
pub struct Traffic {
    start_minute: i64,
    seed: u64,
}

impl Traffic {
    /// The story that starts at `now_ms`; another seed makes another one.
    pub fn starting_at(now_ms: i64, seed: u64) -> Self {
        Traffic { start_minute: now_ms.div_euclid(MINUTE_MS), seed }
    }

    /// Events from `from_ms` to `to_ms`, in order of time.
    pub fn events(self, from_ms: i64, to_ms: i64) -> impl Iterator<Item = Event> {
        let minutes = from_ms.div_euclid(MINUTE_MS)..=to_ms.div_euclid(MINUTE_MS);
        minutes
            .flat_map(move |minute| self.minute(minute))
            .filter(move |event| (from_ms..to_ms).contains(&event.at_ms))
    }

    fn minute(self, minute: i64) -> Vec<Event> {
        let story = Story { minute, since: minute - self.start_minute };
        let mixed = story.since.cast_unsigned().wrapping_mul(0x9E37_79B9_7F4A_7C15);
        let mut rng = SmallRng::seed_from_u64(self.seed ^ mixed);
        let expected = story.rate();
        let count = (expected + (rng.random::<f64>() - 0.5) * expected.sqrt() * 3.0).round().max(0.0) as u32;
        let mut events: Vec<Event> = (0..count).map(|number| event(&story, number, &mut rng)).collect();
        events.sort_by_key(|event| event.at_ms);
        events
    }
}

/// A minute of the story.
struct Story {
    /// Of the clock, since 1970.
    minute: i64,
    /// Since the start; negative before it.
    since: i64,
}

impl Story {
    /// Minutes since the story's Monday at midnight.
    fn of_week(&self) -> i64 {
        self.since + 2 * DAY_MIN + 11 * 60
    }

    fn of_day(&self) -> i64 {
        self.of_week().rem_euclid(DAY_MIN)
    }

    /// Requests expected in the minute: days of work, a dip at noon, quiet nights and week-ends, a wave every
    /// 23 minutes that comes near the limit, and an incident now and then.
    fn rate(&self) -> f64 {
        let hour = self.of_day() as f64 / 60.0;
        let weekday = self.of_week().div_euclid(DAY_MIN).rem_euclid(7);
        let work = (-((hour - 13.0) / 5.0).powi(2)).exp();
        let noon = 1.0 - 0.25 * (-((hour - 12.5) / 0.6).powi(2)).exp();
        let week = if weekday >= 5 { 0.45 } else { 1.0 };
        let wave = 1.0 + 0.9 * (-(((self.since + 8).rem_euclid(23) as f64 - 11.0) / 2.2).powi(2)).exp();
        let incident = if (self.since + 35).rem_euclid(1_707) < 9 { 2.2 } else { 1.0 };
        (6.0 + 20.0 * work * noon * week) * wave * incident
    }
}

fn event(story: &Story, number: u32, rng: &mut SmallRng) -> Event {
    let minute = story.minute;
    let (project, feature, _, input, output) = *pick(rng, &WORK, |work| work.2);
    let nightly = project == "backoffice" && story.of_day() < 180;
    let model = if feature == "triage" { "claude-haiku-5-5" } else { pick(rng, &MODELS, |model| model.1).0 };
    let user = rng.random_range(1..=18u32).min(rng.random_range(1..=18));
    let session = minute.div_euclid(20) * 100 + i64::from(user);
    // A conversation grows, and what it has grown by is read from the cache.
    let turn = minute.rem_euclid(20).unsigned_abs();
    let cached = if matches!(feature, "reply-draft" | "answer" | "summary") { 1_200 + turn * 700 } else { 0 };
    let vary = |rng: &mut SmallRng, mean: u64| (mean as f64 * (0.4 + rng.random::<f64>() * 1.2)) as u64;
    let generated = vary(rng, output).max(1);
    let at_ms = minute * MINUTE_MS + i64::from(rng.random_range(0..60_000u32));
    let ttft_ms = rng.random_range(180..900u64);
    let mut event = Event {
        id: format!("demo_{minute}_{number}"),
        at_ms,
        duration_ms: Some(ttft_ms + generated * rng.random_range(9..16u64)),
        ttft_ms: Some(ttft_ms),
        endpoint: "messages".to_owned(),
        stream: !nightly,
        status: Some(200),
        stop_reason: "end_turn".to_owned(),
        max_tokens: Some(4_096),
        usage: Usage {
            input_tokens: Some(vary(rng, input)),
            cache_write_5m_tokens: Some(if cached > 0 { 700 } else { 0 }),
            cache_write_1h_tokens: Some(0),
            cache_read_tokens: Some(cached),
            output_tokens: Some(generated),
            web_search_requests: u64::from(feature == "answer" && rng.random_bool(0.2)),
        },
        service_tier: if nightly { ServiceTier::Batch } else { ServiceTier::Standard },
        dimensions: Dimensions {
            model: model.to_owned(),
            project: project.to_owned(),
            feature: feature.to_owned(),
            user: format!("u_{user:02}"),
            api_key: format!("{project}-key"),
            workspace: "production".to_owned(),
            organization: "acme".to_owned(),
            session: format!("s_{session}"),
            labels: [("env".to_owned(), "prod".to_owned())].into(),
        },
        ..Event::default()
    };
    // Beyond what the plan allows in a minute, most calls are refused and tried again; few fail otherwise.
    let fate = rng.random_range(0..1_000u32);
    if number >= 50 && fate < 600 {
        refuse(&mut event, 429, "rate_limit_error", rng.random_range(0..3));
    } else if fate >= 997 {
        refuse(&mut event, 529, "overloaded_error", 0);
    } else if fate >= 995 {
        refuse(&mut event, 500, "api_error", 0);
    }
    event.received_at_ms = event.end_ms();
    event
}

fn refuse(event: &mut Event, status: u16, kind: &str, attempt: u32) {
    event.status = Some(status);
    event.failure = Some(ApiFailure { kind: kind.to_owned(), code: String::new() });
    event.attempt = attempt;
    event.usage = Usage::default();
    event.stop_reason.clear();
    event.duration_ms = Some(90);
    event.ttft_ms = None;
}

/// One of several, as often as their weights say.
fn pick<'a, T>(rng: &mut impl Rng, choices: &'a [T], weight: impl Fn(&T) -> u32) -> &'a T {
    let total: u32 = choices.iter().map(&weight).sum();
    let mut left = rng.random_range(0..total);
    choices
        .iter()
        .find(|choice| {
            left < weight(choice) || {
                left -= weight(choice);
                false
            }
        })
        .unwrap_or(&choices[0])
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_MS: i64 = 1_795_000_000_000;

    #[test]
    fn a_range_is_the_sum_of_its_parts() {
        let traffic = Traffic::starting_at(NOW_MS, 1);
        let ids = |from, to| traffic.events(from, to).map(|event| event.id).collect::<Vec<_>>();
        let whole = ids(NOW_MS, NOW_MS + 600_000);
        let mut parts = ids(NOW_MS, NOW_MS + 123_456);
        parts.extend(ids(NOW_MS + 123_456, NOW_MS + 600_000));
        assert_eq!(whole, parts);
        assert!(!whole.is_empty());
    }

    #[test]
    fn the_story_is_the_same_whenever_it_starts() {
        let sizes = |now_ms| {
            let events = Traffic::starting_at(now_ms, 1).events(now_ms - 3_600_000, now_ms);
            events.map(|event| (now_ms - event.at_ms, event.usage.input_tokens)).collect::<Vec<_>>()
        };
        let minutes_later = 7_777 * MINUTE_MS;
        assert_eq!(sizes(NOW_MS), sizes(NOW_MS + minutes_later));
    }

    #[test]
    fn a_week_is_busy_and_every_event_has_its_own_id() {
        let week: Vec<Event> =
            Traffic::starting_at(NOW_MS, 1).events(NOW_MS - 7 * 86_400_000, NOW_MS).collect();
        assert!((80_000..400_000).contains(&week.len()), "{}", week.len());
        assert!(week.windows(2).all(|pair| pair[0].at_ms <= pair[1].at_ms));
        let ids: std::collections::HashSet<&str> = week.iter().map(|event| event.id.as_str()).collect();
        assert_eq!(ids.len(), week.len());
        assert!(week.iter().any(Event::is_throttled));
    }
}
