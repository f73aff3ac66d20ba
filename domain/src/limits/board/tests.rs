//! A standing is the worse of count and replica, whatever comes in.

mod overflow;

use proptest::prelude::*;

use super::*;
use crate::limits::kind;
use crate::usage::{Endpoints, Event, ServiceTier, Usage};

const NOW_MS: i64 = 1_795_521_600_000;
const AMOUNT: i64 = 600;

fn board() -> Board {
    Board::new(vec![limit("requests_per_minute", "Opus 5", AMOUNT)], TimeZone::UTC)
}

fn limit(word: &str, pool: &str, amount: i64) -> Limit {
    let scope = Scope::Pool { organization: String::new(), workspace: String::new(), pool: pool.to_owned() };
    Limit {
        id: "a".to_owned(),
        name: "a".to_owned(),
        kind: kind(word).expect("a kind"),
        amount,
        scope,
        time_zone: None,
        warn_percent: 80,
        critical_percent: 100,
        source: Source::Learned,
        enabled: true,
        enforce: false,
        endpoints: Endpoints::default(),
        revision: 1,
    }
}

proptest! {
    #[test]
    fn a_standing_is_the_worse_of_count_and_replica_and_says_which(
        sent in prop::collection::vec(-90_000..0i64, 0..60),
        reports in prop::collection::vec((-90_000..0i64, 0..=AMOUNT), 0..6),
    ) {
        let mut board = board();
        for after_ms in &sent {
            let mut event = Event { at_ms: NOW_MS + after_ms, received_at_ms: NOW_MS, ..Event::default() };
            event.dimensions.model = "claude-opus-5".to_owned();
            board.record(&event, None, NOW_MS);
        }
        for (after_ms, remaining) in reports {
            let to_ms = NOW_MS + after_ms;
            board.correct("a", Report { from_ms: to_ms, to_ms, remaining, reset_ms: None }, NOW_MS);
        }
        let Glance { reading, spoke, .. } = board.glances(NOW_MS).next().expect("a standing");
        let measured = board.measured("a", "", NOW_MS);
        let counted = measured.counted.expect("a count");
        let last_minute = sent.iter().filter(|after_ms| after_ms.div_euclid(1_000) > -60).count() as i64;
        prop_assert_eq!(counted, last_minute);
        let replica = measured.replica.map_or(0, |replica| replica.used as i64);
        prop_assert_eq!(reading.used, counted.max(replica));
        let expected = if replica > counted { Spoke::Replica } else { Spoke::Count };
        prop_assert_eq!(spoke, expected);
        for touched in board.take_touched(NOW_MS) {
            prop_assert!(touched.peak.used >= touched.now.used);
            prop_assert_eq!(touched.now.used, reading.used);
        }
    }
}

#[test]
fn committed_capacity_burns_down_by_price() {
    let usage = Usage {
        input_tokens: Some(100),
        cache_read_tokens: Some(100_001),
        cache_write_5m_tokens: Some(1_000),
        cache_write_1h_tokens: Some(2_000),
        output_tokens: Some(1),
        ..Usage::default()
    };
    let mut event = Event {
        at_ms: NOW_MS,
        received_at_ms: NOW_MS,
        usage,
        service_tier: ServiceTier::Priority,
        ..Event::default()
    };
    event.dimensions.model = "claude-opus-5".to_owned();
    let word = "input_tokens_per_minute";
    for (pool, used) in [("Opus 5", 3_100), ("Opus 5 priority", 100 + 10_001 + 1_250 + 4_000)] {
        let mut board = Board::new(vec![limit(word, pool, 1_000_000)], TimeZone::UTC);
        let before_ms = NOW_MS - 1_000;
        let remaining = 1_000_000;
        board.correct(
            "a",
            Report { from_ms: before_ms, to_ms: before_ms, remaining, reset_ms: None },
            NOW_MS,
        );
        board.record(&event, None, NOW_MS);
        let standing = board.measured("a", "", NOW_MS);
        assert_eq!(standing.counted, Some(used), "{pool}");
        assert_eq!(standing.replica.map(|replica| replica.used as i64), Some(used), "{pool}");
    }
}

#[test]
fn a_window_that_no_response_resets_is_over_after_its_length() {
    let hour_ms = 3_600_000;
    for (length_ms, over_ms) in [(Some(5 * hour_ms), 5 * hour_ms), (None, 31 * 24 * hour_ms)] {
        let mut board = Board::new(vec![limit("subscription_window", "subscription", 10_000)], TimeZone::UTC);
        if let Some(length_ms) = length_ms {
            board.set_length("a", length_ms);
        }
        board.correct("a", Report { from_ms: NOW_MS, to_ms: NOW_MS, remaining: 0, reset_ms: None }, NOW_MS);
        for (at_ms, used) in [(NOW_MS + over_ms - 1, 10_000), (NOW_MS + over_ms, 0)] {
            let reading = board.glances(at_ms).next().expect("a standing").reading;
            assert_eq!((reading.used, reading.resets_at_ms), (used, None));
        }
    }
}

#[test]
fn where_only_headers_tell_there_is_no_standing_once_they_say_nothing() {
    let mut board = Board::new(vec![limit("tokens_per_minute", "Opus 5", 10_000)], TimeZone::UTC);
    assert!(board.glances(NOW_MS).next().is_none());
    board.correct("a", Report { from_ms: NOW_MS, to_ms: NOW_MS, remaining: 2_000, reset_ms: None }, NOW_MS);
    for (after_ms, used) in [(0, Some(8_000)), (179_999, Some(0)), (180_000, None)] {
        let reading = board.glances(NOW_MS + after_ms).next().map(|standing| standing.reading.used);
        assert_eq!(reading, used, "{after_ms}");
    }
}
