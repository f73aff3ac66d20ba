//! What the proxy's policies did with a call.

/// A policy of the proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Policy {
    /// Lets calls wait until the pool has room.
    Queue,
    /// Asks again where the API says that it helps.
    Retry,
    /// Answers what was answered before.
    Cache,
    /// Keeps a distance between the calls of one user or session.
    Cooldown,
    /// Refuses when an own limit is exhausted.
    Enforce,
}

impl Policy {
    /// Every policy. The place of each is how it is stored: new ones go to the end.
    pub const ALL: [Policy; 5] =
        [Policy::Queue, Policy::Retry, Policy::Cache, Policy::Cooldown, Policy::Enforce];

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Policy::Queue => "queue",
            Policy::Retry => "retry",
            Policy::Cache => "cache",
            Policy::Cooldown => "cooldown",
            Policy::Enforce => "enforce",
        }
    }

    /// The policy with this word.
    pub fn from_word(word: &str) -> Option<Policy> {
        Policy::ALL.into_iter().find(|policy| policy.word() == word)
    }

    /// Whether it may refuse a call; the others only have a part in what becomes of it.
    pub fn may_refuse(self) -> bool {
        matches!(self, Policy::Queue | Policy::Cooldown | Policy::Enforce)
    }

    fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// What policies did with a call.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Handling {
    policies: u8,
    /// How long it waited before it was sent.
    pub waited_ms: Option<u64>,
    /// Tacho answered it: from the cache, or by a refusal. It never came to the API, and counts against no limit.
    pub answered_here: bool,
}

impl Handling {
    /// Notes that a policy had a part in it.
    pub fn note(&mut self, policy: Policy) {
        self.policies |= policy.bit();
    }

    /// The policies that had a part in it.
    pub fn policies(&self) -> impl Iterator<Item = Policy> {
        let policies = self.policies;
        Policy::ALL.into_iter().filter(move |policy| policies & policy.bit() != 0)
    }

    /// The same as a number, for storing: bit 0 for the first of [`Policy::ALL`].
    pub fn policy_bits(&self) -> u8 {
        self.policies
    }

    /// What [`Handling::policy_bits`] said, with the rest.
    pub fn stored(policy_bits: u8, waited_ms: Option<u64>, answered_here: bool) -> Self {
        Handling { policies: policy_bits, waited_ms, answered_here }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn policies_are_kept_as_bits() {
        let mut handling = Handling::default();
        handling.note(Policy::Enforce);
        handling.note(Policy::Queue);
        handling.note(Policy::Queue);
        assert_eq!(handling.policies().collect::<Vec<_>>(), [Policy::Queue, Policy::Enforce]);
        let stored = Handling::stored(handling.policy_bits(), None, false);
        assert_eq!(stored, handling);
        for policy in Policy::ALL {
            assert_eq!(Policy::from_word(policy.word()), Some(policy));
        }
    }
}
