//! What an item is read against.

use super::bounds::Bounds;
use super::plausible::Implausible;
use crate::usage::{Dimensions, Fingerprints};

/// What an item is read against.
#[derive(Debug, Clone, Copy)]
pub struct Context<'a> {
    /// Now, Unix milliseconds.
    pub now_ms: i64,
    /// Events of any age are taken, as in an import.
    pub accepts_old: bool,
    /// Items come from their senders right now, so that `sent_at` tells what their clocks show; in an import
    /// they do not.
    pub just_sent: bool,
    /// Added to every time that is given, in milliseconds; 0 but for an import that is shifted.
    pub shift_ms: i64,
    /// What becomes of counts that no call can have.
    pub implausible: Implausible,
    /// How large and how old items may be.
    pub bounds: &'a Bounds,
    /// What the sender's key fills in where an item leaves it out.
    pub key_defaults: &'a Dimensions,
    /// What API keys become that an item holds, in whichever field.
    pub fingerprints: &'a Fingerprints,
}
