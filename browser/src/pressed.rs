//! What a key that is pressed is called here, whichever layout, input method and lock are on.

use web_sys::KeyboardEvent;

/// What a key says while an input method takes it.
const TAKEN: &str = "Process";
/// The last letter that is Latin: beyond lie other scripts.
const LAST_LATIN: char = '\u{24f}';
/// Where signs lie, with Shift or without it, for who has an input method on.
const SIGNS: [(&str, bool, &str); 4] =
    [("Comma", false, ","), ("Period", false, "."), ("Minus", false, "-"), ("Slash", true, "?")];

/// The key by its character; by its place on the keyboard, where the layout has a letter of another script there. Letters
/// are small, but with Shift. Nothing while something is composed, or with a key that makes other characters.
pub fn key(event: &KeyboardEvent) -> Option<String> {
    if event.is_composing() || event.get_modifier_state("AltGraph") {
        return None;
    }
    let key = event.key();
    let is_foreign = key.chars().all(|char| char > LAST_LATIN);
    let key = match key.as_str() {
        TAKEN => of_letter(event).or_else(|| of_sign(event))?,
        _ if is_foreign => of_letter(event)?,
        _ => key,
    };
    let is_letter = key.len() == 1 && key.as_bytes()[0].is_ascii_alphabetic();
    Some(match (is_letter, event.shift_key()) {
        (true, true) => key.to_ascii_uppercase(),
        (true, false) => key.to_ascii_lowercase(),
        _ => key,
    })
}

/// The letter or the digit of a place: `KeyW`, `Digit6`.
fn of_letter(event: &KeyboardEvent) -> Option<String> {
    let code = event.code();
    let digit = code.strip_prefix("Digit").filter(|_| !event.shift_key());
    code.strip_prefix("Key").or(digit).map(str::to_owned)
}

fn of_sign(event: &KeyboardEvent) -> Option<String> {
    let code = event.code();
    let is_there = |(place, shift, _): &&(&str, bool, &str)| *place == code && *shift == event.shift_key();
    SIGNS.iter().find(is_there).map(|(_, _, sign)| (*sign).to_owned())
}
