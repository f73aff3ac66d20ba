//! The page of limits: no longer for there being many of them.

use std::collections::{HashMap, HashSet};

use app::api::gauges::Gauges;
use app::api::limits::LimitsPage;
use app::api::standing::Standings;
use domain::limits::{KINDS, Limit, Source};
use vocabulary::{Problem, wording};

use super::gauges::gauge;
use super::shown::standing_as_shown;
use super::{Dashboard, limit_card};
use crate::watch::snapshot::{Pick, Snapshot};

/// Limits on the page. Others are told of under `/v1/limits`.
const MOST_LIMITS: usize = 200;
/// Standings of one limit; those of each value may be many.
const OF_EACH: Pick = Pick::OfEach { each: 12, most: usize::MAX };

impl Dashboard {
    pub(super) async fn limits_page(&self) -> Result<LimitsPage, Problem> {
        let all = self.store().limits().await?;
        let more = all.len().saturating_sub(MOST_LIMITS) as u64;
        let (is_empty, default_zone) = (all.is_empty(), self.time_zone_name());
        let snapshot = self.snapshot().await;
        Ok(LimitsPage {
            limits: self
                .items(on_page(all, &snapshot))
                .await?
                .into_iter()
                .map(|limit| limit_card::card(limit, &default_zone))
                .collect(),
            notes: notes(is_empty, more, snapshot.not_learned),
            kinds: KINDS.iter().map(|of| limit_card::kind(of)).collect(),
            time_zone: self.time_zone_name(),
        })
    }

    /// Where the limits of the page stand.
    pub(super) async fn limit_gauges(&self) -> Result<Gauges, Problem> {
        let all = self.store().limits().await?;
        let snapshot = self.snapshot().await;
        let shown: HashSet<String> = on_page(all, &snapshot).into_iter().map(|limit| limit.id).collect();
        let Standings { as_of_ms, mut standings, .. } = self.standings(&snapshot, OF_EACH).standings;
        standings.retain(|standing| shown.contains(&standing.limit_id));
        standings.iter_mut().for_each(standing_as_shown);
        let gauges = standings.iter().map(|standing| gauge(standing, as_of_ms, false)).collect();
        Ok(Gauges { as_of_ms, gauges })
    }
}

/// What is said beside the limits.
fn notes(is_empty: bool, more: u64, not_learned: u64) -> Vec<(String, String)> {
    let mut notes = Vec::new();
    if is_empty {
        notes.push(("notice", "No limit is set: nothing will be warned of.".to_owned()));
    }
    if not_learned > 0 {
        let times = wording::count(not_learned, "time");
        notes.push(("notice", format!("Response headers named more limits than Tacho keeps: {times} one was passed over or made room for another. Each key has room for 200.")));
    }
    if more > 0 {
        let more = wording::count(more, "limit");
        notes.push(("footnote", format!("{more} more, learned from response headers and further from their end, GET /v1/limits and GET /v1/limits/status tell of.")));
    }
    notes.into_iter().map(|(class, text)| (class.to_owned(), text)).collect()
}

/// The limits that the page has room for, in their order: one's own before those that are learned, and of these the
/// worst, then those that were named last.
fn on_page(mut all: Vec<Limit>, snapshot: &Snapshot) -> Vec<Limit> {
    if all.len() <= MOST_LIMITS {
        return all;
    }
    let mut places: HashMap<&str, usize> = HashMap::new();
    for (place, standing) in snapshot.standings.iter().enumerate() {
        places.entry(&standing.limit.id).or_insert(place);
    }
    let mut ranked: Vec<_> = all
        .iter()
        .map(|limit| {
            let place = places.get(limit.id.as_str()).copied().unwrap_or(usize::MAX);
            let last_seen_ms = snapshot.learned.get(&limit.id).map(|learned| learned.last_seen_ms);
            (limit.source == Source::Learned, place, std::cmp::Reverse(last_seen_ms), limit.id.clone())
        })
        .collect();
    ranked.sort_unstable();
    ranked.truncate(MOST_LIMITS);
    let shown: HashSet<String> = ranked.into_iter().map(|(.., id)| id).collect();
    all.retain(|limit| shown.contains(&limit.id));
    all
}
