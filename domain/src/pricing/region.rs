//! The regions that clouds have: the file `regions.toml`.

use std::collections::HashMap;
use std::sync::LazyLock;

use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    cloud: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    name: String,
    regions: Vec<String>,
}

/// The cloud of each region.
static CLOUDS: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    // A test reads the same text: a mistake in it does not leave the workshop.
    let file = toml::from_str(include_str!("regions.toml")).unwrap_or(File { cloud: Vec::new() });
    let named = |row: Row| row.regions.into_iter().map(move |region| (region, row.name.clone()));
    file.cloud.into_iter().flat_map(named).collect()
});

/// The cloud that has a region of that name: `aws`, `aws-us-gov` or `google`; nothing when none has.
pub fn cloud_of(region: &str) -> Option<&'static str> {
    CLOUDS.get(region).map(String::as_str)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_read_and_gives_no_region_to_two_clouds() {
        let file: File = toml::from_str(include_str!("regions.toml")).expect("a list");
        let regions: usize = file.cloud.iter().map(|row| row.regions.len()).sum();
        assert_eq!(CLOUDS.len(), regions);
        for (region, cloud) in [
            ("us-east-1", Some("aws")),
            ("us-gov-west-1", Some("aws-us-gov")),
            ("us-east5", Some("google")),
            ("cn-north-1", None),
            ("us-iso-east-1", None),
            ("eusc-de-east-1", None),
            ("mars-north-9", None),
            ("us", None),
        ] {
            assert_eq!(cloud_of(region), cloud, "{region}");
        }
    }
}
