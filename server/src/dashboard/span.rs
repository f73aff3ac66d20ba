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
    /// Start of the first bin, Unix milliseconds.
    pub from_ms: i64,
    /// End of the last bin.
    pub to_ms: i64,
    /// Width of a bin.
    pub step_ms: i64,
    pub filters: Vec<Filter>,
}

impl BinnedSpan {
    /// A stretch, for some events.
    pub fn of(stretch: &Resolved, filters: &[Filter]) -> Self {
        let Resolved { from_ms, to_ms, step_ms, .. } = *stretch;
        BinnedSpan { from_ms, to_ms, step_ms, filters: filters.to_vec() }
    }

    /// As long a one, beginning elsewhere.
    pub fn at(&self, (from_ms, to_ms): (i64, i64)) -> Self {
        BinnedSpan { from_ms, to_ms, ..self.clone() }
    }

    /// Start of the bin that a time lies in.
    pub fn bin_ms(&self, at_ms: i64) -> i64 {
        self.from_ms + (at_ms - self.from_ms).div_euclid(self.step_ms) * self.step_ms
    }

    /// The question for its bins.
    pub fn query(&self, by: &[Dimension]) -> SeriesQuery {
        plan::bins(by, &self.filters, self.from_ms, self.to_ms, self.step_ms)
    }
}

/// Sums of a group: of the others, where it says no value.
pub struct GroupSums {
    pub value: Option<String>,
    pub total: Sums,
    /// By start of the bin, Unix milliseconds.
    pub bins: BTreeMap<i64, Sums>,
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
        let mut groups: BTreeMap<String, (Sums, BTreeMap<i64, Sums>)> = BTreeMap::new();
        for row in top.rows {
            let value = row.key.into_iter().next().unwrap_or_default();
            let (total, bins) = groups.entry(value).or_default();
            total.add(&row.sums);
            bins.entry(span.bin_ms(row.bucket_ms)).or_default().add(&row.sums);
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
        let query = SeriesQuery { step_ms: i64::MAX, ..span.query(&[by]) };
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
        for query in plan::totals(&[], &span.filters, span.from_ms, span.to_ms) {
            let most = Most { groups: 1, by: Measure::Requests };
            for row in self.store().top_series(&query, most).await?.rows {
                total.add(&row.sums);
            }
        }
        Ok(total)
    }
}
