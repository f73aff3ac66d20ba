//! The colours of models: a model keeps its own whatever else is shown.

use std::sync::Arc;

use app::api::plot::{MOST_SERIES, OTHERS};
use vocabulary::{Dimension, Measure, Problem};

use super::Dashboard;
use super::span::BinnedSpan;
use crate::store::Most;

/// Families that have a colour whenever it is free.
const FAMILIES: [&str; 3] = ["sonnet", "haiku", "opus"];
/// Models that are used most over so long have a colour first.
const LATELY_DAYS: i64 = 30;
const DAY_MS: i64 = 86_400_000;
const HOUR_MS: i64 = 3_600_000;

impl Dashboard {
    /// The models that are used most, whatever a page shows; looked up once an hour.
    pub(super) async fn main_models(self: &Arc<Self>) -> Result<Arc<Vec<String>>, Problem> {
        let dashboard = self.clone();
        let make = move |()| {
            let dashboard = dashboard.clone();
            async move { Ok(Arc::new(dashboard.make_main_models().await?)) }
        };
        let has_events = u64::from(self.has_events().await?);
        self.models.reply((has_events, self.now_ms().div_euclid(HOUR_MS)), (), make).await
    }

    async fn make_main_models(&self) -> Result<Vec<String>, Problem> {
        let to_ms = (self.now_ms().div_euclid(DAY_MS) + 1) * DAY_MS;
        let lately = BinnedSpan { edges_ms: vec![to_ms - LATELY_DAYS * DAY_MS, to_ms], filters: Vec::new() };
        let most = Most { groups: MOST_SERIES, by: Measure::Requests };
        let (groups, _) = self.summed(&lately, Dimension::Model, most).await?;
        Ok(groups.into_iter().filter_map(|(name, _)| name).collect())
    }
}

/// Which of the colours is whose.
pub(super) struct Colors<'a>([Option<&'a str>; MOST_SERIES]);

impl<'a> Colors<'a> {
    /// The colours of the models that are shown: of the main ones it is always the same; others have what these leave.
    pub fn new(main: &'a [String], shown: &'a [String]) -> Self {
        let mut colors = Colors([None; MOST_SERIES]);
        colors.give(main.iter().map(String::as_str).collect());
        let (_, others): (Vec<&str>, Vec<&str>) =
            shown.iter().map(String::as_str).partition(|name| colors.0.contains(&Some(name)));
        let is_shown = |name: &str| shown.iter().any(|shown| shown == name);
        for color in &mut colors.0 {
            *color = color.filter(|name| is_shown(name));
        }
        colors.give(others);
        colors
    }

    /// Gives each a colour that is free: that of its family if it can be, otherwise the next one.
    fn give(&mut self, mut names: Vec<&'a str>) {
        let family = |name: &str| FAMILIES.iter().position(|family| name.contains(family));
        names.sort_unstable_by_key(|name| (family(name).is_none(), *name));
        for name in names {
            let wish = family(name).unwrap_or(FAMILIES.len());
            let mut wishes = (0..MOST_SERIES).map(|step| (wish + step) % MOST_SERIES);
            if let Some(color) = wishes.find(|color| self.0[*color].is_none()) {
                self.0[color] = Some(name);
            }
        }
    }

    /// The colour of a model; of nothing, that of all others.
    pub fn of(&self, name: Option<&str>) -> u8 {
        let place = name.and_then(|_| self.0.iter().position(|color| *color == name));
        place.map_or(OTHERS, |place| place as u8)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    fn colors(main: &[&str], shown: &[&str]) -> Vec<u8> {
        let (main, given) = (names(main), names(shown));
        let colors = Colors::new(&main, &given);
        shown.iter().map(|name| colors.of(Some(name))).collect()
    }

    const MAIN: [&str; 4] = ["claude-sonnet-5-5", "claude-opus-5-5", "claude-haiku-4-5", "claude-sonnet-4-5"];

    #[test]
    fn a_model_keeps_its_colour_whatever_else_is_shown() {
        let all = colors(&MAIN, &MAIN);
        for shown in 0..1 << MAIN.len() {
            let shown: Vec<usize> = (0..MAIN.len()).filter(|place| shown & (1 << place) != 0).collect();
            let some: Vec<&str> = shown.iter().map(|place| MAIN[*place]).collect();
            let kept: Vec<u8> = shown.iter().map(|place| all[*place]).collect();
            assert_eq!(colors(&MAIN, &some), kept, "{some:?}");
        }
    }

    #[test]
    fn no_two_that_are_shown_have_one_colour() {
        let shown = ["claude-sonnet-5-5", "new-one", "another", "claude-opus-5-5", "third"];
        let mut given = colors(&MAIN, &shown);
        assert_eq!((given[0], given[3]), (colors(&MAIN, &MAIN)[0], colors(&MAIN, &MAIN)[1]));
        given.sort_unstable();
        assert_eq!(given, [0, 1, 2, 3, 4]);
        assert_eq!(Colors::new(&[], &[]).of(None), OTHERS);
    }
}
