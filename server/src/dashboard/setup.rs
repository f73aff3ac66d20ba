//! What to paste until the first event arrives, and what an overview says first.

use app::api::setup::{FirstCall, Refused, Setup, Unstored};
use app::api::standing::Standing;
use app::wording;

use super::Dashboard;
use super::ways::{INGEST_KEY, Place, ways};
use crate::limits::{Source, kind};
use crate::store::{StoreError, StoredEvent};

/// How far back refused events are told of.
const LATELY_MS: i64 = 24 * 3_600_000;
/// How long the first event is told of.
const FIRST_MINUTES_MS: i64 = 10 * 60_000;
/// Learned limits that are told of with it.
const MOST_LEARNED: usize = 6;

impl Dashboard {
    pub(super) async fn read_setup(&self) -> Result<Setup, StoreError> {
        let first_key = &self.sources.first_key;
        let refusals = self.store().refusals(self.now_ms() - LATELY_MS).await?;
        let refused = refusals.first().map(|latest| Refused {
            count: refusals.iter().map(|refusal| refusal.items).sum(),
            key: latest.api_key_public.clone(),
            message: latest.message.clone(),
        });
        let kept = self.sources.journal.kept();
        let earliest = self.store().earliest_event().await?;
        Ok(Setup {
            has_events: earliest.is_some(),
            ways: ways(&Place {
                base_url: self.sources.base_url.clone(),
                ingest_key: first_key.clone().unwrap_or_else(|| INGEST_KEY.to_owned()),
                proxy_needs_key: self.sources.proxy_needs_key,
            }),
            first_call: earliest.and_then(|earliest| self.first_call(&earliest)),
            refused,
            unstored: Unstored { spilled_bytes: kept.spilled_bytes, lost: kept.lost },
        })
    }

    /// The first event as it is told of, while it is new. Old records that were imported are none.
    fn first_call(&self, first: &StoredEvent) -> Option<FirstCall> {
        let event = &first.event;
        if event.at_ms < self.now_ms() - FIRST_MINUTES_MS {
            return None;
        }
        let standings = self.read_standings().standings;
        let learned = standings.iter().filter(|standing| standing.source == Source::Learned.word());
        let mut learned: Vec<String> = learned.filter_map(in_words).collect();
        // Standings come worst first, which changes all the time.
        learned.sort_unstable();
        learned.dedup();
        learned.truncate(MOST_LEARNED);
        Some(FirstCall {
            model: event.dimensions.model.clone(),
            input_tokens: event.usage.input_tokens.map(|_| event.usage.prompt_tokens()),
            error_status: event.status.filter(|status| *status >= 400),
            learned,
        })
    }
}

/// `1,000 requests per minute`; nothing for what is no number of requests or tokens.
fn in_words(standing: &Standing) -> Option<String> {
    let counts = matches!(standing.unit.as_str(), "requests" | "tokens");
    let label = kind(&standing.kind).filter(|_| counts)?.label;
    Some(format!("{} {}", wording::exact(standing.amount), label.to_lowercase()))
}
