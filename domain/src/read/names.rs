//! Who and what an item says it is for.
//!
//! A name costs no event, and means what it means through the proxy: one that is too long is cut, half of a surrogate
//! pair stands with its bytes, a number is taken as it is written, and anything else is left out; the event remarks it.
//! Only the model must be text, since what an event costs hangs on it.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;

use serde::de::{Deserialize, Deserializer, Error, Visitor};
use vocabulary::Dimension;

use super::bounds::Bounds;
use super::fields::{Fields, unquote};
use super::refusal::{Code, Refusal};
use crate::usage::{Dimensions, RemarkCode, Remarks, name};

/// Reads the dimensions of an item.
pub(super) fn dimensions(
    fields: &Fields,
    bounds: &Bounds,
    remarks: &mut Remarks,
) -> Result<Dimensions, Refusal> {
    let mut dimensions = Dimensions {
        model: word(fields, "model", bounds.model_bytes, remarks)?,
        labels: labels(fields, bounds, remarks)?,
        ..Dimensions::default()
    };
    if dimensions.model.is_empty() {
        let message = "`model` is missing; send the model id of the request, e.g. \"claude-sonnet-5-5\"";
        return Err(Refusal::new(Code::MissingModel, message));
    }
    for dimension in Dimension::ALL.iter().filter(|dimension| **dimension != Dimension::Model) {
        let word = dimension.word();
        if let Some(raw) = fields.raw(word) {
            *dimensions.get_mut(*dimension) = name(fields, raw, word, bounds.dimension_bytes, remarks);
        }
    }
    if dimensions.cut_labels(bounds.labels) {
        remarks.note(RemarkCode::Cut, "labels");
    }
    Ok(dimensions)
}

/// A field that must be text, cut where it is too long; empty when there is none.
pub(super) fn word(
    fields: &Fields,
    field: &str,
    most_bytes: usize,
    remarks: &mut Remarks,
) -> Result<String, Refusal> {
    let Some(raw) = fields.raw(field) else { return Ok(String::new()) };
    let text = fields.unquoted(field, raw)?.into_owned();
    Ok(kept(fields, text, &fields.full_name(field), most_bytes, remarks))
}

/// A word of the API, which its sender only passes on, as [`word`]; half of a surrogate pair in it stands with its bytes.
pub(super) fn passed_on(
    fields: &Fields,
    field: &str,
    most_bytes: usize,
    remarks: &mut Remarks,
) -> Result<String, Refusal> {
    match fields.raw(field) {
        Some(raw) if raw.starts_with('"') => {
            Ok(name(fields, raw, &fields.full_name(field), most_bytes, remarks))
        }
        _ => word(fields, field, most_bytes, remarks),
    }
}

/// Free labels. As everywhere, an empty value is none. Of two whose names come to the same only as they are kept, the
/// first stays.
fn labels(
    fields: &Fields,
    bounds: &Bounds,
    remarks: &mut Remarks,
) -> Result<BTreeMap<String, String>, Refusal> {
    let mut labels = BTreeMap::new();
    let Some(members) = fields.raw_members("labels")? else {
        remarks.note(RemarkCode::AttributionUnreadable, "labels");
        return Ok(labels);
    };
    for (place, (label, raw)) in members.iter().copied().enumerate() {
        if members[..place].iter().any(|(before, _)| is_same(before, label)) {
            return Err(fields.refuse(Code::DuplicateField, "labels", "names a label twice; send it once"));
        }
        let label = name(fields, label, "labels", bounds.label_key_bytes, remarks);
        if label.is_empty() {
            remarks.note(RemarkCode::AttributionUnreadable, "labels");
            continue;
        }
        let field = format!("labels.{label}");
        let value = name(fields, raw, &field, bounds.label_value_bytes, remarks);
        match labels.entry(label) {
            Entry::Vacant(free) => _ = free.insert(value),
            Entry::Occupied(_) => remarks.note(RemarkCode::AttributionUnreadable, "labels"),
        }
    }
    labels.retain(|_, value| !value.is_empty());
    Ok(labels)
}

/// Whether two JSON strings are the same text, however it is escaped.
fn is_same(one: &str, other: &str) -> bool {
    one == other || unquote(one).is_some_and(|one| unquote(other).as_ref() == Some(&one))
}

/// A name as it is kept; empty when there is none, or none that can be read.
pub(super) fn name(
    fields: &Fields,
    raw: &str,
    field: &str,
    most_bytes: usize,
    remarks: &mut Remarks,
) -> String {
    let (text, is_text) = match raw.as_bytes().first() {
        Some(b'"') => match unquote(raw) {
            Some(text) => (text.into_owned(), true),
            None => serde_json::from_str(raw)
                .map_or_else(|_| (String::new(), false), |Halves(bytes)| name::text(&bytes)),
        },
        Some(b'{' | b'[') => (String::new(), false),
        _ if raw == "null" => (String::new(), true),
        // Numbers and truth values, as they are written: many applications count their users.
        _ => (raw.to_owned(), true),
    };
    if !is_text {
        remarks.note(RemarkCode::AttributionUnreadable, field);
    }
    kept(fields, text, field, most_bytes, remarks)
}

fn kept(fields: &Fields, text: String, field: &str, most_bytes: usize, remarks: &mut Remarks) -> String {
    let (name, was_cut) = name::cut(fields.without_key(text), most_bytes);
    if was_cut {
        remarks.note(RemarkCode::Cut, field);
    }
    name
}

/// The bytes of a JSON string that holds half of a surrogate pair, encoded as UTF-8 encodes what are characters.
struct Halves(Vec<u8>);

impl<'de> Deserialize<'de> for Halves {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Bytes;
        impl Visitor<'_> for Bytes {
            type Value = Halves;

            fn expecting(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                formatter.write_str("a string")
            }

            fn visit_bytes<E: Error>(self, bytes: &[u8]) -> Result<Halves, E> {
                Ok(Halves(bytes.to_vec()))
            }
        }
        deserializer.deserialize_bytes(Bytes)
    }
}
