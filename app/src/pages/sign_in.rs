//! The page for people without a session.

use leptos::prelude::*;

use crate::parts::{MARK, icon};
use crate::text::{Language, SignInReason};

/// The whole document.
pub fn sign_in(language: Language, css: Option<String>, reason: SignInReason) -> String {
    let text = &language.text().sign_in;
    let said = text.reasons[reason as usize];
    let said_in_place = if reason == SignInReason::NoSession { text.ended } else { said };
    let view = view! {
        <html lang=language.code()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <title>{text.title}</title>
                <link rel="icon" href=icon(vocabulary::Severity::Ok)/>
                {css.map(|path| view! { <link rel="stylesheet" href=path/> })}
            </head>
            <body>
                <main class="sign-in">
                    <p class="brand"><span inner_html=MARK></span>"Tacho"</p>
                    <h1>{text.title}</h1>
                    <p data-reason=said_in_place>{said}</p>
                    <p>{text.how}</p>
                    <div class="paste"><pre><code>"tacho sign-in-link"</code></pre></div>
                </main>
            </body>
        </html>
    };
    format!("<!DOCTYPE html>{}", view.to_html())
}
