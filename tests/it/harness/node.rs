//! Node with the packages that applications use, where `cargo xtask test` has installed them.

use std::path::{Path, PathBuf};

/// The folder of the TypeScript hook, with the official SDK in it; nothing when it is not prepared.
pub fn typescript_sdk() -> Option<PathBuf> {
    prepared("TACHO_TEST_NODE").map(|_| root().join("sdk/typescript"))
}

/// Claude Code; nothing when it is not installed.
pub fn claude_code() -> Option<PathBuf> {
    prepared("TACHO_TEST_CLAUDE_CODE")
}

/// The workspace.
pub fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

fn prepared(variable: &str) -> Option<PathBuf> {
    let path = std::env::var_os(variable).map(PathBuf::from);
    if path.is_none() {
        super::skip("no Node packages here; `cargo xtask test` installs them");
    }
    path
}
