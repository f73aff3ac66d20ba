//! The provider as the replica's tests know it: one bucket that counts everybody, and what our responses say of it.

use proptest::prelude::*;

use super::super::{Kind, Report, TOKEN_ROUNDING};
use super::START_MS;
use crate::limits::kind;

/// Parts of a token that come in within a millisecond are whole.
const PARTS: i128 = 60_000;

/// The provider's bucket, as an oracle: it counts everybody, in order of time.
#[derive(Clone)]
pub struct Provider {
    amount: i128,
    held: i128,
    pub at_ms: i64,
    /// How often something came in while it was full, or was spent that was not there: either leaves no trace.
    bends: u32,
}

impl Provider {
    pub fn holding(amount: u64, tokens: u64) -> Self {
        Provider { amount: i128::from(amount), held: i128::from(tokens) * PARTS, at_ms: START_MS, bends: 0 }
    }

    pub fn go_to(&mut self, at_ms: i64) {
        let gained = self.held + i128::from(at_ms - self.at_ms) * self.amount;
        self.bends += u32::from(gained > self.amount * PARTS);
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
    pub fn take(&mut self, amount: u64) {
        let rest = self.held - i128::from(amount) * PARTS;
        self.bends += u32::from(rest < 0);
        self.held = rest.max(0);
    }

    pub fn tokens(&self) -> u64 {
        (self.held / PARTS) as u64
    }

    fn remaining(&self, rounding: u64) -> i64 {
        let whole = self.tokens() as i64;
        match rounding {
            0 => whole,
            half => {
                let step = half as i64 * 2;
                (whole + half as i64).div_euclid(step) * step
            }
        }
    }
}

/// One of our requests: when it is sent, how long its answer takes, what it costs.
#[derive(Debug, Clone)]
pub struct Call {
    pub at_ms: i64,
    pub duration_ms: u64,
    /// Where between its two ends the provider looks at its bucket, in thousandths; and where it counts the call.
    pub looks_at: i64,
    pub counts_at: i64,
    pub amount: u64,
}

impl Call {
    fn end_ms(&self) -> i64 {
        self.at_ms + self.duration_ms as i64
    }

    fn looked_ms(&self) -> i64 {
        self.at_ms + self.duration_ms as i64 * self.looks_at / 1_000
    }

    fn counted_ms(&self) -> i64 {
        self.at_ms + self.duration_ms as i64 * self.counts_at / 1_000
    }
}

/// No two are sent in one millisecond, so that a report tells whose it is. Some take long.
pub fn calls() -> impl Strategy<Value = Vec<Call>> {
    let long = prop_oneof![Just(0u64), 0..3_000u64, 0..90_000u64];
    let call = (0..100_000i64, long, 0..=1_000i64, 0..=1_000i64, 1..40u64).prop_map(
        |(after_ms, duration_ms, looks_at, counts_at, amount)| Call {
            at_ms: START_MS + after_ms,
            duration_ms,
            looks_at,
            counts_at,
            amount,
        },
    );
    prop::collection::vec(call, 2..40).prop_map(|mut calls| {
        calls.sort_by_key(|call| call.at_ms);
        calls.dedup_by_key(|call| call.at_ms);
        calls
    })
}

/// As the provider of the tests does it: limits are asked, and the headers written, when a call comes in.
pub fn counted_when_sent(calls: Vec<Call>) -> Vec<Call> {
    calls.into_iter().map(|call| Call { counts_at: 0, ..call }).collect()
}

/// What a minute has left is what is left at the end: `(at, spent by others)`.
pub fn hidden() -> impl Strategy<Value = Vec<(i64, u64)>> {
    prop::collection::vec((START_MS..START_MS + 105_000, 1..400u64), 0..20)
}

pub fn kind_of(tokens: bool) -> &'static Kind {
    kind(if tokens { "input_tokens_per_minute" } else { "requests_per_minute" }).expect("a kind")
}

/// Our requests cost one each, or tokens by the hundred.
pub fn cost(call: &Call, tokens: bool) -> u64 {
    if tokens { call.amount * 100 } else { 1 }
}

/// What happens to the provider's bucket, in order of time. At one instant requests come before looks: a response
/// counts its own request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum What {
    Ours(u64),
    Others(u64),
    Look(usize),
}

pub struct Played {
    /// What each of our responses said, in the order of the calls.
    pub reports: Vec<Report>,
    /// The bucket as each of them found it, and after which happening.
    pub looks: Vec<(usize, Provider)>,
    pub happened: Vec<(i64, What)>,
}

impl Played {
    fn index_of(&self, report: &Report) -> usize {
        self.reports.iter().position(|told| told == report).expect("a report of ours")
    }

    /// What others were given between two reports, and whether something left no trace meanwhile, in the provider's
    /// bucket or as it would have been without others.
    pub fn between(&self, first: &Report, last: &Report) -> (u64, bool) {
        let [(since, before), (until, after)] =
            [first, last].map(|report| &self.looks[self.index_of(report)]);
        let mut alone = before.clone();
        let mut others = 0;
        for (at_ms, what) in self.happened.get(since + 1..*until).unwrap_or_default() {
            alone.go_to(*at_ms);
            match what {
                What::Ours(amount) => alone.take(*amount),
                What::Others(amount) => others += amount,
                What::Look(_) => {}
            }
        }
        alone.go_to(after.at_ms.max(alone.at_ms));
        (others, after.bends != before.bends || alone.bends != before.bends)
    }
}

/// Plays requests of ours and of others against the provider.
pub fn play(calls: &[Call], hidden: &[(i64, u64)], amount: u64, held: u64, tokens: bool) -> Played {
    let rounding = if tokens { TOKEN_ROUNDING } else { 0 };
    let ours = calls.iter().map(|call| (call.counted_ms(), What::Ours(cost(call, tokens))));
    let others =
        hidden.iter().map(|(at_ms, wanted)| (*at_ms, What::Others(wanted * if tokens { 100 } else { 1 })));
    let looks = calls.iter().enumerate().map(|(index, call)| (call.looked_ms(), What::Look(index)));
    let mut happened: Vec<_> = ours.chain(others).chain(looks).collect();
    happened.sort_unstable();
    let mut provider = Provider::holding(amount, held.min(amount));
    let mut found = vec![None; calls.len()];
    for (place, (at_ms, what)) in happened.iter_mut().enumerate() {
        provider.go_to(*at_ms);
        match what {
            What::Ours(amount) => provider.take(*amount),
            What::Others(wanted) if provider.give(*wanted) => {}
            What::Others(wanted) => *wanted = 0,
            What::Look(index) => {
                let call = &calls[*index];
                let report = Report {
                    from_ms: call.at_ms,
                    to_ms: call.end_ms(),
                    remaining: provider.remaining(rounding),
                    reset_ms: None,
                };
                found[*index] = Some((report, (place, provider.clone())));
            }
        }
    }
    let (reports, looks) = found.into_iter().flatten().unzip();
    Played { reports, looks, happened }
}
