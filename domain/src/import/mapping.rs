//! Which column of a table holds which field of an event.

use std::collections::BTreeMap;

use serde_json::Value;

use super::written;

/// Fields of an event that a table can hold, besides `label.<name>`.
const FIELDS: &[&str] = &[
    "at",
    "id",
    "model",
    "endpoint",
    "endpoint_class",
    "input_tokens",
    "cache_write_5m_tokens",
    "cache_write_1h_tokens",
    "cache_read_tokens",
    "output_tokens",
    "duration_ms",
    "ttft_ms",
    "status",
    "stop_reason",
    "user",
    "project",
    "feature",
    "session",
    "workspace",
    "organization",
    "api_key",
];

/// What a field holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum FieldKind {
    /// When the request was.
    Time,
    /// A whole number.
    Number,
    /// Milliseconds, to the nearest whole one.
    Duration,
    Text,
}

/// Before the name of a label.
const LABEL: &str = "label.";

/// What `--map` and `--set` say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mapping {
    /// Fields and the columns they are read from.
    pub columns: Vec<(String, String)>,
    /// Fields and the value they have in every row.
    pub set: Vec<(String, Value)>,
    /// When the requests were of rows that do not say.
    pub at: Option<GivenTime>,
}

/// What `--set at=` says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum GivenTime {
    /// The time at which they are imported.
    Now,
    /// This one, Unix milliseconds.
    At(i64),
}

/// Why a mapping cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    /// Not of the form `field=something`.
    #[error("`{0}` is not of the form field=column or field=value")]
    NotAPair(String),
    #[error("`{0}` is no field; there are: {fields}, label.NAME", fields = FIELDS.join(", "))]
    UnknownField(String),
    /// A field is given twice.
    #[error("`{0}` is given twice; say once where it comes from")]
    Twice(String),
    /// Not a whole number.
    #[error("--set {0}=... takes a whole number")]
    NotANumber(String),
    #[error("--set at=... takes `now`, or a time such as 2026-11-20T10:00:00Z")]
    NotATime,
}

impl MappingError {
    /// The stable word for it.
    pub fn code(&self) -> &'static str {
        match self {
            MappingError::NotAPair(_) => "invalid_mapping",
            MappingError::UnknownField(_) => "unknown_field",
            MappingError::Twice(_) => "field_twice",
            MappingError::NotANumber(_) | MappingError::NotATime => "invalid_value",
        }
    }
}

impl Mapping {
    /// Reads `field=column,field=column` and `field=value,field=value`, each as often as it was given.
    pub fn parse(map: &[String], set: &[String]) -> Result<Self, MappingError> {
        let (columns, set) = (pairs(map)?, pairs(set)?);
        // The time that is set is for rows without one, so that it may be there beside a column.
        let (times, set): (Vec<_>, Vec<_>) = set.into_iter().partition(|(field, _)| field == "at");
        let mut fields: Vec<_> = columns.iter().chain(&set).map(|(field, _)| field).collect();
        fields.sort_unstable();
        if let Some(pair) = fields.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(MappingError::Twice(pair[0].clone()));
        }
        let at = match &times[..] {
            [] => None,
            [(_, text)] if text == "now" => Some(GivenTime::Now),
            [(_, text)] => Some(GivenTime::At(written::time_of(text).ok_or(MappingError::NotATime)?)),
            [(field, _), ..] => return Err(MappingError::Twice(field.clone())),
        };
        let value = |(field, text): (String, String)| match kind(&field) {
            FieldKind::Number | FieldKind::Duration => match text.parse::<u64>() {
                Ok(number) => Ok((field, number.into())),
                Err(_) => Err(MappingError::NotANumber(field)),
            },
            _ => Ok((field, text.into())),
        };
        Ok(Mapping { columns, set: set.into_iter().map(value).collect::<Result<_, _>>()?, at })
    }

    /// Whether `field` has a column, or a value in every row.
    pub fn names(&self, field: &str) -> bool {
        self.columns.iter().any(|(known, _)| known == field)
            || self.set.iter().any(|(known, _)| known == field)
    }

    /// Whether some field is read from `column`.
    pub fn reads(&self, column: &str) -> bool {
        self.columns.iter().any(|(_, known)| known == column)
    }
}

/// What `field` holds.
pub(super) fn kind(field: &str) -> FieldKind {
    match field {
        "at" => FieldKind::Time,
        "duration_ms" | "ttft_ms" => FieldKind::Duration,
        "status" => FieldKind::Number,
        _ if field.ends_with("_tokens") && !field.starts_with(LABEL) => FieldKind::Number,
        _ => FieldKind::Text,
    }
}

/// Whether a table can hold `field`.
pub(super) fn is_field(field: &str) -> bool {
    FIELDS.contains(&field) || field.strip_prefix(LABEL).is_some_and(|name| !name.is_empty())
}

fn pairs(lists: &[String]) -> Result<Vec<(String, String)>, MappingError> {
    let mut pieces: Vec<String> = Vec::new();
    for list in lists {
        for (place, piece) in list.split(',').enumerate() {
            match pieces.last_mut() {
                // Names of columns and values may hold commas, too.
                Some(pair) if place > 0 && !piece.contains('=') && !piece.trim().is_empty() => {
                    pair.push(',');
                    pair.push_str(piece);
                }
                _ => pieces.push(piece.to_owned()),
            }
        }
    }
    pieces
        .iter()
        .map(|piece| piece.trim())
        .filter(|piece| !piece.is_empty())
        .map(|piece| {
            let (field, other) =
                piece.split_once('=').ok_or_else(|| MappingError::NotAPair(piece.to_owned()))?;
            let (field, other) = (field.trim(), other.trim());
            if other.is_empty() {
                return Err(MappingError::NotAPair(piece.to_owned()));
            }
            if !is_field(field) {
                return Err(MappingError::UnknownField(field.to_owned()));
            }
            Ok((field.to_owned(), other.to_owned()))
        })
        .collect()
}

/// An item in the making, in the names of the API.
#[derive(Debug, Default)]
pub(super) struct Row {
    item: BTreeMap<String, Value>,
    usage: BTreeMap<String, Value>,
    cache_creation: BTreeMap<String, Value>,
    labels: BTreeMap<String, Value>,
}

impl Row {
    /// Puts a value where an item has `field`.
    pub fn put(&mut self, field: &str, value: Value) {
        let (place, name) = match field {
            "input_tokens" | "output_tokens" => (&mut self.usage, field),
            "cache_read_tokens" => (&mut self.usage, "cache_read_input_tokens"),
            "cache_write_5m_tokens" => (&mut self.cache_creation, "ephemeral_5m_input_tokens"),
            "cache_write_1h_tokens" => (&mut self.cache_creation, "ephemeral_1h_input_tokens"),
            _ => match field.strip_prefix(LABEL) {
                Some(label) => (&mut self.labels, label),
                None => (&mut self.item, field),
            },
        };
        place.insert(name.to_owned(), value);
    }

    /// The item as JSON.
    pub fn into_json(mut self) -> String {
        // Names in order: the ids of rows are made of this text.
        let object = |members: BTreeMap<String, Value>| Value::Object(members.into_iter().collect());
        self.usage.insert("cache_creation".to_owned(), object(self.cache_creation));
        self.item.insert("usage".to_owned(), object(self.usage));
        self.item.insert("labels".to_owned(), object(self.labels));
        object(self.item).to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mappings_are_read_from_the_command_line() {
        let map = ["at=TIMESTAMP, input_tokens=Context Tokens".into(), "label.team=a=b".into()];
        let set = ["model=claude-sonnet-5-5,status=200".into(), "at=2026-11-20".into()];
        let mapping = Mapping::parse(&map, &set).unwrap();
        let pair = |field: &str, other: &str| (field.to_owned(), other.to_owned());
        assert_eq!(
            mapping.columns,
            [pair("at", "TIMESTAMP"), pair("input_tokens", "Context Tokens"), pair("label.team", "a=b")]
        );
        assert_eq!(
            mapping.set,
            [("model".into(), "claude-sonnet-5-5".into()), ("status".into(), 200.into())]
        );
        assert_eq!(mapping.at, Some(GivenTime::At(1_795_132_800_000)));
        assert!(mapping.names("model") && mapping.names("at") && !mapping.names("user"));
        let commas =
            Mapping::parse(&["at=Time, in UTC,user=Name, first".into()], &["project=a,b".into()]).unwrap();
        assert_eq!(commas.columns, [pair("at", "Time, in UTC"), pair("user", "Name, first")]);
        assert_eq!(commas.set, [("project".into(), "a,b".into())]);
        assert!(mapping.reads("TIMESTAMP") && !mapping.reads("at"));
        assert_eq!(Mapping::parse(&[], &["at=now".into()]).unwrap().at, Some(GivenTime::Now));
    }

    #[test]
    fn what_cannot_be_mapped_is_said_by_name() {
        let refused = |map: &str, set: &str| Mapping::parse(&[map.into()], &[set.into()]).unwrap_err();
        assert_eq!(refused("at", ""), MappingError::NotAPair("at".into()));
        assert_eq!(refused("at=", ""), MappingError::NotAPair("at=".into()));
        assert_eq!(refused("label.=x", ""), MappingError::UnknownField("label.".into()));
        assert_eq!(refused("model=a", "model=b"), MappingError::Twice("model".into()));
        assert_eq!(refused("", "at=now,at=now"), MappingError::Twice("at".into()));
        assert_eq!(refused("", "input_tokens=many"), MappingError::NotANumber("input_tokens".into()));
        for time in ["yesterday", "1795132800", "03/04/2026"] {
            assert_eq!(refused("", &format!("at={time}")), MappingError::NotATime);
        }
        let message = refused("tokens=x", "").to_string();
        assert!(
            message.starts_with(
                "`tokens` is no field; there are: at, id, model, endpoint, endpoint_class, input_tokens"
            ),
            "{message}"
        );
    }
}
