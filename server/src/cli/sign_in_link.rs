//! `tacho sign-in-link`

use std::process::ExitCode;

use super::{Failure, Settings};
use crate::assembly::{open_store, sign_in_link};
use crate::clock::Clock;

pub async fn run(settings: &Settings) -> Result<ExitCode, Failure> {
    let config = settings.load()?.config;
    let store = open_store(&config).await?;
    let base_url = if config.public_url.is_empty() {
        format!("http://{}", config.listen)
    } else {
        config.public_url.clone()
    };
    println!("{}", sign_in_link(&store, &base_url, Clock::system().now_ms()).await?);
    store.close().await;
    Ok(ExitCode::SUCCESS)
}
