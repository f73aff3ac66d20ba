//! What surrounds every page: the bar with the way to other pages and times, and the dialogs that help.

mod bar;
mod help;
mod menu;
mod palette;
mod picker;
mod printed;

pub use bar::bar;
pub use help::help_list;
pub use menu::path;
pub use palette::{Command, commands, palette_lines};
pub use picker::stretch_name;
pub use printed::printed;

use leptos::prelude::*;
use vocabulary::Severity;
use vocabulary::view::{Stretch, View as Shown};

use self::help::help;
use self::palette::palette;
use crate::reader::Reader;

/// The pages of the bar.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Section {
    Now,
    Limits,
    Alerts,
    Settings,
    /// None of them.
    Nowhere,
}

/// What the frame shows.
#[derive(Debug, Clone, PartialEq)]
pub struct Frame {
    /// Where the reader is.
    pub place: Section,
    /// Where the page is, with its query string: to be come back to.
    pub back: String,
    /// What the page shows; other pages are handed it on.
    pub view: Shown,
    /// The page's stretch of time, of one that has one.
    pub stretch: Option<StretchLinks>,
    /// Alerts that are open, and the worst of them.
    pub open_alerts: (u64, Severity),
    /// The theme, if the reader has chosen one.
    pub theme: Option<Theme>,
}

/// A stretch of time, and those around it.
#[derive(Debug, Clone, PartialEq)]
pub struct StretchLinks {
    /// Start and end, Unix seconds.
    pub from_s: i64,
    pub to_s: i64,
    pub earlier: Option<Stretch>,
    pub later: Option<Stretch>,
    pub doubled: Option<Stretch>,
}

/// The dialogs of a page.
pub fn dialogs(reader: &Reader, frame: &Frame) -> AnyView {
    (palette(reader, frame), help(reader)).into_any()
}

/// Light or dark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Theme {
    Light,
    Dark,
}

impl Theme {
    /// Every theme.
    pub const ALL: [Theme; 2] = [Theme::Light, Theme::Dark];

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Theme::Light => "light",
            Theme::Dark => "dark",
        }
    }

    /// The theme of a word.
    pub fn of_word(word: &str) -> Option<Theme> {
        Theme::ALL.into_iter().find(|theme| theme.word() == word)
    }
}
