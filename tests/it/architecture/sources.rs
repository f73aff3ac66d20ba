//! The text of the workspace's files.

use std::path::{Path, PathBuf};

use super::root;

/// Every Rust file below a folder, relative to the workspace, with its text.
pub fn sources(folder: &str) -> Vec<(String, String)> {
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
pub fn everywhere() -> impl Iterator<Item = (String, String)> {
    ["app/src", "browser/src", "domain/src", "server/src", "vocabulary/src"].into_iter().flat_map(sources)
}

/// The code of a file without its tests and comments.
pub fn code(text: &str) -> String {
    let code = text.split("#[cfg(test)]\nmod ").next().unwrap_or_default();
    code.lines().filter(|line| !line.trim_start().starts_with("//")).collect::<Vec<_>>().join("\n")
}
