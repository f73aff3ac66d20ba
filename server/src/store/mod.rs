//! Where everything is kept.
//!
//! [`Store`] speaks the language of the domain, not of SQL. Which grain answers a question is decided above it, in pure
//! code ([`plan`]), as are time zones and prices. It has an in-memory implementation, the oracle of property tests, and
//! SQLite, the default. SQL appears only in this folder.
//!
//! It is joined of small traits, each in a file with the records that go in and come out. To add an implementation: a
//! folder here that implements them, and one line in `tests/it/store.rs`, which runs the contract on all of them.

mod access;
mod alerts;
mod answers;
mod audit;
mod corrections;
mod durability;
mod error;
mod in_use;
pub mod key_file;
mod ledger;
mod limit_told;
pub mod memory;
pub mod plan;
mod problem;
mod registry;
mod series;
pub mod sqlite;

use crate::alert::outbox::Outbox;

pub use access::*;
pub use alerts::*;
pub use answers::*;
pub use audit::*;
pub use corrections::*;
pub use durability::Durability;
pub use error::StoreError;
pub use in_use::lock;
pub use ledger::*;
pub use limit_told::limit_told;
pub use problem::READ_ONLY;
pub use registry::*;
pub use series::*;

pub use domain::rollup::OVERFLOW;

/// Everything Tacho keeps.
pub trait Store: Ledger + Answers + Corrections + Audit + Alerts + Outbox + Registry + Access {}
impl<T: Ledger + Answers + Corrections + Audit + Alerts + Outbox + Registry + Access> Store for T {}
