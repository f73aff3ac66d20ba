//! All measures of a range by one dimension.

use app::api::breakdown::{self, Breakdown, BreakdownQuestion, BreakdownRow, MAX_ROWS};
use domain::rollup::Sums;
use domain::usage::NanoUsd;
use vocabulary::{Measure, wording};

use super::Dashboard;
use crate::store::{Most, OVERFLOW, SeriesQuery, StoreError, TopSeries, plan};

impl Dashboard {
    pub(super) async fn read_breakdown(&self, question: &BreakdownQuestion) -> Result<Breakdown, StoreError> {
        let step_ms = question.range.step_s() * 1_000;
        let (from_ms, to_ms) = self.whole_bins(question.range);
        // One bucket, put together from the coarsest grain that fits the range.
        let query = plan::query(&[question.by], &question.filters, from_ms, to_ms, step_ms);
        let query = SeriesQuery { step_ms: i64::MAX, ..query };
        let most = Most { groups: MAX_ROWS, by: Measure::Requests };
        let TopSeries { rows, groups } = self.store().top_series(&query, most).await?;
        let other_count = groups.saturating_sub(MAX_ROWS as u64);
        let mut rows: Vec<(String, Sums)> =
            rows.into_iter().map(|row| (row.key.into_iter().next().unwrap_or_default(), row.sums)).collect();
        rows.sort_by(|a, b| b.1.requests.cmp(&a.1.requests).then_with(|| a.0.cmp(&b.0)));
        let rest = rows.iter().position(|(value, _)| other_count > 0 && value == OVERFLOW);
        let others = rest.map(|place| rows.remove(place).1);
        Ok(Breakdown {
            by: question.by,
            rows: rows.into_iter().map(|(value, sums)| row(value, &sums)).collect(),
            others: others.map(|sums| row(String::new(), &sums)),
            other_count,
        })
    }
}

fn row(value: String, sums: &Sums) -> BreakdownRow {
    let name = if value.is_empty() { "none".to_owned() } else { wording::name(&value) };
    BreakdownRow { value, name, sums: shown(sums) }
}

/// Sums in the words of the API.
pub(super) fn shown(sums: &Sums) -> breakdown::BreakdownSums {
    breakdown::BreakdownSums {
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
