//! What a page shows, as its address says it: every link is an address, and every address works. Nothing here knows a
//! zone or what time it is; when a stretch is, the server says.

mod compare;
mod date;
mod edge;
mod nonsense;
mod query;
mod spoken;
mod stretch;
#[cfg(test)]
mod tests;
mod typed;

use serde::{Deserialize, Serialize};

pub use compare::Compare;
pub use date::{Date, DayOfYear, TimeOfDay, Weekday, YEARS};
pub use edge::INSTANTS_S;
pub use nonsense::{Nonsense, Senseless};
pub use stretch::{Calendar, Day, Edge, Hours, LONGEST_MINUTES, Stretch};

use crate::{Dimension, Filter, Measure};

/// Filters that an address may have.
const MOST_FILTERS: usize = 32;
/// Bytes that they may take there, encoded. The server takes 8 KiB; the rest is for everything else that an address says.
const MOST_FILTER_BYTES: usize = 6 * 1024;
/// Characters that a value may have.
const MOST_VALUE: usize = 256;

/// What a page shows. Between programs it travels as the pairs of its address.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(from = "Pairs", into = "Pairs")]
pub struct View {
    /// The stretch of time.
    pub stretch: Stretch,
    pub measure: Measure,
    /// The dimension of the second table.
    pub by: Dimension,
    /// What tables are put in order by, where it is not the measure.
    pub sort: Option<Measure>,
    /// What is set beside it.
    pub vs: Compare,
    /// Only these events.
    pub filters: Vec<Filter>,
}

type Pairs = Vec<(String, String)>;

impl Default for View {
    fn default() -> Self {
        View {
            stretch: Stretch::default(),
            measure: Measure::Requests,
            by: Dimension::Project,
            sort: None,
            vs: Compare::Off,
            filters: Vec::new(),
        }
    }
}

impl From<Pairs> for View {
    fn from(pairs: Pairs) -> Self {
        View::read(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str()))).0
    }
}

impl From<View> for Pairs {
    fn from(view: View) -> Self {
        view.pairs()
    }
}

impl From<Pairs> for Stretch {
    fn from(pairs: Pairs) -> Self {
        View::from(pairs).stretch
    }
}

impl From<Stretch> for Pairs {
    fn from(stretch: Stretch) -> Self {
        stretch.pairs()
    }
}

impl View {
    /// What tables are put in order by.
    pub fn order(&self) -> Measure {
        self.sort.unwrap_or(self.measure)
    }

    /// The same with another stretch of time.
    pub fn with_stretch(&self, stretch: Stretch) -> Self {
        View { stretch, ..self.clone() }
    }

    /// The same with another measure.
    pub fn with_measure(&self, measure: Measure) -> Self {
        View { measure, ..self.clone() }
    }

    /// The same by another dimension.
    pub fn with_by(&self, by: Dimension) -> Self {
        View { by, ..self.clone() }
    }

    /// The same beside something else.
    pub fn with_vs(&self, vs: Compare) -> Self {
        View { vs, ..self.clone() }
    }

    /// The same in another order; in that of the measure, if it says none.
    pub fn with_sort(&self, sort: Option<Measure>) -> Self {
        View { sort, ..self.clone() }
    }

    /// The same with one more filter, or without it if it is there. A value is asked for or excluded, not both. What an
    /// address has no room for is not added.
    pub fn toggle(&self, filter: Filter) -> Self {
        let opposite = Filter { is_excluded: !filter.is_excluded, ..filter.clone() };
        let mut view = self.without(&filter).without(&opposite);
        let is_short = filter.value.chars().nth(MOST_VALUE).is_none();
        if !self.filters.contains(&filter) && is_short && view.has_room_for(&filter) {
            view.filters.push(filter);
        }
        view
    }

    /// The same without a filter.
    pub fn without(&self, filter: &Filter) -> Self {
        let mut view = self.clone();
        view.filters.retain(|known| known != filter);
        view
    }
}
