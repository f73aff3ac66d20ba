//! The frame around pages.

use super::{Named, Words1, Words3};

/// What surrounds pages.
pub struct FrameTexts {
    pub skip: &'static str,
    pub pages: &'static str,
    pub now: &'static str,
    pub limits: &'static str,
    pub alerts: &'static str,
    pub settings: &'static str,
    pub look: &'static str,
    pub connect: &'static str,
    pub access: &'static str,
    pub health: &'static str,
    pub open_alerts: Words1,
    pub menu: &'static str,
    pub keys: &'static str,
    pub theme: &'static str,
    pub theme_system: &'static str,
    pub theme_light: &'static str,
    pub theme_dark: &'static str,
    pub language: &'static str,
    pub sign_out: &'static str,
    pub palette: &'static str,
    pub palette_hint: &'static str,
    pub find: &'static str,
    pub nothing_found: &'static str,
    pub as_of: Words1,
    pub now_fresh: &'static str,
    /// `{}` is put in by the browser, here and in the next.
    pub seconds_fresh: &'static str,
    pub minutes_fresh: &'static str,
    pub paused: &'static str,
    pub not_live: &'static str,
    pub unreachable: &'static str,
    pub undone: &'static str,
    /// Of a form that was sent, and not answered.
    pub unknown: &'static str,
    pub pause: &'static str,
    pub copy: &'static str,
    pub copied: &'static str,
    pub copy_by_hand: &'static str,
    pub not_found: &'static str,
    pub not_found_note: &'static str,
    pub docs: &'static str,
    /// A name in an address, its value, why it makes no sense.
    pub nonsense: Words3,
    /// As [`vocabulary::view::Senseless`] has them.
    pub senseless: [&'static str; 7],
}

/// Stretches of time.
pub struct TimeTexts {
    pub title: &'static str,
    /// As [`vocabulary::Range`] has them.
    pub last: [&'static str; 6],
    pub past: Words1,
    pub today: &'static str,
    pub yesterday: &'static str,
    pub this_week: &'static str,
    pub last_week: &'static str,
    pub this_month: &'static str,
    pub last_month: &'static str,
    pub earlier: &'static str,
    pub later: &'static str,
    pub doubled: &'static str,
    pub typed: &'static str,
    pub typed_hint: &'static str,
    pub from: &'static str,
    pub to: &'static str,
    pub show: &'static str,
    pub zone_is: Words1,
    pub change_zone: &'static str,
    /// As [`vocabulary::view::Compare`] has them.
    pub compare: [&'static str; 4],
    pub compared_with: Words1,
    pub toggle_compare: &'static str,
}

/// Keys.
pub struct KeysTexts {
    pub title: &'static str,
    pub all: Named,
    pub note: &'static str,
    pub switch_off: &'static str,
    pub close: &'static str,
}
