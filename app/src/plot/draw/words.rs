//! What is said within the plot.

use plotters::style::text_anchor::{HPos, VPos};

use super::{Area, BESIDE, BOTTOM, Drawn, LEFT, SCALE, Sheet, TOP, Token, label_px};
use crate::plot::nothing::nothing;

impl Sheet<'_> {
    /// What is said within the plot, on top of all that is drawn.
    pub(super) fn words(&self, root: &Area) -> Drawn {
        let text = &self.reader.text().plot;
        for (from_s, to_s) in &self.plot.gaps {
            let (from, to) = (self.x(*from_s), self.x(*to_s));
            if to - from > (label_px(text.not_running) + 2 * BESIDE) * SCALE {
                let at = ((from + to) / 2, (TOP + 8) * SCALE);
                self.text(root, Token::Label, text.not_running, at, (HPos::Center, VPos::Top))?;
            }
        }
        self.first_event(root)?;
        if !self.is_empty() {
            return Ok(());
        }
        // Between two lines, where there are any.
        let between = match self.steps() {
            0 => self.amounts.top / 2.0,
            steps => (f64::from(steps / 2) + 0.25) * self.amounts.step,
        };
        let at = ((LEFT + self.right) * SCALE / 2, self.y(between));
        self.text(root, Token::Label, &nothing(self.reader, self.plot), at, (HPos::Center, VPos::Center))
    }

    /// Before which Tacho knew of nothing: left of its column, or above the others where there is no room.
    fn first_event(&self, root: &Area) -> Drawn {
        let first_s = self.plot.first_s.filter(|first_s| *first_s > self.plot.sides_s(0).1);
        let Some(first_s) = first_s else { return Ok(()) };
        let said = (self.reader.text().plot.first_event)(&self.reader.moment(first_s));
        let starts = (0..self.plot.bins()).map(|bin| self.plot.sides_s(bin).0);
        let x = self.x(starts.take_while(|start_s| *start_s <= first_s).last().unwrap_or(first_s));
        let (at, anchor) = match x > (LEFT + label_px(&said) + BESIDE) * SCALE {
            true => ((x - BESIDE * SCALE, (BOTTOM - 12) * SCALE), HPos::Right),
            false => ((x, (TOP + 10) * SCALE), HPos::Left),
        };
        self.text(root, Token::Label, &said, at, (anchor, VPos::Center))
    }
}
