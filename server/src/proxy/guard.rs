//! What looks on must not stop what it looks at.

use std::panic::{AssertUnwindSafe, catch_unwind};

/// What `look` finds out; nothing when it panics. A mistake in reading costs what would have been known, never the call
/// or its event.
pub(super) fn guarded<T>(look: impl FnOnce() -> T) -> Option<T> {
    catch_unwind(AssertUnwindSafe(look)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_panic_ends_here() {
        assert_eq!(guarded(|| 7), Some(7));
        assert_eq!(guarded(|| -> u8 { panic!("a mistake") }), None);
    }
}
