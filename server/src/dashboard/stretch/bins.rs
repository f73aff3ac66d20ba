//! How long a stretch may be, and how wide its bins are.

use vocabulary::Range;
use vocabulary::view::LONGEST_MINUTES;

pub(super) const MINUTE_MS: i64 = 60_000;
pub(super) const DAY_MS: i64 = 1_440 * MINUTE_MS;
/// The longest stretch; a day more for what clocks are changed by.
pub(super) const LONGEST_MS: i64 = (LONGEST_MINUTES as i64 + 1_440) * MINUTE_MS;
/// Widths that people read off without counting, in minutes. The widest is for stretches of years.
const STEPS: [i64; 16] = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1_440, 2_880, 4_320, 10_080, 40_320];
/// Bins that are told apart at most, but in quick ranges; and of days, which people look for one by one.
const MOST_BINS: i64 = 75;
const MOST_DAYS: i64 = 124;

/// The width of the bins from one time to another; those begin at multiples of it, or at the start. What is as long as
/// a quick range is shown like it, whenever it is.
pub(super) fn step_ms(from_ms: i64, to_ms: i64, at_multiples: bool) -> i64 {
    let length_ms = to_ms - from_ms;
    let quick = Range::ALL.iter().find(|range| range.length_s() * 1_000 == length_ms);
    if let (Some(range), true) = (quick, at_multiples) {
        return range.step_s() * 1_000;
    }
    // Minutes are worth one bin more, where neither edge is one.
    let fits = |step_ms: &i64| {
        let most = if *step_ms < DAY_MS { MOST_BINS } else { MOST_DAYS };
        match (length_ms + step_ms - 1) / step_ms {
            bins if *step_ms == MINUTE_MS || !at_multiples => bins <= most,
            _ => (to_ms + step_ms - 1).div_euclid(*step_ms) - from_ms.div_euclid(*step_ms) <= most,
        }
    };
    let widest_ms = STEPS[STEPS.len() - 1] * MINUTE_MS;
    STEPS.iter().map(|step| step * MINUTE_MS).find(fits).unwrap_or(widest_ms)
}
