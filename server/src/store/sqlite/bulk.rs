//! Multi-row statements. One statement per row costs a channel hop each (8 times slower than rusqlite); a few
//! fixed sizes keep the statements prepared.

use std::sync::Arc;

/// Rows per statement, largest first. The largest stays below SQLite's 32,766 bind parameters for every
/// table here.
const SIZES: [usize; 7] = [512, 128, 32, 8, 4, 2, 1];

/// `head (?, ?), (?, ?) tail` for each of a few fixed numbers of rows.
pub(super) struct Bulk {
    statements: [Arc<str>; SIZES.len()],
}

impl Bulk {
    /// Prepares the texts for rows of `columns` values.
    pub(super) fn new(head: &str, columns: usize, tail: &str) -> Self {
        let row = format!("({})", vec!["?"; columns].join(","));
        let statements =
            SIZES.map(|rows| format!("{head} {} {tail}", vec![row.as_str(); rows].join(",")).into());
        Bulk { statements }
    }

    /// The same for a list of single values: `head (?, ?) tail`.
    pub(super) fn list(head: &str, tail: &str) -> Self {
        let statements = SIZES.map(|rows| format!("{head} ({}) {tail}", vec!["?"; rows].join(",")).into());
        Bulk { statements }
    }

    /// Cuts rows into pieces with the statement that takes each.
    pub(super) fn pieces<'a, T>(&'a self, mut rows: &'a [T]) -> impl Iterator<Item = (Arc<str>, &'a [T])> {
        std::iter::from_fn(move || {
            let index = SIZES.iter().position(|size| *size <= rows.len())?;
            let (piece, rest) = rows.split_at(SIZES[index]);
            rows = rest;
            Some((self.statements[index].clone(), piece))
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pieces_cover_all_rows_in_order() {
        let bulk = Bulk::new("insert into t values", 2, "");
        let rows: Vec<usize> = (0..1_191).collect();
        let cut: Vec<usize> = bulk.pieces(&rows).flat_map(|(_, piece)| piece.to_vec()).collect();
        assert_eq!(cut, rows);
        assert_eq!(
            bulk.pieces(&rows[..1]).next().map(|(sql, _)| sql.to_string()).as_deref(),
            Some("insert into t values (?,?) ")
        );
    }
}
