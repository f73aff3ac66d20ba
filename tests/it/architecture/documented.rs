//! Public functions, types, traits and modules say what they mean. Rustc's lint would ask that of every field and
//! variant, too, and gets comments that repeat names; so it is off, and this holds the rest to it.

use std::collections::BTreeSet;

use super::sources::sources;

const CRATES: [&str; 9] = [
    "app/src",
    "bench/src",
    "browser/src",
    "domain/src",
    "server/src",
    "tacho/src",
    "tests/upstream/src",
    "vocabulary/src",
    "xtask/src",
];
const ITEMS: [&str; 7] = ["fn", "macro", "mod", "struct", "enum", "trait", "type"];

/// What the line of a public item makes, and its name.
fn public_item(line: &str) -> Option<(&str, &str)> {
    let words = line.strip_prefix("pub ")?.split([' ', '(', '<', ';', ':', '{', '=']);
    let mut words = words.skip_while(|word| ["async", "const", "unsafe", "extern", "\"C\""].contains(word));
    let item = words.next().filter(|item| ITEMS.contains(item))?;
    Some((item, words.next()?))
}

/// Whether a comment stands above a line and its attributes.
fn is_documented(lines: &[&str], place: usize) -> bool {
    let mut within_attribute = false;
    let above = lines[..place].iter().rev().map(|line| line.trim()).find(|line| {
        let begins = line.starts_with("#[");
        within_attribute = !begins && (within_attribute || line.ends_with(")]"));
        !begins && !within_attribute
    });
    above.is_some_and(|line| line.starts_with("///"))
}

/// The folder that the modules which a file declares are in.
fn folder_of(name: &str) -> &str {
    let named = ["/mod.rs", "/lib.rs", "/main.rs"].iter().find_map(|end| name.strip_suffix(end));
    named.or_else(|| name.strip_suffix(".rs")).unwrap_or(name)
}

/// The type of the block a line stands in: one that is implemented, or a trait.
fn block_of<'a>(lines: &[&'a str], place: usize) -> Option<&'a str> {
    let head =
        lines[..place].iter().rev().find(|line| line.starts_with(|first: char| !first.is_whitespace()))?;
    let head = head.split_once(" for ").map_or(*head, |(_, of)| of);
    let words = head.split([' ', '<', '>', '{', ':', '\'']).filter(|word| !word.is_empty());
    words.into_iter().find(|word| word.starts_with(char::is_uppercase) && word.len() > 1)
}

#[test]
fn what_is_public_says_what_it_means() {
    let (mut seen, mut bare) = (0, Vec::new());
    for folder in CRATES {
        let files: Vec<_> = sources(folder)
            .into_iter()
            .filter(|(name, _)| !name.contains("/tests"))
            .map(|(name, text)| {
                (name, text.split("#[cfg(test)]\nmod ").next().unwrap_or_default().to_owned())
            })
            .collect();
        let modules: BTreeSet<_> = files
            .iter()
            .flat_map(|(name, text)| {
                let items = text.lines().filter_map(public_item).filter(|(item, _)| *item == "mod");
                items.map(|(_, module)| format!("{}/{module}", folder_of(name)))
            })
            .collect();
        // What others can name is in a module that is public, or handed on by one above.
        let handed_on: Vec<_> = files
            .iter()
            .flat_map(|(name, text)| text.split("pub use ").skip(1).map(move |rest| (folder_of(name), rest)))
            .filter_map(|(above, rest)| Some((above, rest.split(';').next()?)))
            .collect();
        for (name, text) in &files {
            let is_root = ["lib.rs", "main.rs"].iter().any(|root| *name == format!("{folder}/{root}"));
            let is_open = is_root || modules.contains(folder_of(name));
            let own: BTreeSet<_> = text.lines().filter_map(public_item).map(|(_, item)| item).collect();
            let above = handed_on.iter().filter(|(above, _)| name.starts_with(above));
            let is_word = |char: char| char.is_alphanumeric() || char == '_';
            let handed_on: BTreeSet<_> =
                above.flat_map(|(_, names)| names.split(|char| !is_word(char))).collect();
            let is_shown = |item| handed_on.contains(item) || is_open && own.contains(item);
            let lines: Vec<_> = text.lines().collect();
            for (place, line) in lines.iter().enumerate() {
                let inner = line.trim_start();
                let wanted = match public_item(inner) {
                    Some(("mod", module)) => {
                        let within = format!("{}/{module}", folder_of(name));
                        let opened = files.iter().find(|(name, _)| folder_of(name) == within);
                        !opened.is_some_and(|(_, text)| text.starts_with("//!"))
                    }
                    Some((_, item)) if inner.len() == line.len() => is_shown(item),
                    Some(("fn", _)) => block_of(&lines, place).is_some_and(is_shown),
                    None if line.starts_with("    fn ") || line.starts_with("    async fn ") => {
                        let block = lines[..place]
                            .iter()
                            .rev()
                            .find(|line| line.ends_with('{') && !line.starts_with(' '));
                        block.is_some_and(|block| block.starts_with("pub trait "))
                            && block_of(&lines, place).is_some_and(is_shown)
                    }
                    _ => false,
                };
                if wanted {
                    seen += 1;
                    if !is_documented(&lines, place) {
                        bare.push(format!("{name}, line {}: {inner}", place + 1));
                    }
                }
            }
        }
    }
    assert!(bare.is_empty(), "these have no comment:\n{}", bare.join("\n"));
    assert!(seen > 900, "{seen}");
}
