//! All that can be done, as a page.

use app::frame::{Frame, Section, commands};
use app::pages::search::search;
use axum::extract::State;
use axum::response::Response;

use super::super::services::Services;
use super::page::{Page, back};
use super::visit::Visit;

/// `GET /search`
pub async fn page(State(services): State<Services>, visit: Visit) -> Response {
    let reader = visit.reader(&services.dashboard);
    let frame = Frame {
        place: Section::Nowhere,
        back: back(&visit, Section::Nowhere),
        view: visit.view.clone(),
        stretch: None,
        open_alerts: (0, vocabulary::Severity::Ok),
        theme: visit.theme,
    };
    let asked = visit.value("q").unwrap_or_default().to_owned();
    let found = search(&reader, commands(&reader, &frame), &asked);
    Page::new(&visit, reader.text().frame.palette.to_owned())
        .with("search", found)
        .response(&services, reader)
        .await
}
