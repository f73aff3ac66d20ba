//! Who is asking, from where, and what they may do.

pub mod agent;
pub mod cookie;
pub mod fetch;
pub mod gate;
pub mod host;
mod hosts;
pub mod origin;
mod reach;
mod refusals;
mod welcome;

pub use gate::{Caller, Gate};
pub use hosts::{AllowedHosts, HostError, Hosts, UNKNOWN};
pub use reach::{PublicUrl, PublicUrlError, Reach};
pub use welcome::{Welcome, sign_in_link, welcome};
