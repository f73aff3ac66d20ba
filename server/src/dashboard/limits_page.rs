//! The page of limits: no longer for there being many of them.

use std::collections::{HashMap, HashSet};

use app::api::limits::{KindItem, LimitsPage};
use domain::limits::{KINDS, Kind, Limit, Source};
use vocabulary::Problem;

use super::Dashboard;
use super::shown::standing_as_shown;
use super::standings::shown;
use crate::watch::snapshot::{Pick, Snapshot};

/// Limits on the page. Others are told of under `/v1/limits`.
const MOST_LIMITS: usize = 200;
/// Standings of one limit; those of each value may be many.
const OF_EACH: Pick = Pick::OfEach { each: 12, most: usize::MAX };

impl Dashboard {
    /// What the page of limits shows.
    pub async fn limits_page(&self) -> Result<LimitsPage, Problem> {
        let all = self.store().limits().await?;
        let more = all.len().saturating_sub(MOST_LIMITS) as u64;
        let snapshot = self.snapshot().await;
        let limits = self.items(&on_page(all, &snapshot)).await?;
        let on_page: HashSet<&str> = limits.iter().map(|limit| limit.id.as_str()).collect();
        let standings = snapshot.pick(OF_EACH).into_iter();
        let standings = standings.filter(|standing| on_page.contains(standing.limit.id.as_str()));
        let mut standings: Vec<_> = standings.map(|standing| shown(&snapshot, standing)).collect();
        standings.iter_mut().for_each(standing_as_shown);
        let kind = |kind: &&Kind| KindItem { word: kind.word.to_owned(), unit: kind.unit.word().to_owned() };
        Ok(LimitsPage {
            limits,
            standings,
            not_learned: snapshot.not_learned,
            more,
            kinds: KINDS.iter().map(kind).collect(),
            time_zone: self.time_zone_name(),
        })
    }
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
