//! The plot: one measure over time by model, with the limits that hold over it and what happened meanwhile.

use vocabulary::{Measure, Severity};

/// What is drawn. Times are Unix seconds.
#[derive(Debug, Clone, PartialEq)]
pub struct Plot {
    pub measure: Measure,
    /// Where bins begin and end, in order; two at least.
    pub edges_s: Vec<i64>,
    /// Width of a bin, but of those that end with a day that is not whole bins, or in which clocks are changed.
    pub step_s: i64,
    pub now_s: i64,
    /// It ends now, and goes on.
    pub is_live: bool,
    /// By model, in the order of their colours, at most [`MOST_SERIES`]; then what is left, if there is any.
    pub stacks: Vec<Stack>,
    /// How many models the last stack puts together; 0 where there is no such stack.
    pub others: u64,
    /// `(bin, value)`: what its busiest window of [`Plot::window_s`] holds, only where there is any.
    pub busiest: Vec<(usize, f64)>,
    /// What columns are told per: the window of the limits, where that is shorter than a bin.
    pub window_s: i64,
    pub limits: Vec<LimitLine>,
    /// `(bin, value)`: the same measure in the bin that is set beside it, only where there is any.
    pub compared: Vec<(usize, f64)>,
    /// When that stretch begins, if there is one.
    pub compared_from_s: Option<i64>,
    /// When alerts were open, and how bad the worst of them was.
    pub incidents: Vec<(i64, i64, Severity)>,
    /// Bins in which there were calls, and how many, whatever is measured.
    pub calls: Vec<(usize, u64)>,
    /// Bins in which the API refused calls, and how many.
    pub refused: Vec<(usize, u64)>,
    /// When Tacho was not running.
    pub gaps: Vec<(i64, i64)>,
    /// The first event there is.
    pub first_s: Option<i64>,
    /// Events whose price is unknown: left out of cost, never counted as 0.
    pub unpriced: u64,
    /// Events whose usage is not fully known.
    pub unknown_usage: u64,
}

/// Models that are told apart.
pub const MOST_SERIES: usize = 5;

/// The colour of what has none of its own.
pub const OTHERS: u8 = 9;

/// One colour of the plot.
#[derive(Debug, Clone, PartialEq)]
pub struct Stack {
    /// The model, as it is shown; empty for events without one.
    pub name: String,
    /// Its colour, by its place among all models there are: it keeps it in every measure.
    pub color: u8,
    pub total: f64,
    /// `(bin, value)`, only where there is any, in order.
    pub points: Vec<(usize, f64)>,
    /// `(bin, events)`: how many events the value of a bin leaves out, only where there are any, in order.
    pub left_out: Vec<(usize, u64)>,
}

impl Stack {
    /// How many events the total leaves out.
    pub fn all_left_out(&self) -> u64 {
        self.left_out.iter().map(|(_, events)| events).sum()
    }

    /// How many events the value of a bin leaves out.
    pub fn left_out_of(&self, bin: usize) -> u64 {
        let place = self.left_out.binary_search_by_key(&bin, |(place, _)| *place);
        place.map_or(0, |place| self.left_out[place].1)
    }
}

/// A limit over the plot.
#[derive(Debug, Clone, PartialEq)]
pub struct LimitLine {
    pub id: String,
    /// Its name, as it is shown.
    pub name: String,
    /// Word of its kind.
    pub kind: String,
    /// What its window allows, in the measure's unit.
    pub amount: f64,
    pub warn_percent: u32,
    /// The length of its window; of a month, 30 days.
    pub window_s: i64,
}

impl Plot {
    /// How many bins there are.
    pub fn bins(&self) -> usize {
        self.edges_s.len().saturating_sub(1)
    }

    /// Start of the first bin.
    pub fn start_s(&self) -> i64 {
        self.edges_s.first().copied().unwrap_or_default()
    }

    /// End of the last bin.
    pub fn end_s(&self) -> i64 {
        self.edges_s.last().copied().unwrap_or_default()
    }

    /// Start and end of a bin.
    pub fn sides_s(&self, bin: usize) -> (i64, i64) {
        let edge = |place: usize| self.edges_s.get(place).copied().unwrap_or_else(|| self.end_s());
        (edge(bin), edge(bin + 1))
    }

    /// How long a bin is.
    pub fn length_s(&self, bin: usize) -> i64 {
        let (start_s, end_s) = self.sides_s(bin);
        (end_s - start_s).max(1)
    }

    /// What each bin holds of some points.
    pub fn per_bin<'a>(&self, points: impl IntoIterator<Item = &'a (usize, f64)>) -> Vec<f64> {
        let mut sums = vec![0.0; self.bins()];
        for (bin, value) in points {
            if let Some(sum) = sums.get_mut(*bin) {
                *sum += value;
            }
        }
        sums
    }

    /// The last bin is still filling.
    pub fn is_open(&self, bin: usize) -> bool {
        self.is_live && bin + 1 == self.bins() && self.now_s < self.end_s()
    }

    /// What columns are told per: a window, or a bin where that is shorter.
    pub fn told_s(&self) -> i64 {
        self.window_s.min(self.step_s)
    }

    /// What a bin's sum is per window; a bin that is no longer than one is told as it is.
    pub fn scale(&self, bin: usize) -> f64 {
        if self.window_s < self.step_s { self.window_s as f64 / self.length_s(bin) as f64 } else { 1.0 }
    }
}
