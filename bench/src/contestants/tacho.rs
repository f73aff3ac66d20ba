//! Tacho as people run it: default settings, every call recorded with `synchronous=FULL`.

use std::env;
use std::net::SocketAddr;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, Result, ensure};
use serde_json::Value;

use super::Kind;
use crate::calls::Target;
use crate::process::Process;

/// The program, on a data directory of its own.
pub const KIND: Kind = Kind {
    name: "tacho",
    start: |setting| {
        let (target, process) = start(setting.tacho, setting.folder, setting.upstream)?;
        Ok((target, Some(process)))
    },
};

/// Starts the program with its data in a folder, and its settings, if there is a `tacho.toml`.
pub fn start(program: &Path, folder: &Path, upstream: SocketAddr) -> Result<(Target, Process)> {
    let mut command = command(program, folder);
    command.args(["--listen", "127.0.0.1:0"]).env("TACHO_PROXY_UPSTREAM", format!("http://{upstream}"));
    let mut process = Process::start(command, folder.join("errors"))?;
    Ok((Target { address: process.listening()?, prefix: "/proxy" }, process))
}

/// How many calls are in the store, once the program has ended: its own `check` counts them, and fails where the
/// database or a rollup is not sound.
pub fn recorded(program: &Path, folder: &Path) -> Result<u64> {
    let output = command(program, folder).args(["check", "--json"]).output()?;
    ensure!(output.status.success(), "`tacho check` fails: {}", String::from_utf8_lossy(&output.stdout));
    let report: Value = serde_json::from_slice(&output.stdout)?;
    report["events"].as_u64().context("`tacho check` does not count events")
}

/// Its version, such as `tacho 0.1.0`.
pub fn version(program: &Path) -> Result<String> {
    let output = Command::new(program).arg("--version").output();
    let output = output.with_context(|| format!("cannot start {}", program.display()))?;
    Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
}

fn command(program: &Path, folder: &Path) -> Command {
    let mut command = Command::new(program);
    // Settings of whoever measures are not its own.
    for (name, _) in env::vars_os() {
        if name.to_string_lossy().starts_with("TACHO_") {
            command.env_remove(name);
        }
    }
    command.arg("--data-dir").arg(folder).current_dir(folder);
    command
}
