//! How much room there is, in words: what an overview says before anything else.

use app::api::gauges::Room;
use app::api::standing::{Standing, Standings};
use vocabulary::{Severity, wording};

use super::Dashboard;
use super::gauges::gauge;
use super::shown::standing_as_shown;
use crate::watch::snapshot::Pick;

/// Limits whose worst standing the overview shows; the others are only counted.
const SHOWN: Pick = Pick::OfEach { each: 1, most: 12 };

impl Dashboard {
    pub(super) async fn read_room(&self) -> Room {
        let mut standings = self.read_standings(SHOWN).await.standings;
        let Standings { as_of_ms, utc_offset_s, limits, .. } = standings;
        standings.standings.iter_mut().for_each(standing_as_shown);
        let more = limits.saturating_sub(standings.standings.len() as u64);
        let gauges = standings.standings.iter().map(|standing| gauge(standing, as_of_ms, true)).collect();
        let (verdict, title, state) = verdict(&standings);
        let as_of = wording::clock(as_of_ms / 1_000, utc_offset_s);
        Room { verdict, title, spoken: spoken(&standings), state, as_of, gauges, more }
    }
}

/// The worst in words, the page's title, and its state.
fn verdict(standings: &Standings) -> (String, String, Severity) {
    let Some(worst) = standings.standings.first() else {
        let text = match standings.limits {
            0 => "No limit is set: nothing will be warned of.",
            _ => "Nothing has come under your limits yet.",
        };
        return (text.to_owned(), "Overview".to_owned(), Severity::Ok);
    };
    let name = of_whom(worst);
    let least = if worst.usage_incomplete { "at least " } else { "" };
    let share = format!("{least}{}", wording::percent(worst.fraction));
    let amount = wording::amount(worst.amount, &worst.unit);
    let reaches = |percent: u32| worst.fraction >= f64::from(percent) / 100.0;
    let text = match worst.state {
        Severity::Ok => format!("All limits have room. Nearest: {name}, {share} of {amount}."),
        // An alert is held for a while after usage has fallen.
        Severity::Warning if !reaches(worst.warn_percent) => {
            format!("{name} was near its limit and is falling: {share} of {amount}.")
        }
        Severity::Critical if !reaches(worst.critical_percent) => {
            format!("{name} was at its limit and is falling: {share} of {amount}.")
        }
        Severity::Warning => format!("{name} is near its limit: {share} of {amount}."),
        Severity::Critical if reaches(100) => format!("{name} has reached its limit: {share} of {amount}."),
        Severity::Critical => format!("{name} is critical: {share} of {amount}."),
    };
    (text, format!("{share} {}", worst.name), worst.state)
}

/// What is said aloud, and only when it changes: no numbers.
fn spoken(standings: &Standings) -> String {
    match standings.standings.first() {
        Some(worst) if worst.state > Severity::Ok => {
            format!("{}: {}", of_whom(worst), worst.state.word())
        }
        _ => String::new(),
    }
}

fn of_whom(standing: &Standing) -> String {
    match &standing.scope.value {
        Some(value) => format!("{} for {value}", standing.name),
        None => standing.name.clone(),
    }
}
