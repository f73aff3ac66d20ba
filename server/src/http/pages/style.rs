//! Every part of the interface in every state, for who works on it.

use app::pages::style::style;
use axum::extract::State;
use axum::http::HeaderMap;
use axum::response::Response;

use super::super::services::Services;
use super::lost;
use super::page::Page;
use super::visit::Visit;

/// `GET /style`, of the demo and of development builds. Elsewhere there is no such page.
pub async fn page(State(services): State<Services>, visit: Visit, headers: HeaderMap) -> Response {
    if !services.has_style_page {
        return lost(State(services), visit, headers).await;
    }
    let reader = visit.reader(&services.dashboard);
    let parts = style(&reader);
    let page = Page::new(&visit, "Style".to_owned());
    let page = parts.into_iter().fold(page, |page, (name, part)| page.with(name, part));
    page.response(&services, reader).await
}
