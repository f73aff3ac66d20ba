//! The plot: one measure over time by model, with the limits that hold over it and what happened meanwhile.

use vocabulary::{Measure, Severity};

/// What is drawn. Times are Unix seconds.
#[derive(Debug, Clone, PartialEq)]
pub struct Plot {
    pub measure: Measure,
    /// Start of the first bin.
    pub from_s: i64,
    /// End of the last bin.
    pub to_s: i64,
    /// Width of a bin.
    pub step_s: i64,
    pub now_s: i64,
    /// It ends now, and goes on.
    pub is_live: bool,
    /// By model, largest first, at most [`MOST_SERIES`]; then what is left, if there is any.
    pub stacks: Vec<Stack>,
    /// How many models the last stack puts together; 0 where there is no such stack.
    pub others: u64,
    /// What each bin's busiest window of [`Plot::window_s`] holds, only where there is any.
    pub busiest: Vec<(i64, f64)>,
    /// What columns are told per: the window of the limits, where that is shorter than a bin.
    pub window_s: i64,
    pub limits: Vec<LimitLine>,
    /// The same measure in the stretch that is set beside it, moved onto this one.
    pub compared: Vec<(i64, f64)>,
    /// When alerts were open, and how bad the worst of them was.
    pub incidents: Vec<(i64, i64, Severity)>,
    /// Bins in which there were calls, and how many, whatever is measured.
    pub calls: Vec<(i64, u64)>,
    /// Bins in which the API refused calls, and how many.
    pub refused: Vec<(i64, u64)>,
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

/// One colour of the plot.
#[derive(Debug, Clone, PartialEq)]
pub struct Stack {
    /// The model, as it is shown; empty for events without one.
    pub name: String,
    /// Its colour, by its place among all models there are: it keeps it in every measure.
    pub color: u8,
    pub total: f64,
    /// `(bin start, value)`, only where there is any, in order.
    pub points: Vec<(i64, f64)>,
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
        usize::try_from((self.to_s - self.from_s) / self.step_s.max(1)).unwrap_or(0)
    }

    /// The bin that a time lies in.
    pub fn bin(&self, at_s: i64) -> Option<usize> {
        let bin = usize::try_from((at_s - self.from_s).div_euclid(self.step_s.max(1))).ok()?;
        (bin < self.bins()).then_some(bin)
    }

    /// The last bin is still filling.
    pub fn is_open(&self, bin: usize) -> bool {
        self.is_live && bin + 1 == self.bins() && self.now_s < self.to_s
    }

    /// What a bin's sum is per window.
    pub fn scale(&self) -> f64 {
        self.window_s.min(self.step_s) as f64 / self.step_s.max(1) as f64
    }
}
