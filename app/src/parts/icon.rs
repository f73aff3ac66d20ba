//! The mark: a tachometer with its last quarter in red. Drawn here, so that no other file has to be fetched.

use vocabulary::Severity;

/// The mark on a ground, as a data URI. The needle points from the middle, `16 22`.
macro_rules! icon {
    (ground: $ground:literal, ink: $ink:literal, last: $last:literal, needle: $needle:literal) => {
        concat!(
            "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32' fill='none' stroke-width='4'%3E",
            "%3Crect width='32' height='32' rx='6' fill='%23", $ground, "'/%3E",
            "%3Cpath d='M24.3 14.8A11 11 0 0 1 27 22' stroke='%23", $last, "'/%3E",
            "%3Cg stroke='%23", $ink, "'%3E%3Cpath d='M5 22A11 11 0 0 1 23.2 13.7'/%3E",
            "%3Cpath d='M16 22 ", $needle, "' stroke-width='3' stroke-linecap='round'/%3E%3C/g%3E",
            "%3Ccircle cx='16' cy='22' r='2.5' fill='%23", $ink, "'/%3E%3C/svg%3E"
        )
    };
}

/// The mark for the bar, beside the name that says the same: an SVG in the colour of the text around it.
pub const MARK: &str = "<svg class=\"mark\" viewBox=\"0 0 22 14\" width=\"22\" height=\"14\" fill=\"none\" \
    stroke-width=\"2.5\" aria-hidden=\"true\">\
    <path d=\"M2 12.5A9 9 0 0 1 16.9 5.71\" stroke=\"currentColor\"/>\
    <path d=\"M17.79 6.6A9 9 0 0 1 20 12.5\" stroke=\"var(--crit-mark)\"/>\
    <path d=\"M11 12.5 8.78 6.39\" stroke=\"currentColor\" stroke-width=\"1.75\" stroke-linecap=\"round\"/>\
    <circle cx=\"11\" cy=\"12.5\" r=\"1.5\" fill=\"currentColor\"/></svg>";

/// The icon in the tab while all is well, or nothing is known.
pub const ICON: &str = icon!(ground: "1b1e25", ink: "f0efec", last: "ef5350", needle: "13.1 14");

/// The icon in the tab that tells how the worst limit stands, by its ground and by where its needle points.
pub fn icon(state: Severity) -> &'static str {
    match state {
        Severity::Ok => ICON,
        Severity::Warning => icon!(ground: "f0b23c", ink: "1b1e25", last: "b3140f", needle: "20.3 14.6"),
        Severity::Critical => icon!(ground: "c9211e", ink: "ffffff", last: "4a0604", needle: "24 19.1"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_state_has_its_icon_and_an_address_it_can_stand_in() {
        let icons = [Severity::Ok, Severity::Warning, Severity::Critical].map(icon);
        assert_eq!(icons[0], ICON);
        assert!(icons[0] != icons[1] && icons[1] != icons[2]);
        assert!(icons.iter().all(|icon| !icon.contains(['#', '<', '>', '"'])), "{icons:?}");
    }
}
