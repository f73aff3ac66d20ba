//! `cargo xtask dev`: the server, restarted whenever a file changes. Pages reload by themselves,
//! because the live stream tells them that another server answers now.

mod watch;

use std::{
    fs,
    path::PathBuf,
    process::{Child, Command as Program},
    time::Instant,
};

use anyhow::{Context, Result};
use xtask::{
    cargo,
    web::{Purpose, build_style},
};

use super::{
    Command,
    steps::{cargo, run, target_dir},
};
use watch::Watch;

pub const COMMAND: Command = Command {
    name: "dev",
    arguments: "[arguments for tacho]",
    help: "Run the server, and restart it when a file changes\n\n\
           What follows is handed to the server: `cargo xtask dev demo`. A change of the CSS\n\
           alone needs no compilation.",
    run: dev,
};

fn dev(arguments: &[String]) -> Result<()> {
    let style = cargo::workspace().join("style");
    let mut watch = Watch::start();
    let mut server = Server { arguments: arguments.to_vec(), running: None };
    report(build().and_then(|()| server.restart()));
    loop {
        let changed = watch.next();
        let start = Instant::now();
        let only_style = changed.iter().all(|path| path.starts_with(&style));
        // After a mistake the last good server keeps running.
        let done = if only_style { replace_style() } else { build() };
        report(done.and_then(|()| server.restart()));
        println!("-- {} changed, {:.1} s", names(&changed), start.elapsed().as_secs_f64());
    }
}

fn build() -> Result<()> {
    run(&mut cargo("build --package tacho"))
}

/// Writes the new CSS and fonts to where the development server reads its files from: the folder of the
/// latest run of the build script.
fn replace_style() -> Result<()> {
    let outputs = fs::read_dir(target_dir()?.join("debug/build"))?.filter_map(|entry| {
        let folder = entry.ok()?.path();
        let of_tacho = folder.file_name()?.to_str()?.starts_with("tacho-");
        let time = fs::metadata(folder.join("output")).ok()?.modified().ok()?;
        of_tacho.then(|| (time, folder.join("out/web")))
    });
    let (_, latest) = outputs.max().context("the server has not been built yet")?;
    build_style(Purpose::Development, &latest)?;
    Ok(())
}

struct Server {
    arguments: Vec<String>,
    running: Option<Child>,
}

impl Server {
    /// The old server is stopped the hard way: it is quick, and what is stored survives it.
    fn restart(&mut self) -> Result<()> {
        if let Some(mut old) = self.running.take() {
            old.kill()?;
            old.wait()?;
        }
        let program = target_dir()?.join("debug/tacho").with_extension(std::env::consts::EXE_EXTENSION);
        let mut program = Program::new(program);
        program.args(&self.arguments).current_dir(cargo::workspace());
        self.running = Some(program.spawn().context("could not start the server")?);
        Ok(())
    }
}

fn report(done: Result<()>) {
    if let Err(error) = done {
        eprintln!("-- {error:#}\n-- waiting for a change");
    }
}

fn names(changed: &[PathBuf]) -> String {
    let root = cargo::workspace();
    let names = changed.iter().map(|path| path.strip_prefix(&root).unwrap_or(path).display().to_string());
    names.collect::<Vec<_>>().join(", ")
}
