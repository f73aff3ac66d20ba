//! Sums by one dimension, and of everything together.

use std::sync::Arc;

use app::api::breakdown::{Breakdown, BreakdownRow, BreakdownSums, MAX_ROWS};
use app::api::plot::MOST_SERIES;
use app::pages::now::Totals;
use domain::rollup::Sums;
use domain::usage::NanoUsd;
use vocabulary::view::View;
use vocabulary::{Dimension, Measure, Problem, wording};

use super::Dashboard;
use super::colors::Colors;
use super::span::BinnedSpan;
use super::stretch::Resolved;
use crate::store::{Most, StoreError};

/// Rows of a table as a file.
const MOST_IN_FILE: usize = 1_000;

impl Dashboard {
    /// The largest groups by the measure that the page is in order of.
    pub async fn read_breakdown(
        self: &Arc<Self>,
        view: &View,
        stretch: &Resolved,
        by: Dimension,
    ) -> Result<Breakdown, Problem> {
        let span = BinnedSpan::of(stretch, &view.filters);
        let breakdown = self.top(&span, by, view.order(), MAX_ROWS).await?;
        if by != Dimension::Model {
            return Ok(breakdown);
        }
        // As the plot colours them: it tells apart the largest of its own measure.
        let names: Vec<String> = match view.order() == view.measure {
            true => breakdown.rows.iter().take(MOST_SERIES).map(|row| row.value.clone()).collect(),
            false => {
                let plotted = Most { groups: MOST_SERIES, by: view.measure };
                let (groups, _) = self.summed(&span, by, plotted).await?;
                groups.into_iter().filter_map(|(name, _)| name).collect()
            }
        };
        let models = self.main_models().await?;
        let colors = Colors::new(&models, &names);
        let colors = breakdown.rows.iter().map(|row| colors.of(Some(&row.value))).collect();
        Ok(Breakdown { colors, ..breakdown })
    }

    /// The same as a file: every group, up to a bound.
    pub async fn breakdown_csv(
        &self,
        view: &View,
        stretch: &Resolved,
        by: Dimension,
    ) -> Result<String, Problem> {
        let span = BinnedSpan::of(stretch, &view.filters);
        let breakdown = self.top(&span, by, view.order(), MOST_IN_FILE).await?;
        Ok(super::usage_table::csv(&breakdown, &span))
    }

    async fn top(
        &self,
        span: &BinnedSpan,
        by: Dimension,
        order: Measure,
        most: usize,
    ) -> Result<Breakdown, StoreError> {
        let (mut rows, other_count) = self.summed(span, by, Most { groups: most, by: order }).await?;
        rows.sort_by(|a, b| b.1.measure(order).total_cmp(&a.1.measure(order)).then_with(|| a.0.cmp(&b.0)));
        let mut total = Sums::default();
        rows.iter().for_each(|(_, sums)| total.add(sums));
        let others = rows.iter().position(|(value, _)| value.is_none()).map(|place| rows.remove(place).1);
        Ok(Breakdown {
            by,
            rows: rows.into_iter().map(|(value, sums)| row(value.unwrap_or_default(), &sums)).collect(),
            others: others.map(|sums| row(String::new(), &sums)),
            other_count,
            total: shown(&total),
            colors: Vec::new(),
        })
    }

    /// What the stretch adds up to, and what the one beside it does.
    pub async fn read_totals(self: &Arc<Self>, view: &View, stretch: &Resolved) -> Result<Totals, Problem> {
        let span = BinnedSpan::of(stretch, &view.filters);
        let beside = stretch.summed_beside(view.vs);
        let first_ms = if beside.is_some() { self.first_ms().await? } else { None };
        // With what lies before the first event, but for its last tenth, there is nothing to compare.
        let is_known = |(from_ms, to_ms): &(i64, i64)| {
            first_ms.is_some_and(|first_ms| first_ms <= to_ms - (to_ms - from_ms) / 10)
        };
        let compared = match beside.filter(is_known) {
            Some((from_ms, to_ms)) => Some(shown(&self.total(&span.at(vec![from_ms, to_ms])).await?)),
            None => None,
        };
        Ok(Totals { sums: shown(&self.total(&span).await?), compared })
    }
}

fn row(value: String, sums: &Sums) -> BreakdownRow {
    BreakdownRow { name: wording::name(&value), value, sums: shown(sums) }
}

/// Sums in the words of the API.
pub(super) fn shown(sums: &Sums) -> BreakdownSums {
    BreakdownSums {
        requests: sums.requests.unsigned_abs(),
        input_tokens: sums.input_tokens.unsigned_abs(),
        cache_write_tokens: sums.cache_write_tokens().unsigned_abs(),
        cache_read_tokens: sums.cache_read_tokens.unsigned_abs(),
        output_tokens: sums.output_tokens.unsigned_abs(),
        cost_usd: NanoUsd(sums.cost_nano_usd).as_usd(),
        unpriced: sums.unpriced.unsigned_abs(),
        errors: sums.errors.unsigned_abs(),
        throttled: sums.throttled.unsigned_abs(),
        unknown_usage: sums.unknown_usage.unsigned_abs(),
    }
}
