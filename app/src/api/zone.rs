//! How far the display time zone lies from UTC, over the time of an answer: clocks may have been changed within it.

use serde::{Deserialize, Serialize};

/// The display time zone over a stretch of time.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Zone {
    /// Its IANA name.
    pub name: String,
    /// Seconds east of UTC, each from a Unix time in seconds on, in order. The first holds before, too.
    pub offsets: Vec<(i64, i32)>,
}

impl Zone {
    /// Seconds east of UTC at a Unix time in seconds.
    pub fn offset_s(&self, at_s: i64) -> i32 {
        let begun = self.offsets.iter().rev().find(|(from_s, _)| *from_s <= at_s);
        begun.or(self.offsets.first()).map_or(0, |(_, offset_s)| *offset_s)
    }

    /// The Unix time at which clocks there show a local time, both in seconds.
    pub fn instant_s(&self, local_s: i64) -> i64 {
        let guess_s = local_s - i64::from(self.offset_s(local_s));
        local_s - i64::from(self.offset_s(guess_s))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn clocks_that_are_changed_show_two_times() {
        // Berlin in the autumn of 2026: from 01:00 UTC on 25 October an hour nearer to UTC.
        let change_s = 1_792_890_000;
        let zone = Zone { name: "Europe/Berlin".to_owned(), offsets: vec![(0, 7_200), (change_s, 3_600)] };
        assert_eq!(
            (zone.offset_s(-1), zone.offset_s(change_s - 1), zone.offset_s(change_s)),
            (7_200, 7_200, 3_600)
        );
        for at_s in [change_s - 86_400, change_s + 86_400] {
            assert_eq!(zone.instant_s(at_s + i64::from(zone.offset_s(at_s))), at_s);
        }
        assert_eq!(Zone { name: "UTC".to_owned(), offsets: Vec::new() }.offset_s(0), 0);
    }
}
