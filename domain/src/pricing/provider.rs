//! Who serves Claude, and what they ask for it: the file `providers.toml`, as it is written.

use serde::Deserialize;

use super::rate::{Cached, Card};

/// The providers this program was built with.
pub const EMBEDDED: &str = include_str!("providers.toml");

/// The file as written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct File {
    pub older: Vec<String>,
    pub provider: Vec<ProviderRow>,
}

/// One provider.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderRow {
    pub name: String,
    pub prefixes: Vec<String>,
    pub cloud: Option<String>,
    #[serde(default)]
    pub fast: Vec<String>,
    #[serde(default)]
    pub offer: Vec<OfferRow>,
}

/// What it asks for some models in some regions, from some day on.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OfferRow {
    pub regions: Option<Vec<String>>,
    pub models: Option<Vec<String>>,
    #[serde(default)]
    pub older: bool,
    pub from: Option<String>,
    pub times: Option<f64>,
    #[serde(default)]
    pub long: Long,
    #[serde(default)]
    pub without: Vec<Cached>,
    pub card: Option<Card>,
    pub above_prompt_tokens: Option<u64>,
    pub above: Option<Card>,
}

/// What a long prompt costs.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Long {
    /// What the price says.
    #[default]
    AsPriced,
    /// Twice the input and its cache and 1.5 times the output of a short one, whatever the price says of long ones.
    Dearer,
    Unknown,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_is_read_and_gives_no_prefix_to_two_providers() {
        let file: File = toml::from_str(EMBEDDED).expect("the providers");
        let mut prefixes: Vec<&String> = file.provider.iter().flat_map(|row| &row.prefixes).collect();
        let all = prefixes.len();
        prefixes.sort();
        prefixes.dedup();
        assert_eq!(prefixes.len(), all);
        let places: usize = file.provider.iter().map(|row| row.offer.len()).sum();
        assert!(places > file.provider.len());
    }
}
