//! The audit log.

use super::{Named, Words1, Words2, Words3};

/// What was done, and by whom.
pub struct AuditTexts {
    /// By the word of an action: what it was done to, and what belongs to that.
    pub deeds: &'static [(&'static str, Words2)],
    pub signed_in: Words1,
    pub browser_on: Words2,
    pub unknown_browser: &'static str,
    /// How many attempts, with which codes.
    pub refused: Words2,
    pub with_keys: Words1,
    pub from_addresses: Words1,
    /// A field, what it was, what it is.
    pub changed: Words3,
    pub fields: Named,
    /// Off, on.
    pub switched: [&'static str; 2],
    /// Who has no key, by what is stored of them.
    pub people: Named,
    /// The name of a key, and the part that names it.
    pub key: Words2,
}
