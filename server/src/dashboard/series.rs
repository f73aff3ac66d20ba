//! A measure over time, for every chart and for `GET /v1/series`.

use std::collections::BTreeMap;

use app::api::series::{Group, Series};
use serde::Serialize;
use vocabulary::{Dimension, Filter, Measure};

use super::Dashboard;
use crate::store::{Most, SeriesQuery, SeriesRow, StoreError, TopSeries, plan};

/// A question for one measure over time.
#[derive(Debug, Clone, PartialEq)]
pub struct SeriesQuestion {
    pub measure: Measure,
    /// Dimensions to group by.
    pub by: Vec<Dimension>,
    /// Only these events.
    pub filters: Vec<Filter>,
    /// Start of the first bucket, Unix milliseconds; a whole minute.
    pub from_ms: i64,
    /// End, Unix milliseconds, exclusive; a whole minute.
    pub to_ms: i64,
    /// Width of a bucket; whole minutes.
    pub step_ms: i64,
    /// Groups that are told apart at most: the largest.
    pub limit: u32,
}

/// Groups that an answer tells apart at most.
const MOST_GROUPS: i64 = 1_000;
/// Values over time that an answer holds, about, in all groups together.
const MOST_POINTS: i64 = 100_000;

/// The answer of `GET /v1/series`.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct TopGroups {
    /// The groups that are told apart. Where there are others, they are one with the values `(other)`.
    #[serde(flatten)]
    pub series: Series,
    /// How many others there are.
    pub other_groups: u64,
}

impl Dashboard {
    /// Answers a question for one measure over time: the largest groups, at most so many as were asked for, and all the
    /// others as one.
    pub async fn read_series(&self, question: &SeriesQuestion) -> Result<TopGroups, StoreError> {
        let SeriesQuestion { measure, by, filters, from_ms, to_ms, step_ms, limit } = question;
        let query = plan::bins(by, filters, *from_ms, *to_ms, *step_ms);
        let buckets = ((query.to_ms - query.from_ms + step_ms - 1) / step_ms).max(1);
        let most = (MOST_POINTS / buckets).clamp(1, MOST_GROUPS).min(i64::from((*limit).max(1)));
        let most = Most { groups: usize::try_from(most).unwrap_or(1), by: *measure };
        let TopSeries { rows, groups: all } = self.store().top_series(&query, most).await?;
        let mut groups: BTreeMap<Vec<String>, Group> = BTreeMap::new();
        for row in rows {
            let value = row.sums.measure(*measure);
            let left_out = row.sums.left_out(*measure);
            if value == 0.0 && left_out == 0 {
                continue;
            }
            let group = groups.entry(row.key).or_insert_with_key(|values| Group {
                key: by
                    .iter()
                    .map(|dimension| dimension.word().to_owned())
                    .zip(values.iter().cloned())
                    .collect(),
                total: 0.0,
                left_out: 0,
                points: Vec::new(),
            });
            group.total += value;
            group.left_out += left_out;
            if value != 0.0 {
                group.points.push((row.bucket_ms / 1_000, value));
            }
        }
        let mut groups: Vec<Group> = groups.into_values().collect();
        let left_out = groups.iter().map(|group| group.left_out).sum();
        // One of which nothing is known has no total: it is not 0.
        groups.retain(|group| !group.points.is_empty());
        groups.sort_by(|a, b| b.total.total_cmp(&a.total));
        let series = Series {
            measure: *measure,
            unit: measure.unit().to_owned(),
            step_s: step_ms / 1_000,
            from: query.from_ms / 1_000,
            to: query.to_ms / 1_000,
            partial: query.to_ms > self.now_ms(),
            left_out,
            groups,
        };
        Ok(TopGroups { series, other_groups: all.saturating_sub(most.groups as u64) })
    }

    /// Sums by bucket, of everything together.
    pub(super) async fn read_minutes(&self, query: &SeriesQuery) -> Result<Vec<SeriesRow>, StoreError> {
        let most = Most { groups: 1, by: Measure::Requests };
        Ok(self.store().top_series(query, most).await?.rows)
    }
}
