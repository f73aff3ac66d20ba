//! Calling cargo from inside a build script or another cargo command.

use std::{
    env,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result};

/// Variables that describe the outer build, by how they begin. What a person sets to steer cargo
/// itself (`CARGO_HOME`, `CARGO_NET_OFFLINE`, `CARGO_REGISTRIES_…`) is not among them, and neither
/// is `CARGO_MAKEFLAGS`: through it both builds share one pool of cores.
const OUTER_PREFIXES: &[&str] =
    &["CARGO_CFG_", "CARGO_FEATURE_", "CARGO_MANIFEST_", "CARGO_PKG_", "CLIPPY_", "DEP_"];

/// The same, by their whole name.
const OUTER_NAMES: &[&str] = &[
    "CARGO_BUILD_TARGET",
    "CARGO_ENCODED_RUSTFLAGS",
    "CARGO_PRIMARY_PACKAGE",
    "DEBUG",
    "HOST",
    "NUM_JOBS",
    "OPT_LEVEL",
    "OUT_DIR",
    "PROFILE",
    "RUSTC",
    "RUSTC_LINKER",
    "RUSTC_WORKSPACE_WRAPPER",
    "RUSTC_WRAPPER",
    "RUSTDOC",
    "RUSTFLAGS",
    "TARGET",
];

/// The folder with the workspace's `Cargo.toml`.
pub fn workspace() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("xtask lies in the workspace").to_owned()
}

/// A cargo that starts in the workspace and knows nothing of the cargo that started us. Left in
/// place, the outer variables would build for the wrong target, or rebuild crates whose build
/// scripts watch them.
pub fn command() -> Command {
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo.current_dir(workspace());
    for (name, _) in env::vars_os() {
        if name.to_str().is_some_and(is_from_outer_build) {
            cargo.env_remove(name);
        }
    }
    cargo
}

/// The target directory that holds `inside`, a path that cargo itself has chosen. Cargo marks its
/// target directories, so this finds the right one however it was configured.
pub fn target_dir(inside: &Path) -> Result<PathBuf> {
    let marked = inside.ancestors().find(|folder| folder.join("CACHEDIR.TAG").exists());
    marked.map(Path::to_owned).with_context(|| format!("{} is in no target directory", inside.display()))
}

fn is_from_outer_build(name: &str) -> bool {
    OUTER_NAMES.contains(&name) || OUTER_PREFIXES.iter().any(|prefix| name.starts_with(prefix))
}

#[cfg(test)]
mod tests {
    use super::is_from_outer_build;

    #[test]
    fn what_a_person_sets_for_cargo_is_kept() {
        assert!(!is_from_outer_build("CARGO_HOME"));
        assert!(!is_from_outer_build("CARGO_NET_OFFLINE"));
        assert!(!is_from_outer_build("CARGO_MAKEFLAGS"));
        assert!(is_from_outer_build("CARGO_PKG_NAME"));
        assert!(is_from_outer_build("CARGO_ENCODED_RUSTFLAGS"));
    }
}
