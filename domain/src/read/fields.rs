//! The fields of one JSON object, read strictly: each at most once, each of the type it must have.

use std::borrow::Cow;
use std::cell::Cell;

use super::bounds::MAX_INTEGER;
use super::refusal::{Code, Refusal};
use super::scan::{self, Fault};
use crate::usage::{Fingerprints, redacted};

/// The names of an object's fields.
pub(super) struct Names {
    /// What stands before a name in a refusal, e.g. `usage.`.
    pub path: &'static str,
    /// Fields that are read.
    pub known: &'static [&'static str],
    /// Fields of the API that are of no use here; others are counted as unknown.
    pub unused: &'static [&'static str],
}

/// The known fields of one object, as raw JSON. Fields that are `null` count as left out.
pub(super) struct Fields<'a> {
    path: &'static str,
    present: Vec<(&'static str, &'a str)>,
    unknown: &'a Cell<u32>,
    depth: usize,
    /// Nothing where words of the API are read, which hold no keys.
    fingerprints: Option<&'a Fingerprints>,
}

impl<'a> Fields<'a> {
    /// The fields of `object`; those not in `names` are counted in `unknown` and forgotten.
    pub fn new(
        object: &'a str,
        names: &Names,
        unknown: &'a Cell<u32>,
        depth: usize,
        fingerprints: Option<&'a Fingerprints>,
    ) -> Result<Self, Refusal> {
        let mut present: Vec<(&'static str, &'a str)> = Vec::new();
        for (raw_name, value) in scan::members(object, depth).map_err(|fault| why(fault, depth))? {
            let name = unquote(raw_name).unwrap_or_default();
            let Some(known) = names.known.iter().find(|known| **known == name) else {
                let unused = names.unused.contains(&name.as_ref());
                unknown.set(unknown.get().saturating_add(u32::from(!unused)));
                continue;
            };
            if present.iter().any(|(other, _)| other == known) {
                let message = format!("`{}{known}` is there twice; send it once", names.path);
                return Err(Refusal::new(Code::DuplicateField, message));
            }
            present.push((known, value));
        }
        present.retain(|(_, value)| *value != "null");
        Ok(Fields { path: names.path, present, unknown, depth, fingerprints })
    }

    /// What API keys in it become.
    pub fn fingerprints(&self) -> Option<&'a Fingerprints> {
        self.fingerprints
    }

    /// Counts fields of an object inside it that nobody reads.
    pub fn add_unknown(&self, fields: u32) {
        self.unknown.set(self.unknown.get().saturating_add(fields));
    }

    /// The raw value of a field.
    pub fn raw(&self, name: &str) -> Option<&'a str> {
        self.present.iter().find(|(known, _)| *known == name).map(|(_, value)| *value)
    }

    /// A refusal of one field, by its full name and what is wrong with it.
    pub fn refuse(&self, code: Code, name: &str, problem: impl std::fmt::Display) -> Refusal {
        Refusal::new(code, format!("`{}` {problem}", self.full_name(name)))
    }

    /// A field with what it stands in, e.g. `usage.input_tokens`.
    pub fn full_name(&self, name: &str) -> String {
        format!("{}{name}", self.path)
    }

    /// Text of at most `max` bytes; empty when there is none. API keys in it become their fingerprint.
    pub fn text(&self, name: &str, max: usize) -> Result<String, Refusal> {
        let Some(raw) = self.raw(name) else { return Ok(String::new()) };
        let text = self.unquoted(name, raw)?;
        if text.len() > max {
            return Err(self.refuse(Code::TooLong, name, format_args!("may have {max} bytes; shorten it")));
        }
        Ok(self.without_key(text.into_owned()))
    }

    /// `value`, with the fingerprint of an API key in its place if it holds one.
    pub fn without_key(&self, value: String) -> String {
        match self.fingerprints {
            Some(fingerprints) => fingerprints.without_key(value),
            None => redacted(value),
        }
    }

    /// Text as it stands.
    pub fn unquoted(&self, name: &str, raw: &'a str) -> Result<Cow<'a, str>, Refusal> {
        if !raw.starts_with('"') {
            return Err(self.refuse(Code::InvalidField, name, "must be text in quotes"));
        }
        // The walk over the item has seen to everything but pairs of surrogates.
        unquote(raw).ok_or_else(|| {
            self.refuse(
                Code::InvalidUnicode,
                name,
                "holds half of a surrogate pair (\\ud800 to \\udfff); send whole characters",
            )
        })
    }

    /// A whole number within `range`.
    pub fn number(&self, name: &str, range: std::ops::RangeInclusive<u64>) -> Result<Option<u64>, Refusal> {
        let Some(raw) = self.raw(name) else { return Ok(None) };
        let (least, most) = (*range.start(), *range.end().min(&MAX_INTEGER));
        let number = whole_number(raw).filter(|number| (least..=most).contains(number));
        number.map(Some).ok_or_else(|| {
            let problem = format_args!(
                "must be a whole number from {least} to {most}, without quotes, fraction or exponent; leave it out when it is unknown"
            );
            self.refuse(Code::InvalidNumber, name, problem)
        })
    }

    /// A number of milliseconds, to the nearest whole one: clocks of programs count in fractions.
    pub fn milliseconds(&self, name: &str, most: u64) -> Result<Option<u64>, Refusal> {
        let Some(raw) = self.raw(name) else { return Ok(None) };
        let is_number = raw.starts_with(|first: char| first.is_ascii_digit());
        let number = raw.parse::<f64>().ok().filter(|_| is_number).map(f64::round);
        let number = number.filter(|number| *number <= most.min(MAX_INTEGER) as f64);
        number.map(|number| Some(number as u64)).ok_or_else(|| {
            let problem = format_args!(
                "must be a number of milliseconds from 0 to {most}, without quotes; leave it out when it is unknown"
            );
            self.refuse(Code::InvalidNumber, name, problem)
        })
    }

    /// True or false; false when it is left out.
    pub fn flag(&self, name: &str) -> Result<bool, Refusal> {
        match self.raw(name) {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(self.refuse(Code::InvalidField, name, "must be true or false")),
        }
    }

    /// The fields of an object inside this one.
    pub fn object(&self, name: &str, names: &Names) -> Result<Option<Fields<'a>>, Refusal> {
        let Some(raw) = self.raw(name) else { return Ok(None) };
        self.is_object(name, raw)?;
        Fields::new(raw, names, self.unknown, self.depth, self.fingerprints).map(Some)
    }

    /// The members of an object inside this one whose names are free, as raw name and raw value: none when there is no
    /// such field, and nothing when it is no object.
    pub fn raw_members(&self, name: &str) -> Result<Option<Vec<(&'a str, &'a str)>>, Refusal> {
        let Some(raw) = self.raw(name) else { return Ok(Some(Vec::new())) };
        if !raw.starts_with('{') {
            return Ok(None);
        }
        scan::members(raw, self.depth).map(Some).map_err(|fault| why(fault, self.depth))
    }

    /// The objects of an array inside this one.
    pub fn objects(&self, name: &str, names: &Names) -> Result<Vec<Fields<'a>>, Refusal> {
        let Some(raw) = self.raw(name) else { return Ok(Vec::new()) };
        if !raw.starts_with('[') {
            return Err(self.refuse(Code::InvalidField, name, "must be an array"));
        }
        let elements = scan::elements(raw, self.depth).map_err(|fault| why(fault, self.depth))?;
        elements
            .into_iter()
            .map(|element| {
                self.is_object(name, element)?;
                Fields::new(element, names, self.unknown, self.depth, self.fingerprints)
            })
            .collect()
    }

    /// The texts of an array inside this one.
    pub fn words(&self, name: &str) -> Result<Vec<Cow<'a, str>>, Refusal> {
        let Some(raw) = self.raw(name) else { return Ok(Vec::new()) };
        if !raw.starts_with('[') {
            return Err(self.refuse(Code::InvalidField, name, "must be an array"));
        }
        let elements = scan::elements(raw, self.depth).map_err(|fault| why(fault, self.depth))?;
        elements.into_iter().map(|element| self.unquoted(name, element)).collect()
    }

    fn is_object(&self, name: &str, raw: &str) -> Result<(), Refusal> {
        if raw.starts_with('{') {
            return Ok(());
        }
        Err(self.refuse(Code::InvalidField, name, "must hold a JSON object"))
    }
}

/// The text of a JSON string; nothing when half of a surrogate pair is in it.
pub(crate) fn unquote(raw: &str) -> Option<Cow<'_, str>> {
    if raw.contains('\\') {
        return serde_json::from_str(raw).ok().map(Cow::Owned);
    }
    raw.strip_prefix('"')?.strip_suffix('"').map(Cow::Borrowed)
}

/// A whole number written with digits alone.
fn whole_number(raw: &str) -> Option<u64> {
    if raw.bytes().all(|byte| byte.is_ascii_digit()) { raw.parse().ok() } else { None }
}

fn why(fault: Fault, depth: usize) -> Refusal {
    match fault {
        Fault::TooDeep => {
            let message = format!("the item may nest objects and arrays {depth} deep; flatten it");
            Refusal::new(Code::TooDeep, message)
        }
        Fault::Syntax(at) => Refusal::new(
            Code::InvalidJson,
            format!("the item is not valid JSON from byte {at} on; correct it"),
        ),
    }
}
