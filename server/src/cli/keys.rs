//! `tacho keys`

use std::process::ExitCode;

use clap::Subcommand;
use domain::read::bounds::Bounds;
use domain::time::rfc3339;
use domain::usage::{Dimensions, Fingerprints, holds_key, name};
use vocabulary::{Dimension, wording};

use super::{Failure, Settings};
use crate::assembly::{fingerprints, open_store};
use crate::clock::Clock;
use crate::secrets::{Key, KeyScope};
use crate::store::{Access, Action, Audit, Author, Note, StoreError};

#[derive(Debug, Subcommand)]
pub enum Keys {
    /// Make a key and print it: it is shown this once
    Create {
        /// What it may do: ingest, proxy, read or admin
        #[arg(long)]
        scope: KeyScope,
        /// What it is for
        #[arg(long)]
        name: String,
        /// A value that fills what an event leaves out, e.g. project=checkout or label.env=prod; repeatable
        #[arg(long = "default", value_name = "DIMENSION=VALUE")]
        defaults: Vec<String>,
        /// A value that stands whatever the caller says, so that limits hold for callers who would rather be somebody
        /// else, e.g. user=alice; repeatable
        #[arg(long = "bind", value_name = "DIMENSION=VALUE")]
        bound: Vec<String>,
    },
    /// List the keys
    List,
    /// Revoke a key: it stops working within seconds
    Revoke {
        /// Its public part, as `tacho keys list` shows it
        public: String,
    },
}

impl Keys {
    pub async fn run(self, settings: &Settings) -> Result<ExitCode, Failure> {
        let config = settings.load()?.config;
        if super::require_data(&config).is_err() {
            eprintln!("starting new data in {}", super::shown(&config.data_dir));
        }
        let store = open_store(&config).await?;
        let now_ms = Clock::system().now_ms();
        match self {
            Keys::Create { scope, name, defaults, bound } => {
                if holds_key(&name) {
                    return Err(
                        "the name holds an API key or a secret, which is stored nowhere: give it another"
                            .into(),
                    );
                }
                let key = Key::generate(scope);
                let mut stored = key.stored(&name, now_ms);
                let fingerprints = fingerprints(&store).await?;
                stored.defaults = read_defaults(&defaults, &fingerprints)?;
                stored.bound = read_defaults(&bound, &fingerprints)?;
                if !stored.bound.model.is_empty() {
                    return Err("a model cannot be bound: it is what the API says has answered".into());
                }
                store.put_key(&stored).await?;
                let made = serde_json::json!({ "name": name, "scope": scope.word() });
                note(&store, now_ms, Action::KeyMade, key.public(), Some(made)).await?;
                println!("{}", key.reveal());
            }
            Keys::List => {
                println!("{:<10} {:<8} {:<25} {:<8} NAME", "PUBLIC", "SCOPE", "CREATED", "STATE");
                for key in store.keys().await? {
                    let state = if key.revoked_at_ms.is_some() { "revoked" } else { "active" };
                    let created = rfc3339(key.created_at_ms);
                    println!(
                        "{:<10} {:<8} {created:<25} {state:<8} {}",
                        key.public,
                        key.scope.word(),
                        wording::name(&key.name)
                    );
                }
            }
            Keys::Revoke { public } => {
                if !store.revoke_key(&public, now_ms).await? {
                    return Err(format!("there is no key `{public}`; `tacho keys list` shows them").into());
                }
                note(&store, now_ms, Action::KeyRevoked, &public, None).await?;
                println!("revoked {public}");
            }
        }
        store.close().await;
        Ok(ExitCode::SUCCESS)
    }
}

/// Writes down what was done at the command line.
pub(super) async fn note(
    store: &impl Audit,
    at_ms: i64,
    action: Action,
    subject: &str,
    after: Option<serde_json::Value>,
) -> Result<(), StoreError> {
    let note = Note {
        at_ms,
        author: Author::command_line(),
        action,
        subject: subject.to_owned(),
        project: String::new(),
        before: String::new(),
        after: after.map(|after| after.to_string()),
    };
    store.note(&note).await
}

/// Names as events have them: without API keys in them, and a long one as it is cut.
fn read_defaults(pairs: &[String], keys: &Fingerprints) -> Result<Dimensions, Failure> {
    let bounds = Bounds::default();
    let mut dimensions = Dimensions::default();
    let kept = |name: &str, most_bytes| name::kept(name.to_owned(), most_bytes, keys).0;
    for pair in pairs {
        let (name, value) =
            pair.split_once('=').ok_or_else(|| format!("`{pair}` must look like project=checkout"))?;
        match name.strip_prefix("label.") {
            Some(label) => {
                let value = kept(value, bounds.label_value_bytes);
                dimensions.labels.insert(kept(label, bounds.label_key_bytes), value);
            }
            None => {
                *dimensions.get_mut(name.parse::<Dimension>()?) = kept(value, bounds.dimension_bytes);
            }
        }
    }
    Ok(dimensions)
}
