//! What is told of one limit, wherever it stands: its lane, its share, its amount, and when it is full or begins anew.

use leptos::prelude::*;

use crate::api::standing::Standing;
use crate::parts::{Lane, figure, lane};
use crate::reader::{JOIN, Reader};

/// A pace is told once so much of a window is over: before, it says nothing.
const EARLY: f64 = 0.03;
/// An end of a window that is no longer than this is told by the clock, in milliseconds: a day, and an hour of summer time.
const DAY_MS: i64 = 25 * 3_600_000;

/// What stands beside the name of a limit.
pub struct LimitCells {
    pub lane: AnyView,
    pub share: AnyView,
    /// What is used of what, in few characters; nothing of what is told in percent.
    pub amount: String,
    /// The same with all digits, and what of it was used elsewhere.
    pub exact: String,
    pub when: String,
}

impl LimitCells {
    /// As this reader is told it.
    pub fn of(reader: &Reader, standing: &Standing) -> Self {
        let amount = match standing.unit.as_str() {
            "percent" => String::new(),
            unit => {
                format!("{} / {}", reader.amount(standing.used, unit), reader.allowed(standing.amount, unit))
            }
        };
        let share = reader.percent(standing.fraction);
        let share = if standing.usage_incomplete { format!("≥{JOIN}{share}") } else { share };
        LimitCells {
            lane: lane(&lane_of(reader, standing)),
            share: figure(&share),
            amount,
            exact: exact(reader, standing),
            when: when(reader, standing),
        }
    }
}

/// Where it stands on the page of limits.
pub fn address(standing: &Standing) -> String {
    format!("/limits#{}", standing.limit_id)
}

fn exact(reader: &Reader, standing: &Standing) -> String {
    let [used, amount] =
        [standing.used, standing.amount].map(|value| reader.exact_amount(value, &standing.unit));
    // Dollars and percents are written with their sign.
    let amount = match standing.unit.as_str() {
        "usd" | "percent" => amount,
        unit => format!("{amount} {}", reader.text().words.unit(unit)),
    };
    let counted = (reader.text().now.used_of)(&used, &amount);
    let unseen = standing.unseen.as_ref().filter(|unseen| unseen.amount >= 1.0);
    let elsewhere = unseen
        .map(|unseen| (reader.text().now.elsewhere)(&reader.exact_amount(unseen.amount, &standing.unit)));
    format!("{counted}{}", elsewhere.unwrap_or_default())
}

/// How much of a window with an end is over.
fn gone(reader: &Reader, standing: &Standing) -> Option<f64> {
    let length_ms = (standing.resets_at_ms? - standing.window_start_ms) as f64;
    let gone = (reader.now_ms - standing.window_start_ms) as f64 / length_ms;
    (length_ms > 0.0 && gone.is_finite()).then_some(gone.clamp(0.0, 1.0))
}

/// What will be used at the end of the window, at the pace it has had so far.
fn projected(reader: &Reader, standing: &Standing) -> Option<f64> {
    let gone = gone(reader, standing).filter(|gone| *gone >= EARLY)?;
    Some(standing.fraction / gone)
}

/// It has the colour of what is used now: an alert that is still open is told of where alerts are.
fn lane_of(reader: &Reader, standing: &Standing) -> Lane {
    Lane {
        used: standing.fraction,
        state: standing.present(),
        warn_percent: standing.warn_percent,
        gone: gone(reader, standing),
        projected: projected(reader, standing),
    }
}

/// A time to come in its window: by the clock, which comes round once in it; of a window longer than a day by the date.
fn told(reader: &Reader, standing: &Standing, at_ms: i64) -> String {
    let is_long = standing.resets_at_ms.is_some_and(|end_ms| end_ms - standing.window_start_ms > DAY_MS);
    if is_long { reader.day(at_ms / 1_000) } else { reader.clock(at_ms / 1_000) }
}

/// When its window ends, of one that does.
pub fn ends(reader: &Reader, standing: &Standing) -> Option<String> {
    standing.resets_at_ms.map(|at_ms| told(reader, standing, at_ms))
}

/// Whether it lasts, at this pace, and until when.
fn when(reader: &Reader, standing: &Standing) -> String {
    let text = &reader.text().now;
    let Some(ends) = ends(reader, standing) else { return String::new() };
    match projected(reader, standing) {
        _ if standing.fraction >= 1.0 => (text.over_until)(&ends),
        Some(projected) if projected > 1.0 => {
            let start_ms = standing.window_start_ms;
            let full_ms = start_ms + ((reader.now_ms - start_ms) as f64 / standing.fraction) as i64;
            (text.full_about)(&told(reader, standing, full_ms))
        }
        Some(_) => (text.lasts_to)(&ends),
        None => (text.resets)(&ends),
    }
}
