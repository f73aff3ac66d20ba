//! The proxy: calls pass through untouched, and what they used is seen on the way.
//!
//! A call goes through the files of this folder in this order: `route` finds what the path says, `attribution`
//! who and what it is for, `headers` which headers travel on, `request` looks at the body as it is sent,
//! `upstream` speaks to the API, and `answer` hands the bytes of its answer on while the [`meter`] reads the
//! usage out of a copy. What is known of the call is gathered in a `call::Call`, which becomes exactly one event
//! when it is dropped: at the end of the answer, or wherever the call ended before. The `journal` brings events
//! into the store, and keeps them where the store cannot take them: calls never wait for it.

mod answer;
mod attribution;
mod call;
mod fingerprint;
mod forward;
mod headers;
mod journal;
pub mod meter;
mod policed;
mod policy;
mod refusal;
mod request;
mod route;
mod spill;
mod upstream;

pub use fingerprint::Fingerprints;
pub use forward::{Proxy, forward};
pub use journal::{Journal, Keeper, Kept};
pub use policy::Policies;
pub use refusal::Refusal;
pub use route::PREFIX;
pub use spill::Spill;
pub use upstream::{Upstream, UpstreamError};
