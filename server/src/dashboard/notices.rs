//! What the first page says besides: what is wrong with events on their way here, and that the first call has come.

use std::sync::Arc;

use app::api::notice::{Amount, FirstCall, FirstOutcome, Notice};
use domain::limits::{Limit, MOST_VALUES, Source};
use domain::usage::RemarkCode;
use vocabulary::{Problem, wording};

use super::{Dashboard, LATELY_MS};
use crate::store::{EventQuery, RefusalRecord, Remarked, StoreError, StoredEvent};
use crate::watch::snapshot::{Pick, Snapshot};

/// How long the first event is told of.
const FIRST_MINUTES_MS: i64 = 10 * 60_000;
/// And until there are more than so many.
const FEW_EVENTS: usize = 10;
/// Learned limits that are told of with it.
const MOST_LEARNED: usize = 6;
/// Limits that are named when more values have come under them than are counted one by one.
const MOST_OVERFLOWING: usize = 6;
/// Fields that are named when some could not be read.
const MOST_FIELDS: usize = 6;

impl Dashboard {
    /// What is to be known at once.
    pub async fn read_notices(&self) -> Result<Vec<Notice>, StoreError> {
        let since_ms = self.now_ms() - LATELY_MS;
        let refusals = self.store().refusals(since_ms).await?;
        let remarked = match self.store().remarked(since_ms).await {
            // The page is worth more than this word of it.
            Err(StoreError::OverBudget | StoreError::Crowded) => Vec::new(),
            remarked => remarked?,
        };
        let kept = self.sources.journal.kept();
        let snapshot = self.snapshot().await;
        let notices = [
            (kept.lost > 0).then_some(Notice::Lost { events: kept.lost }),
            self.sources.recorder.is_read_only().then_some(Notice::ReadOnly),
            (kept.spilled_bytes > 0).then_some(Notice::Waiting { bytes: kept.spilled_bytes }),
            refused(&refusals),
            unreadable(&remarked),
            overflowing(&snapshot),
        ];
        Ok(notices.into_iter().flatten().collect())
    }

    /// The first event, while it is new and there is nothing that matters more: few others, and no warning. Old records that
    /// were imported are none.
    pub async fn read_first_call(self: &Arc<Self>) -> Result<Option<FirstCall>, Problem> {
        let since_ms = self.now_ms() - FIRST_MINUTES_MS;
        let first = self.first_event().await?.filter(|first| first.event.at_ms >= since_ms);
        let Some(first) = first else { return Ok(None) };
        let snapshot = self.snapshot().await;
        let is_warned = snapshot.open.number() > 0;
        let few = EventQuery {
            from_ms: 0,
            to_ms: i64::MAX,
            filters: Vec::new(),
            only_long: false,
            before: None,
            limit: FEW_EVENTS as u32 + 1,
        };
        let is_one_of_few = self.store().events(&few).await?.len() <= FEW_EVENTS;
        Ok((!is_warned && is_one_of_few).then(|| first_call(&snapshot, &first)))
    }
}

fn first_call(snapshot: &Snapshot, first: &StoredEvent) -> FirstCall {
    let event = &first.event;
    let standings = snapshot.pick(Pick::EACH).into_iter();
    let learned = standings.filter(|standing| standing.limit.source == Source::Learned);
    let mut learned: Vec<Amount> = learned.filter_map(|standing| amount(&standing.limit)).collect();
    // Standings come worst first, which changes all the time.
    learned.sort_by(|one, other| one.kind.cmp(&other.kind).then(one.amount.total_cmp(&other.amount)));
    learned.dedup();
    learned.truncate(MOST_LEARNED);
    let outcome = match (event.status.filter(|status| *status >= 400), event.usage.input_tokens) {
        (Some(status), _) => FirstOutcome::Failed { status },
        (None, Some(_)) => FirstOutcome::Used { input_tokens: event.usage.prompt_tokens() },
        (None, None) => FirstOutcome::Unknown,
    };
    FirstCall { model: wording::name(&event.dimensions.model), outcome, learned }
}

/// The limits on each value that more values have come under than are counted one by one.
fn overflowing(snapshot: &Snapshot) -> Option<Notice> {
    let mut limits: Vec<String> = snapshot.overflowing.iter().map(|name| wording::name(name)).collect();
    let more = limits.len().saturating_sub(MOST_OVERFLOWING) as u64;
    limits.truncate(MOST_OVERFLOWING);
    (!limits.is_empty()).then_some(Notice::Overflowing { values: MOST_VALUES as u64, limits, more })
}

fn refused(refusals: &[RefusalRecord]) -> Option<Notice> {
    let RefusalRecord { api_key_public, code, message, .. } = refusals.first()?;
    Some(Notice::Refused {
        events: refusals.iter().map(|refusal| refusal.items).sum(),
        key: api_key_public.clone(),
        code: code.clone(),
        message: wording::passage(message),
    })
}

fn unreadable(remarked: &[Remarked]) -> Option<Notice> {
    let remarked = remarked.iter().find(|remarked| remarked.code == RemarkCode::UsageUnreadable)?;
    let fields =
        remarked.fields.iter().take(MOST_FIELDS).map(|of| (wording::name(&of.field), of.events)).collect();
    Some(Notice::Unreadable { calls: remarked.events, fields })
}

/// What a limit allows; nothing for a share of what is not told.
fn amount(limit: &Limit) -> Option<Amount> {
    let unit = limit.kind.unit;
    (!unit.is_share())
        .then(|| Amount { amount: unit.display(limit.amount), kind: limit.kind.word.to_owned() })
}

#[cfg(test)]
mod tests {
    use app::text::Language;
    use domain::read::refusal::Code;
    use vocabulary::wording;

    use super::MOST_VALUES;

    #[test]
    fn values_that_are_counted_together_are_told_with_how_many_are_not() {
        for language in Language::ALL {
            let said = language.text().limits.beyond;
            assert!(said.contains(&wording::exact(MOST_VALUES as f64)), "{said}");
        }
    }

    #[test]
    fn every_code_of_an_event_has_words_in_every_language_but_its_own() {
        for language in Language::ALL.into_iter().filter(|language| *language != Language::English) {
            let codes = language.text().refusals.events.iter().map(|(code, _)| *code);
            assert!(codes.eq(Code::ALL.iter().map(|code| code.word())), "{}", language.name());
        }
    }
}
