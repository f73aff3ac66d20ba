//! What must not get out: keys, ids of sessions, signing secrets; how each is made, told, hidden and sealed. No I/O.

pub mod key;
mod random;
mod scope;
pub mod sealing;
pub mod secret;
pub mod session;
pub mod signature;
mod withheld;

pub use key::{Key, StoredKey};
pub use random::random_bytes;
pub use scope::KeyScope;
pub use session::Session;
pub use withheld::without_credentials;

#[cfg(test)]
mod tests;
