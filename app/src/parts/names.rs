//! What limits are called.

use vocabulary::OVERFLOW;

use crate::api::standing::Standing;
use crate::reader::Reader;

/// The source of an example that Tacho begins with.
pub const PRESET: &str = "preset";

/// The value of a dimension, as it is shown; one that is called as the lack of one, or the total, is told from it by quotes.
pub fn value_name(reader: &Reader, name: &str) -> String {
    let words = &reader.text().words;
    match name {
        "" => words.none.to_owned(),
        name if name == words.none || name == reader.text().now.total => format!("“{name}”"),
        name => name.to_owned(),
    }
}

/// The name of a limit: a learned one is named after what shares it, and one that has the name of its kind is called that in
/// the reader's language.
pub fn limit_name(reader: &Reader, standing: &Standing) -> String {
    let kind = kind_name(reader, &standing.kind);
    match (&standing.scope.pool, &standing.learned) {
        (Some(pool), Some(learned)) if !learned.limiter.starts_with("unified") => {
            (reader.text().limits.of_pool)(pool, kind.unwrap_or(&standing.kind))
        }
        _ => named(reader, own_name(&standing.name, &standing.source), &standing.kind),
    }
}

/// The name of a limit that is not learned. An example says that it is one beside its name, in the reader's language.
pub fn own_name<'a>(name: &'a str, source: &str) -> &'a str {
    if source == PRESET { name.strip_suffix(" (example)").unwrap_or(name) } else { name }
}

/// A name that is that of a kind, or of a window of a subscription, in the reader's language; any other as it is.
pub fn named(reader: &Reader, name: &str, kind: &str) -> String {
    let window = name.strip_prefix("subscription: ").and_then(|of| of.strip_suffix(" window"));
    match (kind_name(reader, kind).filter(|_| is_of_kind(name, kind)), window) {
        (Some(kind), _) => kind.to_owned(),
        (None, Some(window)) if kind == "subscription_window" => (reader.text().limits.of_window)(window),
        (None, _) => name.to_owned(),
    }
}

/// The same of a limit that was learned: `Opus 5: requests per minute` is named after what shares it.
pub fn learned_name(reader: &Reader, name: &str, kind: &str) -> String {
    let pool = name.rsplit_once(": ").filter(|(_, what)| is_of_kind(what, kind)).map(|(pool, _)| pool);
    match (pool, kind_name(reader, kind)) {
        (Some(pool), Some(kind)) => (reader.text().limits.of_pool)(pool, kind),
        _ => named(reader, name, kind),
    }
}

fn is_of_kind(name: &str, kind: &str) -> bool {
    name.replace('_', " ").eq_ignore_ascii_case(&kind.replace('_', " "))
}

/// What a kind of limit is called.
pub fn kind_name(reader: &Reader, kind: &str) -> Option<&'static str> {
    let kinds = reader.text().limits.kinds.iter();
    kinds.clone().find(|(word, _)| *word == kind).map(|(_, name)| *name)
}

/// The name with the value it is about.
pub fn limit_and_value(reader: &Reader, standing: &Standing) -> String {
    name_and_value(reader, limit_name(reader, standing), standing.scope.value.as_deref())
}

/// A name with the value that a limit is about, if it is about one.
pub fn name_and_value(reader: &Reader, name: String, value: Option<&str>) -> String {
    match value {
        Some(value) => (reader.text().limits.for_value)(&name, covered_value(reader, value)),
        None => name,
    }
}

/// What a value that a limit is about is called: those that are counted together have no name.
pub fn covered_value<'a>(reader: &Reader, value: &'a str) -> &'a str {
    if value == OVERFLOW { reader.text().limits.beyond } else { value }
}
