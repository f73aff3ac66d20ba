//! When a stretch of time is, which bins it is shown in, and which stretches lie beside it.

mod beside;
mod bins;
mod days;
mod edges;
mod extent;
#[cfg(test)]
mod tests;
mod wall;

use jiff::tz::TimeZone;
use vocabulary::Range;
use vocabulary::view::{Senseless, Stretch};

use self::days::Days;
use self::extent::Extent;
use self::wall::Wall;

/// A stretch of time for somebody in a zone, now.
#[derive(Debug, Clone)]
pub struct Resolved {
    /// What is shown: the default, where what was asked for is refused.
    pub stretch: Stretch,
    /// Start of the first bin, Unix milliseconds.
    pub from_ms: i64,
    /// End of the last bin.
    pub to_ms: i64,
    /// Where bins begin and end, in order, from [`Resolved::from_ms`] to [`Resolved::to_ms`]. Days of the calendar begin with a
    /// bin; other bins begin at multiples of their width.
    pub edges_ms: Vec<i64>,
    /// Width of a bin, but of those that end with a day that is not whole bins, or in which clocks are changed.
    pub step_ms: i64,
    /// Whether the last bin is still filling.
    pub is_live: bool,
    /// Why what was asked for is not shown.
    pub refused: Option<Senseless>,
    /// The days it is, if it is whole days of the calendar; those to come belong to them.
    days: Option<Days>,
    wall: Wall,
}

/// Says when a stretch is. What begins after now, or is too long, is refused.
pub fn resolve(stretch: Stretch, now_ms: i64, zone: &TimeZone) -> Resolved {
    let wall = Wall::new(now_ms, zone.clone());
    match Extent::of(stretch, &wall) {
        Ok(extent) => extent.resolved(stretch, wall),
        Err(reason) => {
            let extent = Extent::last(Range::Hour.length_s() / 60, &wall);
            Resolved { refused: Some(reason), ..extent.resolved(Stretch::Last(Range::Hour), wall) }
        }
    }
}
