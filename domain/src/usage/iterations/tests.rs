//! What is billed of attempts, and what they come to.

use proptest::collection::vec;
use proptest::prelude::*;

use super::*;

fn used(input: u64, output: u64) -> Usage {
    Usage { input_tokens: Some(input), output_tokens: Some(output), ..Usage::default() }
}

fn iteration(kind: &str, usage: Usage) -> Iteration {
    Iteration { kind: kind.to_owned(), model: None, usage }
}

fn told(iteration: Iteration) -> (Iteration, CacheWrites) {
    let writes = CacheWrites::of(&iteration.usage);
    (iteration, writes)
}

fn total_of(top: Usage, iterations: Vec<Iteration>) -> Usage {
    settle(&top.into(), iterations.into_iter().map(told).collect()).0
}

#[test]
fn what_is_billed_follows_the_documentation() {
    let message = |input, output| iteration("message", used(input, output));
    let compaction = |input, output| iteration("compaction", used(input, output));
    let fallback = |input, output| iteration("fallback_message", used(input, output));
    for (words, top, iterations, billed) in [
        ("a cache is warmed", used(12, 0), vec![message(12, 0)], used(12, 0)),
        ("one was declined", used(702, 64), vec![message(700, 0), fallback(702, 64)], used(702, 64)),
        ("one was declined midway", used(702, 64), vec![message(700, 9), fallback(702, 64)], used(1_402, 73)),
        ("all were declined", used(702, 0), vec![message(700, 0), message(702, 0)], used(702, 0)),
        ("a loop of tools", used(30, 12), vec![message(10, 5), message(20, 7)], used(30, 12)),
        ("a compaction", used(23, 10), vec![compaction(180, 3), message(23, 10)], used(203, 13)),
        ("a compaction says nothing", used(23, 10), vec![compaction(180, 0), message(23, 10)], used(203, 10)),
        ("only the compaction is listed", used(23, 10), vec![compaction(180, 3)], used(203, 13)),
        ("the compaction comes first", used(23, 10), vec![compaction(18, 3), message(23, 0)], used(41, 13)),
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
    let settled = |top: Usage, iterations: Vec<Iteration>| {
        settle(&top.into(), iterations.into_iter().map(told).collect())
    };
    let (total, one) = settled(used(23, 5), vec![iteration("message", unknown)]);
    assert_eq!((total, are_untold(&one)), (used(23, 5), false));
    // Of two, nobody says how much the other was: 23 are the least.
    let two = vec![iteration("message", unknown), iteration("message", used(1, 2))];
    let (total, two) = settled(used(23, 9), two);
    assert_eq!((total, untold(&total, &two)), (used(23, 9), vec!["input_tokens"]));
}

#[test]
fn it_is_never_less_than_the_top_whatever_an_iteration_leaves_out() {
    let no_output = Usage { output_tokens: None, ..used(180, 0) };
    let no_input = Usage { input_tokens: None, ..used(0, 3) };
    let nothing = Usage::default();
    let message = || iteration("message", used(23, 10));
    for (top, iterations, total, fields) in [
        (
            used(23, 10),
            vec![iteration("compaction", no_output), message()],
            used(203, 10),
            vec!["output_tokens"],
        ),
        (
            used(23, 10),
            vec![iteration("advisor_message", no_input), message()],
            used(23, 13),
            vec!["input_tokens"],
        ),
        (
            used(23, 10),
            vec![iteration("compaction", nothing)],
            used(23, 10),
            vec!["input_tokens", "output_tokens"],
        ),
        (nothing, vec![iteration("compaction", no_output), message()], used(203, 10), vec!["output_tokens"]),
        // Of the message itself nothing is told: that is unknown, and not the little that was beside it.
        (
            Usage { output_tokens: None, ..used(23, 0) },
            vec![iteration("compaction", used(180, 3))],
            Usage { output_tokens: None, ..used(203, 0) },
            vec![],
        ),
    ] {
        let (settled, iterations) = settle(&top.into(), iterations.into_iter().map(told).collect());
        assert_eq!((settled, untold(&settled, &iterations)), (total, fields), "{iterations:?}");
        assert!(are_untold(&iterations));
    }
}

#[test]
fn cache_writes_count_once_whoever_tells_their_lifetimes() {
    let stated = |total, five_minutes, hour| {
        let writes = CacheWrites::told(total, five_minutes, hour);
        let (cache_write_5m_tokens, cache_write_1h_tokens) = writes.lifetimes();
        Stated { usage: Usage { cache_write_5m_tokens, cache_write_1h_tokens, ..used(3, 5) }, writes }
    };
    let listed = |kind: &str, stated: Stated| (iteration(kind, stated.usage), stated.writes);
    let bare = |writes| stated(Some(writes), None, None);
    let split = |five_minutes, hour| stated(None, Some(five_minutes), Some(hour));
    for (words, top, iterations, writes) in [
        ("the top", split(0, 1_000), vec![listed("message", bare(1_000))], (0, 1_000)),
        ("the iteration", bare(1_000), vec![listed("message", split(400, 600))], (400, 600)),
        (
            "beside a compaction",
            split(0, 1_000),
            vec![listed("compaction", bare(200)), listed("message", bare(1_000))],
            (200, 1_000),
        ),
        (
            "for two attempts",
            split(400, 600),
            vec![listed("message", bare(700)), listed("message", bare(300))],
            (400, 600),
        ),
        (
            "for one of two",
            bare(1_000),
            vec![listed("message", split(0, 700)), listed("message", bare(300))],
            (300, 700),
        ),
        (
            "for the last of two",
            split(0, 300),
            vec![listed("message", bare(700)), listed("message", bare(300))],
            (700, 300),
        ),
    ] {
        let (usage, iterations) = settle(&top, iterations);
        let lifetimes = (usage.cache_write_5m_tokens, usage.cache_write_1h_tokens);
        assert_eq!(lifetimes, (Some(writes.0), Some(writes.1)), "{words}");
        // So has the price of each: the lifetimes of the iterations are those of the whole.
        let hour: u64 =
            billed(&iterations).filter_map(|iteration| iteration.usage.cache_write_1h_tokens).sum();
        assert_eq!(hour, writes.1, "{words}");
    }
    // The top may be the total, as in an event that was listed.
    let top = Stated {
        usage: Usage { input_tokens: Some(6), output_tokens: Some(10), ..split(0, 1_200).usage },
        ..split(0, 1_200)
    };
    let (usage, _) = settle(&top, vec![listed("compaction", bare(200)), listed("message", bare(1_000))]);
    assert_eq!(usage, top.usage);
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
    let writes = [CacheWrites::default(); 3];
    assert!(adds_up(&usage.into(), &iterations, &writes));
    let mut alone = going_on;
    estimate_output(&mut alone, &mut [], 20);
    assert_eq!(alone, used(5, 20));
}

fn tokens() -> impl Strategy<Value = Option<u64>> {
    prop::option::weighted(0.9, prop_oneof![Just(0), 0..100_000_u64])
}

fn stated() -> impl Strategy<Value = Stated> {
    let writes = (tokens(), tokens(), tokens());
    (tokens(), writes, tokens(), tokens()).prop_map(|(input, (total, five_minutes, hour), read, output)| {
        let writes = CacheWrites::told(total, five_minutes, hour);
        let (cache_write_5m_tokens, cache_write_1h_tokens) = writes.lifetimes();
        let usage = Usage {
            input_tokens: input,
            cache_write_5m_tokens,
            cache_write_1h_tokens,
            cache_read_tokens: read,
            output_tokens: output,
            web_search_requests: 0,
        };
        Stated { usage, writes }
    })
}

fn iterations() -> impl Strategy<Value = Vec<(Iteration, CacheWrites)>> {
    let kinds =
        prop::sample::select(vec!["message", "fallback_message", "compaction", "advisor_message", "", "new"]);
    let listed = |(kind, stated): (&str, Stated)| (iteration(kind, stated.usage), stated.writes);
    vec((kinds, stated()).prop_map(listed), 0..5)
}

/// The kinds of tokens; cache writes are one, however they are told.
const KINDS: [Kind; 4] = [
    |usage| usage.input_tokens,
    |usage| CacheWrites::of(usage).total(),
    |usage| usage.cache_read_tokens,
    |usage| usage.output_tokens,
];

proptest! {
    #[test]
    fn never_less_than_the_top_and_never_more_than_all(top in stated(), listed in iterations()) {
        let (total, _) = settle(&top, listed.clone());
        let top = top.usage;
        for kind in KINDS {
            prop_assert!(kind(&total) >= kind(&top), "it is known at the top");
            let sum = |is_beside: bool| -> u64 {
                let some = listed.iter().filter(|(iteration, _)| iteration.is_beside() == is_beside);
                some.filter_map(|(iteration, _)| kind(&iteration.usage)).sum()
            };
            let all = kind(&top).unwrap_or(0).max(sum(false)) + sum(true);
            prop_assert!(kind(&total).unwrap_or(0) <= all);
        }
    }

    #[test]
    fn lifetimes_that_the_top_tells_stand(top in stated(), listed in iterations()) {
        let (total, _) = settle(&top, listed);
        prop_assert!(total.cache_write_5m_tokens >= top.writes.five_minutes);
        prop_assert!(total.cache_write_1h_tokens >= top.writes.hour);
    }

    #[test]
    fn attempts_add_up_to_the_total(top in stated(), listed in iterations()) {
        let (total, iterations) = settle(&top, listed);
        let attempts = attempts(&total, &iterations);
        for kind in KINDS {
            let sum: u64 = attempts.iter().filter_map(|(_, usage)| kind(usage)).sum();
            prop_assert_eq!(sum, kind(&total).unwrap_or(0));
        }
        for kind in [|usage: &Usage| usage.cache_write_5m_tokens, |usage: &Usage| usage.cache_write_1h_tokens] {
            let sum: u64 = attempts.iter().filter_map(|(_, usage)| kind(usage)).sum();
            prop_assert_eq!(sum, kind(&total).unwrap_or(0));
        }
    }
}
