//! What policies did, counted event by event.

use domain::usage::{Event, Policy};

use crate::store::PolicyActions;

/// What a policy did with these events.
pub(super) fn actions(policy: Policy, events: &[&Event]) -> PolicyActions {
    let events: Vec<&Event> =
        events.iter().copied().filter(|event| event.handling.policies().any(|part| part == policy)).collect();
    let (here, sent): (Vec<&Event>, Vec<&Event>) =
        events.iter().copied().partition(|event| event.handling.answered_here);
    let here = |answered: fn(u16) -> bool| {
        here.iter().filter(|event| event.status.is_some_and(answered)).count() as u64
    };
    let mut waits: Vec<u64> = match policy {
        Policy::Queue => sent.iter().filter_map(|event| event.handling.waited_ms).collect(),
        _ => Vec::new(),
    };
    waits.retain(|wait_ms| *wait_ms > 0);
    waits.sort_unstable();
    // The smallest that so many of a hundred do not exceed.
    let at_most = |percent: usize| waits.get((waits.len() * percent).div_ceil(100).max(1) - 1).copied();
    PolicyActions {
        policy,
        retries: if policy == Policy::Retry { sent.len() as u64 } else { 0 },
        answered: if policy == Policy::Cache { here(|status| status < 400) } else { 0 },
        refused: if policy.may_refuse() { here(|status| status >= 400) } else { 0 },
        given_up: match policy {
            Policy::Queue => events.iter().filter(|event| is_given_up(event)).count() as u64,
            _ => 0,
        },
        waited: waits.len() as u64,
        wait_p50_ms: at_most(50),
        wait_p99_ms: at_most(99),
    }
}

/// Its caller went away before anything had answered it.
fn is_given_up(event: &Event) -> bool {
    event.handling.answered_here && event.status.is_none()
}
