//! Whether Tacho lives, and whether it can do its work.

use std::sync::Arc;

use axum::extract::State;
use vocabulary::Problem;

use super::error::HttpError;
use crate::record::recorder::Recorder;
use crate::store::{READ_ONLY, Store};

/// `GET /healthz`: the process answers.
pub async fn alive() -> &'static str {
    "ok\n"
}

/// `GET /readyz`: the database answers, too, and stores.
pub async fn ready(
    State(store): State<Arc<dyn Store>>,
    State(recorder): State<Recorder>,
) -> Result<&'static str, HttpError> {
    store.has_events().await?;
    if recorder.is_read_only() {
        return Err(Problem::read_only(format!("{READ_ONLY}; make room for it")).into());
    }
    Ok("ready\n")
}
