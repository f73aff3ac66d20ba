//! What limits are called.

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

/// A name that is that of a kind, in the reader's language; any other as it is.
pub fn named(reader: &Reader, name: &str, kind: &str) -> String {
    let is_of_kind = name.replace('_', " ").eq_ignore_ascii_case(&kind.replace('_', " "));
    match kind_name(reader, kind).filter(|_| is_of_kind) {
        Some(kind) => kind.to_owned(),
        None => name.to_owned(),
    }
}

/// What a kind of limit is called.
pub fn kind_name(reader: &Reader, kind: &str) -> Option<&'static str> {
    let kinds = reader.text().limits.kinds.iter();
    kinds.clone().find(|(word, _)| *word == kind).map(|(_, name)| *name)
}

/// The name with the value it is about.
pub fn limit_and_value(reader: &Reader, standing: &Standing) -> String {
    let name = limit_name(reader, standing);
    match &standing.scope.value {
        Some(value) => (reader.text().limits.for_value)(&name, value),
        None => name,
    }
}
