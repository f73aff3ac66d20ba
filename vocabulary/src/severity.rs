//! How near a limit is.

use crate::words::words;

words! {
    /// The state of one standing against its thresholds.
    Severity {
        /// Below the warning threshold.
        Ok = "ok",
        /// At or above the warning threshold.
        Warning = "warning",
        /// At or above the critical threshold.
        Critical = "critical",
    }
}
