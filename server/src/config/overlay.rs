//! Lays file, environment and flags over the defaults.

use std::collections::BTreeMap;
use std::path::PathBuf;

use toml::Value;

use super::error::{ConfigError, one_line};
use super::{Config, DEFAULTS, defaults, environment, file};
use crate::private;

/// Where settings come from besides the defaults.
#[derive(Debug, Default)]
pub struct SettingSources {
    /// The file; it must exist when it is named.
    pub file: Option<PathBuf>,
    pub environment: BTreeMap<String, String>,
    /// `--listen`
    pub listen: Option<String>,
    /// `--data-dir`
    pub data_dir: Option<PathBuf>,
}

/// What was found.
#[derive(Debug)]
pub struct Loaded {
    pub config: Config,
    /// The file they come from, if there is one.
    pub file: Option<PathBuf>,
    /// What looks like a mistake but stops nothing.
    pub warnings: Vec<String>,
}

/// A file that is read when it is there.
const BESIDE: &str = "tacho.toml";

impl Config {
    /// Reads all sources.
    pub fn load(sources: SettingSources) -> Result<Loaded, ConfigError> {
        let mut settings = defaults();
        let file = match sources.file.clone() {
            Some(named) => Some(named),
            None => find(&sources)?,
        };
        let mut places = Vec::new();
        if let Some(path) = &file {
            (settings, places) = file::read(path)?;
        }
        let warnings = environment::lay_over(&mut settings, &sources.environment)?;
        if let Some(listen) = sources.listen {
            settings.insert("listen".to_owned(), listen.into());
        }
        if let Some(data_dir) = sources.data_dir {
            settings.insert("data_dir".to_owned(), data_dir.to_string_lossy().into_owned().into());
        }
        let mut config: Config = Value::Table(settings).try_into().map_err(|error: toml::de::Error| {
            let path = file.clone().unwrap_or_else(|| BESIDE.into());
            ConfigError::File { path, line: 1, problem: one_line(error.message()) }
        })?;
        for (limit, place) in config.limits.iter_mut().zip(places) {
            limit.place = place;
        }
        Ok(Loaded { config, file, warnings })
    }

    /// The commented defaults.
    pub fn defaults_text() -> &'static str {
        DEFAULTS
    }
}

fn find(sources: &SettingSources) -> Result<Option<PathBuf>, ConfigError> {
    let named = || sources.environment.get("TACHO_DATA_DIR").map(PathBuf::from);
    let data_dir = sources.data_dir.clone().or_else(named).unwrap_or_else(|| "./tacho-data".into());
    let found = [PathBuf::from(BESIDE), data_dir.join(BESIDE)].into_iter().find(|path| path.is_file());
    match found.as_deref().map(private::trusted) {
        Some(Err(source)) => Err(ConfigError::Foreign { path: found.unwrap_or_default(), source }),
        _ => Ok(found),
    }
}
