//! What the tests need on the machine besides Rust.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Result, bail};

use crate::commands::steps::{run, target_dir};

/// Python packages the tests use: `anthropic` calls the made-up Claude API the way applications do; with
/// `standardwebhooks` tests check our webhook signatures the way a receiver would.
const PYTHON_PACKAGES: &[&str] = &["anthropic==2.14.0", "standardwebhooks==1.0.1"];

/// A browser and the program that drives it.
pub fn browser() -> Result<()> {
    let has_browser = starts("chromium", "--version") || starts("google-chrome", "--version");
    if has_browser && starts("chromedriver", "--version") {
        return Ok(());
    }
    install(&["chromium", "chromium-driver"])
}

/// The interpreter of a Python environment that has the packages.
pub fn python() -> Result<PathBuf> {
    let folder = target_dir()?.join("py");
    let python = if cfg!(windows) { folder.join("Scripts/python.exe") } else { folder.join("bin/python") };
    // Written last, with what was installed: half an installation does not count, and neither does
    // one made for another list.
    let done = folder.join("installed");
    let wanted = PYTHON_PACKAGES.join(" ");
    if fs::read_to_string(&done).is_ok_and(|installed| installed == wanted) {
        return Ok(python);
    }

    println!("\n== making a Python environment in {}", folder.display());
    if !make_environment(&folder) {
        install(&["python3", "python3-venv"])?;
        if !make_environment(&folder) {
            bail!("`python3 -m venv` fails in {}", folder.display());
        }
    }
    run(Command::new(&python)
        .args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check"])
        .args(PYTHON_PACKAGES))?;
    fs::write(done, wanted)?;
    Ok(python)
}

fn make_environment(folder: &Path) -> bool {
    let mut python = Command::new("python3");
    python.args(["-m", "venv", "--clear"]).arg(folder);
    python.status().is_ok_and(|status| status.success())
}

/// Installs Debian packages, or says which ones to install.
fn install(packages: &[&str]) -> Result<()> {
    let packages = packages.join(" ");
    if !(starts("apt-get", "--version") && is_root()) {
        bail!("the tests need {packages}; on Debian: sudo apt-get install {packages}");
    }
    println!("\n== installing {packages}");
    let apt = |arguments: &str| {
        run(Command::new("apt-get")
            .args(arguments.split_whitespace())
            .env("DEBIAN_FRONTEND", "noninteractive"))
    };
    apt("update --quiet")?;
    apt(&format!("install --yes --quiet --no-install-recommends {packages}"))
}

fn is_root() -> bool {
    let id = Command::new("id").arg("-u").output();
    id.is_ok_and(|output| output.stdout.trim_ascii() == b"0")
}

fn starts(program: &str, argument: &str) -> bool {
    let mut command = Command::new(program);
    command.arg(argument).stdout(Stdio::null()).stderr(Stdio::null());
    command.status().is_ok_and(|status| status.success())
}
