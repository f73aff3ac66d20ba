//! Words that stand everywhere, in English.

use crate::text::shape::{Noun, WordsTexts};

fn noun(noun: Noun) -> &'static str {
    match noun {
        Noun::Request => "request",
        Noun::Call => "call",
        Noun::Event => "event",
        Noun::InputToken => "input token",
        Noun::Time => "time",
        Noun::Limit => "limit",
    }
}

const MONTHS: [&str; 12] =
    ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];

fn date(year: Option<i64>, month: i64, day: i64) -> String {
    let month = usize::try_from(month - 1).ok().and_then(|month| MONTHS.get(month)).unwrap_or(&"");
    let year = year.map(|year| format!(" {year}")).unwrap_or_default();
    format!("{day} {month}{year}")
}

fn count(number: &str, of: u64, what: Noun) -> String {
    let ending = if of == 1 { "" } else { "s" };
    format!("{number}\u{a0}{}{ending}", noun(what))
}

pub(super) const WORDS: WordsTexts = WordsTexts {
    unknown: "unknown",
    none: "none",
    just_now: "just now",
    minute: "minute",
    hour: "hour",
    day: "day",
    time_units: ["\u{a0}s", "\u{a0}min", "\u{a0}h", "\u{a0}d"],
    ago: |length| format!("{length} ago"),
    count,
    date,
    at_least: |value| format!("at least {value}"),
    states: ["ok", "warning", "critical"],
    measures: [
        "Requests",
        "Input tokens",
        "Uncached input tokens",
        "Cache write tokens",
        "Cache read tokens",
        "Output tokens",
        "All tokens",
        "Cost",
        "Errors",
        "Throttled (429)",
    ],
    measures_short: [
        "Requests",
        "Input",
        "Uncached",
        "Cache writes",
        "Cache reads",
        "Output",
        "Tokens",
        "Cost",
        "Errors",
        "429",
    ],
    dimensions: ["Model", "Project", "Feature", "User", "API key", "Workspace", "Organization", "Session"],
    units: &[
        ("requests", "requests"),
        ("tokens", "tokens"),
        ("usd", "USD"),
        ("in_flight", "at once"),
        ("percent", "%"),
    ],
};
