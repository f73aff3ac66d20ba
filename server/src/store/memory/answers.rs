//! Answers to questions, in the plainest way; they take as long as they take.

use std::collections::{BTreeMap, BTreeSet};

use async_trait::async_trait;
use domain::rollup::{Grain, Sums};
use domain::usage::{Event, Policy, Remark, RemarkCode};
use vocabulary::{Dimension, Filter, Measure};

use super::{MemoryStore, passes, policies};
use crate::store::{
    Answers, Busiest, EventQuery, Largest, Ledger, Most, OVERFLOW, PolicyActions, Remarked, SeriesQuery,
    SeriesRow, StoreError, StoredEvent, Throttled, TopSeries, plan,
};

#[async_trait]
impl Answers for MemoryStore {
    async fn top_series(&self, query: &SeriesQuery, most: Most) -> Result<TopSeries, StoreError> {
        let all = self.series(query).await?;
        let mut totals: BTreeMap<Vec<String>, Sums> = BTreeMap::new();
        for row in &all {
            totals.entry(row.key.clone()).or_default().add(&row.sums);
        }
        let groups = totals.len() as u64;
        let mut totals: Vec<(f64, Vec<String>)> =
            totals.into_iter().map(|(key, sums)| (sums.measure(most.by), key)).collect();
        totals.sort_by(|a, b| b.0.total_cmp(&a.0).then_with(|| a.1.cmp(&b.1)));
        let best: BTreeSet<Vec<String>> = totals.into_iter().take(most.groups).map(|(_, key)| key).collect();
        let mut rows: BTreeMap<(i64, Vec<String>), Sums> = BTreeMap::new();
        for SeriesRow { bucket_ms, key, sums } in all {
            let key = if best.contains(&key) { key } else { vec![OVERFLOW.to_owned(); key.len()] };
            rows.entry((bucket_ms, key)).or_default().add(&sums);
        }
        let rows = rows.into_iter().map(|((bucket_ms, key), sums)| SeriesRow { bucket_ms, key, sums });
        Ok(TopSeries { rows: rows.collect(), groups })
    }

    async fn busiest(
        &self,
        query: &SeriesQuery,
        window: Grain,
        of: &[Measure],
    ) -> Result<Vec<Busiest>, StoreError> {
        let mut buckets: BTreeMap<i64, Vec<f64>> = BTreeMap::new();
        for SeriesRow { bucket_ms, sums, .. } in self.series(&plan::windows(query, window)).await? {
            let most = buckets.entry(query.bucket_ms(bucket_ms)).or_insert_with(|| vec![0.0; of.len()]);
            for (most, measure) in most.iter_mut().zip(of) {
                *most = most.max(sums.measure(*measure));
            }
        }
        Ok(buckets.into_iter().map(|(bucket_ms, most)| Busiest { bucket_ms, most }).collect())
    }

    async fn last_throttled(
        &self,
        from_ms: i64,
        to_ms: i64,
        filters: &[Filter],
    ) -> Result<Option<Throttled>, StoreError> {
        let by = [Dimension::Model, Dimension::Project];
        let minutes = plan::query(&by, filters, from_ms, to_ms, Grain::Minute.length_ms());
        let mut rows = self.series(&minutes).await?;
        rows.retain(|row| row.sums.throttled > 0);
        let Some(minute_ms) = rows.last().map(|row| row.bucket_ms) else { return Ok(None) };
        rows.retain(|row| row.bucket_ms == minute_ms);
        let calls = rows.iter().map(|row| row.sums.throttled.unsigned_abs()).sum();
        let largest = |place: usize| {
            let mut calls: BTreeMap<String, u64> = BTreeMap::new();
            for row in &rows {
                *calls.entry(row.key[place].clone()).or_default() += row.sums.throttled.unsigned_abs();
            }
            Largest::of(calls)
        };
        Ok(Some(Throttled { minute_ms, calls, models: largest(0), projects: largest(1) }))
    }

    async fn gaps(&self, from_ms: i64, to_ms: i64) -> Result<Vec<(i64, i64)>, StoreError> {
        Ok(self.state().runs.gaps(from_ms, to_ms))
    }

    async fn page_of_events(&self, query: &EventQuery) -> Result<Vec<StoredEvent>, StoreError> {
        self.events(query).await
    }

    async fn policy_actions(
        &self,
        from_ms: i64,
        to_ms: i64,
        filters: &[Filter],
    ) -> Result<Vec<PolicyActions>, StoreError> {
        let state = self.state();
        let wanted = |stored: &&StoredEvent| {
            (from_ms..to_ms).contains(&stored.event.at_ms) && passes(&stored.event.dimensions, filters)
        };
        let events: Vec<&Event> = state.events.values().filter(wanted).map(|stored| &stored.event).collect();
        let all = Policy::ALL.into_iter().map(|policy| policies::actions(policy, &events));
        Ok(all.filter(|actions| !actions.is_none()).collect())
    }

    async fn remarked(&self, since_ms: i64) -> Result<Vec<Remarked>, StoreError> {
        let state = self.state();
        let mut counted: BTreeMap<(RemarkCode, Option<String>), u64> = BTreeMap::new();
        for ((at_ms, _), StoredEvent { event, .. }) in &state.events {
            let remarks = event.remarks.iter().filter(|_| *at_ms >= since_ms);
            let mut codes = BTreeSet::new();
            for Remark { code, field } in remarks {
                *counted.entry((*code, Some(field.clone()))).or_default() += 1;
                codes.insert(*code);
            }
            for code in codes {
                *counted.entry((code, None)).or_default() += 1;
            }
        }
        Ok(Remarked::of(counted.into_iter().map(|((code, field), events)| (code, field, events))))
    }
}
