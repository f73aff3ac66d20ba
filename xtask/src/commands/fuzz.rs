//! `cargo xtask fuzz`: bytes nobody has thought of, for a while, to everything that reads strangers' bytes.

use std::{path::Path, process::Command as Program};

use anyhow::{Result, bail, ensure};
use xtask::cargo;

use super::{
    Command,
    steps::{Steps, cargo, run, target_dir},
};

pub const COMMAND: Command = Command {
    name: "fuzz",
    arguments: "[<target>...] [--seconds <n>] [--runs <n>]",
    help: "Feed made-up bytes to everything that reads strangers' bytes\n\n\
           Runs each target of fuzz/fuzz_targets for 60 seconds, or those that are named; --runs stops after\n\
           so many inputs instead. Needs a nightly compiler (`rustup toolchain install nightly`); cargo-fuzz is\n\
           installed into the target directory. An input that makes a target fail is left in fuzz/artifacts:\n\
           put it into fuzz/seeds/<target>, where `cargo xtask test` tries it ever after.",
    run: fuzz,
};

/// Pinned, as the other tools are.
const CARGO_FUZZ: &str = "cargo-fuzz@0.13.2";

fn fuzz(arguments: &[String]) -> Result<()> {
    let Wishes { mut targets, bound } = read(arguments)?;
    let has_nightly = Program::new("cargo").args(["+nightly", "--version"]).output();
    ensure!(
        has_nightly.is_ok_and(|output| output.status.success()),
        "a fuzzer needs a nightly compiler: `rustup toolchain install nightly --profile minimal`"
    );
    let folder = cargo::workspace().join("fuzz");
    let all = names(&folder)?;
    if targets.is_empty() {
        targets.clone_from(&all);
    }
    if let Some(unknown) = targets.iter().find(|target| !all.contains(target)) {
        bail!("there is no target `{unknown}`; there are: {}", all.join(", "));
    }
    let tools = target_dir()?.join("tools");
    let program = tools.join("bin/cargo-fuzz").with_extension(std::env::consts::EXE_EXTENSION);
    if !program.exists() {
        println!("\n== installing {CARGO_FUZZ} (a minute or two, once)");
        run(cargo(&format!("install --debug --locked {CARGO_FUZZ} --root")).arg(&tools))?;
    }
    let mut steps = Steps::default();
    for target in targets {
        let found = folder.join("corpus").join(&target);
        std::fs::create_dir_all(&found)?;
        let mut fuzzing = Program::new("cargo");
        // Tacho's own code has no `unsafe`: what a sanitizer would look for is not there, and without one more is tried.
        fuzzing
            .current_dir(cargo::workspace())
            .args(["+nightly", "fuzz", "run", "--sanitizer", "none", &target])
            .args([found, folder.join("seeds").join(&target)])
            .args([
                "--",
                &bound,
                "-max_len=65536",
                "-timeout=10",
                "-rss_limit_mb=2048",
                "-print_final_stats=1",
            ])
            .env("PATH", path_with(&tools.join("bin"))?);
        steps.run(&target, &mut fuzzing)?;
    }
    steps.print();
    Ok(())
}

struct Wishes {
    targets: Vec<String>,
    /// When a target is done, as libFuzzer is told.
    bound: String,
}

fn read(arguments: &[String]) -> Result<Wishes> {
    let mut wishes = Wishes { targets: Vec::new(), bound: "-max_total_time=60".to_owned() };
    let mut arguments = arguments.iter();
    while let Some(argument) = arguments.next() {
        let option = match argument.as_str() {
            "--seconds" => "-max_total_time",
            "--runs" => "-runs",
            option if option.starts_with('-') => bail!("`{option}` is neither --seconds nor --runs"),
            target => {
                wishes.targets.push(target.to_owned());
                continue;
            }
        };
        let number =
            arguments.next().and_then(|number| number.parse::<u64>().ok()).filter(|number| *number > 0);
        let Some(number) = number else { bail!("`{argument}` needs a number") };
        wishes.bound = format!("{option}={number}");
    }
    Ok(wishes)
}

/// The targets, by the files there are.
fn names(folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    for file in std::fs::read_dir(folder.join("fuzz_targets"))? {
        let path = file?.path();
        names.extend(path.file_stem().map(|name| name.to_string_lossy().into_owned()));
    }
    names.sort();
    Ok(names)
}

/// The search path with a folder at its front, where cargo finds its subcommands.
fn path_with(folder: &Path) -> Result<std::ffi::OsString> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::iter::once(folder.to_owned()).chain(std::env::split_paths(&path));
    Ok(std::env::join_paths(folders)?)
}
