//! The invariants that ARCHITECTURE.md states: who uses whom (`floors`, `tongues`), what things are called (`words`), what
//! holds of the code (`invariants`) and of what is written about it (`documents`).

mod documented;
mod documents;
mod floors;
mod invariants;
mod map;
mod modules;
mod paths;
mod sources;
mod texts;
mod tokens;
mod tongues;
mod words;

use std::path::{Path, PathBuf};

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}
