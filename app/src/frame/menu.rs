//! The menu at the end of the bar: settings, theme, language, keys, the way out.

use leptos::prelude::*;

use super::{Frame, Section, Theme};
use crate::reader::Reader;
use crate::text::Language;

pub(super) fn menu(reader: &Reader, frame: &Frame) -> AnyView {
    let text = &reader.text().frame;
    let languages = Language::ALL.map(|language| {
        let current = (language == reader.language).then_some("true");
        view! { <button type="submit" name="language" value=language.code() lang=language.code() aria-pressed=current.unwrap_or("false")>{language.name()}</button> }
    });
    let theme = |word: &'static str, name: &'static str| {
        let is_chosen = frame.theme.map_or("system", Theme::word) == word;
        view! { <button type="submit" name="theme" value=word aria-pressed=if is_chosen { "true" } else { "false" }>{name}</button> }
    };
    view! {
        <details class="menu at-end" data-menu="" id="menu">
            <summary aria-label=text.menu><span aria-hidden="true">"☰"</span></summary>
            <div class="menu-body">
                <a href="/settings" aria-current=(frame.place == Section::Settings).then_some("page") data-hotkey="g s">{text.settings}</a>
                <a href="/settings/connect">{text.connect}</a>
                <a href="/docs">{text.docs}</a>
                <a href="/search" data-opens="help" data-hotkey="?">{text.keys}<kbd>"?"</kbd></a>
                <form method="post" action="/settings/look" data-plain="" class="choices">
                    <input type="hidden" name="back" value=frame.back.clone()/>
                    <fieldset><legend>{text.theme}</legend>{theme("system", text.theme_system)}{theme("light", text.theme_light)}{theme("dark", text.theme_dark)}</fieldset>
                    <fieldset><legend>{text.language}</legend>{languages}</fieldset>
                </form>
                <form method="post" action="/sign-out" data-plain=""><button type="submit" class="quiet">{text.sign_out}</button></form>
            </div>
        </details>
    }
    .into_any()
}

/// Where a page of the bar is.
pub fn path(place: Section) -> &'static str {
    match place {
        Section::Now | Section::Nowhere => "/",
        Section::Limits => "/limits",
        Section::Alerts => "/alerts",
        Section::Settings => "/settings",
    }
}
