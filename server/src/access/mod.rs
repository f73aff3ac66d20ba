//! Keys for programs, sessions for people, and the check of where a request comes from. No I/O.

pub mod key;
pub mod origin;
mod random;
mod scope;
pub mod session;

pub use key::{Key, StoredKey};
pub use random::random_bytes;
pub use scope::Scope;
pub use session::Session;
