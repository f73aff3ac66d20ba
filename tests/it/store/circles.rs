//! No two files of SQLite's store use each other, however far around: what several need is in a file of its own.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What each file uses of its siblings.
fn uses() -> BTreeMap<String, BTreeSet<String>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../server/src/store/sqlite");
    let files = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    let texts: BTreeMap<String, String> = files
        .filter(|path| path.extension().is_some_and(|extension| extension == "rs"))
        .map(|path| {
            (path.file_stem().unwrap().to_str().unwrap().to_owned(), std::fs::read_to_string(path).unwrap())
        })
        // The store itself, which all of them are of.
        .filter(|(name, _)| name != "mod")
        .collect();
    let names: BTreeSet<String> = texts.keys().cloned().collect();
    let used = |text: &str| -> BTreeSet<String> {
        let imports = text.split(';').filter_map(|line| line.trim().strip_prefix("use super::"));
        let words = imports.flat_map(|import| {
            // Of a list every name, of a path the first.
            let listed: Vec<&str> = match import.strip_prefix('{') {
                Some(list) => list.split([',', '}']).collect(),
                None => import.split("::").take(1).collect(),
            };
            listed.into_iter().map(|word| word.trim().to_owned()).collect::<Vec<_>>()
        });
        words.filter(|word| names.contains(word)).collect()
    };
    texts.iter().map(|(name, text)| (name.clone(), used(text))).collect()
}

#[test]
fn no_files_use_each_other() {
    let mut uses = uses();
    assert!(uses["sums"].contains("query") && uses["ingest"].contains("rollups"), "{uses:?}");
    // Those that use none that is left go, until none is left.
    while !uses.is_empty() {
        let left: BTreeSet<String> = uses.keys().cloned().collect();
        uses.retain(|_, used| used.iter().any(|name| left.contains(name)));
        assert!(uses.len() < left.len(), "these use each other: {uses:?}");
    }
}
