//! The first page.

use super::{CountWords, Words1, Words2, Words3};

/// The first page.
pub struct NowTexts {
    pub refusing_title: &'static str,
    /// Which models, how many calls, and when; nothing where numbers are not to be said.
    pub refusing: Words3,
    /// Which limit, how much, of what.
    pub at: Words3,
    /// Which limit, and when; what it is now follows.
    pub was_full: Words2,
    /// Which limit, past which share, and when.
    pub was_past: Words3,
    /// How much, of what.
    pub now_at: Words2,
    /// After how long, below which share.
    pub alert_ends: Words2,
    pub until: Words1,
    pub stop: &'static str,
    pub room: &'static str,
    pub tightest: Words1,
    pub no_limit: &'static str,
    pub none_now: &'static str,
    pub never_refused: &'static str,
    /// When, which models, how many calls.
    pub last_refusal: Words3,
    /// Of a limit that is full; until when follows.
    pub proxy_refuses: &'static str,
    pub several_models: Words1,
    pub from_project: Words1,
    pub mostly_project: Words1,
    pub several_projects: Words1,
    pub why: &'static str,
    pub api_limits: &'static str,
    pub from_headers: Words1,
    pub no_api_limits: &'static str,
    pub pool: &'static str,
    pub columns: [&'static str; 3],
    pub own_limits: &'static str,
    pub no_own_limits: &'static str,
    pub set_a_limit: &'static str,
    pub worst_of: Words2,
    pub everything: &'static str,
    pub nobody_yet: &'static str,
    pub example: &'static str,
    /// How many, and the highest share.
    pub more_limits: Words2,
    /// What is used, of what, in which unit.
    pub used_of: Words2,
    pub elsewhere: Words1,
    pub over_until: Words1,
    pub full_about: Words1,
    pub lasts_to: Words1,
    pub resets: Words1,
    pub measures: &'static str,
    pub as_before: Words1,
    /// How many times, of what.
    pub times_as_much: Words2,
    pub more_than: Words2,
    pub less_than: Words2,
    pub breakdown: &'static str,
    pub share: &'static str,
    pub total: &'static str,
    pub others: Words1,
    pub without: Words1,
    pub nothing_here: &'static str,
    pub unpriced: &'static str,
    pub unpriced_title: Words1,
    pub unknown_usage: Words1,
    pub filters: &'static str,
    pub filter_without: Words2,
    pub remove_filter: Words1,
    pub happened: &'static str,
    pub all_alerts: &'static str,
    pub nothing_happened: &'static str,
    pub goes_on: &'static str,
    pub learned: Words2,
    /// Of how many pools.
    pub learned_of: Words1,
    pub policies: &'static str,
    pub policies_note: &'static str,
    /// How many calls, what half waited at most, what 99 % did.
    pub waited: Words3,
    pub sent_again: Words1,
    pub answered_from_cache: Words1,
    pub refused_calls: Words1,
    pub given_up: Words1,
    pub setup_title: &'static str,
    pub setup_lead: &'static str,
}

/// What is to be known at once.
pub struct NoticesTexts {
    pub lost: Words1,
    pub read_only: &'static str,
    pub waiting: Words1,
    pub refused: Words3,
    pub unreadable: Words2,
    pub and_more: Words1,
    pub overflowing: Words3,
    pub failed: Words1,
    pub unknown_usage: &'static str,
    pub first_call: Words2,
    pub no_limits_yet: &'static str,
    pub limits_learned: Words1,
}

/// The plot.
pub struct PlotTexts {
    pub now: &'static str,
    pub not_running: &'static str,
    pub first_event: Words1,
    pub zoom_in: &'static str,
    pub forget: &'static str,
    pub per: Words1,
    pub mean_of: Words1,
    pub times_in: Words1,
    pub evenly: Words1,
    pub without_price: Words1,
    pub busiest: Words1,
    /// What, in how long.
    pub within: Words2,
    pub compared: &'static str,
    pub compared_since: Words1,
    pub so_far: &'static str,
    pub show_numbers: &'static str,
    pub from: &'static str,
    pub of_limit: &'static str,
    pub nothing: &'static str,
    /// What is said where there were calls, and the measure is 0: how many, and the same in words.
    pub none_refused: CountWords,
    pub none_failed: CountWords,
    pub none_used: CountWords,
    pub none_cost: CountWords,
    /// How many are of unknown price, and of unknown usage.
    pub none_priced: Words1,
    pub none_known: Words1,
    /// How much, when, in which width of bin.
    pub highest: Words3,
}
