//! Tables of pages as files, for spreadsheets.

use axum::extract::State;
use axum::http::{HeaderName, header};
use axum::response::{IntoResponse, Response};
use vocabulary::Dimension;

use super::super::HttpError;
use super::super::services::Services;
use super::visit::Visit;

/// Where the tables of the first page are.
pub const USAGE: &str = "/usage.csv";

/// `GET /usage.csv`: the table by one dimension, of exactly what the page with this address shows.
pub async fn usage(State(services): State<Services>, mut visit: Visit) -> Result<Response, HttpError> {
    let stretch = visit.stretch(&services.dashboard);
    let by = visit.value("dimension").and_then(|word| word.parse().ok()).unwrap_or(Dimension::Model);
    let csv = services.dashboard.breakdown_csv(&visit.view, &stretch, by).await?;
    let name = format!("attachment; filename=\"usage-by-{}.csv\"", by.word());
    let headers: [(HeaderName, &str); 2] =
        [(header::CONTENT_TYPE, "text/csv; charset=utf-8"), (header::CONTENT_DISPOSITION, &name)];
    Ok((headers, csv).into_response())
}
