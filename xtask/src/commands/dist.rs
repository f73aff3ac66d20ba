//! `cargo xtask dist`: the program that people download.

use std::fs;

use anyhow::Result;

use super::{
    Command,
    steps::{Steps, cargo, target_dir},
};

pub const COMMAND: Command = Command {
    name: "dist",
    arguments: "",
    help: "Build the program that people download\n\n\
           One file with everything in it: optimised across crates, without symbols.",
    run: dist,
};

fn dist(_: &[String]) -> Result<()> {
    let mut steps = Steps::default();
    steps.run("building with the profile `dist`", &mut cargo("build --package tacho --profile dist"))?;
    steps.print();

    let program = target_dir()?.join("dist/tacho").with_extension(std::env::consts::EXE_EXTENSION);
    let bytes = fs::metadata(&program)?.len();
    println!("\n{}  {:.1} MB", program.display(), bytes as f64 / 1e6);
    Ok(())
}
