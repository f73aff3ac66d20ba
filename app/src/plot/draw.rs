//! Draws the plot with plotters, layer upon layer, at the width at which it is seen: nothing in it is scaled.

mod words;

use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use super::axis::{AmountAxis, TimeAxis, label_px};
use super::backend::{SCALE, SvgClasses, Token};
use crate::api::plot::{LimitLine, Plot};
use crate::reader::Reader;

/// Height of the picture, in pixels.
pub const HEIGHT: u32 = 300;
/// Where the columns stand: above them there is room for incidents and the word of now, below for refusals and times.
const TOP: i32 = 34;
const BOTTOM: i32 = 262;
const LEFT: i32 = 2;
/// Room for the amounts beside the columns, unless they are long, and how far they stand from them.
const AXIS: i32 = 56;
const BESIDE: i32 = 8;
/// The share of the width that is kept for the future.
const FUTURE: f64 = 0.14;
/// A limit so many times as high as what is drawn is not drawn, but told of.
const FAR: f64 = 3.0;
/// Bins narrower than this stand without a gap between them.
const NARROW_PX: f64 = 5.0;

/// The picture, and where in it the bins lie, in pixels.
#[derive(Debug, Clone, PartialEq)]
pub struct Drawing {
    /// What is inside of the `svg` element.
    pub svg: String,
    pub left: i32,
    /// Where the last bin ends.
    pub right: i32,
}

/// Draws a plot so many pixels wide.
pub fn draw(reader: &Reader, plot: &Plot, width: u32) -> Drawing {
    let mut svg = String::new();
    let root = SvgClasses::new(&mut svg, width, HEIGHT).into_drawing_area();
    let sheet = Sheet::new(reader, plot, width.cast_signed());
    let right = sheet.right;
    // Drawing into a string cannot fail.
    let _ = sheet.draw(&root);
    drop(sheet);
    drop(root);
    Drawing { svg, left: LEFT, right }
}

type Area<'a> = DrawingArea<SvgClasses<'a>, plotters::coord::Shift>;
type Drawn = Result<(), DrawingAreaErrorKind<std::convert::Infallible>>;

/// What is drawn on, and how values become places.
struct Sheet<'a> {
    reader: &'a Reader,
    plot: &'a Plot,
    time: TimeAxis<'a>,
    amounts: AmountAxis,
    right: i32,
    end: i32,
    /// What each bin holds, by colour, as it is told: per window.
    bins: Vec<Vec<f64>>,
    /// The limit that counts: the tightest that is drawn.
    limit: Option<&'a LimitLine>,
}

impl<'a> Sheet<'a> {
    fn new(reader: &'a Reader, plot: &'a Plot, width: i32) -> Self {
        let bins = bins(plot);
        let sums = bins.iter().map(|values| values.iter().sum::<f64>());
        let compared = plot.compared.iter().map(|(bin, value)| value * plot.scale(*bin));
        let busiest = plot.busiest.iter().map(|(_, value)| *value);
        let highest = sums.chain(compared).chain(busiest).fold(0.0, f64::max);
        let drawn = |line: &&LimitLine| highest <= 0.0 || per_window(plot, line) <= highest * FAR;
        let exact = |line: &&LimitLine| line.window_s == plot.told_s();
        let tightest = |lines: &mut dyn Iterator<Item = &'a LimitLine>| {
            lines.min_by(|one, other| per_window(plot, one).total_cmp(&per_window(plot, other)))
        };
        // Only a limit whose window is what columns are told per says when they are too high.
        let limit = tightest(&mut plot.limits.iter().filter(drawn).filter(exact));
        let lines = plot.limits.iter().filter(drawn).map(|line| per_window(plot, line) * 1.06);
        let amounts = AmountAxis::new(lines.fold(highest, f64::max), plot.measure.unit());
        let said = amounts.key_points(plotters::coord::ranged1d::BoldPoints(32)).into_iter();
        let said = said.chain(limit.map(|limit| per_window(plot, limit)));
        let longest = said.map(|value| label_px(&reader.amount(value, plot.measure.unit()))).max();
        let end = width - AXIS.max(longest.unwrap_or_default() + 2 * BESIDE);
        let right = match plot.is_live {
            true => end - (f64::from(end - LEFT) * FUTURE).round() as i32,
            false => end,
        };
        let time =
            TimeAxis { range: plot.start_s()..plot.end_s(), reader, width_px: i64::from(right - LEFT) };
        Sheet { reader, plot, time, amounts, right, end, bins, limit }
    }

    fn x(&self, at_s: i64) -> i32 {
        self.time.map(&at_s.clamp(self.plot.start_s(), self.plot.end_s()), (LEFT * SCALE, self.right * SCALE))
    }

    fn y(&self, value: f64) -> i32 {
        self.amounts.map(&value.clamp(0.0, self.amounts.top), (BOTTOM * SCALE, TOP * SCALE))
    }

    fn draw(&self, root: &Area) -> Drawn {
        self.zones(root)?;
        self.grid(root)?;
        self.gaps(root)?;
        self.columns(root)?;
        self.busiest(root)?;
        self.compared(root)?;
        self.limits(root)?;
        self.now(root)?;
        self.incidents(root)?;
        self.refusals(root)?;
        self.words(root)?;
        root.present()
    }

    fn rect(&self, root: &Area, token: Token, (x1, y1): (i32, i32), (x2, y2): (i32, i32)) -> Drawn {
        root.draw(&Rectangle::new([(x1, y1), (x2, y2)], token.color().filled()))
    }

    fn line(&self, root: &Area, token: Token, points: Vec<(i32, i32)>) -> Drawn {
        root.draw(&PathElement::new(points, token.color()))
    }

    fn text(&self, root: &Area, token: Token, text: &str, at: (i32, i32), anchor: (HPos, VPos)) -> Drawn {
        let style =
            ("sans-serif", 12 * SCALE).into_font().color(&token.color()).pos(Pos::new(anchor.0, anchor.1));
        root.draw_text(text, &style, at)
    }

    fn zones(&self, root: &Area) -> Drawn {
        let Some(limit) = self.limit else { return Ok(()) };
        let amount = per_window(self.plot, limit);
        let warn = amount * f64::from(limit.warn_percent) / 100.0;
        let (left, end) = (LEFT * SCALE, self.end * SCALE);
        self.rect(root, Token::WarnZone, (left, self.y(amount)), (end, self.y(warn)))?;
        self.rect(root, Token::BeyondZone, (left, TOP * SCALE), (end, self.y(amount)))
    }

    fn grid(&self, root: &Area) -> Drawn {
        let (left, end) = (LEFT * SCALE, self.end * SCALE);
        let limit = self.limit.map(|limit| self.y(per_window(self.plot, limit)));
        let steps = self.steps();
        for step in 0..=steps {
            let value = f64::from(step) * self.amounts.step;
            let y = self.y(value);
            let token = if step == 0 { Token::Zero } else { Token::Grid };
            self.line(root, token, vec![(left, y), (end, y)])?;
            if step < steps {
                let half = self.y(value + self.amounts.step / 2.0);
                self.line(root, Token::Minor, vec![(left, half), (end, half)])?;
            }
            // Where the limit has its own word, there is no room for another.
            if steps > 0 && limit.is_none_or(|limit| (limit - y).abs() > 12 * SCALE) {
                let label = self.reader.amount(value, self.plot.measure.unit());
                self.text(root, Token::Label, &label, (end + BESIDE * SCALE, y), (HPos::Left, VPos::Center))?;
            }
        }
        for at_s in self.time.key_points(plotters::coord::ranged1d::BoldPoints(32)) {
            let x = self.x(at_s);
            self.line(root, Token::Grid, vec![(x, TOP * SCALE), (x, BOTTOM * SCALE)])?;
            self.line(root, Token::Tick, vec![(x, BOTTOM * SCALE), (x, (BOTTOM + 5) * SCALE)])?;
            let below = ((BOTTOM + 20) * SCALE, VPos::Top);
            self.text(root, Token::TimeLabel, &self.time.label(at_s), (x, below.0), (HPos::Center, below.1))?;
        }
        Ok(())
    }

    /// How many steps the amounts have; none where nothing is drawn that they could be of.
    fn steps(&self) -> i32 {
        let is_blank = self.is_empty() && self.plot.limits.is_empty() && self.plot.compared.is_empty();
        if is_blank { 0 } else { (self.amounts.top / self.amounts.step).round() as i32 }
    }

    /// Every column is 0.
    fn is_empty(&self) -> bool {
        self.bins.iter().flatten().all(|value| *value == 0.0)
    }

    /// When Tacho was not running.
    fn gaps(&self, root: &Area) -> Drawn {
        for (from_s, to_s) in &self.plot.gaps {
            let (from, to) = (self.x(*from_s), self.x(*to_s));
            self.rect(root, Token::Gap, (from, TOP * SCALE), (to, BOTTOM * SCALE))?;
        }
        Ok(())
    }

    fn columns(&self, root: &Area) -> Drawn {
        let plot = self.plot;
        let step_px = f64::from(self.right - LEFT) / plot.bins().max(1) as f64;
        let gap = if step_px > NARROW_PX { SCALE / 2 } else { 0 };
        let colors: Vec<u8> = plot.stacks.iter().map(|stack| stack.color).collect();
        // Colour by colour, so that all boxes of one become one path.
        for (place, color) in colors.iter().enumerate() {
            for is_open in [false, true] {
                let token = if is_open { Token::Open(*color) } else { Token::Series(*color) };
                let bins = self.bins.iter().enumerate().filter(|(bin, _)| plot.is_open(*bin) == is_open);
                for (bin, values) in bins.filter(|(_, values)| values[place] > 0.0) {
                    let below: f64 = values[..place].iter().sum();
                    let (x1, x2) = self.sides(bin, gap);
                    let (y1, y2) = (self.y(below + values[place]), self.y(below));
                    // A line of the sheet between two colours, unless one would be nothing but line.
                    let between = if place > 0 && y2 - y1 > 2 * SCALE { SCALE } else { 0 };
                    self.rect(root, token, (x1, y1), (x2, y2 - between))?;
                }
            }
        }
        self.feet(root, gap)?;
        self.pace(root, gap)?;
        self.over(root, gap)
    }

    fn sides(&self, bin: usize, gap: i32) -> (i32, i32) {
        let (start_s, end_s) = self.plot.sides_s(bin);
        (self.x(start_s) + gap, self.x(end_s) - gap)
    }

    /// Bins in which nobody called while Tacho ran.
    fn feet(&self, root: &Area, gap: i32) -> Drawn {
        let plot = self.plot;
        let Some(first_s) = plot.first_s else { return Ok(()) };
        for bin in 0..plot.bins() {
            let (start_s, end_s) = plot.sides_s(bin);
            let was_called = plot.calls.iter().any(|(called, _)| *called == bin);
            let was_off = plot.gaps.iter().any(|(from_s, to_s)| *from_s < end_s && start_s < *to_s);
            if !was_called && end_s > first_s && start_s <= plot.now_s && !was_off {
                let (x1, x2) = self.sides(bin, gap);
                self.rect(root, Token::Foot, (x1, (BOTTOM - 2) * SCALE), (x2, BOTTOM * SCALE))?;
            }
        }
        Ok(())
    }

    /// Where the bin that is still filling will end at its pace.
    fn pace(&self, root: &Area, gap: i32) -> Drawn {
        let Some(pace) = pace(self.plot) else { return Ok(()) };
        let last = self.plot.bins() - 1;
        let (x1, x2) = self.sides(last, gap);
        let y = self.y(pace * self.plot.scale(last));
        let corners = vec![(x1, BOTTOM * SCALE), (x1, y), (x2, y), (x2, BOTTOM * SCALE)];
        self.line(root, Token::Pace, corners)
    }

    /// What rises above the limit.
    fn over(&self, root: &Area, gap: i32) -> Drawn {
        let Some(limit) = self.limit.filter(|_| self.plot.window_s >= self.plot.step_s) else {
            return Ok(());
        };
        let amount = per_window(self.plot, limit);
        for (bin, values) in self.bins.iter().enumerate() {
            let sum: f64 = values.iter().sum();
            if sum > amount {
                let (x1, x2) = self.sides(bin, gap);
                self.rect(root, Token::Over, (x1, self.y(sum)), (x2, self.y(amount)))?;
            }
        }
        Ok(())
    }

    /// The busiest window of each bin, where a bin is longer than one.
    fn busiest(&self, root: &Area) -> Drawn {
        for (bin, value) in &self.plot.busiest {
            let (x1, x2) = self.sides(*bin, 0);
            let y = self.y(*value);
            self.rect(root, Token::Busiest, (x1, y - SCALE), (x2, y + SCALE))?;
        }
        Ok(())
    }

    fn compared(&self, root: &Area) -> Drawn {
        let plot = self.plot;
        if plot.compared.is_empty() {
            return Ok(());
        }
        let corners = plot.per_bin(&plot.compared).into_iter().enumerate().flat_map(|(bin, value)| {
            let (x1, x2) = self.sides(bin, 0);
            let y = self.y(value * plot.scale(bin));
            [(x1, y), (x2, y)]
        });
        self.line(root, Token::Compared, corners.collect())
    }

    fn limits(&self, root: &Area) -> Drawn {
        let (left, end) = (LEFT * SCALE, self.end * SCALE);
        let is_main = |line: &LimitLine| self.limit.is_some_and(|limit| limit.id == line.id);
        let mut lines: Vec<(f64, &LimitLine)> =
            self.plot.limits.iter().map(|line| (per_window(self.plot, line), line)).collect();
        lines.sort_by(|one, other| one.0.total_cmp(&other.0));
        lines.sort_by_key(|(_, line)| !is_main(line));
        let (drawn, above): (Vec<_>, Vec<_>) =
            lines.into_iter().partition(|(value, _)| *value <= self.amounts.top);
        // All lines first, so that none goes through a label.
        for (value, line) in drawn.iter().rev() {
            let across = vec![(left, self.y(*value)), (end, self.y(*value))];
            self.line(root, Token::Halo, across.clone())?;
            self.line(root, self.of(line, [Token::Limit, Token::OtherLimit, Token::EvenPace]), across)?;
        }
        let mut taken: Vec<i32> = Vec::new();
        for (value, line) in drawn {
            let y = self.y(value);
            if taken.iter().any(|other| (other - y).abs() <= 12 * SCALE) {
                continue;
            }
            taken.push(y);
            let label = self.reader.amount(value, self.plot.measure.unit());
            let token = self.of(line, [Token::LimitLabel, Token::OtherLabel, Token::PaceLabel]);
            let (at, anchor) = match is_main(line) {
                true => ((end + BESIDE * SCALE, y), (HPos::Left, VPos::Center)),
                false => ((end - 4 * SCALE, y - 3 * SCALE), (HPos::Right, VPos::Bottom)),
            };
            self.text(root, token, &label, at, anchor)?;
        }
        if let Some((nearest, line)) = above.first() {
            let token = self.of(line, [Token::LimitLabel, Token::OtherLabel, Token::PaceLabel]);
            let nearest = self.reader.amount(*nearest, self.plot.measure.unit());
            let at = (end - 4 * SCALE, (TOP + 4) * SCALE);
            self.text(root, token, &format!("↑ {nearest}"), at, (HPos::Right, VPos::Top))?;
        }
        Ok(())
    }

    /// One of three: for the limit that counts, for another, and for an even pace.
    fn of(&self, line: &LimitLine, [main, other, pace]: [Token; 3]) -> Token {
        match self.limit {
            _ if line.window_s != self.plot.told_s() => pace,
            Some(limit) if limit.id == line.id => main,
            _ => other,
        }
    }

    fn now(&self, root: &Area) -> Drawn {
        if !self.plot.is_live {
            return Ok(());
        }
        let x = self.x(self.plot.now_s);
        self.line(root, Token::Now, vec![(x, (TOP - 8) * SCALE), (x, BOTTOM * SCALE)])?;
        let at = (x, (TOP - 11) * SCALE);
        self.text(root, Token::NowLabel, self.reader.text().plot.now, at, (HPos::Center, VPos::Bottom))
    }

    fn incidents(&self, root: &Area) -> Drawn {
        for (from_s, to_s, severity) in &self.plot.incidents {
            let (from, to) = (self.x(*from_s), self.x(*to_s));
            let token = match severity {
                vocabulary::Severity::Critical => Token::Critical,
                _ => Token::Warning,
            };
            self.rect(root, token, (from, 4 * SCALE), (to.max(from + 4 * SCALE), 8 * SCALE))?;
        }
        Ok(())
    }

    fn refusals(&self, root: &Area) -> Drawn {
        for (bin, _) in &self.plot.refused {
            let (x1, x2) = self.sides(*bin, 0);
            let x = (x1 + x2) / 2;
            self.rect(
                root,
                Token::Refused,
                (x - SCALE, (BOTTOM + 7) * SCALE),
                (x + SCALE, (BOTTOM + 15) * SCALE),
            )?;
        }
        Ok(())
    }
}

/// What each bin holds, stack by stack, as it is told.
fn bins(plot: &Plot) -> Vec<Vec<f64>> {
    let stacks: Vec<Vec<f64>> = plot.stacks.iter().map(|stack| plot.per_bin(&stack.points)).collect();
    let told = |bin| stacks.iter().map(|values| values[bin] * plot.scale(bin)).collect();
    (0..plot.bins()).map(told).collect()
}

/// What a limit allows in the time that columns are told per; of a longer window, if it is used evenly.
pub fn per_window(plot: &Plot, line: &LimitLine) -> f64 {
    line.amount * plot.told_s() as f64 / line.window_s.max(1) as f64
}

/// What the bin that is still filling will hold at its pace, once enough of it is over to say.
pub fn pace(plot: &Plot) -> Option<f64> {
    let last = plot.bins().checked_sub(1).filter(|last| plot.is_open(*last))?;
    let gone = (plot.now_s - plot.sides_s(last).0) as f64 / plot.length_s(last) as f64;
    let sum = plot.per_bin(plot.stacks.iter().flat_map(|stack| &stack.points))[last];
    (gone >= 0.15 && sum > 0.0).then(|| sum / gone)
}

#[cfg(test)]
mod tests;
