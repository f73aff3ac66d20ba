//! Who gets in, and what was done: sessions, keys and the audit log.

use leptos::prelude::*;

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
    /// The browser, and where it is.
    pub browser: String,
    /// When it was opened.
    pub opened: String,
    /// When it was last used.
    pub used: String,
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
    /// When it was made, and revoked.
    pub made: String,
}

/// A line of the audit log.
#[derive(Debug, Clone, Default)]
pub struct AuditRow {
    pub at: String,
    /// Who, and from where.
    pub who: String,
    pub what: String,
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
            {keys_list(keys)}
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
        let SessionRow { id, browser, opened, used, is_own } = session;
        let how = match is_own {
            true => view! { <small>{text.this_one}</small> }.into_any(),
            false => end(&id, text.end),
        };
        view! {
            <li>
                <span class="what">{browser}</span>
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

fn keys_list(keys: Vec<KeyRow>) -> AnyView {
    let rows = keys.into_iter().map(|KeyRow { public, name, scope, made }| {
        view! {
            <li>
                <span class="what">{name}</span>
                <span class="when">{format!("{scope}, ")}<code>{public}</code>{format!(", {made}")}</span>
            </li>
        }
    });
    view! { <ul class="audit">{rows.collect_view()}</ul> }.into_any()
}

fn audit_list(reader: &Reader, audit: Vec<AuditRow>) -> AnyView {
    let text = &reader.text().access;
    if audit.is_empty() {
        return view! { <p class="footnote">{text.nothing_yet}</p> }.into_any();
    }
    let rows = audit.into_iter().map(|AuditRow { at, who, what }| {
        view! { <li><span class="when">{at}</span><span class="what">{what}</span><span class="who">{who}</span></li> }
    });
    view! { <ul class="audit">{rows.collect_view()}</ul> }.into_any()
}
