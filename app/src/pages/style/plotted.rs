//! Made-up plots.

use vocabulary::Measure;

use super::NOON_MS;
use crate::api::plot::{LimitLine, OTHERS, Plot, Stack};

/// It is noon.
pub(super) const NOON_S: i64 = NOON_MS / 1_000;
const MINUTE_S: i64 = 60;

/// The last hour, minute by minute, of models that use so much of `amount` each at their highest.
pub(super) fn hour(amount: f64, shares: &[f64]) -> Plot {
    let plot = Plot {
        measure: Measure::Requests,
        edges_s: edges(60, MINUTE_S),
        step_s: MINUTE_S,
        now_s: NOON_S - 20,
        is_live: true,
        stacks: Vec::new(),
        others: 0,
        busiest: Vec::new(),
        window_s: MINUTE_S,
        limits: Vec::new(),
        compared: Vec::new(),
        compared_from_s: None,
        incidents: Vec::new(),
        calls: Vec::new(),
        refused: Vec::new(),
        gaps: Vec::new(),
        first_s: Some(NOON_S - 86_400),
        unpriced: 0,
        unknown_usage: 0,
    };
    let names =
        ["claude-opus-5", "claude-sonnet-5-5", "claude-haiku-4-5", "claude-opus-4-8", "claude-fable-5-2", ""];
    let stacks = shares
        .iter()
        .zip(names)
        .zip([0, 1, 2, 3, 4, OTHERS])
        .map(|((share, name), color)| stack(&plot, name, color, amount * share));
    Plot { stacks: stacks.collect(), ..plot }
}

/// The last week, hour by hour, told per minute, with the busiest minute of each hour.
pub(super) fn week(amount: f64, shares: &[f64]) -> Plot {
    let plot = Plot {
        edges_s: edges(7 * 24, 3_600),
        step_s: 3_600,
        first_s: Some(NOON_S - 30 * 86_400),
        ..hour(1.0, &[])
    };
    let hour_of = hour(amount * 60.0, shares).stacks;
    let stacks = hour_of
        .into_iter()
        .zip(shares)
        .map(|(known, share)| stack(&plot, &known.name, known.color, amount * 60.0 * share));
    let stacks: Vec<Stack> = stacks.collect();
    let sums = plot.per_bin(stacks.iter().flat_map(|stack| &stack.points)).into_iter().enumerate();
    let busiest = sums.map(|(bin, sum)| (bin, sum / 60.0 * (1.2 + rough(bin + 7)))).collect();
    Plot { busiest, stacks, ..plot }
}

/// So many bins until noon.
fn edges(bins: i64, step_s: i64) -> Vec<i64> {
    (0..=bins).map(|bin| NOON_S - (bins - bin) * step_s).collect()
}

/// A plot with a call wherever something is drawn, unless it has calls already.
pub(super) fn called(plot: Plot) -> Plot {
    if !plot.calls.is_empty() {
        return plot;
    }
    let points = plot.stacks.iter().flat_map(|stack| &stack.points);
    Plot { calls: points.map(|(bin, _)| (*bin, 1)).collect(), ..plot }
}

/// A limit per minute.
pub(super) fn per_minute(amount: f64) -> LimitLine {
    LimitLine {
        id: format!("style_{amount}"),
        name: "Opus 5: requests per minute".to_owned(),
        kind: "requests_per_minute".to_owned(),
        amount,
        warn_percent: 80,
        window_s: MINUTE_S,
    }
}

/// One model, `highest` at its highest, in every bin.
fn stack(plot: &Plot, name: &str, color: u8, highest: f64) -> Stack {
    let wave = |bin: usize| ((bin as f64 / plot.bins() as f64 * 9.0 + f64::from(color)).sin() + 1.0) / 2.0;
    let points = (0..plot.bins()).map(|bin| {
        let part = if bin + 1 == plot.bins() && plot.is_live { 0.6 } else { 1.0 };
        let value = highest * (0.25 + 0.55 * wave(bin) + 0.2 * rough(bin + usize::from(color))) * part;
        (bin, value.round())
    });
    let points: Vec<(usize, f64)> = points.filter(|(_, value)| *value > 0.0).collect();
    Stack {
        name: name.to_owned(),
        color,
        total: points.iter().map(|(_, value)| value).sum(),
        points,
        left_out: Vec::new(),
    }
}

/// Between 0 and 1, another for every place.
fn rough(place: usize) -> f64 {
    (place * 7_919 % 101) as f64 / 100.0
}
