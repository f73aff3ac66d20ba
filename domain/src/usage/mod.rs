//! The vocabulary: what an event is and what it used. Values only: no clock, no I/O.

mod cache_writes;
mod dimensions;
pub mod endpoint;
mod event;
mod fingerprint;
mod handling;
mod iterations;
mod key;
mod money;
pub mod name;
mod remark;
mod tokens;

pub use cache_writes::CacheWrites;
pub use dimensions::{Dimensions, NO_MODEL};
pub use endpoint::{EndpointClass, Endpoints};
pub use event::{ApiFailure, Event, FAILED_FROM, Outcome, ServiceTier, THROTTLED};
pub use fingerprint::{Fingerprints, holds_key, redacted};
pub use handling::{Handling, Policy};
pub use iterations::{
    Iteration, Stated, answer, are_untold, attempts, billed, estimate_output, settle, untold,
};
pub use key::EventKey;
pub use money::NanoUsd;
pub use remark::{Remark, RemarkCode, Remarks};
pub use tokens::Usage;
