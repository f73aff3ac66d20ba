//! The settings, and signing in, in English.

use crate::text::shape::{AccessTexts, ConnectTexts, DocsTexts, HealthTexts, SettingsTexts, SignInTexts};

pub(super) const SETTINGS: SettingsTexts = SettingsTexts {
    zone: "Time zone",
    zone_browser: |zone| format!("Of this browser ({zone})"),
    zone_configured: |zone| format!("Of tacho.toml ({zone})"),
    not_told: "not known yet",
    keys: "Single-key shortcuts",
    keys_on: "On",
    keys_off: "Off",
    save: "Save",
    kept_by_browser: "These choices are kept in this browser.",
};

pub(super) const CONNECT: ConnectTexts = ConnectTexts {
    lead: "Send calls through Tacho’s proxy, let a hook report them, or post events yourself.",
    paste: "Paste one of these",
    what_calls: "What calls the Claude API",
    steps: &[
        ("through", "One variable: calls go through Tacho to the Claude API, untouched."),
        ("hooked", "Or one line: calls go to the API as before, and a hook reports each."),
        ("in_code", "Then, in your code:"),
        ("call", "A call through Tacho, with your own API key:"),
        ("event", "Or a single event, to see what happens. Nothing is called:"),
    ],
    put_key: "Put your key in place of",
    new_key: "For a new one:",
    to_tell_apart: "To tell apart what calls are for, use",
    or_headers: "in place of /proxy, or the headers",
    is_it_working: "Is it working?",
    done: "done",
    waits: "waiting",
    heard: |model, ago| format!("Heard {model}, {ago}."),
    listening: "Listening for the first call. This page changes by itself when it arrives.",
    no_limits: "No limit learned yet: the first response with rate-limit headers teaches them.",
    limits_learned: |limits| format!("{limits} learned from response headers."),
    told: |ago| format!("A webhook message arrived {ago}."),
    nobody_told: "No webhook message has arrived anywhere yet: add a webhook and send a test.",
};

pub(super) const ACCESS: AccessTexts = AccessTexts {
    sessions: "Sessions",
    end: "End",
    end_others: "End all others",
    this_one: "this one",
    opened_and_used: |opened, used| format!("opened {opened}, last used {used}"),
    sessions_note: "A session ends after 12 hours without use, and after 30 days. To open another, run",
    keys: "Keys",
    make_key: "Make one:",
    revoke_key: "Revoke one:",
    key_made: |at| format!("made {at}"),
    key_revoked: |at| format!("revoked {at}"),
    audit: "Audit log",
    earlier: "Earlier",
    nothing_yet: "Nothing yet.",
};

pub(super) const HEALTH: HealthTexts = HealthTexts {
    lead: "What Tacho keeps, what waits, and what it could not take.",
    version: "Version",
    storage: "Storing",
    stores: "yes",
    stores_not: "no: the disk is full, or Tacho may not write to its files",
    queue: "Events waiting to be stored",
    database: "Database",
    first_event: "First event",
    waiting: "Events waiting in a file",
    lost: "Events of the proxy lost since the start",
    refused: "Events refused in the last 24 hours",
    unreadable: "Events with unreadable fields in the last 24 hours",
};

pub(super) const SIGN_IN: SignInTexts = SignInTexts {
    title: "Sign in to Tacho",
    how: "For a new link, run this where Tacho runs:",
    reasons: [
        "Open the sign-in link that Tacho printed when it first started. If you were signed in, the session has ended.",
        "Keys are for /v1; pages need a sign-in link.",
        "Open the sign-in link that Tacho printed when it first started.",
        "A sign-in link opens in a window of its own. This one was not used up: open it there.",
        "This sign-in link was used before, or is too old.",
    ],
    ended: "The session has ended. Run `tacho sign-in-link` where Tacho runs, and open the link that it prints.",
};

pub(super) const DOCS: DocsTexts = DocsTexts {
    parts: "On this page",
    in_english: "",
    rate_limits: "How Tacho learns them",
    limits: "How limits work",
    webhooks: "Receive and verify webhooks",
    operations: "Backup, storage, upgrade",
    of_way: "Documentation:",
};
