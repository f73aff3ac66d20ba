//! Keys for programs, sessions for people, the sealing of secrets, and the check of where a request comes from. No I/O.

pub mod key;
pub mod origin;
mod random;
mod scope;
pub mod sealing;
pub mod session;
mod withheld;

pub use key::{Key, StoredKey};
pub use random::random_bytes;
pub use scope::Scope;
pub use session::Session;
pub use withheld::{has_credentials, without_credentials};
