//! Tables of pages as files, for spreadsheets.

use axum::extract::State;
use axum::http::{HeaderName, header};
use axum::response::{IntoResponse, Response};
use vocabulary::{Dimension, Problem, wording};

use super::super::HttpError;
use super::super::services::Services;
use super::visit::Visit;

/// Where the tables of the first page are.
pub const USAGE: &str = "/usage.csv";

/// `GET /usage.csv`: the table by one dimension, of exactly what the page with this address shows.
pub async fn usage(State(services): State<Services>, mut visit: Visit) -> Result<Response, HttpError> {
    let stretch = visit.stretch(&services.dashboard);
    let by = match visit.value("dimension") {
        None => Dimension::Model,
        Some(word) => word.parse().map_err(|_| refused("dimension", word))?,
    };
    // Nobody sees in a file that it is of something else.
    if let Some(nonsense) = visit.nonsense.first() {
        return Err(refused(&nonsense.name, &nonsense.value));
    }
    let csv = services.dashboard.breakdown_csv(&visit.view, &stretch, by).await?;
    let name = format!("attachment; filename=\"usage-by-{}.csv\"", by.word());
    let headers: [(HeaderName, &str); 2] =
        [(header::CONTENT_TYPE, "text/csv; charset=utf-8"), (header::CONTENT_DISPOSITION, &name)];
    Ok((headers, csv).into_response())
}

fn refused(name: &str, value: &str) -> HttpError {
    let (name, value) = (wording::name(name), wording::name(value));
    let message =
        format!("`{name}` cannot be `{value}`: take the address from the page whose table you want");
    Problem::invalid("invalid_parameter", message).into()
}
