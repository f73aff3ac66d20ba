//! Names that others chose, as people read them.
//!
//! A name may hold what is not seen and changes what is: U+202E turns the sentence around it, a zero-width space makes
//! two names look like one. Such characters are written out, as `⟨U+202E⟩`; all others stay. And a name that is not read
//! from left to right is isolated by U+2068 and U+2069, which are not seen either, so that the words beside it stay where
//! they are: in a page, in its title, in a message and on a terminal alike.
//!
//! This is for texts that people read, once, where they are put together. What programs read stays exact.

use std::borrow::Cow;
use std::fmt::Write;

const FIRST_STRONG_ISOLATE: char = '\u{2068}';
const POP_DIRECTIONAL_ISOLATE: char = '\u{2069}';

/// A name that can stand in a sentence. Blanks at its ends are written out, too.
pub fn name(text: &str) -> String {
    let seen = visible(text);
    let middle = seen.trim();
    if middle.len() < seen.len() {
        let start = seen.len() - seen.trim_start().len();
        let (before, after) = (&seen[..start], &seen[start + middle.len()..]);
        return isolated(&format!("{}{middle}{}", written_out(before), written_out(after)));
    }
    if matches!(seen, Cow::Borrowed(_)) && !text.chars().any(is_right_to_left) {
        return text.to_owned();
    }
    isolated(&seen)
}

fn written_out(text: &str) -> String {
    text.chars().map(|c| format!("⟨U+{:04X}⟩", u32::from(c))).collect()
}

/// A text of many words and lines, which may hold names that are isolated already.
pub fn passage(text: &str) -> String {
    const BREAKS: [char; 2] = ['\n', '\t'];
    let piece = |piece: &str| {
        let words = piece.strip_suffix(BREAKS).unwrap_or(piece);
        words_of(words) + &piece[words.len()..]
    };
    text.replace("\r\n", "\n").split_inclusive(BREAKS).map(piece).collect()
}

/// A text of one line, as of a log: its breaks are written out, too.
pub fn line(text: &str) -> String {
    words_of(text)
}

/// Words as a sentence: a large letter first, a full stop last. What begins with a name in quotes stays as it is.
pub fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    let Some(first) = letters.next() else { return String::new() };
    let end = if text.ends_with(['.', '!', '?', ':']) { "" } else { "." };
    format!("{}{}{end}", first.to_uppercase(), letters.as_str())
}

fn words_of(mut rest: &str) -> String {
    let mut seen = String::new();
    while let Some((head, after)) = rest.split_once(POP_DIRECTIONAL_ISOLATE)
        && let Some((before, name)) = head.rsplit_once(FIRST_STRONG_ISOLATE)
    {
        seen = seen + &visible(before) + &isolated(&visible(name));
        rest = after;
    }
    seen + &visible(rest)
}

/// A text with all that is not seen written out. It stands for itself, as in the cell of a table.
pub fn visible(text: &str) -> Cow<'_, str> {
    let mut before = None;
    let mut chars = text.chars().peekable();
    let mut seen = String::new();
    let mut all_seen = true;
    while let Some(c) = chars.next() {
        let after = chars.peek().copied();
        let joins = [before, after].iter().all(|beside| beside.is_some_and(is_joined));
        let selects = before.is_some_and(|c| is_joined(c) && !is_selector(c)) || after == Some(KEYCAP);
        if is_hidden(c) || (is_joiner(c) && !joins) || (is_selector(c) && !selects) {
            all_seen = false;
            // Writing into a string does not fail.
            let _ = write!(seen, "⟨U+{:04X}⟩", u32::from(c));
        } else {
            seen.push(c);
        }
        before = Some(c);
    }
    if all_seen { Cow::Borrowed(text) } else { Cow::Owned(seen) }
}

fn isolated(text: &str) -> String {
    format!("{FIRST_STRONG_ISOLATE}{text}{POP_DIRECTIONAL_ISOLATE}")
}

/// Controls, marks and overrides of direction, separators of lines, and what has no width or is blank by design.
/// Source: Unicode 17, general categories Cc and Cf and the property `Default_Ignorable_Code_Point`, but for what writing
/// needs: [joiners](is_joiner) and [selectors](is_selector).
fn is_hidden(c: char) -> bool {
    c.is_control()
        || matches!(c,
            '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180e}' | '\u{200b}' | '\u{200e}' | '\u{200f}'
            | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{feff}' | '\u{ffa0}'
            | '\u{fff0}'..='\u{fffb}' | '\u{1bca0}'..='\u{1bca3}' | '\u{1d173}'..='\u{1d17a}'
            | '\u{e0000}'..='\u{e00ff}' | '\u{e01f0}'..='\u{e0fff}')
}

/// Zero width (non-)joiners: letters of many scripts and emoji are written with them, within a word.
fn is_joiner(c: char) -> bool {
    matches!(c, '\u{200c}' | '\u{200d}')
}

/// Variation selectors: they choose the shape of the character before them, of emoji for one.
fn is_selector(c: char) -> bool {
    matches!(c, '\u{180b}'..='\u{180d}' | '\u{180f}' | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

/// Makes a key of the figure before it, with a selector between: `1️⃣`.
const KEYCAP: char = '\u{20e3}';

/// What a joiner may stand beside, and a selector behind. ASCII is written without.
fn is_joined(c: char) -> bool {
    !c.is_ascii() && !c.is_whitespace() && !is_joiner(c) && !is_hidden(c)
}

/// Letters of scripts that are written from right to left. Source: the defaults for R and AL in `DerivedBidiClass.txt`,
/// Unicode 17.
fn is_right_to_left(c: char) -> bool {
    matches!(c,
        '\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{feff}'
        | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn what_turns_or_hides_text_is_written_out_and_isolated() {
        for (text, seen) in [
            ("\u{202e}user", "\u{2068}⟨U+202E⟩user\u{2069}"),
            ("a\u{200b}b", "\u{2068}a⟨U+200B⟩b\u{2069}"),
            ("\u{2067}a\u{2069}", "\u{2068}⟨U+2067⟩a⟨U+2069⟩\u{2069}"),
            (" case", "\u{2068}⟨U+0020⟩case\u{2069}"),
            ("case\u{a0} ", "\u{2068}case⟨U+00A0⟩⟨U+0020⟩\u{2069}"),
            ("  ", "\u{2068}⟨U+0020⟩⟨U+0020⟩\u{2069}"),
            ("two\nlines", "\u{2068}two⟨U+000A⟩lines\u{2069}"),
            ("\u{1b}[31mred", "\u{2068}⟨U+001B⟩[31mred\u{2069}"),
            ("a\u{e0041}", "\u{2068}a⟨U+E0041⟩\u{2069}"),
            ("\u{200d}", "\u{2068}⟨U+200D⟩\u{2069}"),
            ("\u{200c}نام", "\u{2068}⟨U+200C⟩نام\u{2069}"),
            ("ad\u{200d}min", "\u{2068}ad⟨U+200D⟩min\u{2069}"),
            ("\u{3164}", "\u{2068}⟨U+3164⟩\u{2069}"),
            ("ali\u{34f}ce", "\u{2068}ali⟨U+034F⟩ce\u{2069}"),
            ("a\u{17b4}", "\u{2068}a⟨U+17B4⟩\u{2069}"),
            ("admin\u{fe0f}", "\u{2068}admin⟨U+FE0F⟩\u{2069}"),
            ("❤\u{fe0f}\u{fe0f}", "\u{2068}❤\u{fe0f}⟨U+FE0F⟩\u{2069}"),
            ("\u{180b}a", "\u{2068}⟨U+180B⟩a\u{2069}"),
        ] {
            assert_eq!(name(text), seen, "{text:?}");
        }
    }

    #[test]
    fn sentences_begin_and_end() {
        for (text, said) in [
            ("a name has 1 to 64 bytes", "A name has 1 to 64 bytes."),
            ("`x` is none. Leave it out.", "`x` is none. Leave it out."),
            ("", ""),
            ("é", "É."),
        ] {
            assert_eq!(sentence(text), said);
        }
    }

    #[test]
    fn what_is_written_from_right_to_left_is_isolated_and_unchanged() {
        for text in ["דנה", "سارة", "می\u{200c}خواهم", "ދިވެހި", "a דנה 7"] {
            assert_eq!(name(text), format!("\u{2068}{text}\u{2069}"));
        }
    }

    #[test]
    fn all_other_text_stays_as_it_is() {
        for text in [
            "",
            "user-1@example.org",
            "김민지",
            "ㄱㅏ",
            "é e\u{301} Ångström",
            "👩\u{200d}👩\u{200d}👧\u{200d}👦 ❤\u{fe0f}\u{200d}🔥 🏳\u{fe0f}\u{200d}🌈 🇰🇷 1\u{fe0f}\u{20e3}",
            "ශ\u{dca}\u{200d}රී ක\u{dca}\u{200d}ෂ",
            "葛\u{e0100}城",
            "<script>alert(1)</script>",
            "⟨U+202E⟩",
        ] {
            assert_eq!(name(text), text);
        }
    }

    #[test]
    fn a_passage_keeps_its_lines_and_what_is_isolated_in_it() {
        let of = format!("{} for {}: warning", name("Each\u{202e}"), name("דנה"));
        assert_eq!(passage(&of), of);
        assert_eq!(passage("one\r\n\ttwo\n\u{202e}\r"), "one\n\ttwo\n⟨U+202E⟩⟨U+000D⟩");
        assert_eq!(passage("\u{2069}a\u{2068}"), "⟨U+2069⟩a⟨U+2068⟩");
    }

    fn is_direction(c: char) -> bool {
        matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    }

    proptest! {
        /// Any text, and much of what is hidden.
        #[test]
        fn nothing_is_hidden_in_a_name(text in "(?s:.|[\u{0}-\u{9f}\u{61c}\u{200b}-\u{200f}\u{2028}-\u{202e}\u{2060}-\u{206f}\u{feff}\u{e0000}-\u{e007f}]){0,20}") {
            let seen = name(&text);
            let inside = seen.strip_prefix(FIRST_STRONG_ISOLATE).and_then(|seen| seen.strip_suffix(POP_DIRECTIONAL_ISOLATE));
            let inside = inside.unwrap_or(&seen);
            prop_assert!(!inside.chars().any(|c| c.is_control() || is_direction(c) || is_hidden(c)), "{seen:?}");
            prop_assert!(!inside.starts_with(is_joiner) && !inside.ends_with(is_joiner), "{seen:?}");
            prop_assert!(!inside.starts_with(is_selector), "{seen:?}");
            // Nothing is lost, nor said twice.
            let back = inside.chars().filter(|c| !"⟨U+0123456789ABCDEF⟩".contains(*c));
            let kept = visible(&text);
            let kept = kept.trim().chars().filter(|c| !"⟨U+0123456789ABCDEF⟩".contains(*c));
            let kept = kept.filter(|c| !is_joiner(*c) && !is_selector(*c));
            prop_assert!(inside.trim() == inside, "{seen:?}");
            prop_assert_eq!(back.filter(|c| !is_joiner(*c) && !is_selector(*c)).collect::<String>(), kept.collect::<String>());
            // Said again, it is the same.
            prop_assert_eq!(passage(&seen), seen.clone());
            prop_assert_eq!(seen.contains(FIRST_STRONG_ISOLATE), inside != seen);
        }

        #[test]
        fn letters_marks_numbers_and_signs_of_any_script_stay(text in "[\\p{L}\\p{M}\\p{N}\\p{P}\\p{S} ]{0,20}") {
            prop_assume!(!text.contains(|c| is_hidden(c) || is_selector(c)));
            let seen = visible(&text).into_owned();
            prop_assert_eq!(&seen, &text);
            let text = text.trim();
            prop_assert_eq!(name(text).replace([FIRST_STRONG_ISOLATE, POP_DIRECTIONAL_ISOLATE], ""), text);
        }

        /// However many names there are, the isolates of a sentence pair up.
        #[test]
        fn isolates_pair_up(names in prop::collection::vec("(?s:.|[\u{202a}-\u{202e}\u{2066}-\u{2069}]){0,6}", 0..5), around in "(?s:.|[\u{2066}-\u{2069}]){0,6}") {
            let names: Vec<_> = names.iter().map(|text| name(text)).collect();
            for text in [names.join(&passage(&around)), passage(&names.join(&around))] {
                let mut open = 0;
                for c in text.chars() {
                    match c {
                        FIRST_STRONG_ISOLATE => open += 1,
                        POP_DIRECTIONAL_ISOLATE => open -= 1,
                        _ => {}
                    }
                    prop_assert!((0..=1).contains(&open), "{text:?}");
                    if c == '\n' {
                        prop_assert_eq!(open, 0);
                    }
                }
                prop_assert_eq!(open, 0, "{:?}", text);
            }
        }
    }
}
