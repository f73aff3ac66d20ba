//! What one answer has said of its usage so far, and what that comes to.

use super::told::Told;
use crate::usage::{
    CacheWrites, Iteration, RemarkCode, Remarks, ServiceTier, Stated, Usage, answer, settle, untold,
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

/// What one `usage` object says, or several of one answer.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Said {
    /// Something stands for `usage` that is no object.
    pub(super) is_unreadable: bool,
    /// It has members, and none that the API has.
    pub(super) is_foreign: bool,
    /// The counts at the top hold those of all iterations, as in an event that is listed.
    pub(super) holds_all: bool,
    pub(super) counts: Counts,
    pub(super) iterations: Told<Vec<Attempt>>,
    pub(super) service_tier: Told<String>,
    pub(super) speed: Told<String>,
    pub(super) inference_geo: Told<String>,
}

/// What is said of one attempt.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Attempt {
    /// An entry that is no object.
    pub(super) is_unreadable: bool,
    pub(super) kind: Told<String>,
    pub(super) model: Told<String>,
    pub(super) counts: Counts,
}

/// The fields that count, and the objects around them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Counts(pub(super) [Told<u64>; COUNTED.len()]);

pub(super) const INPUT: usize = 0;
pub(super) const CACHE_WRITE: usize = 1;
pub(super) const CACHE_CREATION_OBJECT: usize = 2;
pub(super) const CACHE_WRITE_5M: usize = 3;
pub(super) const CACHE_WRITE_1H: usize = 4;
pub(super) const CACHE_READ: usize = 5;
pub(super) const OUTPUT: usize = 6;
pub(super) const SERVER_TOOL_USE_OBJECT: usize = 7;
pub(super) const WEB_SEARCHES: usize = 8;

/// What the whole prompt is split into.
const PROMPT: [usize; 5] = [INPUT, CACHE_WRITE, CACHE_WRITE_5M, CACHE_WRITE_1H, CACHE_READ];

/// Their names, in the order above.
pub(super) const COUNTED: [&str; 9] = [
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
    /// What is known when a usage came, but cannot be read.
    pub fn unreadable() -> Self {
        Said { is_unreadable: true, ..Said::default() }
    }

    /// Takes up what the same answer says later. Counts never fall, whatever order they come in, neither those at the
    /// top nor those of an attempt: what is told is what there was so far. Only a prompt that is told again, with more of
    /// it from the cache, is split anew. Words are the last that was told. What is left out, null or unreadable leaves
    /// what was.
    pub fn merge(&mut self, later: Said) {
        self.is_unreadable |= later.is_unreadable;
        self.is_foreign |= later.is_foreign;
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
        let listed = self.attempts().iter().filter(|attempt| !attempt.is_unreadable);
        let (usage, iterations) = if self.holds_all {
            (self.counts.usage(), listed.map(Attempt::iteration).collect())
        } else {
            let listed = listed.map(|attempt| (attempt.iteration(), attempt.counts.writes()));
            settle(&self.counts.stated(), listed.collect())
        };
        let mut remarks = self.remarks();
        for field in untold(&usage, &iterations) {
            remarks.note(RemarkCode::UsageUnreadable, &format!("iterations[].{field}"));
        }
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
            remarks,
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
        let is_foreign = self.is_foreign && self.counts == Counts::default() && !self.has_iterations();
        note(self.is_unreadable || is_foreign, "usage");
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
    let mut longer = if later.len() >= held.len() { later.clone() } else { held.clone() };
    for (attempt, (held, later)) in longer.iter_mut().zip(held.into_iter().zip(later)) {
        (attempt.counts, attempt.model) = (held.counts, held.model);
        attempt.counts.merge(&later.counts);
        attempt.model.overwrite(later.model);
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
        let is_split = self.is_split_by(later);
        for (field, (held, later)) in self.0.iter_mut().zip(later.0).enumerate() {
            let is_anew = is_split && PROMPT.contains(&field) && matches!(later, Told::As(_));
            *held = if is_anew { later } else { later.max(*held) };
        }
    }

    /// The same prompt, told as all input first, and then as what is read from the cache or written to it and a rest: so
    /// some gateways do in a stream. The larger of each would count most of it twice.
    fn is_split_by(&self, later: &Counts) -> bool {
        let (held, later) = (self.usage(), later.usage());
        let cached = |usage: &Usage| usage.prompt_tokens() - usage.input_tokens.unwrap_or(0);
        let (whole, rest) = (held.input_tokens.unwrap_or(0), later.input_tokens.unwrap_or(0));
        (1..whole).contains(&rest) && cached(&later) > cached(&held) && later.prompt_tokens() >= whole
    }

    fn unreadable(&self) -> impl Iterator<Item = &'static str> {
        self.0.into_iter().zip(COUNTED).filter(|(told, _)| *told == Told::Unreadable).map(|(_, name)| name)
    }

    fn usage(&self) -> Usage {
        self.stated().usage
    }

    fn stated(&self) -> Stated {
        let writes = self.writes();
        let (cache_write_5m_tokens, cache_write_1h_tokens) = writes.lifetimes();
        let usage = Usage {
            input_tokens: self.known(INPUT),
            cache_write_5m_tokens,
            cache_write_1h_tokens,
            cache_read_tokens: self.known(CACHE_READ),
            output_tokens: self.known(OUTPUT),
            web_search_requests: self.known(WEB_SEARCHES).unwrap_or(0),
        };
        Stated { usage, writes }
    }

    fn writes(&self) -> CacheWrites {
        CacheWrites::told(self.known(CACHE_WRITE), self.known(CACHE_WRITE_5M), self.known(CACHE_WRITE_1H))
    }
}
