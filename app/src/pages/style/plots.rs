//! The plot, wide and as narrow as a phone.

use leptos::prelude::*;
use vocabulary::view::View as Shown;
use vocabulary::{Measure, Severity};

use super::plotted::{NOON_S, called, hour, per_minute, week};
use super::{part, state};
use crate::api::plot::{LimitLine, Plot, Stack};
use crate::plot::figure;
use crate::reader::Reader;

/// Widths of plots, in pixels.
const WIDTHS: [u32; 2] = [1_360, 358];

/// Every state; the first can be read with a cursor.
pub(super) fn plots(reader: &Reader) -> AnyView {
    let all: Vec<_> = states().into_iter().map(|(said, plot)| (said, called(plot))).collect();
    let first = all.first().map(|(_, plot)| figure(reader, plot, &Shown::default(), WIDTHS[0]));
    let shown = all.iter().flat_map(|(said, plot)| {
        WIDTHS.map(|width| {
            let view = Shown::default().with_measure(plot.measure);
            state(&format!("{said}, {width} pixels"), figure(reader, plot, &view, width))
        })
    });
    part("Plots", first.into_iter().chain(shown).collect())
}

fn states() -> Vec<(&'static str, Plot)> {
    let limited = |plot: Plot, amount: f64| Plot { limits: vec![per_minute(amount)], ..plot };
    let quiet = limited(hour(1_000.0, &[0.3, 0.2]), 1_000.0);
    let over = Plot {
        incidents: vec![
            (NOON_S - 3_000, NOON_S - 2_400, Severity::Warning),
            (NOON_S - 1_500, NOON_S - 900, Severity::Critical),
        ],
        refused: vec![(37, 4), (38, 12), (39, 1)],
        ..limited(hour(1_000.0, &[0.8, 0.5]), 1_000.0)
    };
    let day = LimitLine {
        kind: "tokens_per_day".to_owned(),
        name: "tokens per day".to_owned(),
        window_s: 86_400,
        ..per_minute(5e8)
    };
    let compared = |plot: &Plot| {
        let points = plot.stacks.iter().flat_map(|stack| &stack.points);
        points.map(|(bin, value)| (plot.bins() - 1 - bin, value * 1.2)).collect()
    };
    let late = |plot: Plot| {
        let stacks = plot.stacks.iter().map(|stack| {
            let points: Vec<_> = stack.points.iter().copied().filter(|(bin, _)| *bin >= 30).collect();
            Stack { total: points.iter().map(|(_, value)| value).sum(), points, ..stack.clone() }
        });
        Plot { stacks: stacks.collect(), first_s: Some(NOON_S - 1_800), ..plot }
    };
    let sparse = |plot: Plot, keeps: fn(usize) -> bool| {
        let stacks = plot.stacks.iter().map(|stack| {
            let points = stack.points.iter().copied().filter(|(bin, _)| keeps(60 - bin));
            Stack { points: points.collect(), ..stack.clone() }
        });
        Plot { stacks: stacks.collect(), ..plot }
    };
    let many = hour(1_000.0, &[0.3, 0.2, 0.15, 0.1, 0.08, 0.12]);
    vec![
        ("Quiet", quiet.clone()),
        ("In the zone of warnings", limited(hour(1_000.0, &[0.6, 0.35]), 1_000.0)),
        ("Over the limit, with alerts and refusals", over.clone()),
        ("Long bins with their busiest minutes", limited(week(1_000.0, &[0.5, 0.3]), 1_000.0)),
        (
            "Long bins without a limit",
            Plot { window_s: 3_600, busiest: Vec::new(), ..week(1_000.0, &[0.5, 0.3]) },
        ),
        (
            "A limit of a longer window, as an even pace",
            Plot { measure: Measure::TotalTokens, limits: vec![day], ..hour(400_000.0, &[0.5, 0.4]) },
        ),
        ("A limit far above", limited(hour(100.0, &[0.3, 0.2]), 1_000.0)),
        (
            "Three limits, two of them near each other",
            Plot {
                limits: vec![per_minute(1_000.0), per_minute(1_030.0), per_minute(600.0)],
                ..quiet.clone()
            },
        ),
        (
            "Beside another stretch",
            Plot { compared: compared(&quiet), compared_from_s: Some(NOON_S - 7_200), ..quiet.clone() },
        ),
        (
            "Tacho did not run for a while",
            Plot {
                gaps: vec![(NOON_S - 2_700, NOON_S - 1_800)],
                ..sparse(quiet.clone(), |ago| !(31..=45).contains(&ago))
            },
        ),
        ("Nobody called for a while", sparse(quiet.clone(), |ago| ago % 7 != 0 && !(20..30).contains(&ago))),
        ("Before the first event", late(quiet.clone())),
        (
            "Calls, of which none was refused",
            Plot {
                measure: Measure::Throttled,
                stacks: Vec::new(),
                limits: Vec::new(),
                ..called(quiet.clone())
            },
        ),
        ("Nothing", Plot { stacks: Vec::new(), ..quiet.clone() }),
        (
            "Nothing has ever arrived",
            Plot { stacks: Vec::new(), first_s: None, limits: Vec::new(), ..quiet.clone() },
        ),
        ("Many models, with others", Plot { others: 14, ..limited(many, 1_000.0) }),
        ("No limit", Plot { limits: Vec::new(), ..quiet.clone() }),
        ("Not live", Plot { is_live: false, now_s: NOON_S + 86_400, ..over }),
        (
            "Money, of which not all is priced",
            Plot { measure: Measure::CostUsd, unpriced: 40, ..hour(4.0, &[0.8, 0.5]) },
        ),
    ]
}
