//! What people read stands in the catalogues of texts, in every language, and nowhere else.

use super::root;
use super::sources::{code, sources};

/// What is the same in every language.
const NAMES: [&str; 3] = ["Tacho", "CSV", "UTC"];

/// The texts that stand in a view itself: what is written right after a tag or another text, but for code.
fn written(source: &str) -> Vec<&str> {
    let mut texts = Vec::new();
    let mut rest = 0;
    // From quote to quote: every second one ends a literal.
    while let Some(start) = source[rest..].find('"').map(|place| rest + place) {
        let is_sign = source[..start].ends_with('\'');
        let end = literal_end(source, start + 1);
        let before = source[..start].trim_end();
        if !is_sign && before.ends_with(['>', '}']) && !before.ends_with("<code>") && !before.ends_with("=>")
        {
            texts.push(&source[start + 1..end]);
        }
        rest = if is_sign { start + 1 } else { end + 1 };
    }
    texts
}

/// Where the literal ends that begins at a place.
fn literal_end(source: &str, start: usize) -> usize {
    let mut is_escaped = false;
    for (place, sign) in source[start..].char_indices() {
        match sign {
            _ if is_escaped => is_escaped = false,
            '\\' => is_escaped = true,
            '"' => return start + place,
            _ => {}
        }
    }
    source.len().saturating_sub(1)
}

/// Letters in a row that make a word.
fn has_word(text: &str) -> bool {
    text.split(|sign: char| !sign.is_alphabetic()).any(|word| word.len() >= 3 && !NAMES.contains(&word))
}

#[test]
fn views_hold_no_text_of_their_own() {
    let mut looked_at = 0;
    for folder in ["app/src/frame", "app/src/pages", "app/src/parts", "app/src/plot"] {
        for (path, source) in sources(folder) {
            // The page for developers is in English alone.
            if path.contains("pages/style") {
                continue;
            }
            looked_at += 1;
            let code = code(&source);
            let own: Vec<&str> = written(&code).into_iter().filter(|text| has_word(text)).collect();
            assert!(own.is_empty(), "{path} holds texts that belong into app/src/text: {own:?}");
        }
    }
    assert!(looked_at > 25, "{looked_at} files");
    // And it would be seen.
    assert!(written("view! { <p>\"No limit is set\"</p> }").into_iter().any(has_word));
}

/// The codes in a file that refuses: words in quotes behind what makes a refusal.
fn codes(source: &str) -> Vec<&str> {
    const MAKERS: [&str; 4] = ["Problem::invalid(", "Problem::new(", "ProblemKind::Conflict,", "=> "];
    let is_code =
        |text: &str| text.contains('_') && text.chars().all(|sign| sign.is_ascii_lowercase() || sign == '_');
    source
        .split('"')
        .collect::<Vec<_>>()
        .windows(2)
        .filter(|pair| MAKERS.iter().any(|maker| pair[0].trim_end().ends_with(maker.trim_end())))
        .map(|pair| pair[1])
        .filter(|text| is_code(text))
        .collect()
}

#[test]
fn every_refusal_of_a_form_has_a_sentence() {
    let files =
        ["server/src/commands", "server/src/alert", "domain/src/limits"].into_iter().flat_map(sources);
    let refusing = files.filter(|(path, _)| {
        path.contains("commands/") || path.ends_with("alert/address.rs") || path.ends_with("limits/limit.rs")
    });
    let listed = std::fs::read_to_string(root().join("app/src/text/shape/refusals.rs")).unwrap();
    let mut looked_at = 0;
    for (path, source) in refusing {
        let source = code(&source);
        for code in codes(&source) {
            looked_at += 1;
            assert!(
                listed.contains(&format!("\"{code}\",")),
                "{path}: `{code}` belongs into app/src/text/shape/refusals.rs"
            );
        }
    }
    assert!(looked_at > 15, "{looked_at} codes");
}
