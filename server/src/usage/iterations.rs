//! Attempts inside an event: which of them are billed, and what they come to.
//!
//! With server-side fallback, compaction or an advisor, the iterations and not the counts around them say what is
//! billed, and at which model's price.

use serde::{Deserialize, Serialize};

use super::Usage;

/// One attempt inside an event, as `usage.iterations` lists it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Iteration {
    /// `message`, `compaction`, `advisor_message` or `fallback_message`.
    pub kind: String,
    /// The model that is billed; nothing for the event's own model.
    pub model: Option<String>,
    /// What it used.
    pub usage: Usage,
}

impl Iteration {
    /// The usage around the iterations leaves it out. Sources: the SDK's `BetaIterationsUsage` ("A `compaction`
    /// entry's tokens are not included in the top-level `usage` fields") and the documentation of the advisor tool,
    /// whose tokens have another price. What is of any other kind is an attempt at the message.
    pub fn is_beside(&self) -> bool {
        matches!(self.kind.as_str(), "compaction" | "advisor_message")
    }
}

/// The iterations that are billed: all but attempts that a model declined before any output, which another model then
/// took up. No output alone does not make an attempt free: a cache that is warmed with `max_tokens: 0` is billed as
/// written. Source: the SDK's `BetaFallbackMessageIterationUsage` (a declined hop is a `message` that others follow,
/// the last of which is the answer) and the documentation of fallbacks (declined before output: listed, not billed).
pub fn billed(iterations: &[Iteration]) -> impl Iterator<Item = &Iteration> + Clone {
    let answer = answer(iterations);
    iterations.iter().enumerate().filter_map(move |(place, iteration)| {
        let is_declined = iteration.usage.output_tokens == Some(0) && Some(place) < answer;
        (iteration.is_beside() || !is_declined).then_some(iteration)
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

/// All that an answer is billed for, by the usage at its top and its iterations, which are completed by what the top
/// says of the attempt that produced the message.
///
/// The top covers that attempt, or all attempts at the message, but nothing beside them: of each kind the larger of the
/// top and the attempts counts, and what is beside them is added. So it is never less than the top, and never more than
/// the top and all iterations. Input or output that is unknown for one is unknown in all, unless there is but one
/// attempt, for which the top speaks, too; the other kinds are left out where there are none.
pub fn settle(top: &Usage, iterations: &mut Vec<Iteration>) -> Usage {
    if iterations.is_empty() || adds_up(top, iterations) {
        return *top;
    }
    complete(top, iterations);
    let of = |is_beside: bool| -> Vec<Usage> {
        let some = billed(iterations).filter(|iteration| iteration.is_beside() == is_beside);
        some.map(|iteration| iteration.usage).collect()
    };
    let (attempts, beside) = (of(false), of(true));
    let whole = |kind: Kind| {
        let attempts = whole_sum(&attempts, kind)?.max(kind(top).unwrap_or(0));
        Some(attempts.saturating_add(whole_sum(&beside, kind)?))
    };
    let known = |kind: Kind| match (kind(top).max(known_sum(&attempts, kind)), known_sum(&beside, kind)) {
        (Some(attempts), Some(beside)) => Some(attempts.saturating_add(beside)),
        (attempts, beside) => attempts.or(beside),
    };
    Usage {
        input_tokens: whole(|usage| usage.input_tokens),
        cache_write_5m_tokens: known(|usage| usage.cache_write_5m_tokens),
        cache_write_1h_tokens: known(|usage| usage.cache_write_1h_tokens),
        cache_read_tokens: known(|usage| usage.cache_read_tokens),
        output_tokens: whole(|usage| usage.output_tokens),
        web_search_requests: known(|usage| Some(usage.web_search_requests)).unwrap_or(0),
    }
}

/// What is billed of the iterations adds up to the top, which is the total then: so events were listed that said
/// nothing else of it. A kind of which there was nothing may be left out on either side.
fn adds_up(top: &Usage, iterations: &[Iteration]) -> bool {
    let billed: Vec<Usage> = billed(iterations).map(|iteration| iteration.usage).collect();
    // Beside the attempts all would be added; without that it comes to the same.
    let may_leave_out = !top.is_incomplete() && iterations.iter().any(Iteration::is_beside);
    let is_same = |kind: &Kind| {
        let (top, sum) = (kind(top), known_sum(&billed, *kind));
        top == sum || may_leave_out && top.unwrap_or(0) == sum.unwrap_or(0)
    };
    top.total_tokens() > 0 && KINDS.iter().all(is_same)
}

/// Adds the attempt that produced the message, where none is listed, and to the only one what the top says beyond it.
fn complete(top: &Usage, iterations: &mut Vec<Iteration>) {
    let Some(answer) = answer(iterations) else {
        let usage = Usage { web_search_requests: 0, ..*top };
        iterations.push(Iteration { kind: "message".to_owned(), model: None, usage });
        return;
    };
    let attempts = billed(iterations).filter(|iteration| !iteration.is_beside()).count();
    if let (1, Some(Iteration { usage, .. })) = (attempts, iterations.get_mut(answer)) {
        *usage = Usage {
            input_tokens: usage.input_tokens.max(top.input_tokens),
            cache_write_5m_tokens: usage.cache_write_5m_tokens.max(top.cache_write_5m_tokens),
            cache_write_1h_tokens: usage.cache_write_1h_tokens.max(top.cache_write_1h_tokens),
            cache_read_tokens: usage.cache_read_tokens.max(top.cache_read_tokens),
            output_tokens: usage.output_tokens.max(top.output_tokens),
            web_search_requests: usage.web_search_requests,
        };
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

/// The kinds of tokens.
const KINDS: [Kind; 5] = [
    |usage| usage.input_tokens,
    |usage| usage.cache_write_5m_tokens,
    |usage| usage.cache_write_1h_tokens,
    |usage| usage.cache_read_tokens,
    |usage| usage.output_tokens,
];

/// The sum, where all are known.
fn whole_sum(usages: &[Usage], kind: Kind) -> Option<u64> {
    usages.iter().map(kind).try_fold(0_u64, |sum, count| Some(sum.saturating_add(count?)))
}

/// The sum of those that are known.
fn known_sum(usages: &[Usage], kind: Kind) -> Option<u64> {
    usages.iter().filter_map(kind).reduce(u64::saturating_add)
}

#[cfg(test)]
mod tests {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::*;

    fn used(input: u64, output: u64) -> Usage {
        Usage { input_tokens: Some(input), output_tokens: Some(output), ..Usage::default() }
    }

    fn iteration(kind: &str, usage: Usage) -> Iteration {
        Iteration { kind: kind.to_owned(), model: None, usage }
    }

    fn total_of(top: Usage, mut iterations: Vec<Iteration>) -> Usage {
        settle(&top, &mut iterations)
    }

    #[test]
    fn what_is_billed_follows_the_documentation() {
        let message = |input, output| iteration("message", used(input, output));
        let compaction = |input, output| iteration("compaction", used(input, output));
        let fallback = |input, output| iteration("fallback_message", used(input, output));
        for (words, top, iterations, billed) in [
            ("a cache is warmed", used(12, 0), vec![message(12, 0)], used(12, 0)),
            ("one was declined", used(702, 64), vec![message(700, 0), fallback(702, 64)], used(702, 64)),
            (
                "one was declined midway",
                used(702, 64),
                vec![message(700, 9), fallback(702, 64)],
                used(1_402, 73),
            ),
            ("all were declined", used(702, 0), vec![message(700, 0), message(702, 0)], used(702, 0)),
            ("a loop of tools", used(30, 12), vec![message(10, 5), message(20, 7)], used(30, 12)),
            ("a compaction", used(23, 10), vec![compaction(180, 3), message(23, 10)], used(203, 13)),
            (
                "a compaction says nothing",
                used(23, 10),
                vec![compaction(180, 0), message(23, 10)],
                used(203, 10),
            ),
            ("only the compaction is listed", used(23, 10), vec![compaction(180, 3)], used(203, 13)),
            (
                "the compaction comes first",
                used(23, 10),
                vec![compaction(18, 3), message(23, 0)],
                used(41, 13),
            ),
            ("a listed event", used(203, 13), vec![compaction(180, 3), message(23, 10)], used(203, 13)),
            (
                "a listed event that says that nothing was cached",
                Usage { cache_read_tokens: Some(0), ..used(203, 13) },
                vec![compaction(180, 3), message(23, 10)],
                Usage { cache_read_tokens: Some(0), ..used(203, 13) },
            ),
            ("the top says more", used(23, 10), vec![message(20, 0)], used(23, 10)),
            (
                "an advisor",
                used(23, 10),
                vec![message(23, 10), iteration("advisor_message", used(5, 6))],
                used(28, 16),
            ),
        ] {
            assert_eq!(total_of(top, iterations), billed, "{words}");
        }
    }

    #[test]
    fn the_top_speaks_for_the_only_attempt_and_for_no_other() {
        let unknown = Usage { input_tokens: None, ..used(0, 5) };
        assert_eq!(total_of(used(23, 5), vec![iteration("message", unknown)]), used(23, 5));
        let two = vec![iteration("message", unknown), iteration("message", used(1, 2))];
        assert_eq!(total_of(used(23, 9), two), Usage { input_tokens: None, ..used(0, 9) });
    }

    #[test]
    fn an_estimate_stands_for_the_attempt_that_goes_on() {
        let going_on = Usage { output_tokens: None, ..used(5, 0) };
        let mut usage = Usage { output_tokens: None, ..used(105, 0) };
        let mut iterations = vec![
            iteration("compaction", used(90, 7)),
            iteration("message", used(10, 3)),
            iteration("message", going_on),
        ];
        estimate_output(&mut usage, &mut iterations, 20);
        assert_eq!((usage, iterations[2].usage), (used(105, 27), used(5, 17)));
        assert!(adds_up(&usage, &iterations));
        let mut alone = going_on;
        estimate_output(&mut alone, &mut [], 20);
        assert_eq!(alone, used(5, 20));
    }

    fn tokens() -> impl Strategy<Value = Option<u64>> {
        prop::option::weighted(0.9, prop_oneof![Just(0), 0..100_000_u64])
    }

    fn usages() -> impl Strategy<Value = Usage> {
        (tokens(), tokens(), tokens(), tokens(), tokens()).prop_map(
            |(input, five_minutes, hour, read, output)| Usage {
                input_tokens: input,
                cache_write_5m_tokens: five_minutes,
                cache_write_1h_tokens: hour,
                cache_read_tokens: read,
                output_tokens: output,
                web_search_requests: 0,
            },
        )
    }

    fn iterations() -> impl Strategy<Value = Vec<Iteration>> {
        let kinds = prop::sample::select(vec![
            "message",
            "fallback_message",
            "compaction",
            "advisor_message",
            "",
            "new",
        ]);
        vec((kinds, usages()).prop_map(|(kind, usage)| iteration(kind, usage)), 0..5)
    }

    proptest! {
        #[test]
        fn never_less_than_the_top_and_never_more_than_all(top in usages(), iterations in iterations()) {
            let total = total_of(top, iterations.clone());
            for kind in KINDS {
                let Some(total) = kind(&total) else { continue };
                prop_assert!(total >= kind(&top).unwrap_or(0));
                let all: u64 = iterations.iter().filter_map(|iteration| kind(&iteration.usage)).sum();
                prop_assert!(total <= kind(&top).unwrap_or(0) + all);
            }
        }

        #[test]
        fn attempts_add_up_to_the_total(top in usages(), mut iterations in iterations()) {
            let total = settle(&top, &mut iterations);
            let attempts = attempts(&total, &iterations);
            for kind in KINDS {
                let sum: u64 = attempts.iter().filter_map(|(_, usage)| kind(usage)).sum();
                prop_assert_eq!(sum, kind(&total).unwrap_or(0));
            }
        }
    }
}
