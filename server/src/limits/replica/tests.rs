use proptest::prelude::*;

use super::*;
use crate::limits::kind;
use crate::usage::{Event, Usage};

const START_MS: i64 = 1_795_521_600_000;
/// Parts of a token that come in within a millisecond are whole.
const PARTS: i128 = 60_000;

/// The provider's bucket, as an oracle: it counts everybody, in order of time.
#[derive(Clone)]
struct Provider {
    amount: i128,
    held: i128,
    at_ms: i64,
    /// Something came in while it was full, or was spent that was not there: either leaves no trace.
    is_bent: bool,
}

impl Provider {
    fn holding(amount: u64, tokens: u64) -> Self {
        Provider {
            amount: i128::from(amount),
            held: i128::from(tokens) * PARTS,
            at_ms: START_MS,
            is_bent: false,
        }
    }

    fn go_to(&mut self, at_ms: i64) {
        let gained = self.held + i128::from(at_ms - self.at_ms) * self.amount;
        self.is_bent |= gained > self.amount * PARTS;
        self.held = gained.min(self.amount * PARTS);
        self.at_ms = at_ms;
    }

    /// Gives what is there, all or nothing.
    fn give(&mut self, amount: u64) -> bool {
        let asked = i128::from(amount) * PARTS;
        let given = asked <= self.held;
        self.held -= if given { asked } else { 0 };
        given
    }

    /// Takes what is there: an estimate that proves too low is not refused.
    fn take(&mut self, amount: u64) {
        let rest = self.held - i128::from(amount) * PARTS;
        self.is_bent |= rest < 0;
        self.held = rest.max(0);
    }

    fn remaining(&self, rounding: u64) -> i64 {
        let whole = (self.held / PARTS) as i64;
        match rounding {
            0 => whole,
            half => {
                let step = half as i64 * 2;
                (whole + half as i64).div_euclid(step) * step
            }
        }
    }
}

/// One of our requests: when it is sent, after how long its headers are written, what it costs.
#[derive(Debug, Clone)]
struct Call {
    at_ms: i64,
    duration_ms: u64,
    /// Where between the two the provider looks at its bucket, in thousandths.
    looks_at: i64,
    amount: u64,
}

fn calls() -> impl Strategy<Value = Vec<Call>> {
    let call = (0..100_000i64, prop_oneof![Just(0u64), 0..3_000u64], 0..=1_000i64, 1..40u64).prop_map(
        |(after_ms, duration_ms, looks_at, amount)| Call {
            at_ms: START_MS + after_ms,
            duration_ms,
            looks_at,
            amount,
        },
    );
    prop::collection::vec(call, 2..40)
}

/// What a minute has left is what is left at the end: `(at, spent by others)`.
fn hidden() -> impl Strategy<Value = Vec<(i64, u64)>> {
    prop::collection::vec((START_MS..START_MS + 105_000, 1..400u64), 0..20)
}

fn kind_of(tokens: bool) -> &'static Kind {
    kind(if tokens { "input_tokens_per_minute" } else { "requests_per_minute" }).expect("a kind")
}

/// Our requests cost one each, or tokens by the hundred.
fn cost(call: &Call, tokens: bool) -> u64 {
    if tokens { call.amount * 100 } else { 1 }
}

struct Played {
    /// What each of our responses said, in the order of the calls.
    reports: Vec<Report>,
    /// What others were given after the first look and up to the last.
    others: u64,
    /// Between those something left no trace, in the provider's bucket or as it would have been without others.
    is_bent: bool,
}

/// Plays requests of ours and of others against the provider.
fn play(calls: &[Call], hidden: &[(i64, u64)], amount: u64, held: u64, tokens: bool) -> Played {
    let rounding = if tokens { TOKEN_ROUNDING } else { 0 };
    let looked_ms = |call: &Call| call.at_ms + call.duration_ms as i64 * call.looks_at / 1_000;
    // At one instant requests come before looks: a response counts its own request.
    let ours = calls.iter().enumerate().map(|(index, call)| (call.at_ms, 0, index));
    let others = hidden.iter().enumerate().map(|(index, (at_ms, _))| (*at_ms, 1, index));
    let looks = calls.iter().enumerate().map(|(index, call)| (looked_ms(call), 2, index));
    let mut happenings: Vec<_> = ours.chain(others).chain(looks).collect();
    happenings.sort_unstable();
    let written_ms = |call: &Call| call.at_ms + call.duration_ms as i64;
    let newest = calls.iter().map(written_ms).max().expect("a call");
    // As `Replica` chooses them: the newest of the first second, and the newest of all.
    let first_second = calls.iter().map(|call| written_ms(call).div_euclid(1_000)).min().expect("a call");
    let in_first = |call: &&Call| written_ms(call).div_euclid(1_000) == first_second;
    let first = calls.iter().filter(in_first).map(written_ms).max().expect("a call");

    // Whichever of the reports that are as new is taken, no more was given than between the widest looks.
    let of = |to_ms: i64| calls.iter().filter(move |call| written_ms(call) == to_ms);
    let since = of(first).map(looked_ms).min().expect("a look");
    let until = of(newest).map(looked_ms).max().expect("a look");
    let mut provider = Provider::holding(amount, held.min(amount));
    let mut alone: Option<Provider> = None;
    let mut reports = vec![None; calls.len()];
    let mut given = Vec::new();
    for (at_ms, what, index) in happenings {
        provider.go_to(at_ms);
        if let Some(alone) = alone.as_mut().filter(|_| at_ms <= until) {
            alone.go_to(at_ms);
        }
        match what {
            0 => {
                let cost = cost(&calls[index], tokens);
                provider.take(cost);
                if let Some(alone) = &mut alone {
                    alone.take(cost);
                }
            }
            1 => {
                let wanted = hidden[index].1 * if tokens { 100 } else { 1 };
                if provider.give(wanted) {
                    given.push((at_ms, wanted));
                }
            }
            _ => {
                if at_ms == since && alone.is_none() {
                    provider.is_bent = false;
                    alone = Some(provider.clone());
                }
                let call = &calls[index];
                reports[index] = Some(Report {
                    from_ms: call.at_ms,
                    to_ms: written_ms(call),
                    remaining: provider.remaining(rounding),
                    reset_ms: None,
                });
            }
        }
    }
    let others = given.iter().filter(|(at_ms, _)| (since..=until).contains(at_ms)).map(|(_, amount)| amount);
    Played {
        others: others.sum(),
        reports: reports.into_iter().flatten().collect(),
        is_bent: provider.is_bent || alone.is_some_and(|alone| alone.is_bent),
    }
}

/// A replica that has heard everything, in the order of `order`.
fn replica(calls: &[Call], reports: &[Report], order: &[usize], amount: u64, tokens: bool) -> Replica {
    let now_ms = START_MS + 110_000;
    let mut replica = Replica::new(kind_of(tokens), amount as i64);
    for index in order {
        let call = &calls[index % calls.len()];
        if index / calls.len() == 0 {
            let usage = Usage { input_tokens: Some(cost(call, tokens)), ..Usage::default() };
            let event = Event { at_ms: call.at_ms, usage, ..Event::default() };
            replica.spend(&event, &Sums::of(&event, None), now_ms);
        } else {
            replica.correct(reports[index % calls.len()]);
        }
    }
    replica
}

fn in_order(calls: &[Call]) -> Vec<usize> {
    (0..calls.len() * 2).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn our_own_traffic_is_never_taken_for_that_of_others(
        calls in calls(),
        amount in 60..3_000u64,
        held in 0..300_000u64,
        tokens in prop::bool::ANY,
    ) {
        let amount = if tokens { amount * 100 } else { amount };
        let played = play(&calls, &[], amount, held, tokens);
        let replica = replica(&calls, &played.reports, &in_order(&calls), amount, tokens);
        for now_ms in [START_MS + 104_000, START_MS + 110_000] {
            if let Some(unseen) = replica.unseen(now_ms) {
                prop_assert_eq!(unseen.amount, 0, "{:?}", unseen);
            }
        }
    }

    #[test]
    fn of_others_never_more_is_told_than_there_was_and_within_the_band_all_of_it(
        calls in calls(),
        hidden in hidden(),
        amount in 60..3_000u64,
        held in 0..300_000u64,
        tokens in prop::bool::ANY,
    ) {
        let amount = if tokens { amount * 100 } else { amount };
        let played = play(&calls, &hidden, amount, held, tokens);
        let replica = replica(&calls, &played.reports, &in_order(&calls), amount, tokens);
        if let Some(unseen) = replica.unseen(START_MS + 110_000) {
            prop_assert!(unseen.amount <= played.others, "{unseen:?}, but it was {}", played.others);
            if !played.is_bent {
                let most = unseen.amount + unseen.band;
                prop_assert!(played.others <= most, "{unseen:?}, but it was {}", played.others);
            }
        }
    }

    #[test]
    fn the_order_in_which_events_arrive_changes_nothing(
        (calls, order) in calls().prop_flat_map(|calls| {
            let order = Just(in_order(&calls)).prop_shuffle();
            (Just(calls), order)
        }),
        hidden in hidden(),
        tokens in prop::bool::ANY,
    ) {
        let amount = 50_000;
        let reports = play(&calls, &hidden, amount, amount, tokens).reports;
        let orderly = replica(&calls, &reports, &in_order(&calls), amount, tokens);
        let shuffled = replica(&calls, &reports, &order, amount, tokens);
        for after_ms in (0..130_000).step_by(7_000) {
            let now_ms = START_MS + after_ms;
            prop_assert_eq!(orderly.read(now_ms), shuffled.read(now_ms));
            prop_assert_eq!(orderly.unseen(now_ms), shuffled.unseen(now_ms));
            prop_assert_eq!(orderly.peak(now_ms - 20_000, now_ms), shuffled.peak(now_ms - 20_000, now_ms));
        }
    }

    #[test]
    fn a_replica_is_never_below_empty_nor_above_full_and_its_peak_is_the_most_it_read(
        calls in calls(),
        reports in prop::collection::vec((0..100_000i64, -5_000..5_000i64), 1..30),
        amount in 0..2_000u64,
        from_ms in 0..100_000i64,
    ) {
        let now_ms = START_MS + 110_000;
        let mut replica = replica(&calls, &[], &(0..calls.len()).collect::<Vec<_>>(), amount, false);
        for (after_ms, remaining) in reports {
            let to_ms = START_MS + after_ms;
            replica.correct(Report { from_ms: to_ms, to_ms, remaining, reset_ms: None });
        }
        let from_ms = START_MS + from_ms;
        let mut most = None;
        for at_ms in (from_ms..=now_ms).step_by(250) {
            if let Some(reading) = replica.read(at_ms) {
                prop_assert!(reading.used <= amount && reading.used + reading.remaining == amount);
                prop_assert!(reading.full_at_ms.is_none_or(|full_ms| full_ms >= at_ms));
                most = most.max(Some(reading.used));
            }
        }
        let peak = replica.peak(from_ms, now_ms);
        prop_assert!(peak.map(|(used, _)| used) >= most, "{peak:?}, but it read {most:?}");
        prop_assert!(peak.is_none_or(|(used, at_ms)| used <= amount && (from_ms..=now_ms).contains(&at_ms)));
    }
}

fn report(to_ms: i64, remaining: i64) -> Report {
    Report { from_ms: to_ms, to_ms, remaining, reset_ms: None }
}

#[test]
fn a_response_corrects_and_spending_goes_on_from_there() {
    let mut replica = Replica::new(kind_of(false), 60);
    assert_eq!(replica.read(START_MS), None);
    replica.correct(report(START_MS, 10));
    let event = Event { at_ms: START_MS + 1_000, ..Event::default() };
    replica.spend(&event, &Sums::of(&event, None), START_MS + 5_000);
    let reading = replica.read(START_MS + 5_000).expect("a reading");
    // One a second comes in.
    assert_eq!((reading.used, reading.remaining, reading.band), (46, 14, 0));
    assert_eq!(reading.as_of_ms, START_MS);
    assert_eq!(reading.full_at_ms, Some(START_MS + 51_000));
    assert_eq!(replica.peak(START_MS, START_MS + 5_000), Some((50, START_MS)));
    assert_eq!(replica.read(START_MS + MEMORY_MS), None);
}

#[test]
fn what_others_spend_shows_between_two_responses() {
    for (tokens, limit, before, after, amount, band) in [
        // A thousand a minute: 20 seconds bring 333.
        (false, 1_000, 500, 600, 233, 0),
        // Rounded either way at either end.
        (true, 100_000, 50_000, 60_000, 22_333, 2_000),
        // Less than what is rounded away.
        (true, 100_000, 50_000, 82_500, 0, 2_000),
    ] {
        let mut replica = Replica::new(kind_of(tokens), limit);
        replica.correct(report(START_MS, before));
        assert_eq!(replica.unseen(START_MS), None);
        replica.correct(report(START_MS + 20_000, after));
        let unseen = Unseen { amount, band, since_ms: START_MS };
        assert_eq!(replica.unseen(START_MS + 30_000), Some(unseen));
    }
}

#[test]
fn output_is_spent_while_it_is_generated() {
    let mut replica = Replica::new(kind("output_tokens_per_minute").expect("a kind"), 60_000);
    replica.correct(report(START_MS, 60_000));
    let usage = Usage { output_tokens: Some(40_000), ..Usage::default() };
    let event =
        Event { at_ms: START_MS, duration_ms: Some(4_000), ttft_ms: Some(500), usage, ..Event::default() };
    replica.spend(&event, &Sums::of(&event, None), START_MS + 4_000);
    let used = |after_ms: i64| replica.read(START_MS + after_ms).expect("a reading").used;
    assert_eq!((used(500), used(1_500), used(4_000)), (0, 10_000, 40_000 - 2_500));
}

#[test]
fn a_bucket_of_nothing_has_nothing() {
    let mut replica = Replica::new(kind_of(false), 0);
    replica.correct(report(START_MS, 5));
    let reading = replica.read(START_MS + 1_000).expect("a reading");
    assert_eq!((reading.used, reading.remaining, reading.full_at_ms), (0, 0, Some(START_MS + 1_000)));
}
