//! `POST /v1/events` without HTTP: inflate, split, read, price, record, answer.

pub mod correct;

use std::collections::BTreeMap;
use std::sync::Arc;

use domain::limits::learned::{Observation, Reporter};
use domain::pricing::PriceBook;
use domain::read::answer::{IngestAnswer, ItemResult, Notes};
use domain::read::bounds::Bounds;
use domain::read::context::Context;
use domain::read::event::read;
use domain::read::inflate::inflate;
use domain::read::plausible::Implausible;
use domain::read::refusal::Refusal;
use domain::read::split::split;
use domain::usage::{Event, EventKey, Fingerprints, RemarkCode};
use vocabulary::{Problem, wording};

use super::recorder::Recorder;
use crate::clock::Clock;
use crate::secrets::{KeyScope, StoredKey};
use crate::store::Durability;
use crate::store::{Entry, Fate, RefusalRecord, Store};

/// Takes bodies of events in.
pub struct Intake {
    store: Arc<dyn Store>,
    recorder: Recorder,
    clock: Clock,
    prices: Arc<PriceBook>,
    bounds: Bounds,
    durability: Durability,
    fingerprints: Fingerprints,
}

/// What a sender asks for beside the storing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Wishes {
    /// Results for every item, not only for those that were not simply accepted.
    pub verbose: bool,
    /// What becomes of counts that no call can have.
    pub implausible: Implausible,
}

impl Intake {
    /// An intake that feeds `recorder`.
    pub fn new(
        store: Arc<dyn Store>,
        recorder: Recorder,
        clock: Clock,
        prices: Arc<PriceBook>,
        bounds: Bounds,
        durability: Durability,
        fingerprints: Fingerprints,
    ) -> Self {
        Intake { store, recorder, clock, prices, bounds, durability, fingerprints }
    }

    /// What is taken in at most.
    pub fn bounds(&self) -> &Bounds {
        &self.bounds
    }

    /// What an acknowledgement promises, as a word.
    pub fn durability(&self) -> &'static str {
        match self.durability {
            Durability::Full => "full",
            Durability::Normal => "normal",
        }
    }

    /// Takes a body in. The answer comes when everything in it is stored, or refused.
    pub async fn take(
        &self,
        key: &StoredKey,
        encoding: Option<&str>,
        content_type: Option<&str>,
        body: &[u8],
        Wishes { verbose, implausible }: Wishes,
    ) -> Result<IngestAnswer, Problem> {
        let context = Context {
            now_ms: self.clock.now_ms(),
            accepts_old: key.scope == KeyScope::Admin,
            just_sent: true,
            shift_ms: 0,
            implausible,
            bounds: &self.bounds,
            key_defaults: &key.defaults,
            fingerprints: &self.fingerprints,
        };
        let reporter = Reporter::Key(key.public.as_str().into());
        let mut entries = Vec::new();
        // One per item: what its entry is called, or why it has none.
        let mut read_items: Vec<Result<(String, Notes), Refusal>> = Vec::new();
        {
            let body = inflate(encoding, body, self.bounds.inflated_bytes)?;
            for item in split(content_type, &body, &self.bounds)? {
                read_items.push(item.and_then(|item| read(item, &context)).map(|mut reading| {
                    let event = &mut reading.event;
                    if event.dimensions.bind_to(&key.bound, self.bounds.labels) {
                        event.remarks.note(RemarkCode::Cut, "labels");
                    }
                    let named = (reading.event.id.clone(), Notes::of(&reading));
                    let said = reading.observation.map(|said| said.reported_by(&reporter));
                    entries.push(entry(reading.event, reading.digest, said, &self.prices));
                    named
                }));
            }
        }
        let mut fates = self.recorder.store(entries).await?.into_iter();
        let results: Vec<ItemResult> = read_items
            .into_iter()
            .enumerate()
            .map(|(index, item)| match item {
                Err(refusal) => ItemResult::rejected(index, refusal),
                Ok((id, notes)) => match fates.next() {
                    Some(Fate::Duplicate) => ItemResult::duplicate(index, id),
                    Some(Fate::Conflict) => ItemResult::conflict(index, id),
                    Some(Fate::Deleted) => ItemResult::deleted(index, id),
                    Some(Fate::Accepted) | None => ItemResult::accepted(index, id, notes),
                },
            })
            .collect();
        self.note_refusals(&results, key, context.now_ms).await;
        Ok(IngestAnswer::of(results, verbose))
    }

    /// Keeps the reasons, so that refusals are seen even by who does not read answers.
    async fn note_refusals(&self, results: &[ItemResult], key: &StoredKey, now_ms: i64) {
        let mut by_code: BTreeMap<&str, (u64, &str)> = BTreeMap::new();
        for result in results {
            if let (Some(code), Some(message)) = (result.code, &result.message) {
                by_code.entry(code).or_insert((0, message)).0 += 1;
            }
        }
        if by_code.is_empty() {
            return;
        }
        let records: Vec<RefusalRecord> = by_code
            .into_iter()
            .map(|(code, (items, message))| RefusalRecord {
                received_at_ms: now_ms,
                api_key_public: key.public.clone(),
                code: code.to_owned(),
                message: message.to_owned(),
                items,
            })
            .collect();
        let refused: u64 = records.iter().map(|record| record.items).sum();
        tracing::warn!(key = %key.public, refused, "Refused events from key `{}`", wording::name(&key.name));
        if let Err(error) = self.store.record_refusals(&records).await {
            tracing::error!(error = %error, "Could not note refused events");
        }
    }
}

/// What the store is given for an event that was read, with what its response's headers say.
pub fn entry(
    event: Event,
    digest: [u8; 8],
    observation: Option<Box<Observation>>,
    prices: &PriceBook,
) -> Entry {
    Entry {
        key: EventKey::new(&event.dimensions.project, &event.id),
        cost: prices.cost(&event),
        digest,
        observation,
        hold: None,
        event,
    }
}
