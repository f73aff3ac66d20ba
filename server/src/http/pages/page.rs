//! A page on its way out: its regions, each with a mark, without those that the browser has.

use std::hash::{DefaultHasher, Hash, Hasher};

use app::frame::{self, Frame, Section, StretchLinks};
use app::reader::Reader;
use app::shell::{Assets, Document, Region, document, failure};
use app::text::RefusalsTexts;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use leptos::prelude::{AnyView, RenderHtml};
use vocabulary::{Problem, Severity};

use super::super::drawn::Html;
use super::super::services::Services;
use super::visit::Visit;
use crate::dashboard::stretch::Resolved;

/// A page.
pub struct Page<'a> {
    visit: &'a Visit,
    title: String,
    place: Section,
    state: Option<Severity>,
    status: StatusCode,
    stretch: Option<&'a Resolved>,
    refusal: Option<Problem>,
    regions: Vec<(&'static str, Drawn)>,
}

/// What a region shows, or why there is nothing; nothing at all where what the browser has is to stay.
type Drawn = Option<Result<Html, Problem>>;

/// A view as HTML.
pub fn html(view: impl Into<Option<AnyView>>) -> Html {
    view.into().map(RenderHtml::to_html).unwrap_or_default().into()
}

impl<'a> Page<'a> {
    /// An empty page.
    pub fn new(visit: &'a Visit, title: String) -> Self {
        Page {
            visit,
            title,
            place: Section::Nowhere,
            state: None,
            status: StatusCode::OK,
            stretch: None,
            refusal: None,
            regions: Vec::new(),
        }
    }

    /// Where it is.
    pub fn at(self, place: Section) -> Self {
        Page { place, ..self }
    }

    /// With a status that is not 200.
    pub fn of_status(self, status: StatusCode) -> Self {
        Page { status, ..self }
    }

    /// With a state that colours its icon.
    pub fn in_state(self, state: Severity) -> Self {
        Page { state: Some(state), ..self }
    }

    /// Over a stretch of time.
    pub fn over(self, stretch: &'a Resolved) -> Self {
        Page { stretch: Some(stretch), ..self }
    }

    /// With why what was sent is refused.
    pub fn refused(self, refusal: Option<Problem>) -> Self {
        let status = refusal
            .as_ref()
            .map_or(self.status, |problem| super::super::HttpError::from(problem.clone()).status());
        Page { refusal, status, ..self }
    }

    /// With the status of why what was sent is refused, which a region says beside the form.
    pub fn refused_beside(self, refusal: Option<Problem>) -> Self {
        Page { refusal: None, ..self.refused(refusal) }
    }

    /// With a region.
    pub fn with(self, name: &'static str, view: impl Into<Option<AnyView>>) -> Self {
        self.with_drawn(name, Ok(html(view)))
    }

    /// With a region that may have failed.
    pub fn with_drawn(mut self, name: &'static str, drawn: Result<Html, Problem>) -> Self {
        self.regions.push((name, Some(drawn)));
        self
    }

    /// With a region that stays as the browser has it.
    pub fn with_kept(mut self, name: &'static str) -> Self {
        self.regions.push((name, None));
        self
    }

    /// The answer.
    pub async fn response(self, services: &Services, reader: Reader) -> Response {
        let Page { visit, title, place, state, status, stretch, refusal, regions } = self;
        let refusals = &reader.text().refusals;
        let region = |name, drawn| region(visit, refusals, name, drawn);
        let regions = regions.into_iter().map(|(name, drawn)| region(name, drawn)).collect();
        let links = |stretch: &Resolved| StretchLinks {
            from_s: stretch.from_ms / 1_000,
            to_s: stretch.to_ms / 1_000,
            earlier: stretch.earlier(),
            later: stretch.later(),
            doubled: stretch.doubled(),
        };
        let frame = Frame {
            place,
            back: back(visit, place),
            view: visit.view.clone(),
            stretch: stretch.map(links),
            open_alerts: services.dashboard.open_alerts().await,
            theme: visit.theme,
        };
        let bundle = services.bundle;
        let assets = Assets { css: bundle.css_path(), script: bundle.script_path(), build: bundle.build() };
        let page = document(Document {
            reader: &reader,
            theme: visit.theme,
            assets: &assets,
            frame: &frame,
            address: &visit.address,
            title,
            state,
            has_no_keys: !visit.has_keys,
            is_guessed: visit.is_guessed,
            refusal: refusal.map(|problem| refusals.sentence(&problem)),
            bar: region("bar", Some(Ok(html(frame::bar(&reader, &frame))))),
            regions,
            dialogs: region("dialogs", Some(Ok(html(frame::dialogs(&reader, &frame))))),
        });
        (status, axum::response::Html(page)).into_response()
    }
}

/// Where a form of the frame leads back to.
pub(super) fn back(visit: &Visit, place: Section) -> String {
    visit.here.clone().unwrap_or_else(|| visit.view.address(frame::path(place)))
}

fn region(visit: &Visit, refusals: &RefusalsTexts, name: &'static str, drawn: Drawn) -> Region {
    let has_failed = matches!(drawn, Some(Err(_)));
    let html: Option<Html> = match drawn {
        Some(Ok(html)) => Some(html),
        Some(Err(problem)) => Some(failure(&refusals.sentence(&problem)).into()),
        None => None,
    };
    let Some(html) = html else { return Region { name, mark: String::new(), html: None, has_failed } };
    let mut hasher = DefaultHasher::new();
    (name, &*html).hash(&mut hasher);
    let mark = format!("{:x}", hasher.finish());
    let has = visit.has_all() || visit.have.as_ref().is_some_and(|have| have.contains(&mark));
    Region { name, mark, html: (!has).then(|| html.to_string()), has_failed }
}
