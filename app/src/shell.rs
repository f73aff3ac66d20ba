//! The document around every page.

use leptos::prelude::*;
use vocabulary::Severity;

use crate::frame::{Frame, Theme, printed};
use crate::parts::icon;
use crate::reader::Reader;

/// What the server knows about the built files.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Assets {
    /// Path of the stylesheet.
    pub css: Option<String>,
    /// Path of the script; without it pages still read well.
    pub script: Option<String>,
    /// Tells one build from another.
    pub build: String,
}

/// A part of a page that changes by itself.
#[derive(Debug, Clone, PartialEq)]
pub struct Region {
    /// Names it on its page.
    pub name: &'static str,
    /// Tells what it shows from what it showed before.
    pub mark: String,
    /// What it shows; nothing when the browser has it already.
    pub html: Option<String>,
    /// There is nothing newer than what the browser has: why is in the HTML.
    pub has_failed: bool,
}

/// A page in its document.
#[derive(Debug, Clone, PartialEq)]
pub struct Document<'a> {
    pub reader: &'a Reader,
    /// The theme, if the reader has chosen one.
    pub theme: Option<Theme>,
    pub assets: &'a Assets,
    pub frame: &'a Frame,
    /// The address it was asked for under.
    pub address: &'a str,
    pub title: String,
    /// The state that title and icon tell of, if they do.
    pub state: Option<Severity>,
    /// Single keys do nothing.
    pub has_no_keys: bool,
    /// The width or the clock of the reader is not known yet.
    pub is_guessed: bool,
    /// Why what somebody has sent was refused.
    pub refusal: Option<String>,
    /// The bar, what the page shows, and the dialogs.
    pub bar: Region,
    pub regions: Vec<Region>,
    pub dialogs: Region,
}

/// The whole document.
pub fn document(document: Document) -> String {
    let Document {
        reader,
        theme,
        assets,
        frame,
        address,
        title,
        state,
        has_no_keys,
        is_guessed,
        refusal,
        bar,
        regions,
        dialogs,
    } = document;
    let regions = regions.into_iter().map(region).collect_view();
    let view = view! {
        <html lang=reader.language.code() data-theme=theme.map(Theme::word) data-keys=has_no_keys.then_some("off") data-build=assets.build.clone()>
            <head>
                <meta charset="utf-8"/>
                <meta name="viewport" content="width=device-width, initial-scale=1"/>
                <meta name="color-scheme" content="light dark"/>
                <title>{format!("{title} · Tacho")}</title>
                <link rel="icon" href=icon(state.unwrap_or(Severity::Ok)) data-state=state.map(Severity::word)/>
                {assets.css.clone().map(|path| view! { <link rel="stylesheet" href=path/> })}
                {assets.script.clone().map(|path| view! { <script r#type="module" src=path></script> })}
            </head>
            <body>
                {region(bar)}
                <main id="main" tabindex="-1" data-at=reader.now_ms.to_string() data-zone=reader.zone.name.clone() data-guessed=is_guessed.then_some("")>
                    <p id="trouble" class="notice failure" role="status" data-own="" hidden></p>
                    <div id="refusal" class="refusal">{refusal.map(|refusal| view! { <p class="notice failure" role="alert">{refusal}</p> })}</div>
                    {printed(reader, frame, address)}
                    {regions}
                </main>
                {region(dialogs)}
            </body>
        </html>
    };
    format!("<!DOCTYPE html>{}", view.to_html())
}

fn region(region: Region) -> AnyView {
    let Region { name, mark, html, has_failed } = region;
    let is_same = html.is_none().then_some("");
    let failed = has_failed.then_some("");
    let mark = (!has_failed).then_some(mark);
    view! {
        <div id=format!("region-{name}") class="region" data-region=name data-mark=mark data-same=is_same data-failed=failed inner_html=html.unwrap_or_default()></div>
    }
    .into_any()
}

/// Why a part of a page has nothing to show.
pub fn failure(message: &str) -> String {
    view! { <p class="notice failure" role="status">{message.to_owned()}</p> }.to_html()
}
