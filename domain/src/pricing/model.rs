//! The names of one model: which ids mean it, and what may stand behind them.

use std::collections::HashMap;
use std::sync::LazyLock;

use jiff::civil::Date;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    model: Vec<Row>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    id: String,
    aliases: Vec<String>,
}

/// The id of a model by each of its names.
static MODELS: LazyLock<HashMap<String, String>> = LazyLock::new(|| {
    // A test reads the same text: a mistake in it does not leave the workshop.
    let file = toml::from_str(include_str!("models.toml")).unwrap_or(File { model: Vec::new() });
    let named = |row: Row| {
        let id = row.id.clone();
        row.aliases.into_iter().chain([row.id]).map(move |name| (name, id.clone()))
    };
    file.model.into_iter().flat_map(named).collect()
});

/// The ids of all models.
#[cfg(test)]
pub fn ids() -> impl Iterator<Item = &'static str> {
    MODELS.values().map(String::as_str)
}

/// An id without what stands behind it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Named<'a> {
    /// The id of the model, when it is known.
    pub id: Option<&'static str>,
    /// What is left of the id when nothing more can be taken off.
    pub rest: &'a str,
    /// The cloud that writes ids so, where only one does.
    pub cloud: Option<&'static str>,
    pub fast: bool,
}

impl<'a> Named<'a> {
    /// The model that an id in lower case means. Endings are taken off, each kind once, until a name of a model is left.
    pub fn of(id: &'a str) -> Self {
        let mut named = Named { id: None, rest: id, cloud: None, fast: false };
        let mut seen = 0_u16;
        loop {
            named.id = MODELS.get(named.rest).map(String::as_str);
            if named.id.is_some() {
                return named;
            }
            let Some((rest, ending)) = Ending::split(named.rest) else { return named };
            if seen & 1 << ending as u16 != 0 {
                return named;
            }
            seen |= 1 << ending as u16;
            named.rest = rest;
            match ending {
                Ending::Place => named.cloud = Some("vertex"),
                Ending::Context | Ending::Revision => named.cloud = Some("bedrock"),
                Ending::Fast => named.fast = true,
                Ending::Window | Ending::Variant | Ending::Version | Ending::Snapshot | Ending::Thinking => {}
            }
        }
    }
}

/// What may stand behind the id of any model.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    /// Claude Code's long context: `[1m]`.
    Window,
    /// Vertex AI's version: `@20250929`, `@default`.
    Place,
    /// Bedrock's length of context: `:18k`.
    Context,
    /// Bedrock's revision: the `:0` of `-v1:0`.
    Revision,
    /// A gateway's variant of the same price: `:beta`, `:thinking`.
    Variant,
    /// A cloud's version: `-v1`.
    Version,
    /// The date of a snapshot, or `-latest`.
    Snapshot,
    /// A gateway's switch: `-thinking`.
    Thinking,
    /// Fast mode, where it is a model of its own: `-fast`.
    Fast,
}

impl Ending {
    /// An id without its last ending.
    fn split(id: &str) -> Option<(&str, Ending)> {
        if let Some(rest) = id.strip_suffix("[1m]") {
            return Some((rest, Ending::Window));
        }
        if let Some((rest, version)) = id.rsplit_once('@') {
            let known = matches!(version, "default" | "latest") || is_date(version);
            return known.then_some((rest, Ending::Place));
        }
        if let Some((rest, variant)) = id.rsplit_once(':') {
            let ending = match variant {
                "beta" | "thinking" => Ending::Variant,
                _ if is_number(variant) => Ending::Revision,
                _ if variant.strip_suffix('k').is_some_and(is_number) => Ending::Context,
                _ => return None,
            };
            return Some((rest, ending));
        }
        let (rest, last) = id.rsplit_once('-')?;
        let ending = match last {
            "latest" => Ending::Snapshot,
            "thinking" | "think" => Ending::Thinking,
            "fast" => Ending::Fast,
            _ if is_date(last) => Ending::Snapshot,
            _ if last.strip_prefix('v').is_some_and(is_number) => Ending::Version,
            _ => return None,
        };
        Some((rest, ending))
    }
}

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.len() <= 3 && text.bytes().all(|digit| digit.is_ascii_digit())
}

/// A day as snapshots are named after, `20250929`.
fn is_date(text: &str) -> bool {
    let part = |range| text.get(range).and_then(|digits: &str| digits.parse().ok());
    let day = || Date::new(part(0..4)?, part(4..6)? as i8, part(6..8)? as i8).ok();
    text.len() == 8 && text.bytes().all(|digit| digit.is_ascii_digit()) && day().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_list_is_read_and_gives_no_name_to_two_models() {
        let file: File = toml::from_str(include_str!("models.toml")).expect("a list");
        let names: usize = file.model.iter().map(|row| 1 + row.aliases.len()).sum();
        assert_eq!(MODELS.len(), names);
    }

    #[test]
    fn each_ending_is_taken_off_once() {
        for id in [
            "claude-sonnet-4-5[1m]",
            "claude-sonnet-4-5-20250929-thinking",
            "claude-sonnet-4-5-20250929-v1:0[1m]",
            "claude-sonnet-4-5-20250929-v1:0:200k",
            "claude-sonnet-4-5@default",
            "claude-4.5-sonnet:beta",
        ] {
            assert_eq!(Named::of(id).id, Some("claude-sonnet-4-5"), "{id}");
        }
        for id in [
            "claude-sonnet-4-5-20250929-20250929",
            "claude-sonnet-4-5-20251301",
            "claude-sonnet-4-5[2m]",
            "claude-sonnet-4-5@next",
            "claude-sonnet-4-5:free",
            "claude-sonnet-4-5-finetune",
            "claude-sonnet-4-55",
            "claude-sonnet-4-",
            "claude-sonnet",
            "-v1:0",
            "",
        ] {
            assert_eq!(Named::of(id).id, None, "{id}");
        }
    }

    #[test]
    fn a_version_is_not_mistaken_for_an_ending() {
        for (id, model) in [
            ("claude-v2:1:200k", "claude-2.1"),
            ("claude-v2", "claude-2.0"),
            ("claude-v1:3:18k", "claude-1.3"),
            ("claude-instant-v1:2:100k", "claude-instant-1.2"),
            ("claude-v1.2", "claude-1.2"),
        ] {
            assert_eq!(Named::of(id).id, Some(model), "{id}");
        }
    }
}
