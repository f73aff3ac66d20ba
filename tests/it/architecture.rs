//! The invariants that ARCHITECTURE.md states.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::Command;

mod documented;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// Every Rust file below a folder, relative to the workspace, with its text.
fn sources(folder: &str) -> Vec<(String, String)> {
    fn collect(path: &Path, found: &mut Vec<PathBuf>) {
        for entry in std::fs::read_dir(path).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                collect(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    let mut found = Vec::new();
    collect(&root().join(folder), &mut found);
    assert!(!found.is_empty(), "{folder} is empty");
    let named = found.into_iter().map(|path| {
        let name = path.strip_prefix(root()).unwrap().display().to_string();
        (name, std::fs::read_to_string(path).unwrap())
    });
    named.collect()
}

/// Every Rust file of what is shipped.
fn everywhere() -> impl Iterator<Item = (String, String)> {
    ["app/src", "domain/src", "server/src", "vocabulary/src"].into_iter().flat_map(sources)
}

/// The code of a file without its tests and comments.
fn code(text: &str) -> String {
    let code = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}

#[test]
fn sql_is_spoken_in_the_store_alone() {
    for (name, text) in everywhere() {
        if !name.starts_with("server/src/store/") {
            assert!(!code(&text).contains("sqlx"), "{name} speaks SQL");
        }
    }
}

#[test]
fn what_decides_is_pure() {
    for (name, text) in sources("domain/src").into_iter().chain(sources("vocabulary/src")) {
        let code = code(&text);
        for impure in ["async ", ".await", "tokio", "Timestamp::now", "SystemTime", "std::fs"] {
            assert!(!code.contains(impure), "{name} contains `{impure}`");
        }
    }
}

#[test]
fn ids_and_times_are_decided_by_the_program() {
    let steps = std::fs::read_dir(root().join("migrations")).unwrap().map(|entry| entry.unwrap().path());
    let steps =
        steps.filter(|path| path.extension().is_some_and(|extension| extension == "sql")).map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            let sql: Vec<_> = text.lines().filter(|line| !line.trim_start().starts_with("--")).collect();
            (path.display().to_string(), sql.join("\n"))
        });
    let store = sources("server/src/store").into_iter().map(|(name, text)| (name, code(&text)));
    for (name, sql) in steps.chain(store) {
        let sql = sql.to_lowercase();
        for decides in [
            "autoincrement",
            "last_insert_rowid",
            "current_timestamp",
            "current_date",
            "current_time",
            "datetime(",
            "julianday(",
            "strftime(",
            "unixepoch(",
            "'now'",
            "random",
        ] {
            assert!(!sql.contains(decides), "{name} lets SQL decide: `{decides}`");
        }
    }
}

#[test]
fn the_machines_clock_is_read_in_one_place() {
    for (name, text) in everywhere() {
        if name != "server/src/clock.rs" {
            let code = code(&text);
            assert!(
                !code.contains("Timestamp::now(") && !code.contains("SystemTime::now("),
                "{name} reads the clock"
            );
        }
    }
}

#[test]
fn two_places_know_about_features() {
    let all: Vec<_> = ["app/src", "domain/src", "server/src", "tacho/src", "vocabulary/src", "xtask/src"]
        .into_iter()
        .flat_map(sources)
        .collect();
    let knows = |text: &str| ["cfg(feature", "cfg!(feature"].iter().any(|cfg| code(text).contains(cfg));
    let with: BTreeSet<_> =
        all.iter().filter(|(_, text)| knows(text)).map(|(name, _)| name.as_str()).collect();
    assert_eq!(with, BTreeSet::from(["app/src/lib.rs", "app/src/parts/erase.rs"]));
}

#[test]
fn the_browser_carries_no_server() {
    let tree = Command::new(env!("CARGO"))
        .args(
            "tree --package app --no-default-features --features hydrate --target wasm32-unknown-unknown"
                .split(' '),
        )
        .args("--edges normal --prefix none --offline --locked".split(' '))
        .current_dir(root())
        .output()
        .unwrap();
    let tree = String::from_utf8(tree.stdout).unwrap();
    let crates: BTreeSet<_> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(crates.contains("leptos"), "{tree}");
    for server_only in ["axum", "sqlx", "tokio", "hyper", "tower", "server"] {
        assert!(!crates.contains(server_only), "{server_only} is in the browser bundle");
    }
}

#[test]
fn the_map_names_what_there_is() {
    let map = std::fs::read_to_string(root().join("ARCHITECTURE.md")).unwrap();
    let mut folders = BTreeSet::new();
    for parent in ["app/src", "domain/src", "server/src", "vocabulary/src"] {
        for entry in std::fs::read_dir(root().join(parent)).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.insert(format!("{parent}/{}", path.file_name().unwrap().to_str().unwrap()));
            }
        }
    }
    for folder in &folders {
        assert!(map.contains(&format!("`{folder}`")), "ARCHITECTURE.md does not name `{folder}`");
    }
    for named in map.split('`').skip(1).step_by(2) {
        let is_path = named.contains('/') && !named.starts_with('/') && !named.contains(' ');
        assert!(
            !is_path || root().join(named).exists(),
            "ARCHITECTURE.md names `{named}`, which is not there"
        );
    }
}

#[test]
fn files_are_for_one_sitting() {
    for folder in [
        "app/src",
        "bench/src",
        "domain/src",
        "server/src",
        "vocabulary/src",
        "xtask/src",
        "tests/it",
        "tests/upstream",
    ] {
        for (name, text) in sources(folder) {
            let lines = code(&text).lines().count();
            assert!(lines <= 400, "{name} has {lines} lines of code: it tells two stories");
        }
    }
}

/// The quoted word after each occurrence of `before`.
fn words_after<'a>(text: &'a str, before: &str) -> Vec<&'a str> {
    let is_word =
        |word: &&str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    let found = text.match_indices(before).filter_map(|(place, _)| {
        let rest = &text[place + before.len()..];
        let (open, quoted) = rest.split_once('"')?;
        (open.len() < 60 && !open.contains(';')).then(|| quoted.split('"').next()).flatten()
    });
    found.filter(is_word).collect()
}

#[test]
fn every_code_is_documented() {
    let documented = std::fs::read_to_string(root().join("docs/errors.md")).unwrap();
    let mut codes: BTreeSet<String> =
        domain::read::refusal::Code::ALL.iter().map(|code| code.word().to_owned()).collect();
    for (_, text) in everywhere() {
        let code = code(&text);
        for before in
            ["Problem::new(", "Problem::invalid(", "bad_request(", "HttpError::new(", "Self::of(StatusCode"]
        {
            codes.extend(words_after(&code, before).into_iter().map(str::to_owned));
        }
        for error in ["BodyError::", "AddressError::", "LimitError::", "ImportError::", "MappingError::"] {
            codes.extend(words_after(&code, error).into_iter().map(str::to_owned));
        }
    }
    assert!(codes.len() > 50, "{codes:?}");
    for code in codes {
        assert!(documented.contains(&format!("`{code}`")), "docs/errors.md does not name `{code}`");
    }
}

/// Markdown without what is code.
fn prose(text: &str) -> String {
    text.split("```").step_by(2).collect()
}

/// The anchors of a page's headings, as they are made where Markdown is shown.
fn anchors(page: &Path) -> BTreeSet<String> {
    let text = prose(&std::fs::read_to_string(page).unwrap());
    let headings = text.lines().filter(|line| line.starts_with('#'));
    let anchor = |heading: &str| {
        let words = heading.trim_start_matches('#').trim().to_lowercase().replace(' ', "-");
        words.chars().filter(|char| char.is_alphanumeric() || matches!(char, '-' | '_')).collect()
    };
    headings.map(anchor).collect()
}

#[test]
fn every_link_leads_somewhere() {
    let mut links = 0;
    for name in ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md", "CHANGELOG.md", "docs/errors.md"]
        .into_iter()
        .chain(["sdk/python/README.md", "sdk/typescript/README.md"])
    {
        let page = root().join(name);
        let text = prose(&std::fs::read_to_string(&page).unwrap());
        let written = ["](", "src=\"", "srcset=\""].into_iter().flat_map(|before| text.split(before).skip(1));
        for link in written.filter_map(|rest| rest.split([')', '"']).next()) {
            if link.starts_with("https://") {
                continue;
            }
            let (path, anchor) = link.split_once('#').unwrap_or((link, ""));
            let target = if path.is_empty() { page.clone() } else { page.parent().unwrap().join(path) };
            assert!(target.exists(), "{name} links to {link}, which is not there");
            assert!(
                anchor.is_empty() || anchors(&target).contains(anchor),
                "{name} links to {link}: there is no such chapter"
            );
            links += 1;
        }
    }
    assert!(links >= 20, "{links}");
}
