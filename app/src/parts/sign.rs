//! States as signs and words: never colour alone.

use vocabulary::Severity;

/// The sign of a state; a good one has none.
pub fn sign(state: Severity) -> &'static str {
    match state {
        Severity::Ok => "",
        Severity::Warning => "▲",
        Severity::Critical => "■",
    }
}

/// Where the API refuses.
pub const REFUSED: &str = "◆";
/// Information.
pub const INFORMATION: &str = "○";

/// The word that style sheets know a state by.
pub fn state_class(state: Severity) -> &'static str {
    match state {
        Severity::Ok => "ok",
        Severity::Warning => "warning",
        Severity::Critical => "critical",
    }
}
