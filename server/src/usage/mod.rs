//! The vocabulary: what an event is and what it used. Values only: no clock, no I/O.

mod dimensions;
mod event;
mod fingerprint;
mod handling;
mod iterations;
mod key;
mod money;
mod remark;
mod tokens;

pub use dimensions::Dimensions;
pub use event::{ApiFailure, Event, Outcome, ServiceTier};
pub use fingerprint::{Fingerprints, redacted};
pub use handling::{Handling, Policy};
pub use iterations::{Iteration, answer, attempts, billed, estimate_output, settle};
pub use key::EventKey;
pub use money::NanoUsd;
pub use remark::{Remark, RemarkCode, Remarks};
pub use tokens::Usage;
