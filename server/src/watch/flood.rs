//! How many messages a limit may cause: whoever makes up thousands of values must not keep what else there is to tell from
//! being heard. What is not sent stands on the dashboard all the same.

use std::collections::HashMap;

use domain::alert::machine::Transition;
use domain::limits::{Limit, Scope};
use vocabulary::Severity;

/// Messages of one limit in one minute, of alerts that begin or get worse.
const MOST: u32 = 100;
const MINUTE_MS: i64 = 60_000;

/// Messages of each limit, and in which minute.
#[derive(Default)]
pub(super) struct Flood(HashMap<String, (i64, u32)>);

/// Whether a message is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Turn {
    /// It is.
    Usual,
    /// It is, and no other in this minute.
    Last,
    /// It is not.
    Late,
}

impl Flood {
    /// The turn of a message. Only limits on each value have so many; and whoever has heard of the beginning hears of the
    /// end.
    pub(super) fn turn(&mut self, limit: &Limit, transition: &Transition, now_ms: i64) -> Turn {
        if !matches!(limit.scope, Scope::Each(_)) || transition.severity == Severity::Ok {
            return Turn::Usual;
        }
        let minute = now_ms.div_euclid(MINUTE_MS);
        let (of, count) = self.0.entry(limit.id.clone()).or_insert((minute, 0));
        if *of != minute {
            (*of, *count) = (minute, 0);
        }
        *count = count.saturating_add(1);
        match *count {
            ..MOST => Turn::Usual,
            MOST => {
                tracing::warn!(limit.id = %limit.id, "More than {MOST} messages of one limit within a minute: others are not sent");
                Turn::Last
            }
            _ => Turn::Late,
        }
    }
}
