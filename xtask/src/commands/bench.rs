//! `cargo xtask bench`: Tacho beside its neighbours.

use std::{path::PathBuf, process::Command as Program};

use anyhow::Result;

use super::{
    Command,
    steps::{cargo, run, target_dir},
};

pub const COMMAND: Command = Command {
    name: "bench",
    arguments: "<proxy | queue> [options]",
    help: "Measure Tacho beside its neighbours\n\n\
           proxy: what the proxy adds to a call, beside nginx, a minimal proxy and none.\n\
           queue: what the policy `queue` does for a recorded burst of calls.\n\
           Builds everything as for a release; `--tacho <program>` measures a program that is there.\n\
           The figures are those of this machine at this time: let nothing else run.",
    run: bench,
};

fn bench(arguments: &[String]) -> Result<()> {
    run(&mut cargo("build --release --package bench"))?;
    let mut bench = Program::new(released("bench")?);
    bench.args(arguments);
    let has = |option: &str| arguments.iter().any(|argument| argument.split('=').next() == Some(option));
    if !arguments.is_empty() && !["--tacho", "--help", "-h"].into_iter().any(has) {
        // By itself, so that it is the program people get, with the features it has alone.
        run(&mut cargo("build --release --package tacho"))?;
        bench.arg("--tacho").arg(released("tacho")?);
    }
    run(&mut bench)
}

fn released(program: &str) -> Result<PathBuf> {
    Ok(target_dir()?.join("release").join(program).with_extension(std::env::consts::EXE_EXTENSION))
}
