//! `cargo xtask check`: what can be said about the code without running it.

use std::{path::PathBuf, process::Command as Program};

use anyhow::Result;
use xtask::cargo;

use super::{
    Command,
    steps::{Steps, cargo, run, target_dir},
};

pub const COMMAND: Command = Command {
    name: "check",
    arguments: "",
    help: "Check formatting, lints, documentation and dependencies\n\n\
           Nothing is changed. The browser bundle is not built (TACHO_SKIP_WEB=1), but the interface\n\
           is checked for the browser as well. cargo-deny is installed into the target directory.",
    run: check,
};

/// Pinned, so that a new release cannot fail a change that has nothing to do with it.
const CARGO_DENY: &str = "cargo-deny@0.20.2";

fn check(_: &[String]) -> Result<()> {
    let mut steps = Steps::default();
    steps.run("formatting", &mut cargo("fmt --all --check"))?;

    // Warnings are denied here and not through RUSTFLAGS, which would rebuild every dependency.
    let mut clippy = cargo("clippy --workspace --all-targets -- -D warnings");
    steps.run("lints", clippy.env("TACHO_SKIP_WEB", "1"))?;
    let mut browser = cargo("clippy --package browser --lib --target wasm32-unknown-unknown -- -D warnings");
    steps.run("lints, for the browser", &mut browser)?;

    let mut doc = cargo("doc --workspace --no-deps");
    steps.run("documentation", doc.env("TACHO_SKIP_WEB", "1").env("RUSTDOCFLAGS", "-D warnings"))?;

    let deny = |arguments: &[&str]| -> Result<Program> {
        let mut deny = Program::new(cargo_deny()?);
        deny.current_dir(cargo::workspace()).args(arguments);
        Ok(deny)
    };
    steps.run("dependencies", &mut deny(&["check", "bans", "licenses", "sources"])?)?;
    // Their database is a git repository: where it cannot be reached, everything else is still worth knowing.
    let has_advisories = steps.run("database of advisories", &mut deny(&["fetch", "db"])?).is_ok();
    if has_advisories {
        steps.run("advisories", &mut deny(&["--offline", "check", "advisories"])?)?;
    }

    steps.print();
    if !has_advisories {
        println!("{NOT_CHECKED}");
    }
    Ok(())
}

/// Said last, so that nobody takes one for the other.
const NOT_CHECKED: &str = "
!! Advisories were NOT checked: the database of known vulnerabilities could not be fetched (above is why).
!! Nothing is known of vulnerable dependencies until this has run where it can be.";

/// Where cargo-deny is; installs it the first time, without optimisation, which halves the wait.
fn cargo_deny() -> Result<PathBuf> {
    let root = target_dir()?.join("tools");
    let program = root.join("bin/cargo-deny").with_extension(std::env::consts::EXE_EXTENSION);
    if !program.exists() {
        println!("\n== installing {CARGO_DENY} (a few minutes, once)");
        run(cargo(&format!("install --debug --locked {CARGO_DENY} --root")).arg(root))?;
    }
    Ok(program)
}
