//! Whether the colours of `style/tokens.css` can be told apart and read, in light and in dark, by people of every
//! vision. `cargo test -p xtask colours -- --nocapture` prints by how much.

mod seeing;

use std::collections::BTreeMap;

use seeing::{Colour, KINDS_OF_VISION};

/// The series, and the others taken together.
const SERIES: [&str; 6] = ["m0", "m1", "m2", "m3", "m4", "mx"];
/// OKLab x 100. At 2 a difference begins to be seen where areas touch; small marks lie apart.
const LEAST_DIFFERENCE: f64 = 10.0;
/// What the WCAG ask of marks, and of words.
const OF_MARKS: f64 = 3.0;
const OF_WORDS: f64 = 4.5;

/// What is drawn on what, and the least contrast.
const PAIRS: &[(&[&str], &[&str], f64)] = &[
    (&SERIES, &["sheet", "paper"], OF_MARKS),
    (&["ink", "ink2"], &["paper", "sheet", "faint", "warn-zone", "crit-zone"], OF_WORDS),
    (&["warn-text"], &["paper", "sheet", "warn-zone"], OF_WORDS),
    (&["crit-text"], &["paper", "sheet", "crit-zone"], OF_WORDS),
    (&["crit-mark"], &["sheet", "warn-zone", "crit-zone"], OF_MARKS),
    (&["warn-mark"], &["sheet"], OF_MARKS),
    (&["focus"], &["paper", "sheet", "faint"], OF_MARKS),
];

/// The colours of one mode, by name.
type Palette = BTreeMap<String, Colour>;

/// The tokens that are a pair of colours, for light and for dark.
fn tokens() -> Vec<(String, [Colour; 2])> {
    let path = crate::cargo::workspace().join("style/tokens.css");
    let css = std::fs::read_to_string(path).expect("the tokens can be read");
    css.lines().filter_map(pair).map(|(name, pair)| (name.to_owned(), pair)).collect()
}

/// The colours of both modes. What is said again for those who want more contrast comes later, and is left out.
fn palettes() -> [(&'static str, Palette); 2] {
    let (mut light, mut dark) = (Palette::new(), Palette::new());
    for (name, [in_light, in_dark]) in tokens() {
        light.entry(name.clone()).or_insert(in_light);
        dark.entry(name).or_insert(in_dark);
    }
    [("light", light), ("dark", dark)]
}

/// `--name: light-dark(oklch(L% C H), oklch(L% C H));`
fn pair(line: &str) -> Option<(&str, [Colour; 2])> {
    let (name, value) = line.trim().strip_prefix("--")?.split_once(": light-dark(oklch(")?;
    let (light, dark) = value.strip_suffix("));")?.split_once("), oklch(")?;
    Some((name, [light.parse().ok()?, dark.parse().ok()?]))
}

#[test]
fn series_can_be_told_apart_whatever_ones_vision() {
    for (mode, palette) in palettes() {
        for (vision, cones) in KINDS_OF_VISION {
            let seen = SERIES.map(|name| (name, palette[name].seen(cones)));
            let pairs =
                seen.iter().enumerate().flat_map(|(index, a)| seen[..index].iter().map(move |b| (a, b)));
            let closest =
                pairs.map(|(a, b)| (a.1.difference(&b.1), b.0, a.0)).min_by(|a, b| a.0.total_cmp(&b.0));
            let (difference, a, b) = closest.expect("there are pairs");
            println!("{mode:<6}{vision:<14}{difference:>6.2}  {a} and {b}");
            assert!(
                difference >= LEAST_DIFFERENCE,
                "{mode}, {vision}: {a} and {b} differ by {difference:.2}"
            );
        }
    }
}

#[test]
fn what_is_drawn_stands_out_and_what_is_written_can_be_read() {
    for (mode, palette) in palettes() {
        for (drawn, grounds, least) in PAIRS {
            for (drawn, ground) in drawn.iter().flat_map(|drawn| grounds.iter().map(move |on| (drawn, on))) {
                let contrast = palette[*drawn].contrast(&palette[*ground]);
                println!("{mode:<6}{drawn:<10} on {ground:<10}{contrast:>6.2}");
                assert!(contrast >= *least, "{mode}: {drawn} on {ground} has {contrast:.2}, not {least}");
            }
        }
        // Told, not held: beneath the line of a limit lies a stroke of the sheet.
        for series in SERIES {
            println!(
                "{mode:<6}crit-mark on {series} {:>6.2}",
                palette["crit-mark"].contrast(&palette[series])
            );
        }
    }
}

#[test]
fn every_colour_can_be_shown() {
    let tokens = tokens();
    assert!(tokens.len() > 20, "{tokens:?}");
    for (name, pair) in tokens {
        for colour in pair {
            assert!(colour.is_in_srgb(), "--{name} lies outside sRGB, and would be clipped: {colour:?}");
        }
    }
}
