//! Who gets in, and what was done: sessions, keys and the audit log.
//!
//! The page is rendered once, works by forms, and has no life in the browser: what would have to be sent there for it
//! would make every other page larger.

use leptos::prelude::*;

use crate::parts::Erase;
use crate::parts::ICON;

/// What the page shows, in words.
#[derive(Debug, Clone, Default)]
pub struct AccessPage {
    /// Path of the stylesheet.
    pub css: Option<String>,
    /// Sessions, the one used last first.
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

/// The whole document.
pub fn document(page: AccessPage) -> String {
    let AccessPage { css, sessions, keys, audit, earlier } = page;
    let has_others = sessions.iter().any(|session| !session.is_own);
    let view = view! {
        <html lang="en">
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <title>"Access · Tacho"</title>
                <link rel="icon" href=ICON/>
                {css.map(|path| view! { <link rel="stylesheet" href=path/> })}
            </head>
            <body>
                <a class="skip" href="#main">"Skip to the content"</a>
                <header class="bar">
                    <span class="brand" aria-hidden="true">"Tacho"</span>
                    <nav aria-label="Pages">
                        <a href="/">"Overview"</a>
                        <a href="/limits">"Limits"</a>
                        <a href="/channels">"Channels"</a>
                        <a href="/access" aria-current="page">"Access"</a>
                    </nav>
                    <form class="at-end" method="post" action="/sign-out"><button type="submit" class="quiet">"Sign out"</button></form>
                </header>
                <main id="main" tabindex="-1">
                    <h1>"Access"</h1>
                    <section class="card" aria-labelledby="sessions">
                        <div class="card-head">
                            <h2 id="sessions">"Sessions"</h2>
                            {has_others.then(|| end("", "End all others"))}
                        </div>
                        {sessions_list(sessions)}
                        <p class="footnote">"A session ends after 12 hours without use, and after 30 days. "<code>"tacho sign-in-link"</code>" opens another."</p>
                    </section>
                    <section class="card" aria-labelledby="keys">
                        <div class="card-head"><h2 id="keys">"Keys"</h2></div>
                        {keys_list(keys)}
                        <p class="footnote"><code>"tacho keys create"</code>" makes one, "<code>"tacho keys revoke"</code>" ends one."</p>
                    </section>
                    <section class="card" aria-labelledby="audit">
                        <div class="card-head"><h2 id="audit">"Audit log"</h2></div>
                        {audit_list(audit)}
                        {earlier.map(|address| view! { <p><a href=address>"Earlier"</a></p> })}
                    </section>
                </main>
            </body>
        </html>
    };
    format!("<!DOCTYPE html>{}", view.to_html())
}

fn sessions_list(sessions: Vec<SessionRow>) -> AnyView {
    let rows = sessions.into_iter().map(|session| {
        let SessionRow { id, browser, opened, used, is_own } = session;
        let how = match is_own {
            true => view! { <span>"this one"</span> }.erased(),
            false => end(&id, "End"),
        };
        view! {
            <li>
                <span class="what">{browser}</span>
                <span class="when">{format!("opened {opened}, last used {used}")}</span>
                {how}
            </li>
        }
    });
    view! { <ul class="audit">{rows.collect_view()}</ul> }.erased()
}

/// Ends a session, or all others where no id is given.
fn end(id: &str, label: &'static str) -> AnyView {
    view! {
        <form method="post" action="/access/end">
            <input type="hidden" name="id" value=id.to_owned()/>
            <button type="submit" class="quiet">{label}</button>
        </form>
    }
    .erased()
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
    view! { <ul class="audit">{rows.collect_view()}</ul> }.erased()
}

fn audit_list(audit: Vec<AuditRow>) -> AnyView {
    if audit.is_empty() {
        return view! { <p class="footnote">"Nothing yet."</p> }.erased();
    }
    let rows = audit.into_iter().map(|AuditRow { at, who, what }| {
        view! { <li><span class="when">{at}</span><span class="what">{what}</span><span class="who">{who}</span></li> }
    });
    view! { <ul class="audit">{rows.collect_view()}</ul> }.erased()
}
