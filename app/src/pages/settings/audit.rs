//! The audit log, in sentences.

use leptos::prelude::*;

use crate::reader::Reader;

/// A line of the audit log.
#[derive(Debug, Clone)]
pub struct AuditRow {
    /// When, Unix milliseconds.
    pub at_ms: i64,
    pub who: Doer,
    pub what: Deed,
}

/// Who did something, and from where.
#[derive(Debug, Clone)]
pub struct Doer {
    /// The name of a key, or what a person is called who has none.
    pub name: String,
    /// The part that names the key; empty for a person.
    pub public: String,
    pub address: Option<String>,
}

/// What was done. Names are as they are shown.
#[derive(Debug, Clone)]
pub enum Deed {
    /// By the word of the action: what it was done to, and what belongs to that, such as the scope of a key.
    Done {
        action: &'static str,
        name: String,
        of: String,
    },
    /// Something has other fields: each with what it was and is.
    Changed {
        action: &'static str,
        name: String,
        fields: Vec<(String, FieldValue, FieldValue)>,
    },
    SignedIn(BrowserNames),
    /// Keys or sign-in links were refused, with which codes, keys and addresses.
    Refused {
        attempts: u64,
        codes: Vec<String>,
        keys: Vec<String>,
        addresses: Vec<String>,
    },
}

/// What a field holds.
#[derive(Debug, Clone)]
pub enum FieldValue {
    Nothing,
    Switch(bool),
    Text(String),
}

/// A browser and its system, as far as they can be told.
#[derive(Debug, Clone, Copy, Default)]
pub struct BrowserNames {
    pub browser: Option<&'static str>,
    pub system: Option<&'static str>,
}

/// The lines.
pub(super) fn audit_list(reader: &Reader, audit: Vec<AuditRow>) -> AnyView {
    if audit.is_empty() {
        return view! { <p class="footnote">{reader.text().access.nothing_yet}</p> }.into_any();
    }
    let rows = audit.into_iter().map(|AuditRow { at_ms, who, what }| {
        let (at, who, what) = (reader.date_and_clock(at_ms / 1_000), doer(reader, who), deed(reader, what));
        view! { <li><span class="when">{at}</span><span class="what">{what}</span><span class="who">{who}</span></li> }
    });
    view! { <ul class="audit">{rows.collect_view()}</ul> }.into_any()
}

/// What a browser is called.
pub(super) fn browser(reader: &Reader, BrowserNames { browser, system }: BrowserNames) -> String {
    let text = &reader.text().audit;
    let browser = browser.unwrap_or(text.unknown_browser);
    system.map_or_else(|| browser.to_owned(), |system| (text.browser_on)(browser, system))
}

fn doer(reader: &Reader, Doer { name, public, address }: Doer) -> String {
    let text = &reader.text().audit;
    let known = text.people.iter().find(|(stored, _)| *stored == name);
    let name = match (public.is_empty(), known) {
        (false, _) => (text.key)(&name, &public),
        (true, Some((_, said))) => (*said).to_owned(),
        (true, None) => name,
    };
    address.map_or_else(|| name.clone(), |address| format!("{name}, {address}"))
}

fn deed(reader: &Reader, deed: Deed) -> String {
    let text = &reader.text().audit;
    let done = |action: &str, name: &str, of: &str| {
        let known = text.deeds.iter().find(|(word, _)| *word == action);
        known.map_or_else(|| action.to_owned(), |(_, said)| said(name, of))
    };
    match deed {
        Deed::Done { action, name, of } => done(action, &name, &of),
        Deed::Changed { action, name, fields } => {
            let fields: Vec<String> = fields.iter().map(|field| changed(reader, field)).collect();
            let colon = if fields.is_empty() { "" } else { ": " };
            format!("{}{colon}{}", done(action, &name, ""), fields.join(", "))
        }
        Deed::SignedIn(names) => (text.signed_in)(&browser(reader, names)),
        Deed::Refused { attempts, codes, keys, addresses } => {
            let attempts = (reader.text().alerts.attempts)(attempts, &reader.exact(attempts as f64));
            let listed = |said: fn(&str) -> String, list: Vec<String>| match list.is_empty() {
                true => String::new(),
                false => said(&list.join(", ")),
            };
            let refused = (text.refused)(&attempts, &codes.join(", "));
            format!("{refused}{}{}", listed(text.with_keys, keys), listed(text.from_addresses, addresses))
        }
    }
}

fn changed(reader: &Reader, (field, before, after): &(String, FieldValue, FieldValue)) -> String {
    let text = &reader.text().audit;
    let known = text.fields.iter().find(|(word, _)| word == field);
    let field = known.map_or_else(|| field.replace('_', " "), |(_, said)| (*said).to_owned());
    let told = |value: &FieldValue| match value {
        FieldValue::Nothing => reader.text().words.none.to_owned(),
        FieldValue::Switch(is_on) => text.switched[usize::from(*is_on)].to_owned(),
        FieldValue::Text(text) => text.clone(),
    };
    (text.changed)(&field, &told(before), &told(after))
}
