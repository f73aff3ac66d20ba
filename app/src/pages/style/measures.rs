//! Sums: the tabs of the plot, and tables.

use leptos::prelude::*;
use vocabulary::view::View as Shown;
use vocabulary::{Dimension, Filter, Measure};

use super::usage::{others, row, rows, sums};
use super::{part, state};
use crate::api::breakdown::{Breakdown, BreakdownRow, BreakdownSums};
use crate::api::plot::OTHERS;
use crate::pages::now::{self, Totals};
use crate::reader::Reader;

/// The tabs, alone and beside another stretch.
pub(super) fn tabs(reader: &Reader) -> AnyView {
    let view = Shown::default();
    let some = sums(8_412, 0, 0);
    let tabs = |said: &str, sums: BreakdownSums, compared: Option<BreakdownSums>, view: &Shown| {
        state(said, now::measures(reader, &Totals { sums, compared }, view))
    };
    let more = BreakdownSums { requests: 7_000, throttled: 0, errors: 12, ..sums(6_000, 0, 0) };
    part(
        "Measures",
        vec![
            tabs("Alone", some, None, &view),
            tabs("Beside more and less", some, Some(more), &view.with_measure(Measure::CostUsd)),
            tabs("Beside the same", some, Some(some), &view),
            tabs("Beside nothing", some, Some(BreakdownSums::default()), &view),
            tabs("Beside very little", some, Some(sums(3, 0, 0)), &view),
            tabs("Lower bounds: prices and usage are not all known", sums(8_412, 40, 7), None, &view),
            tabs("Nothing", BreakdownSums::default(), None, &view),
            tabs(
                "A measure that is asked for by address",
                some,
                None,
                &view.with_measure(Measure::CacheReadTokens),
            ),
        ],
    )
}

/// Tables in every state.
pub(super) fn tables(reader: &Reader) -> AnyView {
    let view = Shown::default();
    let breakdown = |by: Dimension, rows: Vec<BreakdownRow>, others: Option<BreakdownRow>| {
        let all =
            rows.iter().chain(&others).map(|row| row.sums).fold(BreakdownSums::default(), super::usage::plus);
        let colors = (0..rows.len()).map(|place| if place < 5 { place as u8 } else { OTHERS }).collect();
        let colors = if by == Dimension::Model { colors } else { Vec::new() };
        let other_count = if others.is_some() { 14 } else { 0 };
        Breakdown { by, rows, others, other_count, total: all, colors }
    };
    let table = |said: &str, of: Breakdown, view: &Shown| {
        state(said, now::table(reader, &of, view, of.by != Dimension::Model))
    };
    let chosen = view.toggle(Filter {
        dimension: Dimension::Project,
        value: "checkout".to_owned(),
        is_excluded: false,
    });
    let unpriced = vec![
        row("claude-next-preview", sums(412, 412, 0)),
        row("claude-opus-5", sums(1_200, 3, 9)),
        row("", sums(9, 0, 0)),
    ];
    let long = vec![
        row("a-project-with-a-name-that-is-much-longer-than-its-column-is-wide", sums(1_000, 0, 0)),
        row("b", sums(1, 0, 0)),
    ];
    part(
        "Tables",
        vec![
            table(
                "Models, with their colours and others",
                breakdown(Dimension::Model, rows(8), Some(others())),
                &view,
            ),
            table("Projects, one of them chosen", breakdown(Dimension::Project, rows(3), None), &chosen),
            table(
                "By cost",
                breakdown(Dimension::Project, rows(3), None),
                &view.with_measure(Measure::CostUsd),
            ),
            table(
                "By tokens, with unpriced models, lower bounds and no name",
                breakdown(Dimension::Model, unpriced, None),
                &view.with_measure(Measure::TotalTokens),
            ),
            table("A long name", breakdown(Dimension::Project, long, None), &view),
            table("Nothing", breakdown(Dimension::User, Vec::new(), None), &view),
        ],
    )
}
