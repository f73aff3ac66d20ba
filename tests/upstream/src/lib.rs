//! The Claude API as Tacho's tests and benchmarks meet it: made up, faithful, and with a memory of every exchange.
//!
//! It knows nothing of the server, so that it can be asked what is true: what it answered byte for byte, which usage
//! it told, how long a client that went was not noticed. Limits are real: they run out, and refill by its clock.
//!
//! - What is answered where: `routes/`, one file per resource.
//! - What a request can ask for with `x-fake-scenario`: `scenario.rs`.
//! - What is remembered: [`Exchange`], also at `GET /fake/exchanges`; `DELETE` forgets.

mod answer;
mod body;
mod bucket;
mod call;
mod clock;
mod encoding;
mod error;
mod exchange;
mod id;
mod limits;
mod message;
mod routes;
mod scenario;
mod service;
mod socket;
mod state;
mod terms;
mod tls;
mod upstream;
mod usage;

pub use clock::Clock;
pub use exchange::{Exchange, Outcome};
pub use terms::Terms;
pub use upstream::Upstream;
