//! Axes: time in calendar steps, amounts in round numbers.

use std::ops::Range;

use plotters::coord::ranged1d::{KeyPointHint, NoDefaultFormatting, ValueFormatter};
use plotters::prelude::Ranged;
use vocabulary::wording;

use crate::api::zone::Zone;

/// Distances between time labels, in seconds.
const TIME_STEPS_S: [i64; 14] =
    [60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400, 172_800, 604_800];

/// Time from left to right.
pub struct TimeAxis<'a> {
    /// Start and end, Unix seconds.
    pub range: Range<i64>,
    /// The display time zone.
    pub zone: &'a Zone,
    /// Labels at most.
    pub labels: i64,
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
        let fits = |step: &&i64| length / **step <= self.labels;
        let step = TIME_STEPS_S.iter().find(fits).copied().unwrap_or(2_592_000);
        let local = self.range.start + i64::from(self.zone.offset_s(self.range.start));
        let first = (local + step - 1).div_euclid(step) * step;
        // A label at the very edge would be cut off, or run into the amounts.
        let margin = length / self.labels.max(1) / 4;
        let inside = self.range.start + margin..=self.range.end - margin;
        let steps = (0..).map(|index| self.zone.instant_s(first + index * step));
        let steps = steps.take_while(|at| *at <= self.range.end);
        steps.filter(|at| inside.contains(at)).collect()
    }

    fn range(&self) -> Range<i64> {
        self.range.clone()
    }
}

impl ValueFormatter<i64> for TimeAxis<'_> {
    fn format_ext(&self, at: &i64) -> String {
        let utc_offset_s = self.zone.offset_s(*at);
        let of_day = (at + i64::from(utc_offset_s)).rem_euclid(86_400);
        let text = wording::date_and_clock(*at, utc_offset_s);
        let days = self.range.end - self.range.start > 2 * 86_400;
        match text.rsplit_once(' ') {
            Some((date, _)) if of_day == 0 || days => date.to_owned(),
            Some((_, clock)) => clock.to_owned(),
            None => text,
        }
    }
}

/// Amounts from bottom to top, from 0.
pub struct AmountAxis {
    pub top: f64,
    step: f64,
    unit: String,
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
        AmountAxis { top: (highest / step).ceil() * step, step, unit: unit.to_owned() }
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

impl ValueFormatter<f64> for AmountAxis {
    fn format_ext(&self, value: &f64) -> String {
        wording::amount(*value, &self.unit)
    }
}
