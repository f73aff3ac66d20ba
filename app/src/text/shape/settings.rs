//! The settings, signing in, and the documentation.

use super::{Named, Words1, Words2};

/// How one reads.
pub struct SettingsTexts {
    pub zone: &'static str,
    pub zone_browser: Words1,
    pub zone_configured: Words1,
    pub not_told: &'static str,
    pub keys: &'static str,
    pub keys_on: &'static str,
    pub keys_off: &'static str,
    pub save: &'static str,
    pub kept_by_browser: &'static str,
}

/// How applications are connected.
pub struct ConnectTexts {
    pub lead: &'static str,
    pub paste: &'static str,
    pub what_calls: &'static str,
    pub steps: Named,
    pub put_key: &'static str,
    pub new_key: &'static str,
    pub to_tell_apart: &'static str,
    pub or_headers: &'static str,
    pub is_it_working: &'static str,
    pub done: &'static str,
    pub waits: &'static str,
    pub heard: Words2,
    pub listening: &'static str,
    pub no_limits: &'static str,
    pub limits_learned: Words1,
    pub told: Words1,
    pub nobody_told: &'static str,
}

/// Who gets in.
pub struct AccessTexts {
    pub sessions: &'static str,
    pub end: &'static str,
    pub end_others: &'static str,
    pub this_one: &'static str,
    pub opened_and_used: Words2,
    pub sessions_note: &'static str,
    pub keys: &'static str,
    pub make_key: &'static str,
    pub revoke_key: &'static str,
    /// When, here and in the next.
    pub key_made: Words1,
    pub key_revoked: Words1,
    pub audit: &'static str,
    pub earlier: &'static str,
    pub nothing_yet: &'static str,
}

/// How Tacho itself is.
pub struct HealthTexts {
    pub lead: &'static str,
    pub version: &'static str,
    pub storage: &'static str,
    pub stores: &'static str,
    pub stores_not: &'static str,
    pub queue: &'static str,
    pub database: &'static str,
    pub first_event: &'static str,
    pub waiting: &'static str,
    pub lost: &'static str,
    pub refused: &'static str,
    pub unreadable: &'static str,
}

/// Without a session.
pub struct SignInTexts {
    pub title: &'static str,
    pub how: &'static str,
    /// As [`SignInReason`] has them.
    pub reasons: [&'static str; 5],
    /// Said on a page that was open meanwhile.
    pub ended: &'static str,
}

/// Why somebody must sign in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignInReason {
    /// There is no session, or it has ended.
    NoSession,
    /// A key is no session.
    Key,
    /// No token was in the link.
    NoToken,
    /// Something other than a person has opened the link.
    NotOpened,
    /// The link was used, or is too old.
    Spent,
}

/// The documentation, and the ways to it.
pub struct DocsTexts {
    pub parts: &'static str,
    /// Said where the interface speaks another language than the documentation.
    pub in_english: &'static str,
    pub rate_limits: &'static str,
    pub limits: &'static str,
    pub webhooks: &'static str,
    pub operations: &'static str,
    pub of_way: &'static str,
}
