//! Who asks for a page, and how they read: from the address, from what the browser says, and from its cookies.

use std::collections::HashSet;
use std::convert::Infallible;

use app::frame::Theme;
use app::pages::settings::ZoneChoice;
use app::reader::Reader;
use app::text::Language;
use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::uri::PathAndQuery;
use axum::http::{Method, header};
use jiff::tz::TimeZone;
use vocabulary::view::{Nonsense, View};

use super::super::drawn::{GoesBy, RegionKey};
use super::super::language::{Cookies, language};
use super::super::services::Services;
use crate::access::host;
use crate::dashboard::stretch::{Resolved, resolve};
use crate::dashboard::{Dashboard, zone, zone_name};

/// The marks of the regions that a browser has.
const HAVE: &str = "x-tacho-have";
/// Stands for the marks of all of them.
const HAVE_ALL: &str = "*";
/// How wide a plot may be in the window that asks, in pixels.
const WIDTH_OF_WINDOW: &str = "x-tacho-width";
/// Marks that are read at most; a page has fewer.
const MOST_MARKS: usize = 64;
/// How wide a plot may be drawn, in pixels, and how wide it is until the browser has told.
const WIDTHS: std::ops::RangeInclusive<u32> = 240..=1_680;
const WIDTH: u32 = 1_360;
const WIDTH_OF_PHONE: u32 = 358;
/// The names under which an address says a stretch of time; of several the first holds.
const WAYS: [&str; 3] = ["at", "from", "range"];
/// Over which time it is known when clocks were changed: from before anything that is stored, to after the windows of now.
const CLOCKS_FROM_MS: i64 = 946_684_800_000;
const CLOCKS_AHEAD_MS: i64 = 400 * 86_400_000;
/// The longest name of a time zone that is looked up.
const LONGEST_ZONE: usize = 64;

/// What is asked for, and by whom.
#[derive(Debug, Clone)]
pub struct Visit {
    /// What the address says is shown.
    pub view: View,
    /// What of the address made no sense.
    pub nonsense: Vec<Nonsense>,
    /// The address it is asked for under: host, path and query string.
    pub address: String,
    /// Path and query string, of a page that is come back to under them; nothing of one that answers a form.
    pub here: Option<String>,
    /// All pairs of the query string.
    pub pairs: Vec<(String, String)>,
    pub language: Language,
    pub theme: Option<Theme>,
    pub zone_choice: ZoneChoice,
    pub browser_zone: Option<String>,
    /// The clock that times are told by.
    pub zone: TimeZone,
    /// How wide a plot is, in pixels.
    pub width: u32,
    /// The width or the clock is not known yet.
    pub is_guessed: bool,
    /// Single keys do something.
    pub has_keys: bool,
    /// The marks of what the browser has; nothing where it opens the page.
    pub have: Option<HashSet<String>>,
}

impl Visit {
    /// Who reads.
    pub fn reader(&self, dashboard: &Dashboard) -> Reader {
        let now_ms = dashboard.now_ms();
        Reader {
            language: self.language,
            zone: zone(&self.zone, CLOCKS_FROM_MS, now_ms + CLOCKS_AHEAD_MS),
            now_ms,
        }
    }

    /// The stretch of time that is shown. What cannot be shown is told as nonsense.
    pub fn stretch(&mut self, dashboard: &Dashboard) -> Resolved {
        let resolved = resolve(self.view.stretch, dashboard.now_ms(), &self.zone);
        let Some(reason) = resolved.refused else { return resolved };
        let said = self.view.stretch.pairs();
        let value = said.iter().map(|(_, value)| value.as_str()).collect::<Vec<_>>().join(" ");
        let name = said.first().map_or("range", |(name, _)| name.as_str());
        self.nonsense.push(Nonsense::new(name, &value, reason));
        let shown = self.said_beside(dashboard).unwrap_or(resolved);
        self.view.stretch = shown.stretch;
        shown
    }

    /// The stretch that the address says beside one that cannot be shown: what was shown when that was typed.
    fn said_beside(&self, dashboard: &Dashboard) -> Option<Resolved> {
        let mut pairs: Vec<_> =
            self.pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        WAYS[..2].iter().find_map(|way| {
            pairs.retain(|(name, _)| name != way);
            let stretch = View::read(pairs.iter().copied()).0.stretch;
            let resolved = resolve(stretch, dashboard.now_ms(), &self.zone);
            resolved.refused.is_none().then_some(resolved)
        })
    }

    /// The address says more than one stretch of time.
    pub fn is_said_twice(&self) -> bool {
        let is_said = |way: &&&str| self.value(way).is_some_and(|value| !value.is_empty());
        WAYS.iter().filter(is_said).count() > 1
    }

    /// The browser has the page open and asks for no part of it: it wants to know what its tab is to show.
    pub fn has_all(&self) -> bool {
        self.have.as_ref().is_some_and(|have| have.contains(HAVE_ALL))
    }

    /// The key of a region as this visit sees it.
    pub fn key(&self, region: &'static str, goes_by: GoesBy) -> RegionKey {
        RegionKey {
            region,
            view: (goes_by >= GoesBy::View).then(|| self.view.clone()),
            language: self.language,
            zone: zone_name(&self.zone),
            width: (goes_by >= GoesBy::Width).then_some(self.width),
        }
    }

    /// A value of the query string.
    pub fn value(&self, name: &str) -> Option<&str> {
        self.pairs.iter().rev().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

impl FromRequestParts<Services> for Visit {
    type Rejection = Infallible;

    async fn from_request_parts(parts: &mut Parts, services: &Services) -> Result<Self, Infallible> {
        let query = parts.uri.query().unwrap_or_default();
        let host = host::named(&parts.uri, &parts.headers).flatten().next().unwrap_or_default();
        let address = format!("{host}{}", parts.uri.path_and_query().map_or("/", PathAndQuery::as_str));
        let here = (parts.method != Method::POST)
            .then(|| parts.uri.path_and_query().map_or("/", PathAndQuery::as_str).to_owned());
        let pairs: Vec<(String, String)> =
            url::form_urlencoded::parse(query.as_bytes()).into_owned().collect();
        let (view, nonsense) = View::read(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        let cookies = Cookies::of(&parts.headers);
        let browser_zone = cookies.read("tacho_browser_zone").filter(|name| time_zone(name).is_some());
        let zone_choice =
            cookies.read("tacho_zone").and_then(|word| ZoneChoice::of_word(&word)).unwrap_or_default();
        let configured = services.dashboard.configured_zone().clone();
        let zone = match (zone_choice, &browser_zone) {
            (ZoneChoice::Utc, _) => TimeZone::UTC,
            (ZoneChoice::Browser, Some(name)) => time_zone(name).unwrap_or(configured),
            (ZoneChoice::Browser | ZoneChoice::Configured, _) => configured,
        };
        let text = |name: &str| parts.headers.get(name).and_then(|value| value.to_str().ok());
        // The cookie is that of whichever window was last to tell.
        let told_width = text(WIDTH_OF_WINDOW).map(str::to_owned).or_else(|| cookies.read("tacho_width"));
        let told_width = told_width.and_then(|width| width.parse::<u32>().ok());
        let is_phone = text(header::USER_AGENT.as_str()).is_some_and(|agent| agent.contains("Mobi"));
        let guess = if is_phone { WIDTH_OF_PHONE } else { WIDTH };
        let have = text(HAVE);
        Ok(Visit {
            view,
            nonsense,
            address,
            here,
            language: language(&parts.headers),
            theme: cookies.read("tacho_theme").and_then(|word| Theme::of_word(&word)),
            zone,
            width: told_width.unwrap_or(guess).clamp(*WIDTHS.start(), *WIDTHS.end()),
            is_guessed: told_width.is_none() || zone_choice == ZoneChoice::Browser && browser_zone.is_none(),
            zone_choice,
            browser_zone,
            has_keys: cookies.read("tacho_keys").as_deref() != Some("off"),
            have: have.map(|marks| marks.split(' ').take(MOST_MARKS).map(str::to_owned).collect()),
            pairs,
        })
    }
}

/// A time zone by its name.
fn time_zone(name: &str) -> Option<TimeZone> {
    (name.len() <= LONGEST_ZONE).then(|| TimeZone::get(name).ok())?
}
