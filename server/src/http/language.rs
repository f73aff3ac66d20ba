//! Which language somebody reads, and the cookies in which browsers keep how somebody reads.

use app::text::Language;
use axum::http::{HeaderMap, header};
use percent_encoding::percent_decode_str;

use crate::access::cookie::all_cookies;

/// The language that somebody has chosen, or that the browser asks for.
pub fn language(headers: &HeaderMap) -> Language {
    let chosen = Cookies::of(headers).read("tacho_language").and_then(|code| Language::of_code(&code));
    let accepted = headers.get(header::ACCEPT_LANGUAGE).and_then(|accepted| accepted.to_str().ok());
    chosen.unwrap_or_else(|| Language::accepted(accepted.unwrap_or_default()))
}

/// The cookies of a request.
pub struct Cookies<'a>(Vec<(&'a str, &'a str)>);

impl<'a> Cookies<'a> {
    /// All of a request.
    pub fn of(headers: &'a HeaderMap) -> Self {
        Cookies(all_cookies(headers).collect())
    }

    /// The value of one, if it is there.
    pub fn read(&self, name: &str) -> Option<String> {
        let (_, value) = self.0.iter().find(|(known, _)| *known == name)?;
        Some(percent_decode_str(value).decode_utf8().ok()?.into_owned())
    }
}
