//! The proxy: calls pass through untouched, and what they used is seen on the way.
//!
//! A call goes through the files of this folder in this order: `cors` answers what browsers ask before it, `route` finds
//! what the path says in its `canonical` form (or `astray` what it should have said), `own_key` takes out keys for Tacho,
//! `pages` keeps out what pages make browsers send where no key is needed, `attribution` finds who and what it is for,
//! `headers` and `cookies` which of those travel on, `request` looks at the body as it is sent (or has `asks` read one
//! that is there), `upstream` speaks to the API, and `answer` hands the bytes of its answer on while the [`meter`](domain::meter) reads
//! the usage out of a copy; `request_ids` sees to it that no two exchanges have one id. What is known of the call is
//! gathered in a `call::Call`, which becomes exactly one event when it is dropped: at the end of the answer, or wherever
//! the call ended before. There it is left in the `journal`, from which the `keeper` brings it into the store, or into the
//! `spill` where the store cannot take it: calls never wait for either.

mod answer;
mod astray;
mod asks;
mod attribution;
mod base_url;
mod call;
mod canonical;
mod cookies;
mod cors;
mod fingerprint;
mod forward;
mod guard;
mod headers;
mod journal;
mod keeper;
mod own_key;
mod pages;
mod policed;
mod policy;
mod refusal;
mod request;
mod request_ids;
mod route;
mod spill;
mod upstream;

pub use astray::Astray;
pub use base_url::BaseUrl;
pub use cors::{OriginError, Origins, is_preflight};
pub use forward::{Proxy, forward};
pub use journal::{Journal, NotStored};
pub use keeper::Keeper;
pub use policy::Policies;
pub use policy::rules::PolicyEntry;
pub use refusal::CallRefusal;
pub use request_ids::RequestIds;
pub use route::is_call;
pub use spill::Spill;
pub use upstream::{Upstream, UpstreamError};
