//! How one reads: theme, language, clock, keys. Kept by the browser.

use leptos::prelude::*;

use crate::frame::Theme;
use crate::reader::Reader;
use crate::text::Language;

/// What is chosen.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    pub theme: Option<Theme>,
    /// `browser`, `configured` or `UTC`.
    pub zone: String,
    /// The zone of the browser, if it has told.
    pub browser_zone: Option<String>,
    /// The zone of the configuration.
    pub configured_zone: String,
    pub has_keys: bool,
}

/// The form.
pub fn look(reader: &Reader, look: &Look) -> AnyView {
    let (text, frame) = (&reader.text().settings, &reader.text().frame);
    let choice = |name: &'static str, value: String, label: String, is_chosen: bool| {
        view! { <label class="choice"><input type="radio" name=name value=value checked=is_chosen/>{label}</label> }.into_any()
    };
    let theme = look.theme.map_or("system", Theme::word);
    let themes = [("system", frame.theme_system), ("light", frame.theme_light), ("dark", frame.theme_dark)]
        .map(|(word, name)| choice("theme", word.to_owned(), name.to_owned(), word == theme));
    let languages = Language::ALL.map(|language| {
        choice(
            "language",
            language.code().to_owned(),
            language.name().to_owned(),
            language == reader.language,
        )
    });
    let browser = look.browser_zone.clone().unwrap_or_else(|| text.not_told.to_owned());
    let zones = [
        ("browser", (text.zone_browser)(&browser)),
        ("configured", (text.zone_configured)(&look.configured_zone)),
        ("UTC", "UTC".to_owned()),
    ]
    .map(|(word, name)| choice("zone", word.to_owned(), name, word == look.zone));
    let keys = [("on", text.keys_on), ("off", text.keys_off)].map(|(word, name)| {
        choice("keys", word.to_owned(), name.to_owned(), (word == "on") == look.has_keys)
    });
    view! {
        <form method="post" action="/settings/look" class="form look" data-plain="">
            <input type="hidden" name="back" value="/settings"/>
            <fieldset><legend>{frame.theme}</legend>{themes}</fieldset>
            <fieldset><legend>{frame.language}</legend>{languages}</fieldset>
            <fieldset id="zone"><legend>{text.zone}</legend>{zones}</fieldset>
            <fieldset id="keys"><legend>{text.keys}</legend>{keys}</fieldset>
            <button type="submit" class="primary">{text.save}</button>
            <p class="footnote">{text.kept_by_browser}</p>
        </form>
    }
    .into_any()
}
