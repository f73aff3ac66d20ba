//! The page of limits: no longer for there being many of them.

use std::collections::{HashMap, HashSet};

use app::api::ApiError;
use app::api::limits::{LimitGauges, LimitsPage};
use app::api::standing::Standing;

use super::{Dashboard, limit_card, not_answered};
use crate::limits::{KINDS, Limit, Source};
use crate::watch::standings::Pick;

/// Limits on the page. Others are told of under `/v1/limits`.
const MOST_LIMITS: usize = 200;
/// Standings of one limit; those of each value may be many.
const MOST_GAUGES: usize = 12;

impl Dashboard {
    pub(super) async fn limits_page(&self) -> Result<LimitsPage, ApiError> {
        let all = self.store().limits().await.map_err(not_answered)?;
        let more = all.len().saturating_sub(MOST_LIMITS) as u64;
        let standings = self.standings_now();
        Ok(LimitsPage {
            limits: self
                .items(self.on_page(all, &standings))
                .await?
                .into_iter()
                .map(limit_card::card)
                .collect(),
            more,
            not_learned: self.sources.recorder.watch().not_learned(),
            kinds: KINDS.iter().map(|of| limit_card::kind(of)).collect(),
            time_zone: self.time_zone_name(),
        })
    }

    pub(super) async fn limit_gauges(&self) -> Result<LimitGauges, ApiError> {
        let as_of_ms = self.now_ms();
        let all = self.store().limits().await.map_err(not_answered)?;
        let standings = self.standings_now();
        let mut of: HashMap<String, (Vec<Standing>, u64)> = HashMap::new();
        let shown = self.on_page(all, &standings);
        for standing in standings {
            let (gauges, more) = of.entry(standing.limit_id.clone()).or_default();
            *more = standing.values.saturating_sub(MOST_GAUGES as u64);
            gauges.push(standing);
        }
        let gauges = |limit: Limit| {
            let (gauges, more) = of.remove(&limit.id).unwrap_or_default();
            (limit.id, gauges, more)
        };
        Ok(LimitGauges { as_of_ms, limits: shown.into_iter().map(gauges).collect() })
    }

    fn standings_now(&self) -> Vec<Standing> {
        let now_ms = self.now_ms();
        let pick = Pick::OfEach { each: MOST_GAUGES, most: usize::MAX };
        self.sources.recorder.watch().standings(now_ms, pick).0
    }

    /// The limits that the page has room for, in their order: one's own before those that are learned, and of these the
    /// worst, then those that were named last.
    fn on_page(&self, mut all: Vec<Limit>, standings: &[Standing]) -> Vec<Limit> {
        if all.len() <= MOST_LIMITS {
            return all;
        }
        let mut places: HashMap<&str, usize> = HashMap::new();
        for (place, standing) in standings.iter().enumerate() {
            places.entry(&standing.limit_id).or_insert(place);
        }
        let watch = self.sources.recorder.watch();
        let mut ranked: Vec<_> = all
            .iter()
            .map(|limit| {
                let place = places.get(limit.id.as_str()).copied().unwrap_or(usize::MAX);
                let last_seen_ms = watch.learned(&limit.id).map(|learned| learned.last_seen_ms);
                (limit.source == Source::Learned, place, std::cmp::Reverse(last_seen_ms), limit.id.clone())
            })
            .collect();
        drop(watch);
        ranked.sort_unstable();
        ranked.truncate(MOST_LIMITS);
        let shown: HashSet<String> = ranked.into_iter().map(|(.., id)| id).collect();
        all.retain(|limit| shown.contains(&limit.id));
        all
    }
}
