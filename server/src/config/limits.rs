//! The limits a configuration brings, and the example plan of a fresh start.

use domain::limits::{Limit, Scope, Source, kind, kind_to_add};
use domain::usage::{Endpoints, redacted};
use sha2::{Digest, Sha256};

use crate::config::{Config, LimitEntry};
use crate::store::{Store, StoreError};

/// An example to edit, so that a fresh start warns of something.
const EXAMPLE: [(&str, &str, i64); 2] = [
    ("Requests per minute (example)", "requests_per_minute", 60),
    ("Tokens per day (example)", "tokens_per_day", 1_000_000),
];

/// A limit of the configuration that makes no sense.
#[derive(Debug, thiserror::Error)]
#[error("{0}")]
pub struct WrongLimit(String);

/// The limits that a configuration names.
pub fn of_file(config: &Config) -> Result<Vec<Limit>, WrongLimit> {
    config.limits.iter().map(read).collect()
}

/// Brings the stored limits in line with the configuration: those it names are put, those it no longer names
/// are removed. A fresh store without any gets the example plan.
pub async fn apply(
    store: &dyn Store,
    wanted: Vec<Limit>,
    fresh: bool,
    now_ms: i64,
) -> Result<(), StoreError> {
    let stored = store.limits().await?;
    let gets_example = fresh && wanted.is_empty() && stored.is_empty();
    for old in stored.iter().filter(|limit| limit.source == Source::File) {
        if !wanted.iter().any(|limit: &Limit| limit.id == old.id) {
            store.delete_limit(&old.id).await?;
        }
    }
    for mut limit in wanted {
        if let Some(old) = stored.iter().find(|old| old.id == limit.id) {
            limit.revision = old.revision;
            if limit != *old {
                limit.revision += 1;
            }
        }
        store.put_limit(&limit, now_ms).await?;
    }
    if gets_example {
        for (name, word, amount) in EXAMPLE {
            let Some(kind) = kind(word) else { continue };
            let limit = Limit {
                id: domain::time::new_id("lim", now_ms),
                name: name.to_owned(),
                kind,
                amount,
                scope: Scope::Everything,
                time_zone: None,
                warn_percent: 80,
                critical_percent: 100,
                source: Source::Preset,
                enabled: true,
                enforce: false,
                endpoints: Endpoints::default(),
                revision: 1,
            };
            store.put_limit(&limit, now_ms).await?;
        }
    }
    Ok(())
}

fn read(entry: &LimitEntry) -> Result<Limit, WrongLimit> {
    let name = redacted(entry.name.clone());
    let wrong = |reason: String| WrongLimit(format!("{}: limit `{name}`: {reason}", entry.place));
    let kind = kind_to_add(&entry.kind).ok_or_else(|| {
        let words: Vec<&str> = domain::limits::KINDS.iter().map(|kind| kind.word).collect();
        wrong(format!("`{}` is no kind of limit; there are: {}", entry.kind, words.join(", ")))
    })?;
    let limit = Limit {
        // The same limit keeps its id, its alerts and its history over restarts.
        id: file_id(entry),
        name: entry.name.clone(),
        kind,
        amount: kind.unit.parse(entry.amount).map_err(|error| wrong(error.to_string()))?,
        scope: Scope::of_words(entry.scope.dimension.as_deref(), entry.scope.value.clone())
            .map_err(|error| wrong(error.to_string()))?,
        time_zone: entry.time_zone.clone(),
        warn_percent: entry.warn_percent,
        critical_percent: entry.critical_percent,
        source: Source::File,
        enabled: true,
        enforce: entry.enforce,
        endpoints: match &entry.endpoints {
            Some(words) => Endpoints::of_words(words.iter().map(String::as_str))
                .map_err(|error| wrong(error.to_string()))?,
            None => Endpoints::default(),
        },
        revision: 1,
    };
    limit.check().map_err(|error| wrong(error.to_string()))?;
    Ok(limit)
}

fn file_id(entry: &LimitEntry) -> String {
    let mut hash = Sha256::new();
    for part in [
        entry.name.as_str(),
        &entry.kind,
        entry.scope.dimension.as_deref().unwrap_or_default(),
        entry.scope.value.as_deref().unwrap_or_default(),
    ] {
        hash.update(part);
        hash.update([0]);
    }
    let digest = hash.finalize();
    let mut id = String::from("lim_file_");
    for byte in &digest[..10] {
        id.push_str(&format!("{byte:02x}"));
    }
    id
}
