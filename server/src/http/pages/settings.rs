//! The settings: how one reads, how applications are connected, who gets in, how Tacho itself is.

use std::sync::Arc;

use app::frame::{Section, Theme};
use app::pages::head;
use app::pages::settings::{self as drawn, Look, ZoneChoice};
use app::text::Language;
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;
use vocabulary::Problem;

use super::super::services::Services;
use super::page::{Page, html};
use super::submitted::Submitted;
use super::visit::Visit;
use crate::dashboard::zone_name;

/// How long a browser keeps what is chosen, in seconds: a year.
const KEPT_S: u32 = 31_536_000;

/// A page of the settings, with its tabs.
pub(super) fn page<'a>(
    visit: &'a Visit,
    reader: &app::reader::Reader,
    path: &str,
    title: &str,
    lead: &str,
) -> Page<'a> {
    Page::new(visit, title.to_owned())
        .at(Section::Settings)
        .with("head", head(reader.text().frame.settings, ""))
        .with("tabs", drawn::tabs(reader, path))
        .with("lead", (!lead.is_empty()).then(|| app::pages::lead(lead)))
}

/// `GET /settings`
pub async fn look(State(services): State<Services>, visit: Visit) -> Response {
    show_look(&services, &visit, None).await
}

async fn show_look(services: &Services, visit: &Visit, refusal: Option<Problem>) -> Response {
    let reader = visit.reader(&services.dashboard);
    let look = Look {
        theme: visit.theme,
        zone: visit.zone_choice,
        browser_zone: visit.browser_zone.clone(),
        configured_zone: zone_name(services.dashboard.configured_zone()),
        has_keys: visit.has_keys,
    };
    let title = reader.text().frame.settings;
    page(visit, &reader, "/settings", title, "")
        .refused(refusal)
        .with("look", drawn::look(&reader, &look))
        .response(services, reader)
        .await
}

/// What is chosen; what is left out stays.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub struct Chosen {
    theme: Option<String>,
    language: Option<String>,
    zone: Option<String>,
    keys: Option<String>,
    back: String,
}

impl Chosen {
    /// What is chosen, each with its cookie. What makes no sense is not.
    fn cookies(self) -> impl Iterator<Item = (&'static str, String)> {
        let is_theme = |word: &String| word == "system" || Theme::of_word(word).is_some();
        let is_switch = |word: &String| word == "on" || word == "off";
        let chosen = [
            ("tacho_theme", self.theme.filter(is_theme)),
            ("tacho_language", self.language.filter(|code| Language::of_code(code).is_some())),
            ("tacho_zone", self.zone.filter(|word| ZoneChoice::of_word(word).is_some())),
            ("tacho_keys", self.keys.filter(is_switch)),
        ];
        chosen.into_iter().filter_map(|(cookie, chosen)| Some((cookie, chosen?)))
    }
}

/// `POST /settings/look`: keeps what is chosen in the browser.
pub async fn save_look(Submitted { services, visit, fields, .. }: Submitted<Chosen>) -> Response {
    let mut chosen = match fields {
        Ok(chosen) => chosen,
        Err(problem) => return show_look(&services, &visit, Some(problem)).await,
    };
    let back = std::mem::take(&mut chosen.back);
    let mut headers = HeaderMap::new();
    for (cookie, chosen) in chosen.cookies() {
        if let Ok(line) =
            HeaderValue::from_str(&format!("{cookie}={chosen}; Path=/; Max-Age={KEPT_S}; SameSite=Lax"))
        {
            headers.append(header::SET_COOKIE, line);
        }
    }
    // Only to a page of Tacho's own.
    let is_own = back.starts_with('/') && !back.starts_with("//") && back.bytes().all(is_of_an_address);
    (headers, Redirect::to(if is_own { &back } else { "/settings" })).into_response()
}

/// Whether a byte may stand in the address that a form leads to. What browsers leave out or take for a slash may not.
fn is_of_an_address(byte: u8) -> bool {
    byte.is_ascii_graphic() && byte != b'\\'
}

/// `GET /settings/connect`
pub async fn connect(State(services): State<Services>, visit: Visit) -> Response {
    let reader = visit.reader(&services.dashboard);
    let text = reader.text();
    let heard = services.dashboard.read_heard().await.map(|heard| html(drawn::heard(&reader, &heard)));
    page(&visit, &reader, "/settings/connect", text.frame.connect, text.connect.lead)
        .with_drawn("heard", heard)
        .with("connect", drawn::connect(&reader, &services.dashboard.ways()))
        .response(&services, reader)
        .await
}

/// `GET /settings/health`
pub async fn health(State(services): State<Services>, visit: Visit) -> Response {
    let reader = visit.reader(&services.dashboard);
    let text = reader.text();
    let health = Arc::clone(&services.dashboard).health_page().await;
    let drawn = health.map(|health| html(drawn::health(&reader, &health))).map_err(Problem::from);
    page(&visit, &reader, "/settings/health", text.frame.health, text.health.lead)
        .with_drawn("health", drawn)
        .response(&services, reader)
        .await
}
