//! `tacho sign-in-link`

use std::process::ExitCode;

use super::keys::note;
use super::{Failure, Settings};
use crate::access::sign_in_link;
use crate::assembly::{address_file, open_store};
use crate::clock::Clock;
use crate::store::Action;

pub async fn run(settings: &Settings) -> Result<ExitCode, Failure> {
    let config = settings.load()?.config;
    super::require_data(&config)?;
    let store = open_store(&config).await?;
    // Where the server really is: it may listen on a port that was free, or was told by a flag.
    let base_url = std::fs::read_to_string(address_file(&config.data_dir))
        .map_err(|_| "no server has run on this data yet: start `tacho` first")?;
    let now_ms = Clock::system().now_ms();
    let link = sign_in_link(&store, &base_url, now_ms).await?;
    note(&store, now_ms, Action::LinkMade, "", None).await?;
    println!("{link}");
    store.close().await;
    Ok(ExitCode::SUCCESS)
}
