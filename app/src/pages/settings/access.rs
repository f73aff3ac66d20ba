//! Who gets in, and what was done: sessions, keys and the audit log.

use leptos::prelude::*;

use super::audit::{AuditRow, BrowserNames, audit_list, browser};
use crate::reader::Reader;

/// What the page shows, in words.
#[derive(Debug, Clone, Default)]
pub struct AccessPage {
    /// Sessions: the reader's own, then the one used last first.
    pub sessions: Vec<SessionRow>,
    /// Keys, the latest first.
    pub keys: Vec<KeyRow>,
    /// The audit log, the latest first.
    pub audit: Vec<AuditRow>,
    /// Leads to the lines before these; nothing where there are none.
    pub earlier: Option<String>,
}

/// A session.
#[derive(Debug, Clone, Default)]
pub struct SessionRow {
    /// What it is ended by.
    pub id: String,
    pub browser: BrowserNames,
    /// Where it is.
    pub address: Option<String>,
    /// When it was opened, Unix milliseconds.
    pub opened_at_ms: i64,
    /// When it was last used, Unix milliseconds.
    pub used_at_ms: i64,
    /// It is the reader's own.
    pub is_own: bool,
}

/// A key.
#[derive(Debug, Clone, Default)]
pub struct KeyRow {
    /// The part that names it.
    pub public: String,
    /// What it is for.
    pub name: String,
    /// What it may do.
    pub scope: String,
    /// When it was made, Unix milliseconds.
    pub made_at_ms: i64,
    /// When it was revoked, if it was.
    pub revoked_at_ms: Option<i64>,
}

/// Sessions, keys and the audit log.
pub fn access(reader: &Reader, page: AccessPage) -> AnyView {
    let text = &reader.text().access;
    let AccessPage { sessions, keys, audit, earlier } = page;
    let has_others = sessions.iter().any(|session| !session.is_own);
    view! {
        <section aria-labelledby="sessions">
            <div class="table-head"><h2 id="sessions">{text.sessions}</h2>{has_others.then(|| end("", text.end_others))}</div>
            {sessions_list(reader, sessions)}
            <p class="footnote">{text.sessions_note}" "<code>"tacho sign-in-link"</code></p>
        </section>
        <section aria-labelledby="keys">
            <div class="table-head"><h2 id="keys">{text.keys}</h2></div>
            {keys_list(reader, keys)}
            <p class="footnote">{text.make_key}" "<code>"tacho keys create"</code>" · "{text.revoke_key}" "<code>"tacho keys revoke"</code></p>
        </section>
        <section aria-labelledby="audit">
            <div class="table-head"><h2 id="audit">{text.audit}</h2></div>
            {audit_list(reader, audit)}
            {earlier.map(|address| view! { <p><a href=address>{text.earlier}</a></p> })}
        </section>
    }
    .into_any()
}

fn sessions_list(reader: &Reader, sessions: Vec<SessionRow>) -> AnyView {
    let text = &reader.text().access;
    let rows = sessions.into_iter().map(|session| {
        let SessionRow { id, browser, address, opened_at_ms, used_at_ms, is_own } = session;
        let [opened, used] = [opened_at_ms, used_at_ms].map(|at_ms| reader.date_and_clock(at_ms / 1_000));
        let place = address.map(|address| format!(", {address}"));
        let how = match is_own {
            true => view! { <small>{text.this_one}</small> }.into_any(),
            false => end(&id, text.end),
        };
        view! {
            <li>
                <span class="what">{self::browser(reader, browser)}{place}</span>
                <span class="when">{(text.opened_and_used)(&opened, &used)}</span>
                {how}
            </li>
        }
    });
    view! { <ul class="audit">{rows.collect_view()}</ul> }.into_any()
}

/// Ends a session, or all others where no id is given.
fn end(id: &str, label: &'static str) -> AnyView {
    view! {
        <form method="post" action="/settings/access/end">
            <input type="hidden" name="id" value=id.to_owned()/>
            <button type="submit" class="quiet">{label}</button>
        </form>
    }
    .into_any()
}

fn keys_list(reader: &Reader, keys: Vec<KeyRow>) -> AnyView {
    let text = &reader.text().access;
    let rows = keys.into_iter().map(|KeyRow { public, name, scope, made_at_ms, revoked_at_ms }| {
        let told = revoked_at_ms.map_or(text.key_made, |_| text.key_revoked);
        let since = told(&reader.date_and_clock(revoked_at_ms.unwrap_or(made_at_ms) / 1_000));
        view! {
            <li>
                <span class="what">{name}</span>
                <span class="when">{format!("{scope}, ")}<code>{public}</code>{format!(", {since}")}</span>
            </li>
        }
    });
    view! { <ul class="audit">{rows.collect_view()}</ul> }.into_any()
}
