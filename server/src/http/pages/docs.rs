//! The documentation of this version.

use app::documents::{Doc, INDEX};
use app::pages::docs::docs;
use axum::extract::{Path, State};
use axum::http::HeaderMap;
use axum::response::Response;

use super::super::services::Services;
use super::page::Page;
use super::visit::Visit;

/// `GET /docs`: what there is to read.
pub async fn index(services: State<Services>, visit: Visit, headers: HeaderMap) -> Response {
    page(services, visit, headers, Path(INDEX.to_owned())).await
}

/// `GET /docs/{name}`
pub async fn page(
    services: State<Services>,
    visit: Visit,
    headers: HeaderMap,
    Path(name): Path<String>,
) -> Response {
    let Some(doc) = Doc::of_name(&name) else { return super::lost(services, visit, headers).await };
    let State(services) = services;
    let reader = visit.reader(&services.dashboard);
    let drawn = docs(&reader, doc);
    Page::new(&visit, doc.title().to_owned()).with("docs", drawn).response(&services, reader).await
}
