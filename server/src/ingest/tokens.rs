//! The API's `usage` object, in its own names, field by field: one odd field leaves the others as they are.
//!
//! It is read by one rule, whoever hands it on (an answer through the proxy, results of a batch, a hook, a posted or an
//! imported event):
//!
//! - A whole number is a count however it is written: `12`, `12.0`, `1.2e1`, `"12"`.
//! - null says nothing. `[]` for an object and `{}` for a list are empty, as PHP writes them.
//! - Anything else leaves its own field unknown, never 0, and is remarked with its name. An object that is none leaves
//!   out all that it would have said. A count or a model that cannot be read leaves the price unknown, too
//!   ([`Remarks::hide_a_price`]); words and objects that are none leave it as it is without them.
//! - Who posts an event can put it right, which an answer that passes cannot: there a number that counts nothing
//!   (negative, with a fraction, beyond 2^53 - 1) and a field that is there twice refuse the event, as they are its
//!   sender's mistake. In an answer a field that is there twice is read where both say the same.
//!
//! Of the many usages that a stream tells, each count is the largest that was told and each word the last, see
//! [`Said::merge`].

use std::borrow::Cow;

use crate::usage::{
    Fingerprints, Iteration, RemarkCode, Remarks, ServiceTier, Usage, answer, redacted, settle,
};

use super::bounds::{Bounds, MAX_INTEGER};
use super::fields::{Fields, Names, unquote};
use super::refusal::{Code, Refusal};
use super::scan;
use super::told::{NoCount, Told, count};

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

/// What a `usage` object comes to.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Spent {
    pub usage: Usage,
    pub iterations: Vec<Iteration>,
    pub service_tier: ServiceTier,
    pub fast: bool,
    pub geo_us: bool,
    /// What of it could not be read.
    pub remarks: Remarks,
}

/// Reads the `usage` of an item that its sender can put right. Without one everything is unknown.
pub(super) fn spent(item: &Fields, bounds: &Bounds) -> Result<Spent, Refusal> {
    let Some(raw) = item.raw("usage") else { return Ok(Spent::default()) };
    let mut reader = Reader { bounds, fingerprints: item.fingerprints(), unknown_fields: 0, mistake: None };
    let said = reader.usage(raw);
    item.add_unknown(reader.unknown_fields);
    reader.mistake.map_or(Ok(said.spent()), Err)
}

/// What one `usage` object says, or several of one answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Said {
    /// Something stands for `usage` that is no object.
    is_unreadable: bool,
    /// The counts at the top hold those of all iterations, as in an event that is listed.
    holds_all: bool,
    counts: Counts,
    iterations: Told<Vec<Attempt>>,
    service_tier: Told<String>,
    speed: Told<String>,
    inference_geo: Told<String>,
}

/// What is said of one attempt.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Attempt {
    /// An entry that is no object.
    is_unreadable: bool,
    kind: Told<String>,
    model: Told<String>,
    counts: Counts,
}

/// The fields that count, and the objects around them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
struct Counts([Told<u64>; COUNTED.len()]);

const INPUT: usize = 0;
const CACHE_WRITE: usize = 1;
const CACHE_CREATION_OBJECT: usize = 2;
const CACHE_WRITE_5M: usize = 3;
const CACHE_WRITE_1H: usize = 4;
const CACHE_READ: usize = 5;
const OUTPUT: usize = 6;
const SERVER_TOOL_USE_OBJECT: usize = 7;
const WEB_SEARCHES: usize = 8;

/// Their names, in the order above.
const COUNTED: [&str; 9] = [
    "input_tokens",
    "cache_creation_input_tokens",
    "cache_creation",
    "cache_creation.ephemeral_5m_input_tokens",
    "cache_creation.ephemeral_1h_input_tokens",
    "cache_read_input_tokens",
    "output_tokens",
    "server_tool_use",
    "server_tool_use.web_search_requests",
];

impl Said {
    /// Reads the `usage` of an answer, as raw JSON.
    pub fn of(usage: &str, bounds: &Bounds) -> Self {
        Reader { bounds, fingerprints: None, unknown_fields: 0, mistake: None }.usage(usage)
    }

    /// What is known when a usage came, but cannot be read.
    pub fn unreadable() -> Self {
        Said { is_unreadable: true, ..Said::default() }
    }

    /// Takes up what the same answer says later. Counts never fall, whatever order they come in, neither those at the
    /// top nor those of an attempt: what is told is what there was so far. Words are the last that was told. What is
    /// left out, null or unreadable leaves what was.
    pub fn merge(&mut self, later: Said) {
        self.is_unreadable |= later.is_unreadable;
        self.counts.merge(&later.counts);
        self.iterations = match (std::mem::take(&mut self.iterations), later.iterations) {
            (Told::As(held), Told::As(later)) => Told::As(merged(held, later)),
            (held, later) => held.max(later),
        };
        self.service_tier.overwrite(later.service_tier);
        self.speed.overwrite(later.speed);
        self.inference_geo.overwrite(later.inference_geo);
    }

    /// The output at the top, where it was told.
    pub fn output_tokens(&self) -> Option<u64> {
        self.counts.known(OUTPUT)
    }

    /// Whether any output is told, at the top or of an attempt.
    pub fn tells_output(&self) -> bool {
        let of_attempt = |attempt: &Attempt| attempt.counts.known(OUTPUT).is_some();
        self.output_tokens().is_some() || self.attempts().iter().any(of_attempt)
    }

    /// The same but for the attempts.
    pub fn without_iterations(self) -> Self {
        Said { iterations: Told::Nothing, ..self }
    }

    /// Whether attempts are listed.
    pub fn has_iterations(&self) -> bool {
        !self.attempts().is_empty()
    }

    /// Forgets what is said of the output that is still generated: at the top, and of the attempt that produces the
    /// message. All others have come to their end.
    pub fn forget_output(&mut self) {
        self.counts.forget(OUTPUT);
        let answer = answer(&self.attempts().iter().map(Attempt::iteration).collect::<Vec<_>>());
        if let (Told::As(attempts), Some(answer)) = (&mut self.iterations, answer) {
            attempts[answer].counts.forget(OUTPUT);
        }
    }

    fn attempts(&self) -> &[Attempt] {
        if let Told::As(attempts) = &self.iterations { attempts } else { &[] }
    }

    /// What all of it comes to.
    pub fn spent(&self) -> Spent {
        let word = |told: &Told<String>| told.clone().known().unwrap_or_default();
        let top = self.counts.usage();
        let listed = self.attempts().iter().filter(|attempt| !attempt.is_unreadable);
        let mut iterations: Vec<Iteration> = listed.map(Attempt::iteration).collect();
        let usage = if self.holds_all { top } else { settle(&top, &mut iterations) };
        Spent {
            usage,
            iterations,
            service_tier: match word(&self.service_tier).as_str() {
                "priority" => ServiceTier::Priority,
                "batch" => ServiceTier::Batch,
                _ => ServiceTier::Standard,
            },
            fast: word(&self.speed) == "fast",
            geo_us: word(&self.inference_geo) == "us",
            remarks: self.remarks(),
        }
    }

    /// The fields that are unknown because they could not be read.
    fn remarks(&self) -> Remarks {
        let mut remarks = Remarks::default();
        let mut note = |is_unreadable: bool, field: &str| {
            if is_unreadable {
                remarks.note(RemarkCode::UsageUnreadable, field);
            }
        };
        note(self.is_unreadable, "usage");
        for field in self.counts.unreadable() {
            note(true, field);
        }
        note(self.iterations == Told::Unreadable, "iterations");
        note(self.service_tier == Told::Unreadable, "service_tier");
        note(self.speed == Told::Unreadable, "speed");
        note(self.inference_geo == Told::Unreadable, "inference_geo");
        for attempt in self.attempts() {
            note(attempt.is_unreadable, "iterations[]");
            note(attempt.kind == Told::Unreadable, "iterations[].type");
            note(attempt.model == Told::Unreadable, "iterations[].model");
            for field in attempt.counts.unreadable() {
                note(true, &format!("iterations[].{field}"));
            }
        }
        remarks
    }
}

/// Attempts as two tellings of one answer list them. Where both list the same attempts, one by one; otherwise those of
/// the longer list, the later one of two that are as long.
fn merged(held: Vec<Attempt>, later: Vec<Attempt>) -> Vec<Attempt> {
    let is_same = held.iter().zip(&later).all(|(held, later)| held.kind == later.kind);
    if !is_same {
        return if later.len() >= held.len() { later } else { held };
    }
    let (mut longer, shorter) = if later.len() >= held.len() { (later, held) } else { (held, later) };
    for (attempt, other) in longer.iter_mut().zip(shorter) {
        attempt.counts.merge(&other.counts);
        attempt.model.overwrite(other.model);
    }
    longer
}

impl Attempt {
    fn iteration(&self) -> Iteration {
        Iteration {
            kind: self.kind.clone().known().unwrap_or_default(),
            model: self.model.clone().known(),
            usage: self.counts.usage(),
        }
    }
}

impl Counts {
    fn known(&self, field: usize) -> Option<u64> {
        self.0[field].known()
    }

    fn forget(&mut self, field: usize) {
        if self.0[field] != Told::Unreadable {
            self.0[field] = Told::Nothing;
        }
    }

    fn merge(&mut self, later: &Counts) {
        for (held, later) in self.0.iter_mut().zip(later.0) {
            *held = later.max(*held);
        }
    }

    fn unreadable(&self) -> impl Iterator<Item = &'static str> {
        self.0.into_iter().zip(COUNTED).filter(|(told, _)| *told == Told::Unreadable).map(|(_, name)| name)
    }

    fn usage(&self) -> Usage {
        let (cache_write_5m_tokens, cache_write_1h_tokens) = self.cache_writes();
        Usage {
            input_tokens: self.known(INPUT),
            cache_write_5m_tokens,
            cache_write_1h_tokens,
            cache_read_tokens: self.known(CACHE_READ),
            output_tokens: self.known(OUTPUT),
            web_search_requests: self.known(WEB_SEARCHES).unwrap_or(0),
        }
    }

    /// Cache writes for five minutes and for an hour. What a total holds beyond its parts was written for five
    /// minutes, the API's default; parts beyond their total stand as they are.
    fn cache_writes(&self) -> (Option<u64>, Option<u64>) {
        let (five_minutes, hour) = (self.known(CACHE_WRITE_5M), self.known(CACHE_WRITE_1H));
        let Some(total) = self.known(CACHE_WRITE) else { return (five_minutes, hour) };
        let rest = total.saturating_sub(hour.unwrap_or(0));
        (Some(rest.max(five_minutes.unwrap_or(0))), hour)
    }
}

/// Reads one `usage` object.
struct Reader<'a> {
    bounds: &'a Bounds,
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
        let elements = scan::elements(raw, self.bounds.depth).ok()?;
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
            counts.0[object] = parts.clone().and_then(|_| Some(0));
            for field in fields {
                counts.0[*field] = self.count(&parts.clone().known().unwrap_or_default(), *field, path);
            }
        }
        counts
    }

    fn count(&mut self, members: &Members<'a>, field: usize, path: &str) -> Told<u64> {
        let most = self.bounds.tokens.min(MAX_INTEGER);
        let name = COUNTED[field];
        let own_name = name.rsplit('.').next().unwrap_or(name);
        get(members, own_name).and_then(|raw| match count(raw, most) {
            Ok(count) => Some(count),
            Err(NoCount::NoNumber) => None,
            Err(NoCount::OtherNumber) => {
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
        for (raw_name, value) in scan::members(raw, self.bounds.depth).ok()? {
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
