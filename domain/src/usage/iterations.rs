//! Attempts inside an event: which of them are billed, and what they come to.
//!
//! With server-side fallback, compaction or an advisor, the iterations and not the counts around them say what is
//! billed, and at which model's price.

use serde::{Deserialize, Serialize};

use super::Usage;
use super::cache_writes::{CacheWrites, plus};

/// One attempt inside an event, as `usage.iterations` lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Iteration {
    /// `message`, `compaction`, `advisor_message` or `fallback_message`.
    pub kind: String,
    /// The model that is billed; nothing for the event's own model.
    pub model: Option<String>,
    pub usage: Usage,
}

impl Iteration {
    /// The kinds that are [beside](Iteration::is_beside) the attempts at the message.
    pub const BESIDE: [&str; 2] = ["compaction", "advisor_message"];

    /// The usage around the iterations leaves it out. Sources: the SDK's `BetaIterationsUsage` ("A `compaction`
    /// entry's tokens are not included in the top-level `usage` fields") and the documentation of the advisor tool,
    /// whose tokens have another price. What is of any other kind is an attempt at the message.
    pub fn is_beside(&self) -> bool {
        Self::BESIDE.contains(&self.kind.as_str())
    }
}

/// The iterations that are billed: all but attempts that a model declined before any output, which another model then
/// took up. No output alone does not make an attempt free: a cache that is warmed with `max_tokens: 0` is billed as
/// written. Source: the SDK's `BetaFallbackMessageIterationUsage` (a declined hop is a `message` that others follow,
/// the last of which is the answer) and the documentation of fallbacks (declined before output: listed, not billed).
pub fn billed(iterations: &[Iteration]) -> impl Iterator<Item = &Iteration> + Clone {
    billed_places(iterations).filter_map(|place| iterations.get(place))
}

fn billed_places(iterations: &[Iteration]) -> impl Iterator<Item = usize> + Clone {
    let answer = answer(iterations);
    iterations.iter().enumerate().filter_map(move |(place, iteration)| {
        let is_declined = iteration.usage.output_tokens == Some(0) && Some(place) < answer;
        (iteration.is_beside() || !is_declined).then_some(place)
    })
}

/// The place of the attempt that produced the message: the last that is one.
pub fn answer(iterations: &[Iteration]) -> Option<usize> {
    iterations.iter().rposition(|iteration| !iteration.is_beside())
}

/// Puts an estimate in the place of an output that is unknown: what was written of the message, in tokens. The attempts
/// before the last have had their part in it, and what is beside them is not in it.
pub fn estimate_output(usage: &mut Usage, iterations: &mut [Iteration], written_tokens: u64) {
    let output = |is_beside: bool, iterations: &[Iteration]| {
        let some = billed(iterations).filter(|iteration| iteration.is_beside() == is_beside);
        some.filter_map(|iteration| iteration.usage.output_tokens).fold(0, u64::saturating_add)
    };
    let before = output(false, iterations);
    if let Some(answer) = answer(iterations) {
        let last = &mut iterations[answer].usage.output_tokens;
        *last = last.or(Some(written_tokens.saturating_sub(before)));
    }
    let beside = output(true, iterations);
    usage.output_tokens = Some(written_tokens.max(before).saturating_add(beside));
}

/// What one telling says of usage. Its cache writes may be told as a total alone; in `usage` those are for five minutes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stated {
    pub usage: Usage,
    /// Its cache writes as they are told.
    pub writes: CacheWrites,
}

impl From<Usage> for Stated {
    fn from(usage: Usage) -> Self {
        Stated { usage, writes: CacheWrites::of(&usage) }
    }
}

/// All that an answer is billed for, by the usage at its top and its iterations with their cache writes; and the
/// iterations, completed by what the top says of the attempt that produced the message.
///
/// The top covers that attempt, or all attempts at the message, but nothing beside them: of each kind the larger of the
/// top and the attempts counts, and what is beside them is added. So it is never less than the top, and never more than
/// the top and all iterations. Cache writes are one kind, whoever tells their lifetimes. Input or output is unknown
/// where neither the top nor the attempt that produced the message tells it; where another attempt does not, the sum
/// is the least there was ([`are_untold`]).
pub fn settle(top: &Stated, iterations: Vec<(Iteration, CacheWrites)>) -> (Usage, Vec<Iteration>) {
    if iterations.is_empty() {
        return (top.usage, Vec::new());
    }
    let (mut iterations, mut writes): (Vec<_>, Vec<_>) = iterations.into_iter().unzip();
    let is_total = adds_up(top, &iterations, &writes);
    if !is_total {
        complete(top, &mut iterations, &mut writes);
    }
    let (covered, beside): (Vec<usize>, Vec<usize>) =
        billed_places(&iterations).partition(|place| is_total || !iterations[*place].is_beside());
    let of =
        |places: &[usize]| places.iter().fold(CacheWrites::default(), |sum, place| sum.and(writes[*place]));
    let (told, added) = (of(&covered), of(&beside));
    let whole = top.writes.or(told);
    let mut hour = whole.hour.unwrap_or(0).saturating_sub(told.hour.unwrap_or(0));
    // The top speaks of the attempt that produced the message, the last, if not of all.
    covered.iter().rev().for_each(|place| writes[*place].take_hour(&mut hour));
    for (Iteration { usage, .. }, writes) in iterations.iter_mut().zip(writes) {
        (usage.cache_write_5m_tokens, usage.cache_write_1h_tokens) = writes.lifetimes();
    }
    let known = |kind: Kind| {
        let sum = |places: &[usize]| known_sum(places.iter().map(|place| &iterations[*place].usage), kind);
        plus(kind(&top.usage).max(sum(&covered)), sum(&beside))
    };
    let of_message = |kind: Kind| {
        let of_answer = answer(&iterations).and_then(|answer| kind(&iterations[answer].usage));
        kind(&top.usage).or(of_answer).and_then(|_| known(kind))
    };
    let (cache_write_5m_tokens, cache_write_1h_tokens) = whole.and(added).lifetimes();
    let usage = Usage {
        input_tokens: of_message(|usage| usage.input_tokens),
        cache_write_5m_tokens,
        cache_write_1h_tokens,
        cache_read_tokens: known(|usage| usage.cache_read_tokens),
        output_tokens: of_message(|usage| usage.output_tokens),
        web_search_requests: known(|usage| Some(usage.web_search_requests)).unwrap_or(0),
    };
    (usage, iterations)
}

/// Whether what is billed of the iterations is not all told: sums over them are the least there was.
pub fn are_untold(iterations: &[Iteration]) -> bool {
    billed(iterations).any(|iteration| iteration.usage.is_incomplete())
}

/// The counts that such iterations do not tell, though the sum over all of them, `usage`, says something.
pub fn untold(usage: &Usage, iterations: &[Iteration]) -> Vec<&'static str> {
    let answer = answer(iterations);
    let is_untold = |kind: Kind| {
        let mut places = billed_places(iterations).filter(|place| kind(&iterations[*place].usage).is_none());
        // Of a message that tells nothing the sum is unknown, which says so itself.
        places.any(|place| Some(place) != answer || kind(usage).is_some())
    };
    let kinds: [(Kind, &str); 2] =
        [(|usage| usage.input_tokens, "input_tokens"), (|usage| usage.output_tokens, "output_tokens")];
    kinds.into_iter().filter(|(kind, _)| is_untold(*kind)).map(|(_, name)| name).collect()
}

/// What is billed of the iterations adds up to the top, which is the total then: so events were listed that said
/// nothing else of it. A kind of which there was nothing may be left out on either side.
fn adds_up(top: &Stated, iterations: &[Iteration], writes: &[CacheWrites]) -> bool {
    let billed = || billed_places(iterations);
    // Beside the attempts all would be added; without that it comes to the same.
    let may_leave_out = !top.usage.is_incomplete() && iterations.iter().any(Iteration::is_beside);
    let is_same = |top: Option<u64>, sum| top == sum || may_leave_out && top.unwrap_or(0) == sum.unwrap_or(0);
    let is_same_kind = |kind: &Kind| {
        is_same(kind(&top.usage), known_sum(billed().map(|place| &iterations[place].usage), *kind))
    };
    let written = billed().fold(CacheWrites::default(), |sum, place| sum.and(writes[place]));
    top.usage.total_tokens() > 0
        && UNSPLIT.iter().all(is_same_kind)
        && is_same(top.writes.total(), written.total())
        && top.writes.agrees_with(written)
}

/// Adds the attempt that produced the message, where none is listed, and to the only one what the top says beyond it.
fn complete(top: &Stated, iterations: &mut Vec<Iteration>, writes: &mut Vec<CacheWrites>) {
    let Some(answer) = answer(iterations) else {
        let usage = Usage { web_search_requests: 0, ..top.usage };
        iterations.push(Iteration { kind: "message".to_owned(), model: None, usage });
        writes.push(top.writes);
        return;
    };
    let attempts = billed(iterations).filter(|iteration| !iteration.is_beside()).count();
    if attempts == 1 {
        let usage = &mut iterations[answer].usage;
        usage.input_tokens = usage.input_tokens.max(top.usage.input_tokens);
        usage.cache_read_tokens = usage.cache_read_tokens.max(top.usage.cache_read_tokens);
        usage.output_tokens = usage.output_tokens.max(top.usage.output_tokens);
        writes[answer] = top.writes.or(writes[answer]);
    }
}

/// `total` attempt by attempt: the model of each, nothing for the event's own, and what it used. They add up to the
/// tokens of `total`: what the iterations do not account for was used by the attempt that produced the message.
pub fn attempts<'a>(total: &Usage, iterations: &'a [Iteration]) -> Vec<(Option<&'a str>, Usage)> {
    let answer = answer(iterations).and_then(|place| iterations.get(place));
    let mut rest = Usage { web_search_requests: 0, ..*total };
    let mut attempts = Vec::new();
    for iteration in billed(iterations) {
        if !answer.is_some_and(|answer| std::ptr::eq(answer, iteration)) {
            attempts.push((iteration.model.as_deref(), take(&mut rest, &iteration.usage)));
        }
    }
    if attempts.is_empty() || rest.total_tokens() > 0 {
        attempts.push((answer.and_then(|answer| answer.model.as_deref()), rest));
    }
    attempts
}

/// Takes `usage` out of `rest`, as far as there is some.
fn take(rest: &mut Usage, usage: &Usage) -> Usage {
    let part = |rest: &mut Option<u64>, wanted: Option<u64>| {
        let taken = wanted.map(|wanted| wanted.min(rest.unwrap_or(0)));
        *rest = rest.map(|rest| rest - taken.unwrap_or(0));
        taken
    };
    Usage {
        input_tokens: part(&mut rest.input_tokens, usage.input_tokens),
        cache_write_5m_tokens: part(&mut rest.cache_write_5m_tokens, usage.cache_write_5m_tokens),
        cache_write_1h_tokens: part(&mut rest.cache_write_1h_tokens, usage.cache_write_1h_tokens),
        cache_read_tokens: part(&mut rest.cache_read_tokens, usage.cache_read_tokens),
        output_tokens: part(&mut rest.output_tokens, usage.output_tokens),
        web_search_requests: 0,
    }
}

type Kind = fn(&Usage) -> Option<u64>;

/// The kinds of tokens that are told in one count.
const UNSPLIT: [Kind; 3] =
    [|usage| usage.input_tokens, |usage| usage.cache_read_tokens, |usage| usage.output_tokens];

/// The sum of those that are known.
fn known_sum<'a>(usages: impl Iterator<Item = &'a Usage>, kind: Kind) -> Option<u64> {
    usages.filter_map(kind).reduce(u64::saturating_add)
}

#[cfg(test)]
mod tests;
