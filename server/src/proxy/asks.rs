//! What the body of a request asks for, once all of it is there: which models it may use, above all.
//!
//! Limits hold for a model only if it is read as the API, or a gateway before it, will read it. So a body is read as
//! strict JSON whatever its type says, every `model` in it counts where one is named twice, and whatever leaves a doubt
//! means that the models are not known.

mod read;

use std::io::{BufReader, Read};

use domain::limits::Models;
use domain::meter::{Inflated, Known};
use domain::usage::{name, redacted};
use http::{HeaderMap, header};
use read::{Place, Scalar, request};

/// Models that one request names; a batch with more is held as one that does not say.
const MOST_MODELS: usize = 64;
/// As long as the names of models may be, in bytes.
const LONGEST_NAME: usize = 256;

/// So much of one that is inflated is held in memory, in bytes.
const MOST_FRONT_BYTES: u64 = 8 << 20;

/// What a body asks for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Asks {
    /// What its call is written down with.
    pub known: Known,
    /// The models it may lead to.
    pub models: Models,
    /// The one model of its message; nothing when it names none, or several.
    pub model: Option<String>,
}

/// How a body is written, as far as its head says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Written {
    /// Its encodings; nothing when they cannot be told.
    pub encoding: Option<String>,
    /// Its text may be in another charset than UTF-8.
    is_foreign: bool,
}

impl Written {
    /// By these headers, as the API is to see them.
    pub fn of(headers: &HeaderMap) -> Self {
        let encodings = headers.get_all(header::CONTENT_ENCODING).iter().map(|value| value.to_str().ok());
        let encoding = encodings.collect::<Option<Vec<_>>>().map(|encodings| encodings.join(","));
        let types = headers.get_all(header::CONTENT_TYPE).iter();
        let is_foreign = types.into_iter().any(|value| value.to_str().is_ok_and(names_foreign_charset));
        Written { encoding, is_foreign }
    }

    /// Whether it is as it is sent.
    pub fn is_plain(&self) -> bool {
        self.encoding.as_ref().is_some_and(String::is_empty)
    }
}

fn names_foreign_charset(kind: &str) -> bool {
    if !kind.contains('=') {
        return false;
    }
    let kind = kind.to_ascii_lowercase();
    kind.split("charset=").skip(1).any(|rest| {
        let charset = rest.split([';', ',']).next().unwrap_or_default();
        !matches!(charset.trim_matches([' ', '\t', '"', '\'']), "utf-8" | "utf8" | "us-ascii")
    })
}

impl Asks {
    /// Reads a body.
    pub fn of(body: &[u8], written: &Written) -> Self {
        let mut found = Found::default();
        let read = match &written.encoding {
            Some(encoding) if encoding.is_empty() => {
                found.read(&mut serde_json::Deserializer::from_slice(body))
            }
            Some(encoding) => {
                Inflated::new(encoding, body).is_ok_and(|inflated| found.read_inflated(inflated))
            }
            None => false,
        };
        found.end(read && !written.is_foreign)
    }
}

/// What was found so far.
#[derive(Default)]
struct Found {
    known: Known,
    /// In the order in which they are named first.
    models: Vec<String>,
    /// How often the message itself names a model.
    own: u32,
    /// The models it may lead to cannot be told.
    is_doubtful: bool,
}

impl Found {
    fn read<'de, R: serde_json::de::Read<'de>>(&mut self, json: &mut serde_json::Deserializer<R>) -> bool {
        request(self, &mut *json).is_ok() && json.end().is_ok()
    }

    /// Most are not large, and read faster from memory.
    fn read_inflated(&mut self, mut inflated: Inflated<'_>) -> bool {
        let mut front = Vec::new();
        match inflated.by_ref().take(MOST_FRONT_BYTES).read_to_end(&mut front) {
            Ok(read) if (read as u64) < MOST_FRONT_BYTES => {
                self.read(&mut serde_json::Deserializer::from_slice(&front))
            }
            Ok(_) => {
                let whole = BufReader::new(front.chain(inflated));
                self.read(&mut serde_json::Deserializer::from_reader(whole))
            }
            Err(_) => false,
        }
    }

    fn end(self, is_read: bool) -> Asks {
        let Found { known, models, own, is_doubtful } = self;
        let is_known = is_read && !is_doubtful && !models.is_empty();
        let model = known.model.clone().filter(|_| is_read && own == 1);
        let models = if is_known { Models::These(models) } else { Models::Unknown };
        Asks { known, models, model }
    }

    fn names(&mut self, place: Place, model: Scalar) {
        let name = match model {
            // A gateway may take off blanks, and read signs that look alike as one.
            Scalar::Text(name) if name.bytes().all(|byte| byte.is_ascii_graphic()) && !name.is_empty() => {
                Some(name)
            }
            _ => None,
        };
        if place == Place::Request {
            self.own += 1;
            self.known.model = name.clone().map(|name| name::cut(redacted(name), LONGEST_NAME).0);
        }
        match name.filter(|name| name.len() <= LONGEST_NAME) {
            Some(name) if self.models.contains(&name) => {}
            Some(name) if self.models.len() < MOST_MODELS => self.models.push(name),
            _ => self.is_doubtful = true,
        }
    }
}

#[cfg(test)]
mod tests;
