//! A measure over time, for every chart and for `GET /v1/series`.

use std::collections::BTreeMap;

use app::api::series::{Group, Series};

use super::{Dashboard, plan};
use crate::http::SeriesQuestion;
use crate::store::StoreError;

impl Dashboard {
    /// Answers a question for one measure over time.
    pub async fn read_series(&self, question: &SeriesQuestion) -> Result<Series, StoreError> {
        let SeriesQuestion { measure, by, filters, from_ms, to_ms, step_ms } = question;
        let query = plan::query(by, filters, *from_ms, *to_ms, *step_ms);
        let rows = self.store().series(&query).await?;
        let mut groups: BTreeMap<Vec<String>, Group> = BTreeMap::new();
        for row in rows {
            let value = row.sums.measure(*measure);
            if value == 0.0 {
                continue;
            }
            let group = groups.entry(row.key).or_insert_with_key(|values| Group {
                key: by
                    .iter()
                    .map(|dimension| dimension.word().to_owned())
                    .zip(values.iter().cloned())
                    .collect(),
                total: 0.0,
                points: Vec::new(),
            });
            group.total += value;
            group.points.push((row.bucket_ms / 1_000, value));
        }
        let mut groups: Vec<Group> = groups.into_values().collect();
        groups.sort_by(|a, b| b.total.total_cmp(&a.total));
        Ok(Series {
            measure: *measure,
            unit: measure.unit().to_owned(),
            step_s: step_ms / 1_000,
            from: query.from_ms / 1_000,
            to: query.to_ms / 1_000,
            partial: query.to_ms > self.now_ms(),
            groups,
        })
    }
}
