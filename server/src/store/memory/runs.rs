//! When Tacho ran, as it was noted, and the gaps in between.

use std::cmp::Reverse;
use std::collections::VecDeque;

use crate::store::{KEPT_RUNS, MOST_GAPS, RESTART_MS};

/// Beginnings and ends in the order in which they were noted.
#[derive(Default, Clone)]
pub(super) struct Runs(VecDeque<(i64, i64)>);

impl Runs {
    pub(super) fn note(&mut self, from_ms: i64, to_ms: i64) {
        match self.0.back_mut() {
            Some((began_ms, seen_ms)) if *began_ms <= from_ms && from_ms - *seen_ms < RESTART_MS => {
                *seen_ms = to_ms.max(*seen_ms);
            }
            _ => self.0.push_back((from_ms, to_ms.max(from_ms))),
        }
        self.0.drain(..self.0.len().saturating_sub(KEPT_RUNS));
    }

    pub(super) fn gaps(&self, from_ms: i64, to_ms: i64) -> Vec<(i64, i64)> {
        let (Some((first_ms, _)), Some((last_ms, _))) = (self.0.front(), self.0.back()) else {
            return Vec::new();
        };
        // At each end of a run nothing may run until the next one begins.
        let ends = self.0.iter().map(|(_, seen_ms)| *seen_ms).filter(|end_ms| end_ms >= first_ms);
        let mut gaps: Vec<(i64, i64)> = ends
            .filter(|end_ms| !self.0.iter().any(|(began_ms, seen_ms)| began_ms <= end_ms && end_ms < seen_ms))
            .filter_map(|end_ms| {
                let later =
                    self.0.iter().map(|(began_ms, _)| *began_ms).filter(|began_ms| *began_ms > end_ms);
                Some((end_ms, later.min()?))
            })
            .filter(|(end_ms, began_ms)| began_ms <= last_ms && began_ms - end_ms >= RESTART_MS)
            .map(|(end_ms, began_ms)| (end_ms.max(from_ms), began_ms.min(to_ms)))
            .filter(|(from_ms, to_ms)| from_ms < to_ms)
            .collect();
        gaps.sort_unstable();
        gaps.dedup();
        gaps.sort_by_key(|(from_ms, to_ms)| Reverse(to_ms - from_ms));
        gaps.truncate(MOST_GAPS);
        gaps.sort_unstable();
        gaps
    }
}
