//! Axes: time in calendar steps, amounts in round numbers.

use std::ops::Range;

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting};
use plotters::prelude::Ranged;

use crate::reader::Reader;

/// A week, in seconds.
const WEEK_S: i64 = 604_800;
/// Distances between time labels, in seconds.
const TIME_STEPS_S: [i64; 15] =
    [60, 120, 300, 600, 900, 1_200, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400, 172_800, WEEK_S];

/// How far labels of the clock stand apart, and those of days, in pixels, unless they are long; and how far what is long.
const CLOCKS_APART_PX: i64 = 52;
const DAYS_APART_PX: i64 = 80;
const BETWEEN_PX: i64 = 8;
/// More labels than that say no more.
const MOST_LABELS: i64 = 16;

/// Time from left to right.
pub struct TimeAxis<'a> {
    /// Start and end, Unix seconds.
    pub range: Range<i64>,
    /// Who reads it.
    pub reader: &'a Reader,
    /// How wide it is, in pixels.
    pub width_px: i64,
}

impl Ranged for TimeAxis<'_> {
    type FormatOption = NoDefaultFormatting;
    type ValueType = i64;

    fn map(&self, value: &i64, limit: (i32, i32)) -> i32 {
        let share = (value - self.range.start) as f64 / (self.range.end - self.range.start).max(1) as f64;
        limit.0 + (share * f64::from(limit.1 - limit.0)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, _: Hint) -> Vec<i64> {
        let length = self.range.end - self.range.start;
        let apart_px = self.apart_px();
        let most = (self.width_px / apart_px).clamp(1, MOST_LABELS);
        // Of days only their beginnings are told.
        let shortest = if self.has_days() { 86_400 } else { 60 };
        let fits = |step: &&i64| **step >= shortest && length <= **step * most;
        // Beyond those of the calendar, as many weeks as it takes.
        let weeks = || WEEK_S * (length / most / WEEK_S + 1);
        let step = TIME_STEPS_S.iter().find(fits).copied().unwrap_or_else(weeks);
        let local = self.range.start + i64::from(self.reader.zone.offset_s(self.range.start));
        let first = (local + step - 1).div_euclid(step) * step;
        // A label at the very edge would be cut off, or run into the amounts.
        let margin = length * self.date_px() / 2 / self.width_px.max(1);
        let inside = self.range.start + margin..=self.range.end - margin;
        let steps = (0..).map(|index| self.reader.zone.instant_s(first + index * step));
        let steps = steps.take_while(|at| *at <= self.range.end);
        let mut steps: Vec<i64> = steps.filter(|at| inside.contains(at)).collect();
        // Where clocks are put forward, two would run into each other.
        let least_px = apart_px - BETWEEN_PX;
        steps.dedup_by(|at, before| (*at - *before) * self.width_px < least_px * length);
        steps
    }

    fn range(&self) -> Range<i64> {
        self.range.clone()
    }
}

impl TimeAxis<'_> {
    /// It is so long that days are told instead of times.
    fn has_days(&self) -> bool {
        self.range.end - self.range.start > 2 * 86_400
    }

    /// How wide the longest date is, in pixels.
    fn date_px(&self) -> i64 {
        let ends = [self.range.start, self.range.end].map(|at_s| label_px(&self.reader.date(at_s)));
        i64::from(ends.into_iter().max().unwrap_or_default())
    }

    /// How far labels stand apart, in pixels: among those of the clock midnight has a date.
    fn apart_px(&self) -> i64 {
        let date_px = self.date_px();
        if self.has_days() {
            return DAYS_APART_PX.max(date_px + BETWEEN_PX);
        }
        let clock_px = i64::from(label_px(&self.reader.clock(self.range.start)));
        CLOCKS_APART_PX.max((clock_px + date_px) / 2 + BETWEEN_PX)
    }

    /// What is written at a time: the day where one begins, otherwise the clock.
    pub fn label(&self, at_s: i64) -> String {
        let of_day = (at_s + i64::from(self.reader.zone.offset_s(at_s))).rem_euclid(86_400);
        if of_day == 0 || self.has_days() { self.reader.date(at_s) } else { self.reader.clock(at_s) }
    }
}

/// About how wide what is written in a plot is, in pixels: it is measured nowhere, and better too wide than cut off.
pub fn label_px(text: &str) -> i32 {
    text.chars().map(|sign| if sign.is_ascii() { 7 } else { 13 }).sum()
}

/// Amounts from bottom to top, from 0.
pub struct AmountAxis {
    pub top: f64,
    pub step: f64,
}

impl AmountAxis {
    /// An axis that reaches at least `highest`, in three to six round steps.
    pub fn new(highest: f64, unit: &str) -> Self {
        let highest = if highest.is_finite() && highest > 0.0 { highest } else { 1.0 };
        let rough = highest / 4.0;
        let power = 10_f64.powi(rough.log10().floor() as i32);
        let factor = [1.0, 2.0, 5.0, 10.0].into_iter().find(|factor| factor * power >= rough).unwrap_or(10.0);
        let mut step = factor * power;
        if unit != "usd" {
            step = step.max(1.0);
        }
        AmountAxis { top: (highest / step).ceil() * step, step }
    }
}

impl Ranged for AmountAxis {
    type FormatOption = NoDefaultFormatting;
    type ValueType = f64;

    fn map(&self, value: &f64, limit: (i32, i32)) -> i32 {
        limit.0 + (value / self.top * f64::from(limit.1 - limit.0)).round() as i32
    }

    fn key_points<Hint: KeyPointHint>(&self, _: Hint) -> Vec<f64> {
        let steps = (self.top / self.step).round() as i32;
        (0..=steps).map(|index| f64::from(index) * self.step).collect()
    }

    fn range(&self) -> Range<f64> {
        0.0..self.top
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::api::zone::Zone;
    use crate::text::Language;

    /// Clocks of Berlin are put forward: 2026-03-29T01:00:00Z.
    const FORWARD_S: i64 = 1_774_746_000;

    #[test]
    fn labels_of_times_keep_their_distance_whatever_the_length_and_the_width() {
        let zone = Zone { name: "Europe/Berlin".to_owned(), offsets: vec![(0, 3_600), (FORWARD_S, 7_200)] };
        // Of another year every date has its year, too.
        let years_ms = [FORWARD_S * 1_000, 1_900_000_000_000];
        let lengths_s = (1..60).map(|minutes| minutes * 60).chain((1..400).map(|hours| hours * 7_200));
        let lengths_s: Vec<i64> = lengths_s.chain((34..800).map(|days| days * 86_400)).collect();
        for (language, now_ms) in Language::ALL.into_iter().flat_map(|of| years_ms.map(|now_ms| (of, now_ms)))
        {
            let reader = Reader { language, zone: zone.clone(), now_ms };
            for (length_s, width_px) in
                lengths_s.iter().flat_map(|length_s| [160, 280, 600, 1_120, 1_440].map(|px| (*length_s, px)))
            {
                let range = FORWARD_S - length_s / 3..FORWARD_S + length_s * 2 / 3;
                let axis = TimeAxis { range, reader: &reader, width_px };
                let labels = axis.key_points(plotters::coord::ranged1d::BoldPoints(32));
                for pair in labels.windows(2) {
                    let [one, other] = [pair[0], pair[1]].map(|at_s| i64::from(label_px(&axis.label(at_s))));
                    let apart_px = (pair[1] - pair[0]) * width_px / length_s;
                    assert!(apart_px >= (one + other) / 2, "{length_s} s on {width_px} px: {apart_px}");
                }
            }
        }
    }
}
