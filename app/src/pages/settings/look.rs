//! How one reads: theme, language, clock, keys. Kept by the browser.

use leptos::prelude::*;

use crate::frame::Theme;
use crate::reader::Reader;
use crate::text::Language;

/// What is chosen.
#[derive(Debug, Clone, PartialEq)]
pub struct Look {
    pub theme: Option<Theme>,
    pub zone: ZoneChoice,
    /// The zone of the browser, if it has told.
    pub browser_zone: Option<String>,
    /// The zone of the configuration.
    pub configured_zone: String,
    pub has_keys: bool,
}

/// Whose clock times are told by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ZoneChoice {
    /// The browser's.
    #[default]
    Browser,
    /// The one of the configuration.
    Configured,
    Utc,
}

impl ZoneChoice {
    /// Every choice.
    pub const ALL: [ZoneChoice; 3] = [ZoneChoice::Browser, ZoneChoice::Configured, ZoneChoice::Utc];

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            ZoneChoice::Browser => "browser",
            ZoneChoice::Configured => "configured",
            ZoneChoice::Utc => "UTC",
        }
    }

    /// The choice of a word.
    pub fn of_word(word: &str) -> Option<ZoneChoice> {
        ZoneChoice::ALL.into_iter().find(|choice| choice.word() == word)
    }
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
    let zones = ZoneChoice::ALL.map(|zone| {
        let name = match zone {
            ZoneChoice::Browser => (text.zone_browser)(&browser),
            ZoneChoice::Configured => (text.zone_configured)(&look.configured_zone),
            ZoneChoice::Utc => zone.word().to_owned(),
        };
        choice("zone", zone.word().to_owned(), name, zone == look.zone)
    });
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
