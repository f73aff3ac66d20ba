//! Settings: defaults < `tacho.toml` < environment < flags.
//!
//! `tacho.default.toml` is both the documentation and the defaults: what operators read is what runs.

mod environment;
mod error;
mod file;
pub mod limits;
mod nonsense;
mod overlay;

use std::num::NonZeroU64;
use std::path::PathBuf;

use domain::read::bounds::Bounds;
use ipnet::IpNet;
use serde::Deserialize;

use crate::store::Durability;

pub use crate::proxy::PolicyEntry;
pub use error::ConfigError;
pub use overlay::{Loaded, SettingSources};

const DEFAULTS: &str = include_str!("../tacho.default.toml");

fn defaults() -> toml::Table {
    // A test reads the same text: a mistake in it does not leave the workshop.
    DEFAULTS.parse().unwrap_or_default()
}

/// Every setting; see `tacho.default.toml` for what each means.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Address and port to listen on.
    pub listen: String,
    /// Whether to listen beyond this machine.
    pub allow_remote: bool,
    /// Where everything is kept.
    pub data_dir: PathBuf,
    /// The file of the key that secrets are sealed with; empty for the one in the data directory.
    pub secret_key_file: PathBuf,
    /// The address people use; empty when it is that of `listen`.
    pub public_url: String,
    /// IANA time zone of the interface and of calendar windows.
    pub time_zone: String,
    /// What is logged.
    pub log: String,
    /// Who is served.
    pub http: HttpSettings,
    /// What is taken in.
    pub ingest: Ingest,
    /// How calls pass.
    pub proxy: ProxySettings,
    /// How it is kept.
    pub store: StoreSettings,
    /// How alerts behave.
    pub alerts: AlertSettings,
    /// Where messages may go.
    pub webhooks: Webhooks,
    /// Limits set in the file.
    #[serde(default)]
    pub limits: Vec<LimitEntry>,
    /// What the proxy does beyond passing calls on.
    #[serde(default)]
    pub policies: Vec<PolicyEntry>,
    /// Whether there is a page that shows every part of the interface: in development builds. No file says so; the demo
    /// does.
    #[serde(skip, default = "in_development")]
    pub has_style_page: bool,
}

fn in_development() -> bool {
    cfg!(debug_assertions)
}

/// `[http]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct HttpSettings {
    pub max_connections_per_address: usize,
    /// How long a connection may go without a request.
    pub idle_s: NonZeroU64,
    /// How long open requests, and calls through the proxy, may take after a stop was asked for.
    pub drain_s: u64,
    /// Hosts that requests may be for, beside those that are known.
    pub allow_hosts: Vec<String>,
}

/// `[ingest]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ingest {
    /// A body as it arrives.
    pub max_body_bytes: usize,
    /// A body after decompression.
    pub max_inflated_bytes: usize,
    /// Events in a body.
    pub max_items: usize,
    /// One event.
    pub max_item_bytes: usize,
    /// Tokens of one kind in one event.
    pub max_event_tokens: u64,
    /// Requests from one key.
    pub max_requests_per_s: u64,
    /// How far ahead an event may be.
    pub max_future_s: u64,
    /// How far back an event may be.
    pub max_past_days: u64,
    /// Events that wait to be stored.
    pub queue_bytes: usize,
}

impl Ingest {
    /// The bounds on what is taken in.
    pub fn bounds(&self) -> Bounds {
        Bounds {
            wire_bytes: self.max_body_bytes,
            inflated_bytes: self.max_inflated_bytes,
            items: self.max_items,
            item_bytes: self.max_item_bytes,
            event_tokens: self.max_event_tokens,
            future_s: self.max_future_s,
            past_s: self.max_past_days.saturating_mul(86_400),
            ..Bounds::default()
        }
    }
}

/// `[proxy]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProxySettings {
    /// Where calls go on to.
    pub upstream: String,
    /// Certificates that are trusted for it; empty for none but the system's.
    pub upstream_ca_file: PathBuf,
    pub require_key: RequireKey,
    /// Origins whose pages may call it from a browser; where there are none, the API decides.
    pub allow_origins: Vec<String>,
    /// Whether answers carry the id of their event.
    pub request_id_header: bool,
    /// What the file of waiting events may take.
    pub spill_max_bytes: u64,
}

/// Whether a call through the proxy needs a key for Tacho.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RequireKey {
    /// Where others than this machine can reach Tacho.
    Auto,
    /// Any call.
    Always,
    /// None.
    Never,
}

/// `[store]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StoreSettings {
    /// What an acknowledgement promises.
    pub durability: Durability,
    /// Combinations that get rollups of their own.
    pub max_series: usize,
    /// What the database may take.
    pub max_bytes: u64,
    /// What is set aside.
    pub ballast_bytes: u64,
    /// How long a question is worked on, in milliseconds.
    pub question_timeout_ms: NonZeroU64,
}

/// `[alerts]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AlertSettings {
    /// How long a rolling limit must stay below its threshold.
    pub keep_firing_s: i64,
    /// How far below it must fall.
    pub hysteresis_points: u32,
}

/// `[webhooks]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Webhooks {
    /// Private networks that may be sent to.
    pub allow_cidrs: Vec<IpNet>,
}

/// `[[limits]]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LimitEntry {
    /// Where it is written, for messages.
    #[serde(skip)]
    pub place: String,
    pub name: String,
    /// Word of its kind.
    pub kind: String,
    /// What a window allows, in the kind's unit.
    pub amount: f64,
    /// What it covers.
    #[serde(default)]
    pub scope: ScopeEntry,
    /// Its time zone.
    #[serde(default)]
    pub time_zone: Option<String>,
    #[serde(default = "default_warn")]
    pub warn_percent: u32,
    #[serde(default = "default_critical")]
    pub critical_percent: u32,
    /// Whether the proxy refuses calls while it is exhausted.
    #[serde(default)]
    pub enforce: bool,
    /// Words of the endpoints it covers; nothing for what generates.
    #[serde(default)]
    pub endpoints: Option<Vec<String>>,
}

fn default_warn() -> u32 {
    80
}

fn default_critical() -> u32 {
    100
}

/// `scope = { dimension, value }`
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ScopeEntry {
    /// Word of a dimension; nothing for everything.
    pub dimension: Option<String>,
    /// One value; nothing for each.
    pub value: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn load(file: &str, environment: &[(&str, &str)]) -> Result<Loaded, String> {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("tacho.toml");
        std::fs::write(&path, file).expect("a file");
        let environment =
            environment.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Config::load(SettingSources { file: Some(path), environment, ..SettingSources::default() })
            .map_err(|error| error.to_string())
    }

    #[test]
    fn the_stronger_source_wins() {
        let loaded =
            load("listen = \"127.0.0.1:1\"\ntime_zone = \"Asia/Seoul\"", &[("TACHO_LISTEN", "127.0.0.1:2")]);
        let config = loaded.expect("a configuration").config;
        assert_eq!((config.listen.as_str(), config.time_zone.as_str()), ("127.0.0.1:2", "Asia/Seoul"));
        assert_eq!(config.ingest.max_items, 5_000);
        let flags = SettingSources { listen: Some("127.0.0.1:3".to_owned()), ..SettingSources::default() };
        assert_eq!(Config::load(flags).expect("a configuration").config.listen, "127.0.0.1:3");
    }

    #[test]
    fn every_kind_of_value_can_come_from_the_environment() {
        let environment = [
            ("TACHO_WEBHOOKS_ALLOW_CIDRS", "10.0.0.0/8, 127.0.0.0/8"),
            ("TACHO_INGEST_MAX_ITEMS", "7"),
            ("TACHO_ALLOW_REMOTE", "true"),
            ("TACHO_STORE_DURABILITY", "normal"),
            ("TACHO_LISTENN", "typo"),
        ];
        let loaded = load("", &environment).expect("a configuration");
        assert_eq!(loaded.config.webhooks.allow_cidrs.len(), 2);
        assert_eq!(loaded.config.ingest.max_items, 7);
        assert!(loaded.config.allow_remote);
        assert_eq!(loaded.config.store.durability, Durability::Normal);
        assert_eq!(loaded.warnings.len(), 1, "{:?}", loaded.warnings);
    }

    #[test]
    fn mistakes_are_named_with_their_place_and_remedy() {
        for (file, expected) in [
            (
                "time_zone = \"UTC\"\nlisen = \"x\"",
                "line 2: unknown setting `lisen` (did you mean `listen`?)",
            ),
            ("[ingest]\nmax_itemz = 1", "line 2: unknown setting `max_itemz` (did you mean `max_items`?)"),
            ("listen = 7", "line 1"),
            ("listen = \"", "line 1"),
            ("[[limits]]\nname = \"a\"\nkind = \"x\"", "amount"),
        ] {
            let error = load(file, &[]).expect_err(file);
            assert!(error.contains(expected), "{file:?} gave {error:?}");
            assert!(error.contains("tacho.toml"), "{error:?}");
        }
        let error = load("", &[("TACHO_INGEST_MAX_ITEMS", "many")]).expect_err("an error");
        assert!(error.contains("TACHO_INGEST_MAX_ITEMS"), "{error}");
    }

    #[test]
    fn limits_know_where_they_are_written() {
        let file = "\n[[limits]]\nname = \"a\"\nkind = \"requests_per_minute\"\namount = 5\n";
        let config = load(file, &[]).expect("a configuration").config;
        assert!(config.limits[0].place.ends_with("tacho.toml, line 2"), "{}", config.limits[0].place);
    }

    #[test]
    fn every_setting_names_its_variable() {
        for variable in environment::variables().into_keys() {
            assert!(DEFAULTS.contains(&variable), "{variable} is not in the default file");
        }
    }
}
