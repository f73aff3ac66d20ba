//! A window that the provider resets, as response headers tell of it: how much is used, and until when.
//!
//! It ends when it was last said to end, whether or not anything else is heard; what is used of the next is told by the
//! next response. Reports come in any order: one that still tells of a window that is over changes nothing.

use super::limit::Limit;
use super::meter::Reading;
use super::report::Report;

/// No window of the provider is longer than a month.
const LONGEST_MS: i64 = 31 * 86_400_000;
/// Responses about one window may name ends that lie so far apart: the provider writes whole seconds.
pub const JITTER_MS: i64 = 2_000;
/// Our clock and the provider's may be so far apart.
const SKEW_MS: i64 = 600_000;

/// What is known of a window.
pub struct ResetWindow {
    whole: i64,
    /// How long it is, in milliseconds.
    length_ms: i64,
    /// The newest report, and when the window ends of which it tells, Unix milliseconds.
    newest: Option<(Report, i64)>,
}

impl ResetWindow {
    /// A window of which nothing has been said.
    pub fn new(limit: &Limit) -> Self {
        ResetWindow { whole: limit.amount, length_ms: LONGEST_MS, newest: None }
    }

    /// It is so long: it is over by then, if no response says when.
    pub fn set_length(&mut self, length_ms: i64) {
        self.length_ms = length_ms;
    }

    /// All of it is another amount.
    pub fn set_whole(&mut self, whole: i64) {
        (self.whole, self.newest) = (whole, None);
    }

    /// Takes in what a response said, in any order.
    pub fn correct(&mut self, report: Report, now_ms: i64) {
        if let Some((newest, ends_ms)) = self.newest {
            let is_over = ends_ms <= now_ms;
            let is_of_the_next = match report.reset_ms {
                Some(reset_ms) => reset_ms > ends_ms.saturating_add(JITTER_MS),
                None => report.from_ms >= ends_ms,
            };
            if !report.is_newer(&newest) || (is_over && !is_of_the_next) {
                return;
            }
        }
        let longest_ms = report.from_ms.saturating_add(self.length_ms);
        // None ends later than if it had begun just then.
        let is_plausible = |reset_ms: &i64| *reset_ms <= longest_ms.saturating_add(SKEW_MS);
        self.newest = Some((report, report.reset_ms.filter(is_plausible).unwrap_or(longest_ms)));
    }

    /// Where it stands. After its end nothing is used.
    pub fn read(&self, now_ms: i64) -> Option<Reading> {
        let (report, ends_ms) = self.newest?;
        let is_over = ends_ms <= now_ms;
        Some(Reading {
            used: if is_over { 0 } else { self.whole.saturating_sub(report.remaining) },
            at_ms: if is_over { now_ms } else { report.from_ms },
            window: (report.from_ms.min(ends_ms), ends_ms),
            resets_at_ms: report.reset_ms.map(|_| ends_ms).filter(|_| !is_over),
            incomplete: false,
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const WHOLE: i64 = 10_000;

    fn report(from_ms: i64, used: i64, reset_ms: Option<i64>) -> Report {
        Report { from_ms, to_ms: from_ms, remaining: WHOLE - used, reset_ms }
    }

    /// A window after these reports, each with the time it arrived.
    fn after(reports: &[(i64, Report)]) -> ResetWindow {
        let mut window = ResetWindow { whole: WHOLE, length_ms: LONGEST_MS, newest: None };
        for (now_ms, report) in reports {
            window.correct(*report, *now_ms);
        }
        window
    }

    fn used(window: &ResetWindow, now_ms: i64) -> i64 {
        window.read(now_ms).expect("a reading").used
    }

    #[test]
    fn it_ends_when_it_was_last_said_to_end() {
        for (second, ends_ms) in [(None, 100_000), (Some(50_000), 50_000), (Some(150_000), 150_000)] {
            let second = second.map(|reset_ms| (20_000, report(20_000, 9_900, Some(reset_ms))));
            let first = (10_000, report(10_000, 9_000, Some(100_000)));
            let window = after(&[vec![first], second.into_iter().collect()].concat());
            assert!(used(&window, ends_ms - 1) >= 9_000, "{ends_ms}");
            assert_eq!(used(&window, ends_ms), 0, "{ends_ms}");
            assert_eq!(window.read(ends_ms).and_then(|reading| reading.resets_at_ms), None);
        }
    }

    #[test]
    fn what_still_tells_of_a_window_that_is_over_changes_nothing() {
        let first = (10_000, report(10_000, 9_000, Some(100_000)));
        for late in [
            report(99_000, 10_000, Some(100_000)),
            report(99_000, 10_000, None),
            // The provider's clock, or its rounding, is a second off.
            report(100_500, 10_000, Some(101_000)),
        ] {
            assert_eq!(used(&after(&[first, (100_600, late)]), 100_600), 0, "{late:?}");
        }
        let next = (101_000, report(100_900, 100, Some(900_000)));
        let late = (102_000, report(99_000, 10_000, Some(100_000)));
        assert_eq!(used(&after(&[first, next, late]), 102_000), 100);
        assert_eq!(used(&after(&[first, (100_100, report(100_100, 50, None))]), 100_100), 50);
    }

    #[test]
    fn no_window_is_longer_than_its_name_says() {
        let hours = 3_600_000;
        for (reset_ms, ends_ms) in
            [(5 * hours, 5 * hours), (5 * hours + 300_000, 5 * hours + 300_000), (240 * hours, 5 * hours)]
        {
            let mut window = ResetWindow { whole: WHOLE, length_ms: 5 * hours, newest: None };
            window.correct(report(0, 9_900, Some(reset_ms)), 0);
            assert_eq!((used(&window, ends_ms - 1), used(&window, ends_ms)), (9_900, 0), "{reset_ms}");
        }
    }

    proptest! {
        /// Nobody has to say that it is over.
        #[test]
        fn after_the_last_end_that_was_named_nothing_is_used(
            reports in prop::collection::vec((0..100_000i64, 0..12_000i64, 0..200_000i64, 0..100_000i64), 1..20),
        ) {
            let mut reports: Vec<_> = reports
                .into_iter()
                .map(|(from_ms, used, reset_ms, wait_ms)| (from_ms + wait_ms, report(from_ms, used, Some(reset_ms))))
                .collect();
            reports.sort_by_key(|(now_ms, _)| *now_ms);
            let latest_ms = reports.iter().filter_map(|(_, report)| report.reset_ms).max().unwrap_or_default();
            let window = after(&reports);
            let reading = window.read(200_000).expect("a reading");
            prop_assert!(reading.window.0 <= reading.window.1 && reading.window.1 <= latest_ms);
            prop_assert_eq!((reading.used, reading.resets_at_ms), (0, None));
        }
    }
}
