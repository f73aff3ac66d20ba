//! What people and programs decide: every change but events. Each is noted in the audit log.

pub mod channels;
mod limit_form;
pub mod limits;
pub mod sessions;

use std::collections::HashMap;
use std::sync::{Arc, Mutex};

use app::api::channels::RevealedSecret;
use serde_json::Value;
use tokio::sync::Notify;
use vocabulary::Problem;

use crate::alert::address::AllowedAddresses;
use crate::clock::Clock;
use crate::dashboard::{Dashboard, not_found};
use crate::record::recorder::{RecordError, Recorder};
use crate::store::{Action, Author, Note, Store, write_note};

/// What commands are carried out with.
pub struct Means {
    /// Where everything is kept.
    pub store: Arc<dyn Store>,
    /// Who must hear of changed limits.
    pub recorder: Recorder,
    /// Tells the time.
    pub clock: Clock,
    /// Shows what was changed.
    pub dashboard: Arc<Dashboard>,
    /// Which addresses a channel may have.
    pub addresses: Arc<AllowedAddresses>,
    /// Woken when there is something to deliver.
    pub outbox: Arc<Notify>,
    /// The address of this Tacho.
    pub base_url: String,
}

/// Carries out what is decided.
pub struct Commands {
    means: Means,
    /// Signing secrets of channels just added, by one-time token: shown once, forgotten at the next start.
    reveals: Mutex<HashMap<String, RevealedSecret>>,
}

impl Commands {
    /// Commands that are carried out with these.
    pub fn new(means: Means) -> Self {
        Commands { means, reveals: Mutex::new(HashMap::new()) }
    }

    fn now_ms(&self) -> i64 {
        self.means.clock.now_ms()
    }

    fn store(&self) -> &dyn Store {
        &*self.means.store
    }

    fn dashboard(&self) -> &Dashboard {
        &self.means.dashboard
    }

    /// Notes what somebody has done. It stands, whether or not it can be noted; the log says both.
    async fn noted(
        &self,
        author: Author,
        action: Action,
        subject: &str,
        before: Option<Value>,
        after: Option<Value>,
    ) {
        let json = |value: Value| value.to_string();
        let note = Note {
            at_ms: self.now_ms(),
            author,
            action,
            subject: subject.to_owned(),
            project: String::new(),
            before: before.map(json).unwrap_or_default(),
            after: after.map(json),
        };
        write_note(self.store(), &note).await;
    }
}

/// What was decided is stored, and could not be taken up.
fn not_recorded(error: RecordError) -> Problem {
    match error {
        RecordError::ReadOnly => Problem::read_only(format!("{error}; make room and try again")),
        RecordError::Busy | RecordError::Unavailable => {
            Problem::unavailable(format!("{error}; try again in a few seconds"))
        }
    }
}
