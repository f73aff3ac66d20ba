//! The API's `usage` object, in its own names, field by field: one odd field leaves the others as they are.
//!
//! It is read by one rule, whoever hands it on (an answer through the proxy, results of a batch, a hook, a posted or an
//! imported event):
//!
//! - A whole number is a count however it is written: `12`, `12.0`, `1.2e1`, `"12"`.
//! - null says nothing. `[]` for an object and `{}` for a list are empty, as PHP writes them.
//! - Anything else leaves its own field unknown, never 0, and is remarked with its name. An object that is none leaves
//!   out all that it would have said. A count or a model that cannot be read leaves the price unknown, too
//!   ([`Remarks::hide_a_price`](crate::usage::Remarks::hide_a_price)); words and objects that are none leave it as it is without them.
//! - Who posts an event can put it right, which an answer that passes cannot: there a number that counts nothing
//!   (negative, with a fraction, beyond 2^53 - 1) and a field that is there twice refuse the event, as they are its
//!   sender's mistake. In an answer a field that is there twice is read where both say the same.
//!
//! - A count that no call can have ([`super::plausible`]) is as good as none, but where its sender can put it right.
//! - Members that nobody reads may be of any depth; so may those that are read, which are then none of what they hold.
//! - Members of which the API has none, as those of another API, are as good as nothing that can be read.
//!
//! Of the many usages that a stream tells, each count is the largest that was told and each word the last, see
//! [`Said::merge`].

use std::borrow::Cow;

use super::bounds::{Bounds, MAX_INTEGER};
use super::fields::{Fields, Names, unquote};
use super::plausible::Implausible;
use super::refusal::{Code, Refusal};
use super::said::{
    Attempt, CACHE_CREATION_OBJECT, CACHE_READ, CACHE_WRITE, CACHE_WRITE_1H, CACHE_WRITE_5M, COUNTED, Counts,
    INPUT, OUTPUT, SERVER_TOOL_USE_OBJECT, Said, Spent, WEB_SEARCHES,
};
use super::scan;
use super::told::{NoCount, Told, count};
use crate::usage::{Fingerprints, redacted};

/// What Tacho says in the `usage` of an event that it lists, beside the API's names.
pub(super) const HOLDS_ALL: &str = "includes_iterations";

/// Names of the object, and of one in its `iterations`, which has more and less of the same.
const USAGE: Names = Names {
    path: "usage.",
    known: &[
        "input_tokens",
        "cache_creation_input_tokens",
        "cache_creation",
        "cache_read_input_tokens",
        "output_tokens",
        "server_tool_use",
        "service_tier",
        "speed",
        "inference_geo",
        "iterations",
        HOLDS_ALL,
    ],
    unused: &["output_tokens_details", "fallback_credit"],
};

const ITERATION: Names = Names {
    path: "usage.iterations[].",
    known: &[
        "type",
        "model",
        "input_tokens",
        "cache_creation_input_tokens",
        "cache_creation",
        "cache_read_input_tokens",
        "output_tokens",
        "server_tool_use",
    ],
    unused: &["output_tokens_details"],
};

const CACHE_CREATION: Names = Names {
    path: "cache_creation.",
    known: &["ephemeral_5m_input_tokens", "ephemeral_1h_input_tokens"],
    unused: &[],
};

const SERVER_TOOL_USE: Names = Names {
    path: "server_tool_use.",
    known: &["web_search_requests"],
    unused: &["web_fetch_requests", "code_execution_requests"],
};

/// Attempts that are read of one answer. Each with some 300 bytes, an event of them is below a mebibyte where it is
/// written down.
const MOST_ATTEMPTS: usize = 2_000;

/// Whether a member of `usage` with this name is read, as raw JSON.
pub(crate) fn is_read(raw_name: &str) -> bool {
    unquote(raw_name).is_some_and(|name| USAGE.known.contains(&name.as_ref()))
}

/// Reads the `usage` of an item that its sender can put right. Without one everything is unknown.
pub(super) fn spent(item: &Fields, bounds: &Bounds, implausible: Implausible) -> Result<Spent, Refusal> {
    let Some(raw) = item.raw("usage") else { return Ok(Spent::default()) };
    let fingerprints = item.fingerprints();
    let mut reader = Reader { bounds, implausible, fingerprints, unknown_fields: 0, mistake: None };
    let said = reader.usage(raw);
    item.add_unknown(reader.unknown_fields);
    reader.mistake.map_or(Ok(said.spent()), Err)
}

impl Said {
    /// Reads the `usage` of an answer, as raw JSON.
    pub fn of(usage: &str, bounds: &Bounds) -> Self {
        let implausible = Implausible::Unknown;
        Reader { bounds, implausible, fingerprints: None, unknown_fields: 0, mistake: None }.usage(usage)
    }
}

/// Reads one `usage` object.
struct Reader<'a> {
    bounds: &'a Bounds,
    implausible: Implausible,
    /// What API keys become; nothing where words of the API are read, which hold none.
    fingerprints: Option<&'a Fingerprints>,
    unknown_fields: u32,
    /// The first thing in it that its sender has to put right, if there is a sender.
    mistake: Option<Refusal>,
}

/// The known members of an object.
type Members<'a> = Vec<(&'static str, Told<&'a str>)>;

impl<'a> Reader<'a> {
    fn usage(&mut self, raw: &'a str) -> Said {
        let Some(members) = self.object(raw, &USAGE, "usage.") else { return Said::unreadable() };
        Said {
            is_unreadable: false,
            is_foreign: members.is_empty() && self.unknown_fields > 0,
            holds_all: get(&members, HOLDS_ALL) == Told::As("true"),
            counts: self.counts(&members, "usage."),
            iterations: get(&members, "iterations").and_then(|raw| self.attempts(raw)),
            service_tier: self.word(&members, "service_tier"),
            speed: self.word(&members, "speed"),
            inference_geo: self.word(&members, "inference_geo"),
        }
    }

    fn attempts(&mut self, raw: &'a str) -> Option<Vec<Attempt>> {
        if is_empty(raw) {
            return Some(Vec::new());
        }
        let elements = scan::elements_of_any_depth(raw, self.bounds.depth).ok()?;
        if elements.len() > MOST_ATTEMPTS {
            return None;
        }
        Some(elements.into_iter().map(|element| self.attempt(element)).collect())
    }

    fn attempt(&mut self, raw: &'a str) -> Attempt {
        let Some(members) = self.object(raw, &ITERATION, ITERATION.path) else {
            return Attempt { is_unreadable: true, ..Attempt::default() };
        };
        Attempt {
            is_unreadable: false,
            kind: self.word(&members, "type"),
            model: self.word(&members, "model"),
            counts: self.counts(&members, ITERATION.path),
        }
    }

    fn counts(&mut self, members: &Members<'a>, path: &str) -> Counts {
        let mut counts = Counts::default();
        for field in [INPUT, CACHE_WRITE, CACHE_READ, OUTPUT] {
            counts.0[field] = self.count(members, field, path);
        }
        for (object, names, fields) in [
            (CACHE_CREATION_OBJECT, &CACHE_CREATION, &[CACHE_WRITE_5M, CACHE_WRITE_1H][..]),
            (SERVER_TOOL_USE_OBJECT, &SERVER_TOOL_USE, &[WEB_SEARCHES][..]),
        ] {
            let parts = get(members, COUNTED[object]).and_then(|raw| self.object(raw, names, path));
            counts.0[object] = parts.as_ref().and_then(|_| Some(0));
            let parts = parts.known().unwrap_or_default();
            for field in fields {
                counts.0[*field] = self.count(&parts, *field, path);
            }
        }
        counts
    }

    fn count(&mut self, members: &Members<'a>, field: usize, path: &str) -> Told<u64> {
        let most = self.bounds.tokens.min(MAX_INTEGER);
        let name = COUNTED[field];
        let own_name = name.rsplit('.').next().unwrap_or(name);
        let is_unknown = self.implausible == Implausible::Unknown;
        let plausible =
            if field == WEB_SEARCHES { self.bounds.event_searches } else { self.bounds.event_tokens };
        get(members, own_name).and_then(|raw| match count(raw, most) {
            Ok(count) => Some(count).filter(|count| !is_unknown || *count <= plausible),
            Err(NoCount::NoNumber) => None,
            Err(NoCount::TooLarge) if is_unknown => None,
            Err(NoCount::TooLarge | NoCount::OtherNumber) => {
                let problem = format!(
                    "`{path}{name}` must be a whole number from 0 to {most}; leave it out when it is unknown"
                );
                self.mistake.get_or_insert(Refusal::new(Code::InvalidNumber, problem));
                None
            }
        })
    }

    /// A word of the API. An empty one says nothing.
    fn word(&self, members: &Members<'a>, name: &str) -> Told<String> {
        let told = get(members, name).and_then(|raw| {
            let word = unquote(raw).filter(|word| word.len() <= self.bounds.dimension_bytes)?;
            Some(match self.fingerprints {
                Some(fingerprints) => fingerprints.without_key(word.into_owned()),
                None => redacted(word.into_owned()),
            })
        });
        if told == Told::As(String::new()) { Told::Nothing } else { told }
    }

    /// The known members of an object; nothing when it is none.
    fn object(&mut self, raw: &'a str, names: &Names, path: &str) -> Option<Members<'a>> {
        if is_empty(raw) {
            return Some(Vec::new());
        }
        let mut known: Members<'a> = Vec::new();
        for (raw_name, value) in scan::members_of_any_depth(raw, self.bounds.depth).ok()? {
            let name: Cow<str> = unquote(raw_name).unwrap_or_default();
            let Some(name) = names.known.iter().copied().find(|known| *known == name) else {
                self.unknown_fields += u32::from(!names.unused.contains(&name.as_ref()));
                continue;
            };
            let told = if value == "null" { Told::Nothing } else { Told::As(value) };
            match known.iter_mut().find(|(other, _)| *other == name) {
                None => known.push((name, told)),
                Some((_, before)) => {
                    let problem = format!("`{path}{name}` is there twice; send it once");
                    self.mistake.get_or_insert(Refusal::new(Code::DuplicateField, problem));
                    if *before != told {
                        *before = Told::Unreadable;
                    }
                }
            }
        }
        Some(known)
    }
}

fn get<'a>(members: &Members<'a>, name: &str) -> Told<&'a str> {
    members.iter().find(|(known, _)| *known == name).map_or(Told::Nothing, |(_, told)| *told)
}

/// An object or a list without anything in it.
fn is_empty(raw: &str) -> bool {
    let inside = |open, close| raw.strip_prefix(open)?.strip_suffix(close).map(str::trim);
    inside('{', '}').or_else(|| inside('[', ']')) == Some("")
}
