//! Which column of a table holds which field of an event.

use std::collections::BTreeMap;

use serde_json::Value;

use super::time;

/// Fields of an event that a table can hold, besides `label.<name>`.
const FIELDS: &[&str] = &[
    "at",
    "id",
    "model",
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

/// Before the name of a label.
const LABEL: &str = "label.";

/// What `--map` and `--set` say.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Mapping {
    /// Fields and the columns they are read from.
    pub columns: Vec<(String, String)>,
    /// Fields and the value they have in every row.
    pub set: Vec<(String, String)>,
}

/// Why a mapping cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum MappingError {
    /// Not of the form `field=something`.
    #[error("`{0}` is not of the form field=column or field=value")]
    NotAPair(String),
    /// No such field.
    #[error("`{0}` is no field; there are: {fields}, label.NAME", fields = FIELDS.join(", "))]
    UnknownField(String),
    /// A field is given twice.
    #[error("`{0}` is given twice; say once where it comes from")]
    Twice(String),
}

impl Mapping {
    /// Reads `field=column,field=column` and `field=value,field=value`, each as often as it was given.
    pub fn parse(map: &[String], set: &[String]) -> Result<Self, MappingError> {
        let mapping = Mapping { columns: pairs(map)?, set: pairs(set)? };
        let mut fields: Vec<_> = mapping.columns.iter().chain(&mapping.set).map(|(field, _)| field).collect();
        fields.sort_unstable();
        match fields.windows(2).find(|pair| pair[0] == pair[1]) {
            Some(pair) => Err(MappingError::Twice(pair[0].clone())),
            None => Ok(mapping),
        }
    }

    /// Nothing is mapped or set.
    pub fn is_empty(&self) -> bool {
        self.columns.is_empty() && self.set.is_empty()
    }

    /// Whether `field` has a column or a value.
    pub fn names(&self, field: &str) -> bool {
        self.columns.iter().chain(&self.set).any(|(known, _)| known == field)
    }
}

/// Whether a table can hold `field`.
pub(super) fn is_field(field: &str) -> bool {
    FIELDS.contains(&field) || field.strip_prefix(LABEL).is_some_and(|name| !name.is_empty())
}

fn pairs(lists: &[String]) -> Result<Vec<(String, String)>, MappingError> {
    let pieces =
        lists.iter().flat_map(|list| list.split(',')).map(str::trim).filter(|piece| !piece.is_empty());
    pieces
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
    /// Puts the text of a cell where an item has `field`. Text that does not suit the field is put there as it
    /// is, for the reader of the item to refuse by name.
    pub fn put(&mut self, field: &str, text: &str) {
        let number = || {
            let number = text.parse::<u64>().map(Value::from);
            // Others are for the reader, too, which has its rule for numbers that count nothing.
            number.or_else(|_| text.parse().map(Value::Number)).unwrap_or_else(|_| text.into())
        };
        let (place, name, value) = match field {
            "at" => (&mut self.item, field, time::of_cell(text).map_or_else(|| text.into(), Value::from)),
            "duration_ms" | "ttft_ms" | "status" => (&mut self.item, field, number()),
            "input_tokens" | "output_tokens" => (&mut self.usage, field, number()),
            "cache_read_tokens" => (&mut self.usage, "cache_read_input_tokens", number()),
            "cache_write_5m_tokens" => (&mut self.cache_creation, "ephemeral_5m_input_tokens", number()),
            "cache_write_1h_tokens" => (&mut self.cache_creation, "ephemeral_1h_input_tokens", number()),
            _ => match field.strip_prefix(LABEL) {
                Some(label) => (&mut self.labels, label, text.into()),
                None => (&mut self.item, field, text.into()),
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
        let mapping = Mapping::parse(&map, &["model=claude-sonnet-5-5,project=x".into()]).unwrap();
        let pair = |field: &str, other: &str| (field.to_owned(), other.to_owned());
        assert_eq!(
            mapping.columns,
            [pair("at", "TIMESTAMP"), pair("input_tokens", "Context Tokens"), pair("label.team", "a=b")]
        );
        assert_eq!(mapping.set, [pair("model", "claude-sonnet-5-5"), pair("project", "x")]);
        assert!(mapping.names("model") && mapping.names("at") && !mapping.names("user"));
        assert!(Mapping::parse(&[], &[]).unwrap().is_empty());
    }

    #[test]
    fn what_cannot_be_mapped_is_said_by_name() {
        let refused = |map: &str, set: &str| Mapping::parse(&[map.into()], &[set.into()]).unwrap_err();
        assert_eq!(refused("at", ""), MappingError::NotAPair("at".into()));
        assert_eq!(refused("at=", ""), MappingError::NotAPair("at=".into()));
        assert_eq!(refused("label.=x", ""), MappingError::UnknownField("label.".into()));
        assert_eq!(refused("at=a", "at=b"), MappingError::Twice("at".into()));
        let message = refused("tokens=x", "").to_string();
        assert!(
            message.starts_with("`tokens` is no field; there are: at, id, model, input_tokens"),
            "{message}"
        );
    }
}
