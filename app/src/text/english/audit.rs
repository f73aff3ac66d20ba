//! The audit log, in English.

use crate::text::shape::AuditTexts;

pub(super) const AUDIT: AuditTexts = AuditTexts {
    deeds: &[
        ("deleted", |event, _| format!("deleted the event {event}")),
        ("corrected", |event, _| format!("corrected the event {event}")),
        ("sign_in_link_made", |_, _| "made a sign-in link".to_owned()),
        ("signed_out", |_, _| "signed out".to_owned()),
        ("session_ended", |session, _| format!("ended the session {session}")),
        ("secrets_forgotten", |_, _| "gave up secrets whose key is lost".to_owned()),
        ("key_made", |key, scope| format!("made the key {key} of scope {scope}")),
        ("key_revoked", |key, _| format!("revoked the key {key}")),
        ("limit_added", |limit, _| format!("added the limit {limit}")),
        ("limit_changed", |limit, _| format!("changed the limit {limit}")),
        ("limit_removed", |limit, _| format!("removed the limit {limit}")),
        ("channel_added", |channel, host| format!("added the channel {channel} to {host}")),
        ("channel_changed", |channel, _| format!("changed the channel {channel}")),
        ("channel_removed", |channel, _| format!("removed the channel {channel}")),
        ("channel_tested", |channel, _| format!("sent a test to the channel {channel}")),
        ("redelivered", |delivery, _| format!("sent the delivery {delivery} again")),
    ],
    signed_in: |browser| format!("signed in with {browser}"),
    browser_on: |browser, system| format!("{browser} on {system}"),
    unknown_browser: "an unknown browser",
    refused: |attempts, codes| format!("{attempts} refused ({codes})"),
    with_keys: |keys| format!(" with {keys}"),
    from_addresses: |addresses| format!(" from {addresses}"),
    changed: |field, before, after| format!("{field} {before} to {after}"),
    fields: &[
        ("warn_percent", "warning at %"),
        ("critical_percent", "critical at %"),
        ("window", "time zone"),
        ("enforce", "enforced"),
    ],
    switched: ["no", "yes"],
    people: &[
        ("the command line", "the command line"),
        ("a person who is signed in", "a person who is signed in"),
        ("Tacho itself", "Tacho itself"),
        ("somebody unknown", "somebody unknown"),
        ("the first start", "the first start"),
    ],
    key: |name, public| format!("key {name} ({public})"),
};
