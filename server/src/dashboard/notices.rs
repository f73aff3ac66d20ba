//! What an overview says before anything else: what is wrong with events on their way here, and that the first call has
//! come. In whole sentences, as pages show them.

use domain::limits::{Limit, MOST_VALUES, Source};
use domain::rollup::OVERFLOW;
use domain::usage::RemarkCode;
use vocabulary::wording;

use super::Dashboard;
use crate::proxy::NotStored;
use crate::store::{RefusalRecord, Remarked, StoreError, StoredEvent};
use crate::watch::snapshot::{Pick, Snapshot};
use crate::watch::value_in_words;

/// How far back refused events are told of, and what of others could not be read.
pub(super) const LATELY_MS: i64 = 24 * 3_600_000;
/// How long the first event is told of.
const FIRST_MINUTES_MS: i64 = 10 * 60_000;
/// Learned limits that are told of with it.
const MOST_LEARNED: usize = 6;
/// Limits that are named when more values have come under them than are counted one by one.
const MOST_OVERFLOWING: usize = 6;
/// Fields that are named when some could not be read.
const MOST_FIELDS: usize = 6;

impl Dashboard {
    /// How each looks, and its words.
    pub(super) async fn notices(
        &self,
        earliest: Option<StoredEvent>,
    ) -> Result<Vec<(String, String)>, StoreError> {
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
            ("failure", lost(kept)),
            ("notice", waiting(kept)),
            ("failure", refused(&refusals)),
            ("notice", unreadable(&remarked)),
            ("failure", self.overflowing(&snapshot)),
            ("notice", earliest.and_then(|earliest| self.first_call(&snapshot, &earliest))),
        ];
        Ok(notices.into_iter().filter_map(|(class, text)| Some((class.to_owned(), text?))).collect())
    }

    /// The limits on each value that more values have come under than are counted one by one.
    fn overflowing(&self, snapshot: &Snapshot) -> Option<String> {
        let mut limits: Vec<String> =
            snapshot.overflowing.iter().map(|name| format!("`{}`", wording::name(name))).collect();
        let more = limits.len().saturating_sub(MOST_OVERFLOWING);
        limits.truncate(MOST_OVERFLOWING);
        let and_more = if more > 0 { format!(" and {more} more") } else { String::new() };
        (!limits.is_empty()).then(|| {
            format!(
                "More than {} values have come under {}{and_more}. Those beyond, the ones that have used least, are \
                 counted, warned of and enforced together: see \"{}\" among the standings. If nobody has so many, find \
                 who makes them up: the usage by API key shows who sends them. A limit on everything beside it holds \
                 whatever the values are.",
                wording::exact(MOST_VALUES as f64),
                limits.join(", "),
                value_in_words(OVERFLOW)
            )
        })
    }

    /// The first event, while it is new. Old records that were imported are none.
    fn first_call(&self, snapshot: &Snapshot, first: &StoredEvent) -> Option<String> {
        let event = &first.event;
        if event.at_ms < self.now_ms() - FIRST_MINUTES_MS {
            return None;
        }
        let standings = snapshot.pick(Pick::OfEach { each: 1, most: usize::MAX }).into_iter();
        let learned = standings.filter(|standing| standing.limit.source == Source::Learned);
        let mut learned: Vec<String> = learned.filter_map(|standing| in_words(&standing.limit)).collect();
        // Standings come worst first, which changes all the time.
        learned.sort_unstable();
        learned.dedup();
        learned.truncate(MOST_LEARNED);
        let limits = match learned.as_slice() {
            [] => "Limits appear as soon as a response with rate-limit headers is seen.".to_owned(),
            learned => format!("Limits learned: {}.", learned.join(", ")),
        };
        let used = match (event.status.filter(|status| *status >= 400), event.usage.input_tokens) {
            (Some(status), _) => format!("answered with status {status}"),
            (None, Some(_)) => wording::count(event.usage.prompt_tokens(), "input token"),
            (None, None) => "of unknown usage".to_owned(),
        };
        let model = wording::name(&event.dimensions.model);
        Some(format!("First call seen: {model}, {used}. {limits}"))
    }
}

fn lost(kept: NotStored) -> Option<String> {
    (kept.lost > 0).then(|| {
        let events = wording::count(kept.lost, "event");
        let were = if kept.lost == 1 { "was" } else { "were" };
        format!(
            "{events} of the proxy {were} lost since Tacho started: neither stored nor kept in a file. Make room on \
             the disk of the data directory, or raise spill_max_bytes under [proxy], and see Tacho's log. The calls \
             themselves went through."
        )
    })
}

fn waiting(kept: NotStored) -> Option<String> {
    (kept.spilled_bytes > 0).then(|| {
        let size = wording::exact(kept.spilled_bytes.div_ceil(1_000) as f64);
        format!("Storage is blocked: {size} KB of events wait in a file, and will be brought in. Calls go through.")
    })
}

fn refused(refusals: &[RefusalRecord]) -> Option<String> {
    let RefusalRecord { api_key_public, message, .. } = refusals.first()?;
    let events = wording::count(refusals.iter().map(|refusal| refusal.items).sum(), "event");
    let message = wording::passage(message);
    Some(format!(
        "{events} refused in the last 24 hours. The latest, from the key {api_key_public}: {message}."
    ))
}

fn unreadable(remarked: &[Remarked]) -> Option<String> {
    let remarked = remarked.iter().find(|remarked| remarked.code == RemarkCode::UsageUnreadable)?;
    let calls = wording::count(remarked.events, "call");
    let fields = remarked
        .fields
        .iter()
        .map(|of| format!("{} ({})", wording::name(&of.field), wording::exact(of.events as f64)));
    let fields: Vec<String> = fields.take(MOST_FIELDS).collect();
    Some(format!(
        "{calls} of the last 24 hours had fields of usage that could not be read: {}. They are unknown; everything else \
         was counted. Look at what the gateway or the application sends there.",
        fields.join(", ")
    ))
}

/// `1,000 requests per minute`; nothing for what is no number of requests or tokens.
fn in_words(limit: &Limit) -> Option<String> {
    let unit = limit.kind.unit;
    matches!(unit.word(), "requests" | "tokens").then(|| {
        format!("{} {}", wording::exact(unit.display(limit.amount)), limit.kind.label.to_lowercase())
    })
}
