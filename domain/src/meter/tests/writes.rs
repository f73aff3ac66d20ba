//! Cache writes, by the facts about the API: one count, however it is told.

use serde_json::Value;

use super::oracle::count_of;

/// Cache writes: all, and those that are told to be for five minutes or for an hour.
#[derive(Clone, Copy, Default)]
pub(super) struct Writes {
    all: Option<u64>,
    five_minutes: Option<u64>,
    hour: Option<u64>,
}

impl Writes {
    /// Those of whom it is not told are for five minutes.
    pub fn lifetimes(self) -> (Option<u64>, Option<u64>) {
        let rest = self.all.map(|all| all - self.hour.unwrap_or(0));
        (rest.filter(|rest| *rest > 0 || self.five_minutes.is_some()), self.hour)
    }

    pub fn and(self, other: Writes) -> Writes {
        let sum = |one: Option<u64>, other: Option<u64>| match one.is_some() || other.is_some() {
            true => Some(one.unwrap_or(0) + other.unwrap_or(0)),
            false => None,
        };
        Writes {
            all: sum(self.all, other.all),
            five_minutes: sum(self.five_minutes, other.five_minutes),
            hour: sum(self.hour, other.hour),
        }
    }

    /// One count that both tell: the larger, split as the attempts or the top say it, and never less than the top says.
    pub fn or(self, attempts: Writes) -> Writes {
        let all = self.all.max(attempts.all);
        let (five_minutes, hour) =
            (self.five_minutes.max(attempts.five_minutes), self.hour.max(attempts.hour));
        if five_minutes.unwrap_or(0) + hour.unwrap_or(0) <= all.unwrap_or(0) {
            return Writes { all, five_minutes, hour };
        }
        let whole = all.unwrap_or(0);
        let hour = (whole - attempts.five_minutes.unwrap_or(0).min(whole))
            .clamp(self.hour.unwrap_or(0), whole - self.five_minutes.unwrap_or(0));
        Writes { all, five_minutes: Some(whole - hour), hour: Some(hour) }
    }
}

pub(super) fn writes_of(usage: &Value) -> Writes {
    let told = |name: &str| count_of(&usage["cache_creation"][name]);
    let (five_minutes, hour) = (told("ephemeral_5m_input_tokens"), told("ephemeral_1h_input_tokens"));
    let total = count_of(&usage["cache_creation_input_tokens"]);
    let parts =
        (five_minutes.is_some() || hour.is_some()).then(|| five_minutes.unwrap_or(0) + hour.unwrap_or(0));
    // A total that says there is nothing beside an hour says so of five minutes.
    Writes { all: total.max(parts), five_minutes: five_minutes.or(total.map(|_| 0)), hour }
}
