//! The main chart: one measure by model, with the limit lines that compare with a bin.

use std::sync::Arc;

use app::api::chart::{Chart, ChartQuestion, LimitLine};
use domain::limits::{Limit, Scope};
use vocabulary::{Dimension, Measure};

use super::Dashboard;
use super::series::SeriesQuestion;
use crate::store::{StoreError, plan};
use crate::watch::snapshot::Pick;

/// Models that are told apart; a chart shows fewer.
const MOST_MODELS: u32 = 50;

impl Dashboard {
    pub(super) async fn read_chart(&self, question: &ChartQuestion) -> Result<Chart, StoreError> {
        let now_ms = self.now_ms();
        let step_ms = question.range.step_s() * 1_000;
        // So that the picture moves bin by bin.
        let (from_ms, to_ms) = self.whole_bins(question.range);
        let series = SeriesQuestion {
            measure: question.measure,
            by: vec![Dimension::Model],
            filters: question.filters.clone(),
            from_ms,
            to_ms,
            step_ms,
            limit: MOST_MODELS,
        };
        let total = self.read_totals(&plan::query(&[], &question.filters, from_ms, to_ms, step_ms)).await?;
        Ok(Chart {
            series: self.read_series(&series).await?.series,
            // A limit on everything says nothing about a part.
            lines: if question.filters.is_empty() {
                self.lines(question.measure, question.range.step_s()).await
            } else {
                Vec::new()
            },
            unpriced_requests: total.iter().map(|row| row.sums.unpriced.unsigned_abs()).sum(),
            unknown_usage_requests: total.iter().map(|row| row.sums.unknown_usage.unsigned_abs()).sum(),
            as_of_ms: now_ms,
            zone: self.zone(from_ms, to_ms),
        })
    }

    /// Limits on everything whose window is as long as a bin.
    async fn lines(&self, measure: Measure, step_s: i64) -> Vec<LimitLine> {
        let kind = match (measure, step_s) {
            (Measure::Requests, 60) => "requests_per_minute",
            (Measure::Requests, 3_600) => "requests_per_hour",
            (Measure::ItpmTokens, 60) => "input_tokens_per_minute",
            (Measure::OutputTokens, 60) => "output_tokens_per_minute",
            _ => return Vec::new(),
        };
        let snapshot = self.snapshot().await;
        let standings = snapshot.pick(Pick::OfEach { each: 1, most: usize::MAX }).into_iter();
        let limits = standings.map(|standing| &standing.limit);
        let lines = limits.filter(|limit| limit.kind.word == kind && limit.scope == Scope::Everything);
        let line = |limit: &Arc<Limit>| LimitLine {
            name: limit.name.clone(),
            amount: limit.kind.unit.display(limit.amount),
            warn_percent: limit.warn_percent,
        };
        lines.map(line).collect()
    }
}
