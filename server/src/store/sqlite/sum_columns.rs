//! What a rollup row sums: one table of its columns, each with its place in [`Sums`] and what an event adds to it, in SQL.
//!
//! Rows are summed in memory when events come in ([`Sums::of`]). Over events that are stored SQLite sums, in what is made
//! of this table, without handing each of them over. That both say the same is held by
//! `tests/it/store/sums.rs`.

use domain::rollup::Sums;
use domain::usage::{FAILED_FROM, Iteration, Outcome, THROTTLED as THROTTLED_STATUS};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use vocabulary::Measure;

use crate::store::StoreError;

/// A column of a rollup row.
#[derive(Clone, Copy)]
pub(super) struct SumColumn {
    pub name: &'static str,
    place: fn(&mut Sums) -> &mut i64,
    of_event: OfEvent,
}

/// What an event adds to a column.
#[derive(Clone, Copy)]
enum OfEvent {
    One,
    /// The number in the event's column of the same name, from 0; nothing where it is unknown.
    Number,
    /// One where this holds. It is never null.
    OneIf(fn() -> String),
}

pub(super) const REQUESTS: SumColumn =
    SumColumn { name: "requests", place: |sums| &mut sums.requests, of_event: OfEvent::One };
pub(super) const INPUT_TOKENS: SumColumn =
    SumColumn { name: "input_tokens", place: |sums| &mut sums.input_tokens, of_event: OfEvent::Number };
pub(super) const OUTPUT_TOKENS: SumColumn =
    SumColumn { name: "output_tokens", place: |sums| &mut sums.output_tokens, of_event: OfEvent::Number };

pub(super) const THROTTLED: SumColumn = SumColumn {
    name: "throttled",
    place: |sums| &mut sums.throttled,
    of_event: OfEvent::OneIf(|| format!("coalesce(e.status = {THROTTLED_STATUS}, 0)")),
};

const COLUMNS: usize = 12;
/// The columns, in the order in which they are written and read.
pub(super) const SUM_COLUMNS: [SumColumn; COLUMNS] = [
    REQUESTS,
    INPUT_TOKENS,
    SumColumn {
        name: "cache_write_5m_tokens",
        place: |sums| &mut sums.cache_write_5m_tokens,
        of_event: OfEvent::Number,
    },
    SumColumn {
        name: "cache_write_1h_tokens",
        place: |sums| &mut sums.cache_write_1h_tokens,
        of_event: OfEvent::Number,
    },
    SumColumn {
        name: "cache_read_tokens",
        place: |sums| &mut sums.cache_read_tokens,
        of_event: OfEvent::Number,
    },
    OUTPUT_TOKENS,
    SumColumn { name: "cost_nano_usd", place: |sums| &mut sums.cost_nano_usd, of_event: OfEvent::Number },
    SumColumn {
        name: "unpriced",
        place: |sums| &mut sums.unpriced,
        of_event: OfEvent::OneIf(|| "e.cost_nano_usd is null".to_owned()),
    },
    SumColumn {
        name: "unknown_usage",
        place: |sums| &mut sums.unknown_usage,
        of_event: OfEvent::OneIf(has_unknown_usage),
    },
    SumColumn { name: "errors", place: |sums| &mut sums.errors, of_event: OfEvent::OneIf(is_error) },
    THROTTLED,
    SumColumn {
        name: "web_search_requests",
        place: |sums| &mut sums.web_search_requests,
        of_event: OfEvent::Number,
    },
];

/// [`Event::is_error`](domain::usage::Event::is_error).
fn is_error() -> String {
    let broken = Outcome::ALL.into_iter().filter(|outcome| outcome.is_broken());
    let broken: Vec<String> = broken.map(|outcome| (outcome as i64).to_string()).collect();
    format!("{} or e.error_kind is not null or e.outcome in ({})", has_failed(), broken.join(", "))
}

fn has_failed() -> String {
    format!("coalesce(e.status >= {FAILED_FROM}, 0)")
}

/// [`Event::has_unknown_usage`](domain::usage::Event::has_unknown_usage).
fn has_unknown_usage() -> String {
    format!(
        "({}) or (e.input_tokens is null or e.output_tokens is null) and not ({} and \
         coalesce(e.input_tokens, e.output_tokens, e.cache_write_5m_tokens, e.cache_write_1h_tokens, \
         e.cache_read_tokens) is null and e.web_search_requests = 0)",
        are_untold(),
        has_failed()
    )
}

/// [`are_untold`](domain::usage::are_untold): whether an iteration that is billed does not tell its input or output.
fn are_untold() -> String {
    let beside = Iteration::BESIDE.map(|kind| format!("'{kind}'")).join(", ");
    format!(
        "e.iterations is not null and exists (select 1 from json_each(e.iterations) i where \
         (i.value ->> '$.usage.input_tokens' is null or i.value ->> '$.usage.output_tokens' is null) and not \
         (coalesce(i.value ->> '$.usage.output_tokens' = 0, 0) and i.value ->> '$.kind' not in ({beside}) and \
         i.key < (select max(o.key) from json_each(e.iterations) o where o.value ->> '$.kind' not in ({beside}))))"
    )
}

impl SumColumn {
    /// SQL for its sum over events that count. Over none it may be null.
    pub(super) fn of_events(&self) -> String {
        match self.of_event {
            OfEvent::One => "count(*)".to_owned(),
            OfEvent::Number => sum(&format!("e.{}", self.name)),
            OfEvent::OneIf(holds) => format!("sum({})", holds()),
        }
    }

    /// SQL for what one event adds to it; it may be null.
    pub(super) fn of_event(&self) -> String {
        match self.of_event {
            OfEvent::One => "1".to_owned(),
            OfEvent::Number => format!("e.{}", self.name),
            OfEvent::OneIf(holds) => holds(),
        }
    }

    /// SQL for its sum over rows of a rollup, `r`.
    pub(super) fn of_rows(&self) -> String {
        sum(&format!("r.{}", self.name))
    }
}

/// The names of all columns, as they stand in a list.
pub(super) fn names() -> String {
    SUM_COLUMNS.map(|column| column.name).join(", ")
}

/// The columns that a measure is the sum of: those that it is more of when they are.
pub(super) fn columns_of(measure: Measure) -> impl Iterator<Item = SumColumn> {
    SUM_COLUMNS.into_iter().filter(move |column| {
        let mut sums = Sums::default();
        *(column.place)(&mut sums) = 1;
        sums.measure(measure) > 0.0
    })
}

/// SQL for the sum of a column of numbers from 0, which stops at [`Sums::LARGEST`]. SQLite's own fails when it
/// overflows; the upper and the lower halves of the numbers cannot.
fn sum(column: &str) -> String {
    let (upper, lower) = (format!("sum({column} >> 32)"), format!("sum({column} & 0xffffffff)"));
    format!(
        "coalesce(case when {upper} >= {} then {largest} else min(({upper} << 32) + {lower}, {largest}) end, 0)",
        Sums::LARGEST >> 32,
        largest = Sums::LARGEST
    )
}

pub(super) fn to_columns(sums: &Sums) -> [i64; COLUMNS] {
    let mut sums = *sums;
    SUM_COLUMNS.map(|column| *(column.place)(&mut sums))
}

pub(super) fn of_columns(columns: [i64; COLUMNS]) -> Sums {
    let mut sums = Sums::default();
    for (column, sum) in SUM_COLUMNS.into_iter().zip(columns) {
        *(column.place)(&mut sums) = sum;
    }
    sums
}

/// Reads the columns, of which the first is this one.
pub(super) fn from_row(row: &SqliteRow, first: usize) -> Result<Sums, StoreError> {
    let mut columns = [0; COLUMNS];
    for (index, column) in columns.iter_mut().enumerate() {
        *column = row.try_get(first + index)?;
    }
    Ok(of_columns(columns))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sum_has_its_column() {
        // Without `..`: whoever adds a sum is led here.
        let sums = Sums {
            requests: 1,
            input_tokens: 2,
            cache_write_5m_tokens: 3,
            cache_write_1h_tokens: 4,
            cache_read_tokens: 5,
            output_tokens: 6,
            cost_nano_usd: 7,
            unpriced: 8,
            unknown_usage: 9,
            errors: 10,
            throttled: 11,
            web_search_requests: 12,
        };
        assert_eq!(to_columns(&sums), std::array::from_fn(|place| place as i64 + 1));
        assert_eq!(of_columns(to_columns(&sums)), sums);
    }

    #[test]
    fn a_measure_is_the_sum_of_its_columns() {
        let sums = of_columns(std::array::from_fn(|place| 1 << place));
        for measure in Measure::ALL {
            let summed: i64 = columns_of(*measure).map(|column| *(column.place)(&mut sums.clone())).sum();
            let measured = sums.measure(*measure);
            let unit = if *measure == Measure::CostUsd { 1e9 } else { 1.0 };
            assert!((measured * unit - summed as f64).abs() < 1e-6, "{measure:?}: {measured}, {summed}");
        }
    }
}
