//! Figures of a run, and how to write them.

use std::fmt;
use std::time::Duration;

/// One figure per round.
pub type Rounds = Vec<f64>;

/// Microseconds.
pub fn us(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

/// The smallest figure that `percent` of all do not exceed (nearest rank).
pub fn percentile(figures: &mut [f64], percent: f64) -> f64 {
    figures.sort_by(f64::total_cmp);
    let rank = (percent / 100.0 * figures.len() as f64).ceil() as usize;
    figures.get(rank.clamp(1, figures.len().max(1)) - 1).copied().unwrap_or(f64::NAN)
}

/// Round by round: what `left` and `right` make together.
pub fn paired(left: &Rounds, right: &Rounds, together: impl Fn(f64, f64) -> f64) -> Rounds {
    left.iter().zip(right).map(|(left, right)| together(*left, *right)).collect()
}

/// The median of all rounds, and the least and the most of them, as `71.8 (66.2..90.1)`.
pub struct Spread {
    median: f64,
    least: f64,
    most: f64,
    digits: usize,
}

impl Spread {
    /// Of these rounds, with so many digits after the point.
    pub fn of(rounds: &Rounds, digits: usize) -> Self {
        let mut rounds = rounds.clone();
        let mut at = |percent| percentile(&mut rounds, percent);
        Spread { median: at(50.0), least: at(0.0), most: at(100.0), digits }
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Spread { median, least, most, digits } = self;
        f.pad(&format!("{median:.digits$} ({least:.digits$}..{most:.digits$})"))
    }
}

/// Lines of cells under a title; the first cell of each line names it.
pub struct Table {
    title: String,
    lines: Vec<Vec<String>>,
}

impl Table {
    /// A table with a head.
    pub fn new<const N: usize>(title: impl Into<String>, head: [&str; N]) -> Self {
        Table { title: title.into(), lines: vec![head.map(str::to_owned).to_vec()] }
    }

    /// Adds a line.
    pub fn line(&mut self, name: &str, cells: impl IntoIterator<Item = String>) {
        self.lines.push([name.to_owned()].into_iter().chain(cells).collect());
    }
}

impl fmt::Display for Table {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "\n{}", self.title)?;
        let columns = self.lines.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            let cells = self.lines.iter().filter_map(|line| line.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        let widths: Vec<usize> = (0..columns).map(width).collect();
        for line in &self.lines {
            write!(f, " ")?;
            for (column, (cell, width)) in line.iter().zip(&widths).enumerate() {
                if column == 0 { write!(f, " {cell:<width$}")? } else { write!(f, "   {cell:>width$}")? }
            }
            writeln!(f)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_one_of_the_figures() {
        let mut figures: Vec<f64> = (1..=200).rev().map(f64::from).collect();
        assert_eq!(
            [0.0, 50.0, 99.0, 100.0].map(|percent| percentile(&mut figures, percent)),
            [1.0, 100.0, 198.0, 200.0]
        );
        assert_eq!(percentile(&mut [7.0], 99.0), 7.0);
        assert!(percentile(&mut [], 50.0).is_nan());
    }

    #[test]
    fn a_spread_names_the_median_and_the_ends() {
        assert_eq!(Spread::of(&vec![3.0, 1.0, 2.26], 1).to_string(), "2.3 (1.0..3.0)");
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let mut table = Table::new("Lengths", ["", "m"]);
        table.line("rod", ["5".to_owned()]);
        table.line("pole", ["5.03".to_owned()]);
        assert_eq!(table.to_string(), "\nLengths\n            m\n  rod       5\n  pole   5.03\n");
    }
}
