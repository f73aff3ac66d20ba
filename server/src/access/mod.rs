//! Keys for programs, sessions for people, the sealing of secrets, where a request comes from, and who can reach this Tacho.
//! No I/O.

pub mod fetch;
pub mod host;
pub mod key;
pub mod origin;
mod random;
mod reach;
mod scope;
pub mod sealing;
pub mod secret;
pub mod session;
mod withheld;

pub use key::{Key, StoredKey};
pub use random::random_bytes;
pub use reach::{PublicUrl, PublicUrlError, Reach};
pub use scope::Scope;
pub use session::Session;
pub use withheld::without_credentials;

#[cfg(test)]
mod tests;
