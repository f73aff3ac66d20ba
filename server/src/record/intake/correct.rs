//! `POST /v1/events/correct` and `DELETE /v1/events/{id}` without HTTP.

use std::sync::Arc;

use domain::pricing::PriceBook;
use domain::read::answer::{ItemResult, Status, Taken};
use domain::read::context::Context;
use domain::read::event::{ReadItem, read};
use domain::read::inflate::inflate;
use domain::read::plausible::Implausible;
use domain::read::refusal::{Code, Refusal};
use domain::read::split::split;
use domain::usage::{Dimensions, Event};
use serde::Serialize;
use vocabulary::{Problem, ProblemKind, wording};

use super::{Intake, entry};
use crate::store::{Author, Corrected, Correction, Entry, StoredEvent, Whose};

/// Projects that a refusal names.
const MOST_NAMED: usize = 20;

/// What `POST /v1/events/correct` answers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct CorrectionAnswer {
    /// Events that are others now.
    pub corrected: u64,
    /// Events that were so already.
    pub unchanged: u64,
    /// Items that changed nothing.
    pub rejected: u64,
    /// One by one, in the order of the items.
    pub results: Vec<ItemResult>,
}

impl CorrectionAnswer {
    /// How much of the body was taken.
    pub fn taken(&self) -> Taken {
        Taken::of(self.corrected + self.unchanged, self.rejected)
    }
}

impl Intake {
    /// Puts the events right that a body names by their ids, in `project` if one is given.
    pub async fn correct(
        &self,
        author: Author,
        project: Option<&str>,
        encoding: Option<&str>,
        content_type: Option<&str>,
        body: &[u8],
    ) -> Result<CorrectionAnswer, Problem> {
        let context = Context {
            now_ms: self.clock.now_ms(),
            accepts_old: true,
            // The events were sent long ago: a clock that is wrong now says nothing of them.
            just_sent: false,
            shift_ms: 0,
            implausible: Implausible::Refused,
            bounds: &self.bounds,
            key_defaults: &Dimensions::default(),
            fingerprints: &self.fingerprints,
        };
        let mut corrections = Vec::new();
        let mut items: Vec<Result<String, Refusal>> = Vec::new();
        {
            let body = inflate(encoding, body, self.bounds.inflated_bytes)?;
            for item in split(content_type, &body, &self.bounds)? {
                let reading = item.and_then(|item| read(item, &context)).and_then(named);
                items.push(reading.map(|reading| {
                    let id = reading.event.id.clone();
                    corrections.push(replacement(reading, project, self.prices.clone()));
                    id
                }));
            }
        }
        let mut fates = self.recorder.correct(corrections, author).await?.into_iter();
        let mut answer = CorrectionAnswer::default();
        for (index, item) in items.into_iter().enumerate() {
            let result = match item {
                Err(refusal) => ItemResult::rejected(index, refusal),
                Ok(id) => match fates.next().unwrap_or(Corrected::NotFound) {
                    Corrected::Changed => ItemResult::plain(index, id, Status::Corrected),
                    Corrected::Unchanged => ItemResult::plain(index, id, Status::Unchanged),
                    other => ItemResult::rejected(index, refusal(id, &other)),
                },
            };
            match result.status {
                Status::Corrected => answer.corrected += 1,
                Status::Unchanged => answer.unchanged += 1,
                _ => answer.rejected += 1,
            }
            answer.results.push(result);
        }
        Ok(answer)
    }

    /// Deletes the event with an id, of `project` if one is given.
    pub async fn delete(&self, author: Author, id: &str, project: Option<&str>) -> Result<(), Problem> {
        let fates = self.recorder.correct(vec![deletion(id, project)], author).await?;
        match fates.first() {
            Some(Corrected::Changed | Corrected::Unchanged) => Ok(()),
            other => {
                let refusal = refusal(id.to_owned(), other.unwrap_or(&Corrected::NotFound));
                let kind = match refusal.code {
                    Code::NotFound => ProblemKind::NotFound,
                    _ => ProblemKind::Conflict,
                };
                Err(Problem::new(kind, refusal.code.word(), refusal.message))
            }
        }
    }
}

/// Deletes the event with an id: of a project, or the only one there is.
pub fn deletion(id: &str, project: Option<&str>) -> Correction {
    let whose = project.map_or(Whose::Any, |project| Whose::Of(project.to_owned()));
    Correction { id: id.to_owned(), whose, amend: Box::new(|_| None) }
}

/// Puts what an item says in the place of the event with its id: of `project`, or else of its own project, or else the
/// only one there is.
pub fn replacement(reading: ReadItem, project: Option<&str>, prices: Arc<PriceBook>) -> Correction {
    let ReadItem { event, digest, .. } = reading;
    let whose = match (project, event.dimensions.project.as_str()) {
        (Some(project), _) => Whose::Of(project.to_owned()),
        (None, "") => Whose::Any,
        (None, own) => Whose::RatherOf(own.to_owned()),
    };
    let id = event.id.clone();
    Correction { id, whose, amend: Box::new(move |stored| Some(becomes(&event, digest, stored, &prices))) }
}

/// What an event becomes by a correction. All of it is replaced, but that time and project stay where the item leaves
/// them out: they are what the event is found by. When it was received stays in any case.
fn becomes(event: &Event, digest: [u8; 8], stored: &StoredEvent, prices: &PriceBook) -> Entry {
    let mut event = event.clone();
    let before = &stored.event;
    event.received_at_ms = before.received_at_ms;
    if event.at_assigned || event.at_ms == before.at_ms {
        (event.at_ms, event.at_assigned) = (before.at_ms, before.at_assigned);
    }
    if event.dimensions.project.is_empty() {
        event.dimensions.project.clone_from(&before.dimensions.project);
    }
    entry(event, digest, None, prices)
}

/// Only an item with an id says which event it is about.
pub fn named(reading: ReadItem) -> Result<ReadItem, Refusal> {
    if reading.id_assigned {
        let message = "`id` is missing; send the id of the event that is to be corrected";
        return Err(Refusal::new(Code::InvalidId, message));
    }
    Ok(reading)
}

/// Why a correction changed nothing.
pub fn refusal(id: String, fate: &Corrected) -> Refusal {
    let (code, message) = match fate {
        Corrected::Ambiguous(projects) => {
            let name = |project: &String| format!("`{}`", wording::name(project));
            let more = projects.len().saturating_sub(MOST_NAMED);
            let more = if more > 0 { format!(" and {more} more") } else { String::new() };
            let names = projects.iter().take(MOST_NAMED).map(name).collect::<Vec<_>>().join(", ") + &more;
            let message = format!(
                "these projects have an event with this id: {names}; say which with `?project=` (empty for none)"
            );
            (Code::Ambiguous, message)
        }
        Corrected::Anywhere => {
            let message = "there are too many projects to look for all these ids in each; say which with \
                           `?project=`, or send fewer items at a time";
            (Code::Ambiguous, message.to_owned())
        }
        Corrected::Taken => {
            let message =
                "its new project has an event with this id already; delete or correct that one first";
            (Code::Conflict, message.to_owned())
        }
        Corrected::Changed | Corrected::Unchanged | Corrected::NotFound => {
            let message =
                "no event has this id, or none of this project; GET /v1/events lists ids and projects";
            (Code::NotFound, message.to_owned())
        }
    };
    Refusal { id: Some(id), ..Refusal::new(code, message) }
}
