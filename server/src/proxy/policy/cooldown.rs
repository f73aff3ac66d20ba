//! Cooldown: the calls of one user, or of one session, keep a distance.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::asked::Asked;
use crate::config::policies::{CooldownRule, Per};

/// Callers remembered; those whose distance is over are forgotten first.
const MOST: usize = 100_000;

/// Remembers when each caller may call again.
pub struct Cooldown {
    rule: CooldownRule,
    /// Unix milliseconds, by caller.
    free_at_ms: Mutex<HashMap<String, i64>>,
}

impl Cooldown {
    /// A cooldown that has seen nobody.
    pub fn new(rule: &CooldownRule) -> Self {
        Cooldown { rule: rule.clone(), free_at_ms: Mutex::default() }
    }

    /// Lets a call pass, or says in how many milliseconds it may come again. Who is nobody is never held.
    pub fn admit(&self, asked: &Asked, now_ms: i64) -> Result<(), u64> {
        let caller = match self.rule.per {
            Per::User => &asked.user,
            Per::Session => &asked.session,
        };
        if caller.is_empty() {
            return Ok(());
        }
        let spacing_ms = i64::try_from(self.rule.spacing_ms).unwrap_or(i64::MAX);
        let mut free_at_ms = self.free_at_ms.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(at_ms) = free_at_ms.get(caller) {
            // After a clock was set back nobody waits for longer than the distance.
            let wait_ms = at_ms.saturating_sub(now_ms).min(spacing_ms);
            if wait_ms > 0 {
                return Err(wait_ms.unsigned_abs());
            }
        }
        if free_at_ms.len() >= MOST {
            free_at_ms.retain(|_, at_ms| *at_ms > now_ms);
        }
        free_at_ms.insert(caller.clone(), now_ms.saturating_add(spacing_ms));
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(user: &str, session: &str) -> Asked {
        Asked { user: user.to_owned(), session: session.to_owned(), ..Asked::default() }
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
    fn sessions_may_be_kept_apart_instead() {
        let cooldown = Cooldown::new(&CooldownRule { spacing_ms: 500, per: Per::Session });
        assert_eq!(cooldown.admit(&of("a", "1"), 0), Ok(()));
        assert_eq!(cooldown.admit(&of("b", "1"), 0), Err(500));
        assert_eq!(cooldown.admit(&of("a", "2"), 0), Ok(()));
    }
}
