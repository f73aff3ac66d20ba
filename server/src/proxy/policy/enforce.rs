//! Enforce: while an own limit that is marked so is exhausted, calls it covers are refused.
//!
//! The limits are those of [`domain::limits`], so that what is refused is what the gauge shows. What calls used is counted
//! when they are stored; that they are on their way is known here at once, so that limits on requests, by the minute, by
//! the hour or at once, hold for a burst, too. Tokens and money may still go beyond by what is on its way.
//!
//! Calls do not say which organization and workspace they are for. Limits on those hold for a caller from its first
//! answer on, which does; after a restart that is asked for anew.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use domain::limits::{Held, Hold, Models, OpenCalls, Unit, WantedCall};
use domain::usage::{Dimensions, EndpointClass, Event};
use http::HeaderMap;
use moka::sync::Cache;

use super::credential::Credential;
use crate::clock::Clock;
use crate::record::recorder::Recorder;

/// A limit that refuses a call.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Exhausted {
    /// Its name.
    pub limit: String,
    /// In how many seconds it has room again.
    pub retry_after_s: u64,
}

/// Callers whose organization and workspace are remembered; who has not called for longest is forgotten first.
const MOST_CALLERS: u64 = 10_000;
/// As long as names may be that events bring.
const LONGEST_NAME: usize = 256;

/// What is known of calls before they are counted.
pub struct Enforce {
    open: Arc<Mutex<OpenCalls>>,
    /// Organization and workspace by credential: calls do not name them, only answers do.
    places: Cache<[u8; 32], (String, String)>,
}

impl Default for Enforce {
    fn default() -> Self {
        Enforce { open: Arc::default(), places: Cache::new(MOST_CALLERS) }
    }
}

/// A call that was admitted; it is open until the last clone is dropped.
#[derive(Debug, Clone)]
pub struct OpenCall {
    /// Against limits on calls at once.
    _at_once: Arc<Hold>,
    /// Against limits on how many there are.
    counted: Arc<Hold>,
}

impl OpenCall {
    /// The call has ended. It counts here, by what this returns, until its event counts.
    pub fn until_stored(self) -> Arc<Hold> {
        self.counted
    }
}

/// A call that wants to begin.
pub struct Admission<'a> {
    /// Its endpoint in a few words.
    pub endpoint: &'a str,
    /// What the provider counts it with.
    pub class: EndpointClass,
    /// Whether it may lead to tokens that are used.
    pub may_spend: bool,
    /// The models it may lead to.
    pub models: Models,
    /// Whose it is.
    pub credential: Option<Credential>,
    /// What it is for.
    pub dimensions: Dimensions,
}

impl Enforce {
    /// An answer to a call of this credential has begun: it may say for which organization and workspace.
    pub fn answered(&self, credential: Option<&Credential>, headers: &HeaderMap) {
        let Some(credential) = credential else { return };
        let name = |name: &str| {
            let name = headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default();
            if name.len() <= LONGEST_NAME { name.to_owned() } else { String::new() }
        };
        let place = (name("anthropic-organization-id"), name("anthropic-workspace-id"));
        let says_nothing = place.0.is_empty() && place.1.is_empty();
        for key in credential.each().iter().filter(|_| !says_nothing) {
            if self.places.get(key).as_ref() != Some(&place) {
                self.places.insert(*key, place.clone());
            }
        }
    }

    /// Admits a call, unless an enforced limit that it is held against is exhausted.
    pub fn admit(
        &self,
        recorder: &Recorder,
        call: Admission<'_>,
        clock: &Clock,
    ) -> Result<OpenCall, Exhausted> {
        let Admission { endpoint, class, may_spend, models, credential, mut dimensions } = call;
        if let Some((organization, workspace)) =
            credential.and_then(|credential| credential.each().iter().find_map(|key| self.places.get(key)))
        {
            fill(&mut dimensions.organization, organization);
            fill(&mut dimensions.workspace, workspace);
        }
        let at_ms = clock.now_ms();
        let event = Event {
            at_ms,
            endpoint: endpoint.to_owned(),
            endpoint_class: class,
            dimensions,
            ..Event::default()
        };
        let call = WantedCall { event, may_spend, models };
        // In this order: who waits for the watch must not hold up calls that end.
        let watch = recorder.watch();
        let mut open = lock(&self.open);
        let held = watch.admit(&call, &open, at_ms).map_err(|(limit, wait_ms)| Exhausted {
            limit,
            retry_after_s: wait_ms.max(1).unsigned_abs().div_ceil(1_000),
        })?;
        for (held, _) in &held {
            open.begin(held, at_ms);
        }
        drop(open);
        let (at_once, counted): (Vec<_>, Vec<_>) =
            held.into_iter().partition(|(_, unit)| *unit == Unit::InFlight);
        let hold = |held: Vec<(Held, Unit)>| {
            let held = held.into_iter().map(|(held, _)| held).collect();
            Arc::new(Hold::new(self.open.clone(), held, at_ms))
        };
        Ok(OpenCall { _at_once: hold(at_once), counted: hold(counted) })
    }
}

fn fill(value: &mut String, with: String) {
    if value.is_empty() {
        *value = with;
    }
}

fn lock(open: &Mutex<OpenCalls>) -> MutexGuard<'_, OpenCalls> {
    open.lock().unwrap_or_else(PoisonError::into_inner)
}
