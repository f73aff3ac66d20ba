//! A plotters backend that writes SVG with classes.
//!
//! Colours are tokens: plotters carries them as colours, the backend writes them as class names, and CSS
//! decides. Coordinates are tenths of a pixel, since plotters only knows whole numbers.

use std::borrow::Cow;
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

/// What a stroke, an area or a text stands for: the class that CSS knows it by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Token {
    /// A series by its colour.
    Series(u8),
    /// The same in a bin that is still filling.
    Open(u8),
    Grid,
    Minor,
    Zero,
    Tick,
    Label,
    TimeLabel,
    WarnZone,
    BeyondZone,
    Halo,
    Limit,
    LimitLabel,
    /// A limit that is told of beside the one that counts.
    OtherLimit,
    OtherLabel,
    /// A limit of a longer window, if it is used evenly: above it nothing is refused.
    EvenPace,
    PaceLabel,
    /// What lies above the limit.
    Over,
    /// The busiest window of a bin.
    Busiest,
    Compared,
    Now,
    NowLabel,
    /// The bin in which nobody called.
    Foot,
    /// When Tacho was not running.
    Gap,
    Pace,
    Warning,
    Critical,
    Refused,
}

/// Tokens without a number, and their classes.
const CLASSES: [(Token, &str); 27] = [
    (Token::Grid, "grid"),
    (Token::Minor, "minor"),
    (Token::Zero, "zero"),
    (Token::Tick, "tick"),
    (Token::Label, "label"),
    (Token::TimeLabel, "label time-label"),
    (Token::WarnZone, "zone-warn"),
    (Token::BeyondZone, "zone-beyond"),
    (Token::Halo, "halo"),
    (Token::Limit, "limit"),
    (Token::LimitLabel, "label limit-label"),
    (Token::OtherLimit, "other-limit"),
    (Token::OtherLabel, "label other-label"),
    (Token::EvenPace, "even-pace"),
    (Token::PaceLabel, "label"),
    (Token::Over, "over"),
    (Token::Busiest, "busiest"),
    (Token::Compared, "compared"),
    (Token::Now, "now"),
    (Token::NowLabel, "label now-label"),
    (Token::Foot, "foot"),
    (Token::Gap, "gap"),
    (Token::Pace, "pace"),
    (Token::Warning, "mark-warning"),
    (Token::Critical, "mark-critical"),
    (Token::Refused, "refused"),
    (Token::Series(0), "m0"),
];

const MARK: (u8, u8) = (0xA7, 0xC0);
const SERIES: u8 = 64;
const OPEN: u8 = 128;

impl Token {
    /// The colour that stands for it on its way through plotters.
    pub fn color(self) -> RGBColor {
        let code = match self {
            Token::Series(color) => SERIES + color,
            Token::Open(color) => OPEN + color,
            other => CLASSES.iter().position(|(token, _)| *token == other).unwrap_or_default() as u8,
        };
        RGBColor(MARK.0, MARK.1, code)
    }

    fn class(color: BackendColor) -> Option<Cow<'static, str>> {
        let (red, green, code) = color.rgb;
        // Plotters draws some things with nothing; others are not ours.
        if color.alpha == 0.0 || (red, green) != MARK {
            return None;
        }
        Some(match code {
            OPEN.. => format!("m{} open", code - OPEN).into(),
            SERIES.. => format!("m{}", code - SERIES).into(),
            code => CLASSES.get(usize::from(code))?.1.into(),
        })
    }
}

/// Writes SVG elements into a string.
pub struct SvgClasses<'a> {
    out: &'a mut String,
    width: u32,
    height: u32,
    /// Boxes of one class become one path.
    boxes: Option<(Cow<'static, str>, String)>,
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
        let (x, y) = (px(at.0), px(at.1));
        let text = text.replace('&', "&amp;").replace('<', "&lt;");
        let _ = write!(
            self.out,
            "<text class=\"{class}\" x=\"{x}\" y=\"{y}\" dy=\"{dy}\" text-anchor=\"{anchor}\">{text}</text>"
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
