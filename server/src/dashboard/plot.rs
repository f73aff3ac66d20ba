//! The plot: one measure by model over time, with the limits that hold over it and what happened meanwhile.

use std::sync::Arc;

use app::api::happened::Incident;
use app::api::plot::{LimitLine, MOST_SERIES, Plot, Stack};
use domain::limits::pools::Pools;
use domain::limits::{Limit, Scope};
use domain::rollup::{Grain, Sums};
use vocabulary::view::View;
use vocabulary::{Dimension, Filter, Measure, Problem, Severity, wording};

use super::Dashboard;
use super::colors::Colors;
use super::span::{BinnedSpan, GroupSums};
use super::stretch::Resolved;
use crate::store::{Most, StoreError};
use crate::watch::snapshot::Pick;

impl Dashboard {
    /// What the plot of a page shows.
    pub async fn read_plot(self: &Arc<Self>, view: &View, stretch: &Resolved) -> Result<Plot, Problem> {
        let span = BinnedSpan::of(stretch, &view.filters);
        let measure = view.measure;
        let most = Most { groups: MOST_SERIES, by: measure };
        let (groups, others) = self.binned(&span, &[Dimension::Model], most).await?;
        let models = self.main_models().await?;
        let limits = self.limit_lines(measure, &view.filters).await;
        let step_s = stretch.step_ms / 1_000;
        let shortest_s = limits.iter().map(|line| line.window_s).filter(|window_s| *window_s < step_s).min();
        let window = shortest_s.and_then(grain_of);
        let busiest = match window {
            Some(grain) => self.busiest_bins(&span, grain, measure).await?,
            None => Vec::new(),
        };
        let first_s = self.first_ms().await?.map(|first_ms| first_ms / 1_000);
        let beside = stretch.beside(view.vs);
        let compared_from_s = beside.as_ref().map(|beside| beside[0] / 1_000);
        let compared = match beside {
            Some(beside) => self.compared(&span.at(beside), measure).await?,
            None => Vec::new(),
        };
        let total = groups.iter().fold((0_u64, 0_u64), |(unpriced, unknown), group| {
            (
                unpriced + group.total.unpriced.unsigned_abs(),
                unknown + group.total.unknown_usage.unsigned_abs(),
            )
        });
        let calls = counted(&groups, |sums| sums.requests);
        let refused = counted(&groups, |sums| sums.throttled);
        let is_live = stretch.is_live;
        Ok(Plot {
            measure,
            edges_s: span.edges_ms.iter().map(|edge_ms| edge_ms / 1_000).collect(),
            step_s,
            now_s: self.now_ms() / 1_000,
            is_live,
            stacks: stacks(groups, measure, &models),
            others,
            busiest,
            window_s: window.map_or(step_s, Grain::length_s),
            limits,
            compared,
            compared_from_s,
            incidents: self.incident_spans(&span).await?,
            calls,
            refused,
            gaps: self.gaps(&span).await?,
            first_s,
            unpriced: total.0,
            unknown_usage: total.1,
        })
    }

    async fn busiest_bins(
        &self,
        span: &BinnedSpan,
        grain: Grain,
        measure: Measure,
    ) -> Result<Vec<(usize, f64)>, StoreError> {
        let rows = self.store().busiest(&span.query(&[]), grain, &[measure]).await?;
        let mut bins: Vec<(usize, f64)> = Vec::new();
        for row in rows {
            let (bin, value) = (span.bin(row.bucket_ms), row.most.first().copied().unwrap_or_default());
            match bins.last_mut().filter(|last| last.0 == bin) {
                Some(last) => last.1 = last.1.max(value),
                None => bins.push((bin, value)),
            }
        }
        bins.retain(|(_, value)| *value > 0.0);
        Ok(bins)
    }

    /// The bins beside these.
    async fn compared(&self, other: &BinnedSpan, measure: Measure) -> Result<Vec<(usize, f64)>, StoreError> {
        let (groups, _) = self.binned(other, &[], Most { groups: 1, by: measure }).await?;
        let bins = groups.into_iter().flat_map(|group| group.bins);
        Ok(bins.map(|(bin, sums)| (bin, sums.measure(measure))).collect())
    }

    /// Limits that what is shown comes under: all of it, or the one value that is asked for.
    async fn limit_lines(&self, measure: Measure, filters: &[Filter]) -> Vec<LimitLine> {
        let snapshot = self.snapshot().await;
        let standings = snapshot.pick(Pick::EACH).into_iter();
        let limits = standings
            .map(|standing| &standing.limit)
            .filter(|limit| limit.kind.measure == Some(measure) && is_shown(limit, filters));
        let lines = limits.filter_map(|limit| {
            Some(LimitLine {
                id: limit.id.clone(),
                name: wording::name(&limit.name),
                kind: limit.kind.word.to_owned(),
                amount: limit.kind.unit.display(limit.amount),
                warn_percent: limit.warn_percent,
                window_s: limit.kind.window.length_s()?,
            })
        });
        lines.filter(|line| line.amount > 0.0).collect()
    }

    async fn incident_spans(&self, span: &BinnedSpan) -> Result<Vec<(i64, i64, Severity)>, StoreError> {
        let (from_s, to_s, now_s) = (span.start_ms() / 1_000, span.end_ms() / 1_000, self.now_ms() / 1_000);
        let happened = self.incidents_until(span.end_ms()).await?.into_iter();
        let spans = happened.map(|Incident { began_ms, ended_ms, worst, .. }| {
            (began_ms / 1_000, ended_ms.map_or(now_s, |ended_ms| ended_ms / 1_000), worst)
        });
        let mut spans: Vec<_> =
            spans.filter(|(began_s, ended_s, _)| *began_s < to_s && *ended_s >= from_s).collect();
        // What is worse is drawn over what is not.
        spans.sort_by_key(|(began_s, _, worst)| (*worst, *began_s));
        Ok(spans)
    }

    async fn gaps(&self, span: &BinnedSpan) -> Result<Vec<(i64, i64)>, StoreError> {
        let gaps = match self.store().gaps(span.start_ms(), span.end_ms().min(self.now_ms())).await {
            Err(StoreError::OverBudget | StoreError::Crowded) => Vec::new(),
            gaps => gaps?,
        };
        Ok(gaps.into_iter().map(|(from_ms, to_ms)| (from_ms / 1_000, to_ms / 1_000)).collect())
    }
}

/// The bins in which something is counted, and how much.
fn counted(groups: &[GroupSums], count: fn(&Sums) -> i64) -> Vec<(usize, u64)> {
    let mut counted = std::collections::BTreeMap::new();
    for (bin, sums) in groups.iter().flat_map(|group| &group.bins) {
        if count(sums) > 0 {
            *counted.entry(*bin).or_insert(0) += count(sums).unsigned_abs();
        }
    }
    counted.into_iter().collect()
}

/// By model, each in its colour, in the order of colours; what is left comes last.
fn stacks(groups: Vec<GroupSums>, measure: Measure, models: &[String]) -> Vec<Stack> {
    let names: Vec<String> = groups.iter().filter_map(|group| group.value.clone()).collect();
    let colors = Colors::new(models, &names);
    let stack = |group: GroupSums| {
        let points = group.bins.iter().map(|(bin, sums)| (*bin, sums.measure(measure)));
        let left_out = group.bins.iter().map(|(bin, sums)| (*bin, sums.left_out(measure)));
        let left_out = left_out.filter(|(_, events)| *events > 0).collect();
        Stack {
            name: group.value.as_deref().map(wording::name).unwrap_or_default(),
            color: colors.of(group.value.as_deref()),
            total: group.total.measure(measure),
            points: points.filter(|(_, value)| *value > 0.0).collect(),
            left_out,
        }
    };
    let mut stacks: Vec<Stack> = groups.into_iter().map(stack).collect();
    stacks.sort_by_key(|stack| stack.color);
    stacks
}

/// Whether what is shown is what a limit covers.
fn is_shown(limit: &Limit, filters: &[Filter]) -> bool {
    let one = match filters {
        [] => return limit.scope == Scope::Everything,
        [filter] if !filter.is_excluded => filter,
        _ => return false,
    };
    match &limit.scope {
        Scope::Everything => false,
        Scope::One(dimension, value) => *dimension == one.dimension && *value == one.value,
        Scope::Each(dimension) => *dimension == one.dimension,
        Scope::Pool { pool, .. } => {
            one.dimension == Dimension::Model && Pools::of_model(&one.value).count_in(pool, limit.kind.unit)
        }
    }
}

fn grain_of(window_s: i64) -> Option<Grain> {
    [Grain::Minute, Grain::Hour, Grain::Day].into_iter().find(|grain| grain.length_s() == window_s)
}
