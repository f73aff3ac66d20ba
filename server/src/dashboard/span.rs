//! What a page asks about: a stretch of time in bins, and which events.

use std::collections::BTreeMap;

use domain::rollup::Sums;
use vocabulary::{Dimension, Filter, Measure};

use super::Dashboard;
use super::stretch::Resolved;
use crate::store::{Most, OVERFLOW, SeriesQuery, StoreError, plan};

/// A stretch of time in bins, and which events in it.
#[derive(Debug, Clone)]
pub struct BinnedSpan {
    /// Where bins begin and end, Unix milliseconds, in order. There are two at least; a bin may have no length.
    pub edges_ms: Vec<i64>,
    pub filters: Vec<Filter>,
}

impl BinnedSpan {
    /// A stretch, for some events.
    pub fn of(stretch: &Resolved, filters: &[Filter]) -> Self {
        BinnedSpan { edges_ms: stretch.edges_ms.clone(), filters: filters.to_vec() }
    }

    /// The same events in other bins.
    pub fn at(&self, edges_ms: Vec<i64>) -> Self {
        BinnedSpan { edges_ms, filters: self.filters.clone() }
    }

    /// Start of the first bin.
    pub fn start_ms(&self) -> i64 {
        self.edges_ms.first().copied().unwrap_or_default()
    }

    /// End of the last bin.
    pub fn end_ms(&self) -> i64 {
        self.edges_ms.last().copied().unwrap_or_default()
    }

    /// The bin that a time lies in, the first or the last if it lies before or after all.
    pub fn bin(&self, at_ms: i64) -> usize {
        let begun = self.edges_ms.partition_point(|edge_ms| *edge_ms <= at_ms);
        begun.saturating_sub(1).min(self.edges_ms.len().saturating_sub(2))
    }

    /// The question for its bins.
    pub fn query(&self, by: &[Dimension]) -> SeriesQuery {
        let mut edges_ms = self.edges_ms.clone();
        edges_ms.dedup();
        plan::between(by, &self.filters, &edges_ms)
    }
}

/// Sums of a group: of the others, where it says no value.
pub struct GroupSums {
    pub value: Option<String>,
    pub total: Sums,
    /// By bin, only where there is any.
    pub bins: BTreeMap<usize, Sums>,
}

impl Dashboard {
    /// Bin by bin, the groups with the most of a measure, and all others as one; and how many others there are.
    pub(super) async fn binned(
        &self,
        span: &BinnedSpan,
        by: &[Dimension],
        most: Most,
    ) -> Result<(Vec<GroupSums>, u64), StoreError> {
        let top = self.store().top_series(&span.query(by), most).await?;
        let others = top.groups.saturating_sub(most.groups as u64);
        let mut groups: BTreeMap<String, (Sums, BTreeMap<usize, Sums>)> = BTreeMap::new();
        for row in top.rows {
            let value = row.key.into_iter().next().unwrap_or_default();
            let (total, bins) = groups.entry(value).or_default();
            total.add(&row.sums);
            bins.entry(span.bin(row.bucket_ms)).or_default().add(&row.sums);
        }
        let groups = groups.into_iter().map(|(value, (total, bins))| {
            let value = (others == 0 || value != OVERFLOW).then_some(value);
            GroupSums { value, total, bins }
        });
        Ok((groups.collect(), others))
    }

    /// The groups with the most of a measure over all of it, and all others as one, which has no value; and how many others
    /// there are.
    pub(super) async fn summed(
        &self,
        span: &BinnedSpan,
        by: Dimension,
        most: Most,
    ) -> Result<(Vec<(Option<String>, Sums)>, u64), StoreError> {
        // One bucket, put together from the coarsest grain that fits.
        let query = SeriesQuery { step_ms: i64::MAX, turns: Vec::new(), ..span.query(&[by]) };
        let top = self.store().top_series(&query, most).await?;
        let others = top.groups.saturating_sub(most.groups as u64);
        let groups = top.rows.into_iter().map(|row| {
            let value = row.key.into_iter().next().unwrap_or_default();
            ((others == 0 || value != OVERFLOW).then_some(value), row.sums)
        });
        Ok((groups.collect(), others))
    }

    /// What all its events add up to.
    pub(super) async fn total(&self, span: &BinnedSpan) -> Result<Sums, StoreError> {
        let mut total = Sums::default();
        for query in plan::totals_until(&[], &span.filters, span.start_ms(), span.end_ms()) {
            let most = Most { groups: 1, by: Measure::Requests };
            for row in self.store().top_series(&query, most).await?.rows {
                total.add(&row.sums);
            }
        }
        Ok(total)
    }
}
