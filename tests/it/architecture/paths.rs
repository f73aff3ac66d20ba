//! The paths that a file names: those it brings in with `use`, and those it writes out where it needs them.

use super::tokens::Token;

/// `use a::b as name`, or `use a::b::*`, which has no name.
#[derive(Debug)]
pub struct Use {
    pub path: Vec<String>,
    pub name: Option<String>,
}

/// What a file says of other files and of itself.
#[derive(Debug, Default)]
pub struct Said {
    pub uses: Vec<Use>,
    /// Every path of more than one word, and the line it stands on.
    pub paths: Vec<(Vec<String>, usize)>,
    /// `mod name;`
    pub modules: Vec<String>,
    /// The names of what it defines, with the line and the words before the name, as `pub struct`.
    pub items: Vec<Item>,
}

#[derive(Debug)]
pub struct Item {
    pub name: String,
    pub keyword: String,
    /// Whether whoever reaches the file may name it.
    pub public: bool,
    pub line: usize,
}

const DEFINING: [&str; 10] =
    ["struct", "enum", "union", "trait", "type", "fn", "const", "static", "mod", "macro_rules"];

pub fn said(tokens: &[Token<'_>]) -> Said {
    let mut said = Said::default();
    let mut at = 0;
    while at < tokens.len() {
        let before = |back: usize| at.checked_sub(back).map_or("", |before| tokens[before].text);
        // Behind `..` stands a path as anywhere; behind one point, a field or a method.
        let is_of_a_value = before(1) == "." && before(2) != ".";
        let before = before(1);
        let next = tokens.get(at + 1).map_or("", |token| token.text);
        match tokens[at].text {
            // `use<'a>` says what a type captures.
            "use" if next != "<" => at = tree(tokens, at + 1, &[], &mut said),
            keyword if DEFINING.contains(&keyword) && before != "::" && !is_of_a_value => {
                define(tokens, at, &mut said);
                at += 1;
            }
            _ if tokens[at].is_word() && before != "::" && !is_of_a_value => {
                let line = tokens[at].line;
                let path = path(tokens, &mut at);
                if path.len() > 1 {
                    said.paths.push((path, line));
                }
            }
            // As in `#[serde(with = "super::time")]`.
            literal if before == "=" && literal.starts_with('"') => {
                let inside: Vec<_> = literal.trim_matches('"').split("::").map(str::to_owned).collect();
                if inside.len() > 1 && inside.iter().all(|word| is_name(word)) {
                    said.paths.push((inside, tokens[at].line));
                }
                at += 1;
            }
            _ => at += 1,
        }
    }
    said
}

fn is_name(word: &str) -> bool {
    !word.is_empty() && word.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// The words that follow each other from here, which moves to behind them.
fn path(tokens: &[Token<'_>], at: &mut usize) -> Vec<String> {
    let mut path = vec![tokens[*at].text.to_owned()];
    *at += 1;
    while *at + 1 < tokens.len() && tokens[*at].text == "::" && tokens[*at + 1].is_word() {
        path.push(tokens[*at + 1].text.to_owned());
        *at += 2;
    }
    path
}

/// Reads one branch of what stands behind `use`, and tells where it ends.
fn tree(tokens: &[Token<'_>], mut at: usize, before: &[String], said: &mut Said) -> usize {
    let mut path = before.to_vec();
    let line = tokens[at].line;
    loop {
        match tokens[at].text {
            "{" => {
                at += 1;
                while tokens[at].text != "}" {
                    at = tree(tokens, at, &path, said);
                    if tokens[at].text == "," {
                        at += 1;
                    }
                }
                return at + 1;
            }
            "*" => {
                said.paths.push((path.clone(), line));
                said.uses.push(Use { path, name: None });
                return at + 1;
            }
            "::" => at += 1,
            "as" => {
                keep(path, tokens[at + 1].text, line, said);
                return at + 2;
            }
            word if tokens[at].is_word() => {
                path.push(word.to_owned());
                at += 1;
            }
            _ => {
                let name = path.iter().rev().find(|word| *word != "self").cloned().unwrap_or_default();
                keep(path, &name, line, said);
                return at;
            }
        }
    }
}

fn keep(mut path: Vec<String>, name: &str, line: usize, said: &mut Said) {
    if path.len() > 1 && path.last().is_some_and(|last| last == "self") {
        path.pop();
    }
    said.paths.push((path.clone(), line));
    said.uses.push(Use { path, name: Some(name.to_owned()) });
}

fn define(tokens: &[Token<'_>], at: usize, said: &mut Said) {
    let name = tokens[at + 1..].iter().find(|token| token.text != "!" && token.text != "mut");
    let Some(name) = name.filter(|name| name.is_word()) else { return };
    let keyword = tokens[at].text;
    if keyword == "mod" && tokens[at + 2].text == ";" {
        said.modules.push(name.text.to_owned());
    }
    let public = at > 0 && tokens[at - 1].text == "pub";
    let item = Item { name: name.text.to_owned(), keyword: keyword.to_owned(), public, line: name.line };
    said.items.push(item);
}

#[test]
fn every_way_of_naming_is_read() {
    let text = "
        use crate::{a::{self, b::C}, d};
        pub use super::e::*;
        use f::G as H;
        mod child;
        pub struct Thing<T>(super::super::i::J<T>);
        fn run() { domain::limits::k::<u8>(x.y::<l::M>()); (0..3).map(n::o); P { ..q::R } }
    ";
    let said = said(&super::tokens::shipped(text));
    let paths: Vec<_> = said.paths.iter().map(|(path, line)| format!("{line} {}", path.join("::"))).collect();
    let expected = [
        "2 crate::a",
        "2 crate::a::b::C",
        "2 crate::d",
        "3 super::e",
        "4 f::G",
        "6 super::super::i::J",
        "7 domain::limits::k",
        "7 l::M",
        "7 n::o",
        "7 q::R",
    ];
    assert_eq!(paths, expected);
    let names: Vec<_> = said.uses.iter().map(|used| used.name.as_deref().unwrap_or("*")).collect();
    assert_eq!(names, ["a", "C", "d", "*", "H"]);
    assert_eq!(said.modules, ["child"]);
    let items: Vec<_> = said.items.iter().map(|item| (item.name.as_str(), item.public)).collect();
    assert_eq!(items, [("child", false), ("Thing", true), ("run", false)]);
}
