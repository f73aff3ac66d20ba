mod provider;

use proptest::prelude::*;

use self::provider::{Call, Provider, What, calls, cost, counted_when_sent, hidden, kind_of, play};
use super::*;
use crate::limits::kind;
use crate::usage::{Event, Usage};

const START_MS: i64 = 1_795_521_600_000;
/// A replica that has heard everything, in the order of `order`.
fn replica(calls: &[Call], reports: &[Report], order: &[usize], amount: u64, tokens: bool) -> Replica {
    let now_ms = START_MS + 200_000;
    let mut replica = Replica::new(kind_of(tokens), amount as i64);
    for index in order {
        let call = &calls[index % calls.len()];
        if index / calls.len() == 0 {
            let event = own(call.at_ms, Some(call.duration_ms), cost(call, tokens));
            replica.spend(&event, &Sums::of(&event, None), now_ms);
        } else {
            replica.correct(reports[index % calls.len()]);
        }
    }
    replica
}

fn own(at_ms: i64, duration_ms: Option<u64>, tokens: u64) -> Event {
    let usage = Usage { input_tokens: Some(tokens), output_tokens: Some(0), ..Usage::default() };
    Event { at_ms, duration_ms, usage, ..heard() }
}

/// An event of which Tacho has heard in time.
fn heard() -> Event {
    Event { received_at_ms: i64::MAX, ..Event::default() }
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
        for now_ms in [START_MS + 104_000, START_MS + 190_000] {
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
        let now_ms = START_MS + 110_000;
        if let (Some(unseen), Some((first, last))) = (replica.unseen(now_ms), replica.ends(now_ms)) {
            let (others, is_bent) = played.between(&first, &last);
            prop_assert!(unseen.amount <= others, "{unseen:?}, but it was {others}");
            if !is_bent {
                prop_assert!(others <= unseen.amount + unseen.band, "{unseen:?}, but it was {others}");
            }
        }
    }

    /// However long answers take, and wherever between request and answer the provider looked.
    #[test]
    fn the_replica_is_within_its_band_of_the_providers_bucket_at_any_time(
        calls in calls().prop_map(counted_when_sent),
        amount in 60..3_000u64,
        held in 0..300_000u64,
        tokens in prop::bool::ANY,
    ) {
        let amount = if tokens { amount * 100 } else { amount };
        let played = play(&calls, &[], amount, held, tokens);
        let replica = replica(&calls, &played.reports, &in_order(&calls), amount, tokens);
        let mut provider = Provider::holding(amount, held.min(amount));
        let mut happened = played.happened.iter().peekable();
        for now_ms in (START_MS..START_MS + 200_000).step_by(997) {
            while let Some((at_ms, what)) = happened.next_if(|(at_ms, _)| *at_ms <= now_ms) {
                provider.go_to(*at_ms);
                if let What::Ours(amount) = what {
                    provider.take(*amount);
                }
            }
            provider.go_to(now_ms);
            if let Some(reading) = replica.read(now_ms) {
                let off = reading.remaining.abs_diff(provider.tokens());
                prop_assert!(off <= reading.band + 1, "{off} off at {now_ms}: {reading:?}");
            }
        }
    }

    /// Where the provider looks when a call comes in, no answer is too long for the replica to be exact.
    #[test]
    fn a_report_of_when_the_call_came_in_is_exact_however_long_the_answer_takes(
        calls in calls().prop_map(counted_when_sent),
        amount in 60..3_000u64,
        held in 0..3_000u64,
    ) {
        let calls: Vec<Call> = calls.into_iter().map(|call| Call { looks_at: 0, ..call }).collect();
        let played = play(&calls, &[], amount, held, false);
        let replica = replica(&calls, &played.reports, &in_order(&calls), amount, false);
        for provider in played.looks.iter().map(|(_, provider)| provider) {
            for now_ms in [provider.at_ms, provider.at_ms + 500] {
                let mut later = provider.clone();
                later.go_to(now_ms);
                // Of the reports of one second the newest is kept.
                let is_newer = |call: &Call| {
                    let second = provider.at_ms.div_euclid(1_000);
                    call.at_ms > provider.at_ms
                        && (call.at_ms <= now_ms || call.at_ms.div_euclid(1_000) == second)
                };
                if calls.iter().any(is_newer) {
                    continue;
                }
                let remaining = replica.read(now_ms).expect("a reading").remaining;
                prop_assert!(remaining.abs_diff(later.tokens()) <= 1);
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
        for after_ms in (0..200_000).step_by(7_000) {
            let now_ms = START_MS + after_ms;
            prop_assert_eq!(orderly.read(now_ms), shuffled.read(now_ms));
            prop_assert_eq!(orderly.unseen(now_ms), shuffled.unseen(now_ms));
            prop_assert_eq!(orderly.peak(now_ms - 20_000, now_ms), shuffled.peak(now_ms - 20_000, now_ms));
        }
    }

    #[test]
    fn what_is_taken_back_was_never_spent(
        calls in calls(),
        mistaken in calls(),
        hidden in hidden(),
        tokens in prop::bool::ANY,
        word in prop::sample::select(vec!["requests_per_minute", "output_tokens_per_minute"]),
        (odd, noticed_after_ms) in (prop::collection::vec(0..5u8, 1..8), 0..200_000i64),
    ) {
        let amount = 50_000;
        let reports = play(&calls, &hidden, amount, amount, tokens).reports;
        let mut right = Replica::new(kind(word).expect("a kind"), amount as i64);
        let mut mended = right.clone();
        let now_ms = START_MS + 110_000;
        let output = |call: &Call| {
            let mut event = own(call.at_ms, Some(call.duration_ms), 1);
            event.usage.output_tokens = Some(cost(call, tokens));
            event
        };
        let mistaken: Vec<Event> = mistaken.iter().zip(odd.iter().cycle()).map(|(call, odd)| {
            let event = output(call);
            match odd {
                0 => Event { duration_ms: None, ..event },
                1 => Event { ttft_ms: Some(700), ..event },
                2 => Event { at_assigned: true, ..event },
                3 => Event { usage: Usage::default(), ..event },
                // By a clock that is ahead.
                _ => Event { received_at_ms: call.at_ms - 5_000, ..event },
            }
        }).collect();
        for event in &mistaken {
            mended.spend(event, &Sums::of(event, None), now_ms);
        }
        for (event, report) in calls.iter().map(output).zip(&reports) {
            for replica in [&mut right, &mut mended] {
                replica.spend(&event, &Sums::of(&event, None), now_ms);
                replica.correct(*report);
            }
        }
        let noticed_ms = now_ms + noticed_after_ms;
        mended.prune(noticed_ms);
        for event in &mistaken {
            mended.take_back(event, &Sums::of(event, None));
        }
        for now_ms in (noticed_ms..noticed_ms + 200_000).step_by(7_000) {
            prop_assert_eq!(right.read(now_ms), mended.read(now_ms));
            prop_assert_eq!(right.peak(now_ms - 20_000, now_ms), mended.peak(now_ms - 20_000, now_ms));
            prop_assert_eq!(right.unseen(now_ms), mended.unseen(now_ms));
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
    let event = Event { at_ms: START_MS + 1_000, ..heard() };
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
        // A thousand a minute: 20 seconds bring 333, half a second more or less brings 8.
        (false, 1_000, 500, 600, 225, 18),
        // Rounded either way at either end.
        (true, 100_000, 50_000, 60_000, 21_500, 3_668),
        // Less than what is rounded away.
        (true, 100_000, 50_000, 82_500, 0, 2_668),
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
    let usage = Usage { input_tokens: Some(0), output_tokens: Some(40_000), ..Usage::default() };
    let event = Event { at_ms: START_MS, duration_ms: Some(4_000), ttft_ms: Some(500), usage, ..heard() };
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

#[test]
fn a_long_answer_tells_of_the_time_when_it_was_asked_for() {
    let mut replica = Replica::new(kind_of(false), 60);
    // The bucket was empty when the call came in; a minute later, when it ends, all of it is back.
    let minute_ms = START_MS + 60_000;
    replica.correct(Report { from_ms: START_MS, to_ms: minute_ms, remaining: 0, reset_ms: None });
    let event = own(START_MS, Some(60_000), 1);
    replica.spend(&event, &Sums::of(&event, None), minute_ms);
    let reading = replica.read(minute_ms).expect("a reading");
    assert_eq!((reading.used, reading.band), (0, 60));
    assert_eq!(replica.read(START_MS).map(|reading| reading.used), Some(60));
}

#[test]
fn what_a_call_generates_comes_off_after_what_its_head_says() {
    let mut replica = Replica::new(kind("output_tokens_per_minute").expect("a kind"), 60_000);
    let end_ms = START_MS + 30_000;
    replica.correct(Report { from_ms: START_MS, to_ms: end_ms, remaining: 60_000, reset_ms: None });
    let usage = Usage { input_tokens: Some(5), output_tokens: Some(50_000), ..Usage::default() };
    let event = Event { at_ms: START_MS, duration_ms: Some(30_000), usage, ..heard() };
    replica.spend(&event, &Sums::of(&event, None), end_ms);
    let used = replica.read(end_ms).expect("a reading").used;
    assert!((20_000..=22_000).contains(&used), "{used}");
}

#[test]
fn a_call_that_was_open_all_along_is_not_taken_for_others_once_it_has_ended() {
    let mut replica = Replica::new(kind_of(true), 400_000);
    replica.correct(report(START_MS, 400_000));
    let stream =
        Report { from_ms: START_MS + 1_000, to_ms: START_MS + 3_000, remaining: 100_000, reset_ms: None };
    replica.correct(stream);
    replica.correct(report(START_MS + 5_000, 114_000));
    let event = own(START_MS + 1_000, Some(120_000), 300_000);
    replica.spend(&event, &Sums::of(&event, None), START_MS + 121_000);
    assert_eq!(replica.unseen(START_MS + 121_000).map(|unseen| unseen.amount), Some(0));
}

#[test]
fn what_a_call_of_unknown_use_has_spent_is_not_taken_for_others() {
    let mut replica = Replica::new(kind_of(true), 400_000);
    replica.correct(report(START_MS, 400_000));
    replica.correct(report(START_MS + 20_000, 200_000));
    assert!(replica.unseen(START_MS + 20_000).is_some_and(|unseen| unseen.amount > 150_000));
    let event = Event { at_ms: START_MS + 5_000, duration_ms: Some(10_000), ..heard() };
    replica.spend(&event, &Sums::of(&event, None), START_MS + 20_000);
    assert_eq!(replica.unseen(START_MS + 20_000), None);
    // What was spent after it ended can be told again.
    replica.correct(report(START_MS + 30_000, 100_000));
    let unseen = replica.unseen(START_MS + 30_000).expect("something unseen");
    assert!((140_000..=166_667).contains(&unseen.amount), "{unseen:?}");
}

#[test]
fn a_bucket_that_is_owed_something_says_nothing_of_others() {
    let mut replica = Replica::new(kind("output_tokens_per_minute").expect("a kind"), 60_000);
    replica.correct(report(START_MS, 0));
    replica.correct(report(START_MS + 30_000, 0));
    assert_eq!(replica.unseen(START_MS + 30_000), None);
}

#[test]
fn an_event_without_a_time_has_just_ended() {
    let mut replica = Replica::new(kind_of(false), 60);
    let event = Event { at_assigned: true, ..own(START_MS + 30_000, Some(30_000), 1) };
    replica.spend(&event, &Sums::of(&event, None), START_MS + 30_000);
    // Its own request is in what its head says.
    replica.correct(Report { from_ms: START_MS, to_ms: START_MS + 30_000, remaining: 10, reset_ms: None });
    assert_eq!(replica.read(START_MS + 30_000).map(|reading| reading.remaining), Some(40));
}
