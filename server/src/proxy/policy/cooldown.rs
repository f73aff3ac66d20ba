//! Cooldown: the calls of one user, or of one session, keep a distance.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::asked::PolicedCall;
use super::rules::{CooldownRule, Per};

/// Callers remembered at most. While so many keep a distance, further ones are held to none: a
/// crowd of made-up names is not to hold up anybody.
const MOST: usize = 100_000;

/// Remembers when each caller may call again.
pub struct Cooldown {
    rule: CooldownRule,
    callers: Mutex<Callers>,
}

#[derive(Default)]
struct Callers {
    /// Unix milliseconds, by caller.
    free_at_ms: HashMap<String, i64>,
    /// When those whose distance is over were forgotten, Unix milliseconds.
    swept_at_ms: Option<i64>,
}

impl Cooldown {
    /// A cooldown that has seen nobody.
    pub fn new(rule: &CooldownRule) -> Self {
        Cooldown { rule: rule.clone(), callers: Mutex::default() }
    }

    /// Lets a call pass, or says in how many milliseconds it may come again. Who is nobody is never held.
    pub fn admit(&self, asked: &PolicedCall, now_ms: i64) -> Result<(), u64> {
        let caller = match self.rule.per {
            Per::User => &asked.user,
            Per::Session => &asked.session,
        };
        if caller.is_empty() {
            return Ok(());
        }
        let spacing_ms = i64::try_from(self.rule.spacing_ms).unwrap_or(i64::MAX);
        let mut callers = self.callers.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at_ms) = callers.free_at_ms.get_mut(caller) {
            // After a clock was set back nobody waits for longer than the distance.
            let wait_ms = at_ms.saturating_sub(now_ms).min(spacing_ms);
            if wait_ms > 0 {
                return Err(wait_ms.unsigned_abs());
            }
            *at_ms = now_ms.saturating_add(spacing_ms);
            return Ok(());
        }
        if callers.free_at_ms.len() >= MOST {
            callers.sweep(spacing_ms, now_ms);
        }
        if callers.free_at_ms.len() < MOST {
            callers.free_at_ms.insert(caller.clone(), now_ms.saturating_add(spacing_ms));
        }
        Ok(())
    }
}

impl Callers {
    /// Forgets those whose distance is over. Once within that distance is enough, and each time looks at all of them.
    fn sweep(&mut self, spacing_ms: i64, now_ms: i64) {
        let swept_lately = |at_ms: i64| (0..spacing_ms).contains(&now_ms.saturating_sub(at_ms));
        if !self.swept_at_ms.is_some_and(swept_lately) {
            self.swept_at_ms = Some(now_ms);
            self.free_at_ms.retain(|_, at_ms| (1..=spacing_ms).contains(&at_ms.saturating_sub(now_ms)));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(user: &str, session: &str) -> PolicedCall {
        PolicedCall { user: user.to_owned(), session: session.to_owned(), ..PolicedCall::default() }
    }

    #[test]
    fn each_user_keeps_a_distance_to_itself_only() {
        let cooldown = Cooldown::new(&CooldownRule { spacing_ms: 500, per: Per::User });
        assert_eq!(cooldown.admit(&of("a", "1"), 1_000), Ok(()));
        assert_eq!(cooldown.admit(&of("a", "2"), 1_100), Err(400));
        assert_eq!(cooldown.admit(&of("b", "1"), 1_100), Ok(()));
        assert_eq!(cooldown.admit(&of("a", "1"), 1_499), Err(1));
        assert_eq!(cooldown.admit(&of("a", "1"), 1_500), Ok(()));
        assert_eq!(cooldown.admit(&of("", "1"), 1_500), Ok(()));
        assert_eq!(cooldown.admit(&of("", "1"), 1_500), Ok(()));
        assert_eq!(cooldown.admit(&of("a", "1"), -9_000), Err(500), "the clock was set back");
    }

    #[test]
    fn a_crowd_takes_no_more_memory_and_no_more_time() {
        let cooldown = Cooldown::new(&CooldownRule { spacing_ms: 1_000_000, per: Per::User });
        let remembered = || cooldown.callers.lock().expect("callers").free_at_ms.len();
        for number in 0..3 * MOST {
            assert_eq!(cooldown.admit(&of(&number.to_string(), ""), 0), Ok(()));
        }
        assert_eq!(remembered(), MOST);
        assert_eq!(cooldown.admit(&of("0", ""), 1), Err(999_999), "who is remembered still waits");
        // When their time is over there is room again, and none is looked for before.
        assert_eq!(cooldown.admit(&of("late", ""), 999_999), Ok(()));
        assert_eq!((cooldown.admit(&of("late", ""), 999_999), remembered()), (Ok(()), MOST));
        assert_eq!(cooldown.admit(&of("late", ""), 1_000_000), Ok(()));
        assert_eq!((cooldown.admit(&of("late", ""), 1_000_001).is_err(), remembered()), (true, 1));
    }

    #[test]
    fn sessions_may_be_kept_apart_instead() {
        let cooldown = Cooldown::new(&CooldownRule { spacing_ms: 500, per: Per::Session });
        assert_eq!(cooldown.admit(&of("a", "1"), 0), Ok(()));
        assert_eq!(cooldown.admit(&of("b", "1"), 0), Err(500));
        assert_eq!(cooldown.admit(&of("a", "2"), 0), Ok(()));
    }
}
