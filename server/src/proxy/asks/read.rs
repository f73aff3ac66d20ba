//! Walking over the JSON of a request, to where models are named.

use std::fmt;

use serde::de::{DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::Found;

/// Longer text is not looked at.
const MOST_TEXT_BYTES: usize = 64 << 10;

/// Reads a request.
pub(super) fn request<'de, D: Deserializer<'de>>(found: &mut Found, json: D) -> Result<(), D::Error> {
    At { found, place: Place::Request }.deserialize(json)
}

/// Where in a request a value is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Place {
    /// The request: a message, or a batch.
    Request,
    /// A request of a batch.
    Item,
    /// What that asks for.
    Params,
    /// A tool, which may be another model that is asked for advice.
    Tool,
    /// A model that takes over.
    Fallback,
}

/// What the member of an object is.
pub(super) enum Member {
    Model,
    MaxTokens,
    Stream,
    Temperature,
    At(Place),
    Other,
}

impl Place {
    /// Gateways may not mind upper case.
    fn member(self, name: &str) -> Member {
        let is = |known: &str| name.eq_ignore_ascii_case(known);
        let is_message = matches!(self, Place::Request | Place::Params);
        match self {
            Place::Item if is("params") => Member::At(Place::Params),
            Place::Item => Member::Other,
            _ if is("model") => Member::Model,
            _ if is_message && is("tools") => Member::At(Place::Tool),
            _ if is_message && is("fallbacks") => Member::At(Place::Fallback),
            Place::Request if is("requests") => Member::At(Place::Item),
            // What the API alone reads is read as it is written.
            Place::Request if name == "max_tokens" => Member::MaxTokens,
            Place::Request if name == "stream" => Member::Stream,
            Place::Request if name == "temperature" => Member::Temperature,
            _ => Member::Other,
        }
    }
}

/// Reads the value at a place, or each of a list of them.
struct At<'a> {
    found: &'a mut Found,
    place: Place,
}

impl<'de> DeserializeSeed<'de> for At<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, value: D) -> Result<(), D::Error> {
        value.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for At<'_> {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        let At { found, place } = self;
        let mut names_model = false;
        while let Some(member) = members.next_key_seed(place)? {
            match member {
                Member::Model => {
                    names_model = true;
                    found.names(place, members.next_value_seed(Word)?);
                }
                Member::MaxTokens => found.known.max_tokens = members.next_value_seed(Word)?.whole(),
                Member::Stream => found.known.stream = members.next_value_seed(Word)? == Scalar::Bool(true),
                Member::Temperature => {
                    found.known.is_deterministic = members.next_value_seed(Word)?.is_zero();
                }
                Member::At(place) => members.next_value_seed(At { found: &mut *found, place })?,
                Member::Other => {
                    members.next_value::<IgnoredAny>()?;
                }
            }
        }
        found.is_doubtful |= place == Place::Params && !names_model;
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        let At { found, place } = self;
        if place == Place::Request {
            return Err(A::Error::custom("a request is an object"));
        }
        while list.next_element_seed(At { found: &mut *found, place })?.is_some() {}
        Ok(())
    }

    /// `"default"` of `fallbacks` is a model of the API's choice; of the rest nothing is known either.
    fn visit_str<E: Error>(self, _: &str) -> Result<(), E> {
        self.found.is_doubtful = true;
        Ok(())
    }

    fn visit_bool<E: Error>(self, _: bool) -> Result<(), E> {
        self.visit_str("")
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<(), E> {
        self.visit_str("")
    }

    fn visit_u64<E: Error>(self, _: u64) -> Result<(), E> {
        self.visit_str("")
    }

    fn visit_f64<E: Error>(self, _: f64) -> Result<(), E> {
        self.visit_str("")
    }

    /// `null` is as good as left out, but for the request itself, which then names no model.
    fn visit_unit<E: Error>(self) -> Result<(), E> {
        Ok(())
    }
}

/// Reads the name of a member, escaped or not.
impl<'de> DeserializeSeed<'de> for Place {
    type Value = Member;

    fn deserialize<D: Deserializer<'de>>(self, name: D) -> Result<Member, D::Error> {
        name.deserialize_str(self)
    }
}

impl Visitor<'_> for Place {
    type Value = Member;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("a name")
    }

    fn visit_str<E: Error>(self, name: &str) -> Result<Member, E> {
        Ok(self.member(name))
    }
}

/// A value that is no object and no list.
#[derive(Debug, PartialEq)]
pub(super) enum Scalar {
    Text(String),
    Whole(u64),
    Number(f64),
    Bool(bool),
    Other,
}

impl Scalar {
    fn whole(&self) -> Option<u64> {
        if let Scalar::Whole(number) = self { Some(*number) } else { None }
    }

    fn is_zero(&self) -> bool {
        matches!(self, Scalar::Whole(0)) || matches!(self, Scalar::Number(number) if *number == 0.0)
    }
}

/// Reads a [`Scalar`], and passes over everything else.
struct Word;

impl<'de> DeserializeSeed<'de> for Word {
    type Value = Scalar;

    fn deserialize<D: Deserializer<'de>>(self, value: D) -> Result<Scalar, D::Error> {
        value.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Word {
    type Value = Scalar;

    fn expecting(&self, formatter: &mut fmt::Formatter) -> fmt::Result {
        formatter.write_str("JSON")
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<Scalar, E> {
        // Longer than any name is as good as none.
        Ok(if text.len() <= MOST_TEXT_BYTES { Scalar::Text(text.to_owned()) } else { Scalar::Other })
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Scalar, E> {
        Ok(Scalar::Whole(number))
    }

    fn visit_i64<E: Error>(self, _: i64) -> Result<Scalar, E> {
        Ok(Scalar::Other)
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<Scalar, E> {
        Ok(Scalar::Number(number))
    }

    fn visit_bool<E: Error>(self, word: bool) -> Result<Scalar, E> {
        Ok(Scalar::Bool(word))
    }

    fn visit_unit<E: Error>(self) -> Result<Scalar, E> {
        Ok(Scalar::Other)
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<Scalar, A::Error> {
        while members.next_entry::<IgnoredAny, IgnoredAny>()?.is_some() {}
        Ok(Scalar::Other)
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Scalar, A::Error> {
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Scalar::Other)
    }
}
