//! Lays file, environment and flags over the defaults, and says what is wrong where.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use toml::{Table, Value};

use super::{Config, DEFAULTS};
use crate::access::AllowedHosts;
use crate::access::PublicUrl;
use crate::private;
use crate::proxy::Origins;
use crate::secrets::without_credentials;

/// Where settings come from besides the defaults.
#[derive(Debug, Default)]
pub struct Sources {
    /// The file; it must exist when it is named.
    pub file: Option<PathBuf>,
    /// Environment variables.
    pub environment: BTreeMap<String, String>,
    /// `--listen`
    pub listen: Option<String>,
    /// `--data-dir`
    pub data_dir: Option<PathBuf>,
}

/// What was found.
#[derive(Debug)]
pub struct Loaded {
    /// The settings.
    pub config: Config,
    /// The file they come from, if there is one.
    pub file: Option<PathBuf>,
    /// What looks like a mistake but stops nothing.
    pub warnings: Vec<String>,
}

/// What is wrong with the settings.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read {path}: {source}. Check --config or TACHO_CONFIG")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file that nobody has named is somebody else's.
    #[error(
        "settings were found in {path}, but {source}. Whoever owns them would decide where calls go: start Tacho elsewhere, or name the file with --config if you trust it"
    )]
    Foreign {
        /// The file.
        path: PathBuf,
        /// Whose it is.
        source: std::io::Error,
    },
    /// Something in the file is wrong.
    #[error("{path}, line {line}: {problem}. `tacho check-config --print-defaults` shows every setting")]
    File {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        problem: String,
    },
    /// Something in the environment is wrong.
    #[error("the environment variable {name} is wrong: {problem}")]
    Environment {
        /// The variable.
        name: String,
        /// What is wrong.
        problem: String,
    },
}

/// A file that is read when it is there.
const BESIDE: &str = "tacho.toml";
/// Variables that are no settings; the last one is set by `cargo run`.
const OTHER_VARIABLES: [&str; 4] = ["TACHO_CONFIG", "TACHO_KEY", "TACHO_SKIP_WEB", "TACHO_WEB_NAME"];

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
            let text = std::fs::read_to_string(path)
                .map_err(|source| ConfigError::Read { path: path.clone(), source })?;
            places = limit_places(path, &text);
            let written = read(path, &text, &settings)?;
            lay_over(&mut settings, written);
        }
        let warnings = lay_environment(&mut settings, &sources.environment)?;
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

fn defaults() -> Table {
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

/// Reads the file and checks it by itself, so that mistakes have a line.
fn read(path: &Path, text: &str, defaults: &Table) -> Result<Table, ConfigError> {
    let wrong = |offset: Option<usize>, problem: String| {
        let line = text[..offset.unwrap_or(0).min(text.len())].matches('\n').count() + 1;
        ConfigError::File { path: path.to_owned(), line, problem }
    };
    let table: Table = text.parse().map_err(|error: toml::de::Error| {
        wrong(error.span().map(|span| span.start), one_line(error.message()))
    })?;
    for (name, value) in &table {
        if name == "limits" || name == "policies" {
            continue;
        }
        let Some(default) = defaults.get(name) else {
            return Err(wrong(offset_of(text, name), unknown(name, defaults.keys())));
        };
        match (value, default) {
            (Value::Table(section), Value::Table(known)) => {
                for (inner, value) in section {
                    let Some(default) = known.get(inner) else {
                        return Err(wrong(offset_of(text, inner), unknown(inner, known.keys())));
                    };
                    if !value.same_type(default) {
                        return Err(wrong(offset_of(text, inner), mismatch(inner, default)));
                    }
                }
            }
            _ if !value.same_type(default) => {
                return Err(wrong(offset_of(text, name), mismatch(name, default)));
            }
            _ => {}
        }
    }
    // Now as a whole: what is left are values that have the right type and make no sense, and limits.
    let mut whole = defaults.clone();
    lay_over(&mut whole, table.clone());
    let whole = Value::Table(whole).try_into::<Config>();
    if let Ok(config) = &whole
        && let Some((setting, problem)) = nonsense(config)
    {
        return Err(wrong(offset_of(text, setting), problem));
    }
    if let Err(error) = whole {
        let problem = one_line(error.message());
        let spanned = toml::from_str::<Config>(text).err().and_then(|error| error.span());
        let start =
            spanned.map(|span| span.start).filter(|start| *start > 0).or_else(|| offset_of(text, "limits"));
        return Err(wrong(start, problem));
    }
    Ok(table)
}

/// A setting that has the right type and still makes no sense, and why.
fn nonsense(config: &Config) -> Option<(&'static str, String)> {
    if jiff::tz::TimeZone::get(&config.time_zone).is_err() {
        let problem =
            format!("`{}` is no time zone: use an IANA name such as `UTC` or `Asia/Seoul`", config.time_zone);
        return Some(("time_zone", problem));
    }
    if let Err(error) = tracing_subscriber::EnvFilter::try_new(&config.log) {
        return Some(("log", format!("`log`: {error}; use error, warn, info, debug or trace")));
    }
    if let Err(error) = PublicUrl::read(&config.public_url) {
        return Some(("public_url", error.to_string()));
    }
    if let Err(error) = AllowedHosts::new(&config.http.allow_hosts) {
        return Some(("allow_hosts", error.to_string()));
    }
    if let Err(error) = Origins::new(&config.proxy.allow_origins) {
        return Some(("allow_origins", error.to_string()));
    }
    let bounded = [
        ("keep_firing_s", config.alerts.keep_firing_s, 0..=86_400),
        ("hysteresis_points", config.alerts.hysteresis_points.into(), 0..=20),
    ];
    bounded.into_iter().find(|(_, value, bounds)| !bounds.contains(value)).map(|(name, value, bounds)| {
        (name, format!("`{name}` is {value}; it goes from {} to {}", bounds.start(), bounds.end()))
    })
}

fn lay_over(settings: &mut Table, over: Table) {
    for (name, value) in over {
        match (settings.get_mut(&name), value) {
            (Some(Value::Table(section)), Value::Table(over)) => section.extend(over),
            (_, value) => {
                settings.insert(name, value);
            }
        }
    }
}

/// Lays the environment over the settings; answers variables that name no setting.
fn lay_environment(
    settings: &mut Table,
    environment: &BTreeMap<String, String>,
) -> Result<Vec<String>, ConfigError> {
    let known = variables();
    for (name, text) in environment {
        let Some(path) = setting_of(name) else { continue };
        let place = match path {
            (None, setting) => settings.get_mut(&setting),
            (Some(section), setting) => settings
                .get_mut(&section)
                .and_then(Value::as_table_mut)
                .and_then(|table| table.get_mut(&setting)),
        };
        let Some(place) = place else { continue };
        *place =
            parse(text, place).map_err(|problem| ConfigError::Environment { name: name.clone(), problem })?;
        let problem = match Value::Table(settings.clone()).try_into::<Config>() {
            Err(error) => Some(one_line(error.message())),
            Ok(config) => nonsense(&config).map(|(_, problem)| problem),
        };
        if let Some(problem) = problem {
            return Err(ConfigError::Environment { name: name.clone(), problem });
        }
    }
    let ours = |name: &&String| name.starts_with("TACHO_") && !name.starts_with("TACHO_TEST_");
    Ok(environment
        .keys()
        .filter(ours)
        .filter(|name| !known.contains(name) && !OTHER_VARIABLES.contains(&name.as_str()))
        .map(|name| {
            format!("{name} names no setting; `tacho check-config --print-defaults` shows those there are")
        })
        .collect())
}

/// The variable of every setting.
pub(super) fn variables() -> Vec<String> {
    let mut names = Vec::new();
    for (name, value) in &defaults() {
        match value {
            Value::Table(section) => {
                names.extend(section.keys().map(|inner| variable(&format!("{name}_{inner}"))));
            }
            _ => names.push(variable(name)),
        }
    }
    names
}

fn variable(setting: &str) -> String {
    format!("TACHO_{}", setting.to_ascii_uppercase())
}

fn setting_of(variable_name: &str) -> Option<(Option<String>, String)> {
    for (name, value) in &defaults() {
        match value {
            Value::Table(section) => {
                let inner =
                    section.keys().find(|inner| variable(&format!("{name}_{inner}")) == variable_name);
                if let Some(inner) = inner {
                    return Some((Some(name.clone()), inner.clone()));
                }
            }
            _ if variable(name) == variable_name => return Some((None, name.clone())),
            _ => {}
        }
    }
    None
}

/// Reads a variable as the type its setting has.
fn parse(text: &str, like: &Value) -> Result<Value, String> {
    let text = text.trim();
    Ok(match like {
        Value::Integer(_) => Value::Integer(
            text.replace('_', "")
                .parse()
                .map_err(|_| format!("`{}` is not a whole number", without_credentials(text)))?,
        ),
        Value::Boolean(_) => Value::Boolean(match text {
            "true" | "1" | "yes" => true,
            "false" | "0" | "no" | "" => false,
            _ => return Err(format!("`{}` is neither true nor false", without_credentials(text))),
        }),
        Value::Array(_) => Value::Array(
            text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(Value::from).collect(),
        ),
        _ => Value::from(text),
    })
}

fn unknown<'a>(name: &str, known: impl Iterator<Item = &'a String>) -> String {
    let nearest = known.map(|known| (distance(name, known), known)).min();
    match nearest {
        Some((distance, nearest)) if distance <= 3 => {
            format!("unknown setting `{name}` (did you mean `{nearest}`?)")
        }
        _ => format!("unknown setting `{name}`"),
    }
}

fn mismatch(name: &str, default: &Value) -> String {
    let kind = match default {
        Value::Integer(_) => "a whole number",
        Value::Boolean(_) => "true or false",
        Value::Array(_) => "a list",
        Value::Table(_) => "a section in [brackets]",
        _ => "text in \"quotes\"",
    };
    format!("`{name}` must be {kind}, such as {default}")
}

/// Insertions, deletions and replacements between two words.
fn distance(a: &str, b: &str) -> usize {
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, from) in a.bytes().enumerate() {
        let mut corner = row[0];
        row[0] = i + 1;
        for (j, to) in b.bytes().enumerate() {
            let replaced = corner + usize::from(from != to);
            corner = row[j + 1];
            row[j + 1] = replaced.min(row[j] + 1).min(corner + 1);
        }
    }
    row[b.len()]
}

/// Where a name is written: as a key or as a section.
fn offset_of(text: &str, name: &str) -> Option<usize> {
    let mut offset = 0;
    for line in text.split_inclusive('\n') {
        let bare = line.trim_start().trim_start_matches('[');
        if let Some(rest) = bare.strip_prefix(name)
            && rest.trim_start().starts_with(['=', ']', '.'])
        {
            return Some(offset);
        }
        offset += line.len();
    }
    None
}

/// `file, line N` of every `[[limits]]`.
fn limit_places(path: &Path, text: &str) -> Vec<String> {
    let lines = text.lines().enumerate();
    lines
        .filter(|(_, line)| line.trim_start().starts_with("[[limits]]"))
        .map(|(index, _)| format!("{}, line {}", path.display(), index + 1))
        .collect()
}

fn one_line(message: &str) -> String {
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}
