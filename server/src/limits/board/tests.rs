//! A standing is the worse of count and replica, whatever comes in.

use proptest::prelude::*;

use super::*;
use crate::limits::kind;

const NOW_MS: i64 = 1_795_521_600_000;
const AMOUNT: i64 = 600;

fn board() -> Board {
    let scope =
        Scope::Pool { organization: String::new(), workspace: String::new(), pool: "Opus 5".to_owned() };
    let limit = Limit {
        id: "a".to_owned(),
        name: "a".to_owned(),
        kind: kind("requests_per_minute").expect("a kind"),
        amount: AMOUNT,
        scope,
        time_zone: None,
        warn_percent: 80,
        critical_percent: 100,
        source: Source::Learned,
        enabled: true,
        enforce: false,
        revision: 1,
    };
    Board::new(vec![limit], TimeZone::UTC)
}

proptest! {
    #[test]
    fn a_standing_is_the_worse_of_count_and_replica_and_says_which(
        sent in prop::collection::vec(-90_000..0i64, 0..60),
        reports in prop::collection::vec((-90_000..0i64, 0..=AMOUNT), 0..6),
    ) {
        let mut board = board();
        for after_ms in &sent {
            let mut event = Event { at_ms: NOW_MS + after_ms, ..Event::default() };
            event.dimensions.model = "claude-opus-5".to_owned();
            board.record(&event, None, NOW_MS);
        }
        for (after_ms, remaining) in reports {
            let to_ms = NOW_MS + after_ms;
            board.correct("a", Report { from_ms: to_ms, to_ms, remaining, reset_ms: None });
        }
        let standing = board.readings(NOW_MS).remove(0);
        let counted = standing.counted.expect("a count");
        let last_minute = sent.iter().filter(|after_ms| after_ms.div_euclid(1_000) > -60).count() as i64;
        prop_assert_eq!(counted, last_minute);
        let replica = standing.replica.map_or(0, |replica| replica.used as i64);
        prop_assert_eq!(standing.reading.used, counted.max(replica));
        let expected = if replica > counted { Spoke::Replica } else { Spoke::Count };
        prop_assert_eq!(standing.spoke, expected);
        for touched in board.take_touched(NOW_MS) {
            prop_assert!(touched.peak.used >= touched.now.used);
            prop_assert_eq!(touched.now.used, standing.reading.used);
        }
    }
}
