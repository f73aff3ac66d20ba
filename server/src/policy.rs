//! The limits a configuration brings, and the example plan of a fresh start.

use domain::limits::{Limit, Scope, Source, kind, kind_to_add};
use domain::usage::{Endpoints, redacted};
use sha2::{Digest, Sha256};

use crate::assembly::StartError;
use crate::config::{Config, LimitEntry};
use crate::dashboard::limits::{ScopeField, endpoints, scope};
use crate::store::Store;

/// An example to edit, so that a fresh start warns of something.
const EXAMPLE: [(&str, &str, i64); 2] = [
    ("Requests per minute (example)", "requests_per_minute", 60),
    ("Tokens per day (example)", "tokens_per_day", 1_000_000),
];

/// Brings the stored limits in line with the configuration: those it names are put, those it no longer names
/// are removed. A fresh store without any gets the example plan.
pub async fn apply(store: &dyn Store, config: &Config, fresh: bool, now_ms: i64) -> Result<(), StartError> {
    let stored = store.limits().await?;
    let mut wanted = Vec::new();
    for entry in &config.limits {
        wanted.push(read(entry)?);
    }
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
    if fresh && config.limits.is_empty() && stored.is_empty() {
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

/// Whether the limits of a configuration make sense.
pub fn check(config: &Config) -> Result<(), StartError> {
    config.limits.iter().try_for_each(|entry| read(entry).map(|_| ()))
}

fn read(entry: &LimitEntry) -> Result<Limit, StartError> {
    let name = redacted(entry.name.clone());
    let wrong = |reason: String| StartError::Limit(format!("{}: limit `{name}`: {reason}", entry.place));
    let kind = kind_to_add(&entry.kind).ok_or_else(|| {
        let words: Vec<&str> = domain::limits::KINDS.iter().map(|kind| kind.word).collect();
        wrong(format!("`{}` is no kind of limit; there are: {}", entry.kind, words.join(", ")))
    })?;
    let field = ScopeField { dimension: entry.scope.dimension.clone(), value: entry.scope.value.clone() };
    let limit = Limit {
        // The same limit keeps its id, its alerts and its history over restarts.
        id: file_id(entry),
        name: entry.name.clone(),
        kind,
        amount: kind.unit.parse(entry.amount).map_err(|error| wrong(error.to_string()))?,
        scope: scope(field).map_err(|error| wrong(error.message))?,
        time_zone: entry.time_zone.clone(),
        warn_percent: entry.warn_percent,
        critical_percent: entry.critical_percent,
        source: Source::File,
        enabled: true,
        enforce: entry.enforce,
        endpoints: endpoints(entry.endpoints.as_deref()).map_err(|error| wrong(error.message))?,
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
