//! A plotters backend that writes SVG with classes.
//!
//! Colours are tokens: plotters carries them as colours, the backend writes them as class names, and CSS
//! decides. Coordinates are tenths of a pixel, since plotters only knows whole numbers.

use std::convert::Infallible;
use std::fmt::Write;

use plotters::style::RGBColor;
use plotters_backend::text_anchor::{HPos, VPos};
use plotters_backend::{
    BackendColor, BackendCoord, BackendStyle, BackendTextStyle, DrawingBackend, DrawingErrorKind,
};
use vocabulary::wording;

/// Steps per pixel.
pub const SCALE: i32 = 10;

/// What a stroke or an area stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token {
    Grid,
    Label,
    Limit,
    /// The warning threshold.
    Warn,
    /// A series by its place, 0 to 7; 8 is the others.
    Series(u8),
    /// The same in a bucket that is still filling.
    Partial(u8),
}

const MARK: (u8, u8) = (0xA7, 0xC0);

impl Token {
    /// The colour that stands for it on its way through plotters.
    pub fn color(self) -> RGBColor {
        let code = match self {
            Token::Grid => 0,
            Token::Label => 1,
            Token::Limit => 2,
            Token::Warn => 3,
            Token::Series(place) => 16 + place,
            Token::Partial(place) => 32 + place,
        };
        RGBColor(MARK.0, MARK.1, code)
    }

    fn class(color: BackendColor) -> Option<String> {
        let (red, green, code) = color.rgb;
        // Plotters draws some things with nothing; others are not ours.
        if color.alpha == 0.0 || (red, green) != MARK {
            return None;
        }
        Some(match code {
            0 => "grid".to_owned(),
            1 => "label".to_owned(),
            2 => "limit".to_owned(),
            3 => "warn".to_owned(),
            16..=31 => format!("s{}", code - 16),
            _ => format!("s{} partial", code.saturating_sub(32)),
        })
    }
}

/// Writes SVG elements into a string.
pub struct SvgClasses<'a> {
    out: &'a mut String,
    width: u32,
    height: u32,
    /// Boxes of one class become one path.
    boxes: Option<(String, String)>,
}

type Drawn = Result<(), DrawingErrorKind<Infallible>>;

impl<'a> SvgClasses<'a> {
    /// A backend of so many pixels that appends to `out`.
    pub fn new(out: &'a mut String, width: u32, height: u32) -> Self {
        SvgClasses { out, width, height, boxes: None }
    }

    fn flush(&mut self) {
        if let Some((class, path)) = self.boxes.take() {
            let _ = write!(self.out, "<path class=\"{class}\" d=\"{path}\"/>");
        }
    }
}

/// Tenths of a pixel as pixels, without a trailing `.0`.
fn px(tenths: i32) -> String {
    wording::plain(f64::from(tenths) / f64::from(SCALE), 1)
}

impl DrawingBackend for SvgClasses<'_> {
    type ErrorType = Infallible;

    fn get_size(&self) -> (u32, u32) {
        (self.width * SCALE as u32, self.height * SCALE as u32)
    }

    fn ensure_prepared(&mut self) -> Drawn {
        Ok(())
    }

    fn present(&mut self) -> Drawn {
        self.flush();
        Ok(())
    }

    fn draw_pixel(&mut self, _: BackendCoord, _: BackendColor) -> Drawn {
        Ok(())
    }

    fn draw_line<S: BackendStyle>(&mut self, from: BackendCoord, to: BackendCoord, style: &S) -> Drawn {
        if let Some(class) = Token::class(style.color()) {
            self.flush();
            let (x1, y1, x2, y2) = (px(from.0), px(from.1), px(to.0), px(to.1));
            let _ = write!(self.out, "<path class=\"{class}\" d=\"M{x1} {y1}L{x2} {y2}\"/>");
        }
        Ok(())
    }

    fn draw_path<S: BackendStyle, I: IntoIterator<Item = BackendCoord>>(
        &mut self,
        path: I,
        style: &S,
    ) -> Drawn {
        if let Some(class) = Token::class(style.color()) {
            self.flush();
            let mut points = String::new();
            for (x, y) in path {
                let command = if points.is_empty() { 'M' } else { 'L' };
                let _ = write!(points, "{command}{} {}", px(x), px(y));
            }
            let _ = write!(self.out, "<path class=\"{class}\" d=\"{points}\"/>");
        }
        Ok(())
    }

    fn draw_rect<S: BackendStyle>(&mut self, a: BackendCoord, b: BackendCoord, style: &S, _: bool) -> Drawn {
        let Some(class) = Token::class(style.color()) else { return Ok(()) };
        if self.boxes.as_ref().is_none_or(|(current, _)| *current != class) {
            self.flush();
            self.boxes = Some((class, String::new()));
        }
        if let Some((_, path)) = &mut self.boxes {
            let (width, height) = (b.0 - a.0, b.1 - a.1);
            let _ = write!(path, "M{} {}h{}v{}h{}z", px(a.0), px(a.1), px(width), px(height), px(-width));
        }
        Ok(())
    }

    fn draw_text<T: BackendTextStyle>(&mut self, text: &str, style: &T, at: BackendCoord) -> Drawn {
        let Some(class) = Token::class(style.color()) else { return Ok(()) };
        self.flush();
        let anchor = match style.anchor().h_pos {
            HPos::Left => "start",
            HPos::Center => "middle",
            HPos::Right => "end",
        };
        let dy = match style.anchor().v_pos {
            VPos::Top => ".8em",
            VPos::Center => ".35em",
            VPos::Bottom => "0",
        };
        let dx = if anchor == "end" { " dx=\"-4\"" } else { "" };
        let (x, y) = (px(at.0), px(at.1));
        let text = text.replace('&', "&amp;").replace('<', "&lt;");
        let _ = write!(
            self.out,
            "<text class=\"{class}\" x=\"{x}\" y=\"{y}\" dy=\"{dy}\"{dx} text-anchor=\"{anchor}\">{text}</text>"
        );
        Ok(())
    }

    // There are no circles; plotters would draw one point by point.
    fn draw_circle<S: BackendStyle>(&mut self, _: BackendCoord, _: u32, _: &S, _: bool) -> Drawn {
        Ok(())
    }

    // Plotters would measure in the page itself in a browser; a guess is enough and the same everywhere.
    fn estimate_text_size<T: BackendTextStyle>(
        &self,
        text: &str,
        style: &T,
    ) -> Result<(u32, u32), DrawingErrorKind<Infallible>> {
        let size = style.size();
        Ok(((text.chars().count() as f64 * size * 0.6) as u32, size as u32))
    }
}
