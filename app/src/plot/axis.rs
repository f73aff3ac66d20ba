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

/// How far labels of the clock stand apart, and those of days, and how wide one is, in pixels.
const CLOCKS_APART_PX: i64 = 52;
const DAYS_APART_PX: i64 = 80;
const LABEL_PX: i64 = 40;
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
        let apart_px = if self.has_days() { DAYS_APART_PX } else { CLOCKS_APART_PX };
        let most = (self.width_px / apart_px).clamp(2, MOST_LABELS);
        // Of days only their beginnings are told.
        let shortest = if self.has_days() { 86_400 } else { 60 };
        let fits = |step: &&i64| **step >= shortest && length / **step <= most;
        // Beyond those of the calendar, as many weeks as it takes.
        let weeks = || WEEK_S * (length / most / WEEK_S + 1);
        let step = TIME_STEPS_S.iter().find(fits).copied().unwrap_or_else(weeks);
        let local = self.range.start + i64::from(self.reader.zone.offset_s(self.range.start));
        let first = (local + step - 1).div_euclid(step) * step;
        // A label at the very edge would be cut off, or run into the amounts.
        let margin = length * LABEL_PX / 2 / self.width_px.max(1);
        let inside = self.range.start + margin..=self.range.end - margin;
        let steps = (0..).map(|index| self.reader.zone.instant_s(first + index * step));
        let steps = steps.take_while(|at| *at <= self.range.end);
        steps.filter(|at| inside.contains(at)).collect()
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

    /// What is written at a time: the day where one begins, otherwise the clock.
    pub fn label(&self, at_s: i64) -> String {
        let of_day = (at_s + i64::from(self.reader.zone.offset_s(at_s))).rem_euclid(86_400);
        if of_day == 0 || self.has_days() { self.reader.date(at_s) } else { self.reader.clock(at_s) }
    }
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
