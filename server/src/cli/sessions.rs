//! `tacho sessions`

use std::process::ExitCode;

use clap::Subcommand;
use domain::time::rfc3339;

use super::keys::note;
use super::{Failure, Settings};
use crate::access::agent;
use crate::assembly::open_store;
use crate::clock::Clock;
use crate::secrets::session;
use crate::store::{Access, Action};

#[derive(Debug, Subcommand)]
pub enum Sessions {
    /// List the sessions of browsers that are signed in
    List,
    /// End a session, or all: the browser has to sign in again
    End {
        /// Its id, as `tacho sessions list` shows it
        #[arg(required_unless_present = "all")]
        id: Option<String>,
        /// All of them
        #[arg(long, conflicts_with = "id")]
        all: bool,
    },
}

impl Sessions {
    pub async fn run(self, settings: &Settings) -> Result<ExitCode, Failure> {
        let config = settings.load()?.config;
        super::require_data(&config)?;
        let store = open_store(&config).await?;
        let now_ms = Clock::system().now_ms();
        let mut sessions = store.sessions().await?;
        sessions.retain(|(_, known)| session::is_valid(known, now_ms));
        match self {
            Sessions::List => {
                println!("{:<12}  {:<24}  {:<24}  {:<15}  BROWSER", "ID", "OPENED", "LAST USED", "ADDRESS");
                for (hash, known) in sessions {
                    let address = known.address.map(|address| address.to_string()).unwrap_or_default();
                    println!(
                        "{:<12}  {:<24}  {:<24}  {address:<15}  {}",
                        session::public_id(&hash),
                        rfc3339(known.created_at_ms),
                        rfc3339(known.last_used_at_ms),
                        agent::agent_in_words(&known.agent)
                    );
                }
            }
            Sessions::End { id, all } => {
                sessions.retain(|(hash, _)| all || id.as_deref() == Some(&session::public_id(hash)));
                if let Some(id) = id.filter(|_| sessions.is_empty()) {
                    return Err(
                        format!("there is no session `{id}`; `tacho sessions list` shows them").into()
                    );
                }
                for (hash, _) in &sessions {
                    store.delete_session(*hash).await?;
                    note(&store, now_ms, Action::SessionEnded, &session::public_id(hash), None).await?;
                }
                println!("ended {}", vocabulary::wording::count(sessions.len() as u64, "session"));
            }
        }
        store.close().await;
        Ok(ExitCode::SUCCESS)
    }
}
