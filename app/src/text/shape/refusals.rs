//! Why something that was asked for was not done.

use vocabulary::{Problem, wording};

use super::Named;

/// Sentences by the code of a refusal (`docs/errors.md`).
///
/// A refusal brings its own sentence, in English and with the values it is about. A language that has the code here says its
/// sentence first; the values are then in the other.
pub struct RefusalsTexts {
    pub sentences: Named,
    /// Why an event was refused, by its code.
    pub events: Named,
}

impl RefusalsTexts {
    /// What is said of a refusal.
    pub fn sentence(&self, refusal: &Problem) -> String {
        let known = self.sentences.iter().find(|(code, _)| *code == refusal.code);
        known.map_or_else(
            || wording::sentence(&wording::passage(&refusal.message)),
            |(_, said)| (*said).to_owned(),
        )
    }

    /// Why an event was refused, and which field it is about: that stands between backticks in every language.
    pub fn event(&self, code: &str, message: &str) -> String {
        let known = self.events.iter().find(|(known, _)| *known == code);
        match (known, message.split('`').nth(1)) {
            (None, _) => message.trim_end_matches('.').to_owned(),
            (Some((_, said)), None) => (*said).to_owned(),
            (Some((_, said)), Some(field)) => format!("{said} (`{field}`)"),
        }
    }
}

/// Every code with which a form, or a question of a page, is refused.
pub const REFUSALS: [&str; 28] = [
    "malformed_form",
    "unknown_kind",
    "invalid_name",
    "invalid_amount",
    "invalid_threshold",
    "invalid_time_zone",
    "invalid_scope",
    "invalid_endpoints",
    "secret_refused",
    "fixed_field",
    "learned_amount",
    "learned_enforced",
    "managed_by_file",
    "changed_meanwhile",
    "invalid_url",
    "invalid_scheme",
    "userinfo_refused",
    "port_refused",
    "own_address",
    "address_refused",
    "https_required",
    "not_found",
    "read_only",
    "unavailable",
    "question_too_heavy",
    "too_many_questions",
    "cross_origin",
    "invalid_parameter",
];
