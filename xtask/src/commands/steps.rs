//! Running other programs one after the other, saying which, and how long each took.

use std::{
    path::PathBuf,
    process::Command,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, ensure};
use xtask::cargo;

/// The steps of one command, with the time each has taken.
#[derive(Default)]
pub struct Steps {
    taken: Vec<(String, Duration)>,
}

impl Steps {
    /// Runs a program under a title, and fails where it fails.
    pub fn run(&mut self, title: &str, program: &mut Command) -> Result<()> {
        println!("\n== {title}");
        let start = Instant::now();
        run(program)?;
        self.taken.push((title.to_owned(), start.elapsed()));
        Ok(())
    }

    /// Prints the time of each step and of all.
    pub fn print(&self) {
        println!();
        for (title, time) in &self.taken {
            println!("{:>8.1} s  {title}", time.as_secs_f64());
        }
        let total: Duration = self.taken.iter().map(|(_, time)| *time).sum();
        println!("{:>8.1} s  in total", total.as_secs_f64());
    }
}

/// Runs a program to its end, and fails where it fails.
pub fn run(program: &mut Command) -> Result<()> {
    let name = program.get_program().to_string_lossy().into_owned();
    let status = program.status().with_context(|| format!("could not start {name}"))?;
    let arguments: Vec<_> = program.get_args().map(|argument| argument.to_string_lossy()).collect();
    ensure!(status.success(), "this failed: {name} {}", arguments.join(" "));
    Ok(())
}

/// A cargo with arguments, written as on the command line.
pub fn cargo(arguments: &str) -> Command {
    let mut command = cargo::command();
    command.args(arguments.split_whitespace());
    command
}

/// The target directory this program was built in.
pub fn target_dir() -> Result<PathBuf> {
    cargo::target_dir(&std::env::current_exe()?)
}
