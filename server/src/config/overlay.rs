//! Lays file, environment and flags over the defaults.

use std::collections::BTreeMap;
use std::path::PathBuf;

use toml::{Table, Value};

use super::{Config, DEFAULTS, environment, file};
use crate::access::{AllowedHosts, PublicUrl};
use crate::private;
use crate::proxy::Origins;

/// Where settings come from besides the defaults.
#[derive(Debug, Default)]
pub struct Sources {
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

/// What is wrong with the settings.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("cannot read {path}: {source}. Check --config or TACHO_CONFIG")]
    Read { path: PathBuf, source: std::io::Error },
    /// A file that nobody has named is somebody else's.
    #[error(
        "settings were found in {path}, but {source}. Whoever owns them would decide where calls go: start Tacho elsewhere, or name the file with --config if you trust it"
    )]
    Foreign {
        path: PathBuf,
        /// Whose it is.
        source: std::io::Error,
    },
    #[error("{path}, line {line}: {problem}. `tacho check-config --print-defaults` shows every setting")]
    File {
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        problem: String,
    },
    #[error("the environment variable {name} is wrong: {problem}")]
    Environment {
        /// The variable.
        name: String,
        problem: String,
    },
}

/// A file that is read when it is there.
const BESIDE: &str = "tacho.toml";

impl Config {
    /// Reads all sources.
    pub fn load(sources: Sources) -> Result<Loaded, ConfigError> {
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

pub(super) fn defaults() -> Table {
    // A test reads the same text: a mistake in it does not leave the workshop.
    DEFAULTS.parse().unwrap_or_default()
}

fn find(sources: &Sources) -> Result<Option<PathBuf>, ConfigError> {
    let named = || sources.environment.get("TACHO_DATA_DIR").map(PathBuf::from);
    let data_dir = sources.data_dir.clone().or_else(named).unwrap_or_else(|| "./tacho-data".into());
    let found = [PathBuf::from(BESIDE), data_dir.join(BESIDE)].into_iter().find(|path| path.is_file());
    match found.as_deref().map(private::trusted) {
        Some(Err(source)) => Err(ConfigError::Foreign { path: found.unwrap_or_default(), source }),
        _ => Ok(found),
    }
}

/// Section and name of a setting; the section is empty for those that are in none.
pub(super) type Setting = (&'static str, &'static str);

/// A setting that has the right type and still makes no sense, and why.
pub(super) fn nonsense(config: &Config) -> Option<(Setting, String)> {
    if jiff::tz::TimeZone::get(&config.time_zone).is_err() {
        let problem =
            format!("`{}` is no time zone: use an IANA name such as `UTC` or `Asia/Seoul`", config.time_zone);
        return Some((("", "time_zone"), problem));
    }
    if let Err(error) = tracing_subscriber::EnvFilter::try_new(&config.log) {
        return Some((("", "log"), format!("`log`: {error}; use error, warn, info, debug or trace")));
    }
    if let Err(error) = PublicUrl::read(&config.public_url) {
        return Some((("", "public_url"), error.to_string()));
    }
    if let Err(error) = AllowedHosts::new(&config.http.allow_hosts) {
        return Some((("http", "allow_hosts"), error.to_string()));
    }
    if let Err(error) = Origins::new(&config.proxy.allow_origins) {
        return Some((("proxy", "allow_origins"), error.to_string()));
    }
    let bounded = [
        ("keep_firing_s", config.alerts.keep_firing_s, 0..=86_400),
        ("hysteresis_points", config.alerts.hysteresis_points.into(), 0..=20),
    ];
    bounded.into_iter().find(|(_, value, bounds)| !bounds.contains(value)).map(|(name, value, bounds)| {
        let problem = format!("`{name}` is {value}; it goes from {} to {}", bounds.start(), bounds.end());
        (("alerts", name), problem)
    })
}

/// A message of a parser, which may go over several lines.
pub(super) fn one_line(message: &str) -> String {
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}
