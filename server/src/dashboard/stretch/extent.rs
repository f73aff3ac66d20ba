//! From when to when a stretch of time is.

use vocabulary::view::{Edge, Hours, LONGEST_MINUTES, Senseless, Stretch};

use super::Resolved;
use super::bins::{LONGEST_MS, MINUTE_MS, step_ms};
use super::days::Days;
use super::edges;
use super::wall::Wall;

/// So much before and after the start of a minute is shown with it.
const AROUND_MS: (i64, i64) = (7 * MINUTE_MS, 8 * MINUTE_MS);

/// From when to when a stretch is, before it is cut at now and into bins.
pub(super) struct Extent {
    from_ms: i64,
    to_ms: i64,
    days: Option<Days>,
    /// Whether it is as long as it says, ending with the bin that is still filling.
    is_last: bool,
}

impl Extent {
    /// The extent of a stretch; what begins after now, or is too long, is refused.
    pub fn of(stretch: Stretch, wall: &Wall) -> Result<Self, Senseless> {
        let extent = match stretch {
            Stretch::Last(range) => Extent::last(range.length_s() / 60, wall),
            Stretch::Past(minutes) => Extent::last(minutes.clamp(1, LONGEST_MINUTES).into(), wall),
            Stretch::Day(_)
            | Stretch::Calendar(_)
            | Stretch::Between(Edge::Date(_), None | Some(Edge::Date(_))) => {
                let days = Days::of(stretch, wall).ok_or(Senseless::Unreachable)?;
                Extent { days: Some(days), ..Extent::between(days.bounds(wall)) }
            }
            Stretch::Hours(day, hours) => {
                let date = match day {
                    Some(day) => wall.date(day).ok_or(Senseless::Unreachable)?,
                    None if hours_of(hours, wall.today(), wall).1 <= wall.now_ms => wall.today(),
                    None => wall.days_ago(1),
                };
                Extent::between(hours_of(hours, date, wall).0)
            }
            Stretch::Between(from, None) => {
                let from_ms = wall.start_ms(from);
                Extent::between((from_ms, wall.now_ms.max(from_ms)))
            }
            Stretch::Between(from, Some(to)) => {
                let (from, to) =
                    if wall.start_ms(to) < wall.start_ms(from) { (to, from) } else { (from, to) };
                Extent::between((wall.start_ms(from), wall.end_ms(to)))
            }
        };
        match extent {
            Extent { from_ms, .. } if from_ms > wall.now_ms => Err(Senseless::Future),
            Extent { from_ms, to_ms, .. } if to_ms - from_ms > LONGEST_MS => Err(Senseless::TooLong),
            extent => Ok(extent),
        }
    }

    /// So many minutes until now.
    pub fn last(minutes: i64, wall: &Wall) -> Self {
        let from_ms = wall.now_ms - minutes * MINUTE_MS;
        Extent { from_ms, to_ms: wall.now_ms, days: None, is_last: true }
    }

    fn between((one_ms, other_ms): (i64, i64)) -> Self {
        let from_ms = one_ms.min(other_ms);
        Extent { from_ms, to_ms: one_ms.max(other_ms).max(from_ms + MINUTE_MS), days: None, is_last: false }
    }

    /// Cuts it at now, and into bins.
    pub fn resolved(self, stretch: Stretch, wall: Wall) -> Resolved {
        let Extent { from_ms, to_ms, days, is_last } = self;
        // The moment that is now belongs to it.
        let end_ms = to_ms.min(wall.now_ms + 1);
        let step_ms = step_ms(from_ms, if is_last { to_ms } else { end_ms }, days.is_none());
        let up = |at_ms: i64| at_ms + (-at_ms).rem_euclid(step_ms);
        let edges_ms = match days {
            Some(days) => edges::of_days(days, end_ms, step_ms, &wall),
            None if is_last => {
                let to_ms = up(wall.now_ms + 1);
                edges::even(to_ms - up(wall.now_ms - from_ms), to_ms, step_ms)
            }
            None => edges::even(from_ms.div_euclid(step_ms) * step_ms, up(end_ms), step_ms),
        };
        let (from_ms, to_ms) = (edges_ms[0], edges_ms[edges_ms.len() - 1]);
        let is_live = to_ms > wall.now_ms;
        Resolved { stretch, from_ms, to_ms, edges_ms, step_ms, is_live, refused: None, days, wall }
    }
}

/// Start and end of a part of a day, and the time that it is about.
fn hours_of(hours: Hours, date: jiff::civil::Date, wall: &Wall) -> ((i64, i64), i64) {
    match hours {
        Hours::Around(time) => {
            let at_ms = wall.at_ms(date, time);
            ((at_ms - AROUND_MS.0, at_ms + AROUND_MS.1), at_ms)
        }
        Hours::Between(from, to) => {
            let from_ms = wall.at_ms(date, from);
            let end = if to > from { date } else { date.tomorrow().unwrap_or(date) };
            ((from_ms, wall.at_ms(end, to)), from_ms)
        }
    }
}
