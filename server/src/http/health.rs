//! Whether Tacho lives, and whether it can do its work.

use std::sync::Arc;

use axum::extract::State;

use super::error::HttpError;
use crate::store::Store;

/// `GET /healthz`: the process answers.
pub async fn alive() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: the database answers too.
pub async fn ready(State(store): State<Arc<dyn Store>>) -> Result<&'static str, HttpError> {
    store.has_events().await?;
    Ok("ready\n")
}
