//! The first page: am I about to be refused, by which limit, and because of whom?

mod chips;
mod happened;
mod measures;
mod notices;
mod policies;
mod sheet;
mod standing;
mod tables;
mod verdict;

use vocabulary::view::{Edge, Stretch, View as Shown};

pub use chips::chips;
pub use happened::{LogPlace, happened};
pub use measures::{Totals, measures};
pub use notices::{first_call, nonsense, notices};
pub use policies::policies;
pub use sheet::{sheet, standing_rows};
pub use standing::LimitCells;
pub use tables::table;
pub use verdict::{Verdict, title, verdict};

/// Minutes shown on either side of one.
const AROUND_S: i64 = 600;

/// The same page around a minute.
fn minute(view: &Shown, at_s: i64) -> Shown {
    let edges = (Edge::Instant(at_s - AROUND_S), Some(Edge::Instant(at_s + 60 + AROUND_S)));
    view.with_stretch(Stretch::Between(edges.0, edges.1))
}
