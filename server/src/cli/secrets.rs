//! `tacho secrets`

use std::process::ExitCode;

use clap::Subcommand;

use super::keys::note;
use super::{Failure, Settings};
use crate::assembly::{forget_secrets, open_store};
use crate::clock::Clock;
use crate::store::{Action, StoreError};

#[derive(Debug, Subcommand)]
pub enum SecretsCommand {
    /// Give up the secrets in the database when the key they are sealed with is lost: channels are switched off and have
    /// to be added anew, and API keys get new fingerprints; everything else stays
    Forget,
}

impl SecretsCommand {
    pub async fn run(self, settings: &Settings) -> Result<ExitCode, Failure> {
        let config = settings.load()?.config;
        super::require_data(&config)?;
        match open_store(&config).await {
            Ok(store) => {
                store.close().await;
                println!("nothing to give up: the secrets can be opened");
            }
            Err(StoreError::KeyMissing { .. } | StoreError::KeyOther { .. }) => {
                forget_secrets(&config).await?;
                let store = open_store(&config).await?;
                note(&store, Clock::system().now_ms(), Action::SecretsForgotten, "", None).await?;
                store.close().await;
                println!(
                    "gave up what was sealed; remove the channels that are switched off, and add them anew"
                );
            }
            Err(error) => return Err(error.into()),
        }
        Ok(ExitCode::SUCCESS)
    }
}
