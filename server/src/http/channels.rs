//! `/v1/channels` and `/v1/deliveries`: where alerts go, and what became of them.

use std::sync::Arc;

use app::api::channels::{ChannelItem, DeliveryItem};
use axum::Json;
use axum::extract::rejection::JsonRejection;
use axum::extract::{Path, State};
use axum::http::StatusCode;

use super::callers::{Admin, Viewer};
use super::error::HttpError;
use super::question::RawQuestion;
use crate::commands::Commands;
use crate::commands::channels::{AddedChannel, ChannelEdit, NewChannel};
use crate::dashboard::Dashboard;

/// `GET /v1/channels`
pub async fn list(
    reader: Viewer,
    State(dashboard): State<Arc<Dashboard>>,
) -> Result<Json<Vec<ChannelItem>>, HttpError> {
    let mut channels = dashboard.list_channels().await?;
    for channel in channels.iter_mut().filter(|_| !reader.sees_receivers) {
        channel.url = host_of(&channel.url);
    }
    Ok(Json(channels))
}

/// `POST /v1/channels`: the only answer that holds the signing secret.
pub async fn add(
    admin: Admin,
    State(commands): State<Arc<Commands>>,
    body: Result<Json<NewChannel>, JsonRejection>,
) -> Result<(StatusCode, Json<AddedChannel>), HttpError> {
    Ok((StatusCode::CREATED, Json(commands.create_channel(super::json(body)?, admin.author()).await?)))
}

/// `PATCH /v1/channels/{id}`
pub async fn change(
    admin: Admin,
    State(commands): State<Arc<Commands>>,
    Path(id): Path<String>,
    body: Result<Json<ChannelEdit>, JsonRejection>,
) -> Result<StatusCode, HttpError> {
    commands.edit_channel(&id, super::json(body)?, admin.author()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `DELETE /v1/channels/{id}`
pub async fn remove(
    admin: Admin,
    State(commands): State<Arc<Commands>>,
    Path(id): Path<String>,
) -> Result<StatusCode, HttpError> {
    commands.delete_channel(&id, admin.author()).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// `POST /v1/channels/{id}/test`
pub async fn test(
    admin: Admin,
    State(commands): State<Arc<Commands>>,
    Path(id): Path<String>,
) -> Result<StatusCode, HttpError> {
    commands.send_test(&id, admin.author()).await?;
    Ok(StatusCode::ACCEPTED)
}

/// `GET /v1/deliveries`
pub async fn deliveries(
    reader: Viewer,
    State(dashboard): State<Arc<Dashboard>>,
    question: RawQuestion,
) -> Result<Json<Vec<DeliveryItem>>, HttpError> {
    let mut deliveries = dashboard.list_deliveries(question.limit(50)?).await?;
    for delivery in deliveries.iter_mut().filter(|_| !reader.sees_receivers) {
        // What a receiver inside the network answers is nobody's business.
        delivery.attempts.iter_mut().for_each(|attempt| attempt.response.clear());
    }
    Ok(Json(deliveries))
}

/// `POST /v1/deliveries/{id}/redeliver`
pub async fn redeliver(
    admin: Admin,
    State(commands): State<Arc<Commands>>,
    Path(id): Path<String>,
) -> Result<StatusCode, HttpError> {
    commands.deliver_again(&id, admin.author()).await?;
    Ok(StatusCode::ACCEPTED)
}

/// The host of an address; the rest of it may be a secret.
fn host_of(url: &str) -> String {
    let host = url::Url::parse(url).ok().and_then(|url| url.host_str().map(str::to_owned));
    host.unwrap_or_default()
}
