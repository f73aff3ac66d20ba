//! `GET /v1/series` and `GET /v1/alerts`: what the charts and the feed show.

use std::sync::Arc;

use app::api::alerts::Feed;
use app::api::series::Series;
use axum::Json;
use axum::extract::State;

use super::error::HttpError;
use super::gate::Reader;
use super::question::RawQuestion;
use crate::dashboard::Dashboard;

/// One measure over time.
pub async fn series(
    _: Reader,
    State(dashboard): State<Arc<Dashboard>>,
    question: RawQuestion,
) -> Result<Json<Series>, HttpError> {
    let question = question.series(dashboard.now_ms())?;
    Ok(Json(dashboard.read_series(&question).await?))
}

/// The latest alert transitions; with `state` only those that ended in it.
pub async fn alerts(
    _: Reader,
    State(dashboard): State<Arc<Dashboard>>,
    question: RawQuestion,
) -> Result<Json<Feed>, HttpError> {
    Ok(Json(dashboard.read_feed(question.limit(100)?, question.state()?).await?))
}
