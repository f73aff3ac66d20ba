//! Somebody who receives the demo's alerts, on this machine, and is slow to understand every third.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use axum::Router;
use axum::http::StatusCode;
use axum::routing::post;
use tokio::net::TcpListener;

use crate::alert::channel::webhook;
use crate::alert::outbox::Channel;
use crate::assembly::open_store;
use crate::config::Config;
use crate::secrets::signature::Secret;
use crate::store::{Registry, StoreError};

/// Starts the receiver and adds the channel to it.
pub async fn receive(config: &Config, now_ms: i64) -> Result<(), StoreError> {
    let unusable =
        |error: std::io::Error| StoreError::Unusable { path: "127.0.0.1".into(), reason: error.to_string() };
    let listener = TcpListener::bind("127.0.0.1:0").await.map_err(unusable)?;
    let url = format!("http://{}/alerts", listener.local_addr().map_err(unusable)?);
    let heard = Arc::new(AtomicU32::new(0));
    let answer = move || async move {
        match heard.fetch_add(1, Ordering::Relaxed) % 3 {
            2 => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::NO_CONTENT,
        }
    };
    tokio::spawn(async move { axum::serve(listener, Router::new().route("/alerts", post(answer))).await });
    let store = open_store(config).await?;
    let channel = Channel {
        id: "chn_demo".to_owned(),
        kind: webhook::KIND.to_owned(),
        name: "The demo's receiver".to_owned(),
        url,
        secret: Secret::generate(),
        failing_since_ms: None,
        failed_attempts: 0,
        created_at_ms: now_ms,
    };
    store.put_channel(&channel).await?;
    store.close().await;
    Ok(())
}
