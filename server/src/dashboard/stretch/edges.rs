//! Where bins begin and end. Of days of the calendar they follow the clock on the wall, also where it is changed.

use super::bins::{DAY_MS, MINUTE_MS};
use super::days::Days;
use super::wall::Wall;

/// Bins longer than this begin at round times of the clock. Shorter ones are all as long, so that the hour that a clock shows
/// twice has its own.
const LONGEST_EVEN_MS: i64 = 60 * MINUTE_MS;

/// Bins of one width; the last is cut short where it would end later.
pub(super) fn even(from_ms: i64, to_ms: i64, step_ms: i64) -> Vec<i64> {
    let inside = (0..).map(|bin| from_ms + bin * step_ms).take_while(|edge_ms| *edge_ms < to_ms);
    inside.chain([to_ms]).collect()
}

/// Bins of whole days, as far as the first that ends at `until_ms` or later.
pub(super) fn of_days(days: Days, until_ms: i64, step_ms: i64, wall: &Wall) -> Vec<i64> {
    let (from_ms, to_ms) = days.bounds(wall);
    let mut edges_ms: Vec<i64> = match step_ms {
        DAY_MS.. => {
            let days_each = usize::try_from(step_ms / DAY_MS).unwrap_or(1);
            days.dates().step_by(days_each).map(|date| wall.midnight_ms(date)).collect()
        }
        _ if step_ms > LONGEST_EVEN_MS => {
            let of_day = |date| (0..DAY_MS / step_ms).map(move |bin| wall.clock_ms(date, bin * step_ms));
            days.dates().flat_map(of_day).collect()
        }
        _ => {
            let of_day = |date: jiff::civil::Date| {
                let next = date.tomorrow().unwrap_or(date);
                even(wall.midnight_ms(date), wall.midnight_ms(next), step_ms)
            };
            days.dates().flat_map(of_day).collect()
        }
    };
    // A day that a zone has left out has no length, and its times are those of the day after it.
    let to_ms = to_ms.max(from_ms + MINUTE_MS);
    edges_ms.retain(|edge_ms| *edge_ms < to_ms);
    edges_ms.push(to_ms);
    edges_ms.sort_unstable();
    // A clock that is put forward leaves out what would be an edge.
    edges_ms.dedup();
    let last = edges_ms.iter().position(|edge_ms| *edge_ms >= until_ms).unwrap_or(edges_ms.len());
    edges_ms.truncate(last.max(1) + 1);
    edges_ms
}

#[cfg(test)]
mod tests {
    use vocabulary::view::View;

    use super::super::resolve;
    use super::MINUTE_MS;

    fn ms(text: &str) -> i64 {
        text.parse::<jiff::Timestamp>().expect("a time").as_millisecond()
    }

    #[test]
    fn bins_over_a_day_that_a_zone_has_left_out_go_forwards() {
        let apia = jiff::tz::TimeZone::get("Pacific/Apia").expect("a zone");
        let now_ms = ms("2012-06-01T00:00:00Z");
        for (to, ends) in [
            ("2012-01-01", "2012-01-01T10:00:00Z"),
            // It is the last of the days.
            ("2011-12-30", "2011-12-30T10:00:00Z"),
        ] {
            let (view, _) = View::read([("from", "2011-12-26"), ("to", to)]);
            let resolved = resolve(view.stretch, now_ms, &apia);
            assert_eq!((resolved.from_ms, resolved.to_ms), (ms("2011-12-26T10:00:00Z"), ms(ends)), "{to}");
            let is_even = |edges: &[i64]| edges[1] - edges[0] == 120 * MINUTE_MS;
            assert!(resolved.edges_ms.windows(2).all(is_even), "{to}: {resolved:?}");
        }
    }
}
