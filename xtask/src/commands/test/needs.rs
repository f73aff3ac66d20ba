//! What the tests need on the machine besides Rust.

use std::{
    fs,
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use anyhow::{Result, bail};

use xtask::cargo;

use crate::commands::steps::{run, target_dir};

/// Python packages the tests use: `anthropic` calls the made-up Claude API the way applications do; with
/// `standardwebhooks` tests check our webhook signatures the way a receiver would; the others are what the
/// tests of the hook in `sdk/python` use.
const PYTHON_PACKAGES: &[&str] = &[
    "anthropic==2.14.0",
    "httpx==0.28.1",
    "mypy==2.4.1",
    "pytest==9.2.0",
    "requests==2.34.2",
    "standardwebhooks==1.0.1",
];
/// Run in print mode, through the proxy.
const CLAUDE_CODE: &str = "@anthropic-ai/claude-code@2.1.197";

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

/// Whether the packages of the hook in `sdk/typescript` are there.
pub fn node_packages() -> Result<()> {
    if !(starts("node", "--version") && starts("npm", "--version")) {
        install(&["nodejs", "npm"])?;
    }
    let folder = cargo::workspace().join("sdk/typescript");
    // npm writes its own list when everything is installed.
    let (wanted, done) = (folder.join("package-lock.json"), folder.join("node_modules/.package-lock.json"));
    let age = |path: &Path| fs::metadata(path).and_then(|file| file.modified()).ok();
    if age(&done).is_some_and(|done| Some(done) >= age(&wanted)) {
        return Ok(());
    }
    println!("\n== installing Node packages in {}", folder.display());
    run(Command::new("npm").args(["ci", "--no-audit", "--no-fund", "--loglevel=error"]).current_dir(folder))
}

/// Claude Code, as a program.
pub fn claude_code() -> Result<PathBuf> {
    let folder = target_dir()?.join("claude-code");
    let done = folder.join("installed");
    if fs::read_to_string(&done).is_ok_and(|installed| installed == CLAUDE_CODE) {
        return Ok(folder.join("node_modules/.bin/claude"));
    }
    println!("\n== installing {CLAUDE_CODE} in {}", folder.display());
    fs::create_dir_all(&folder)?;
    run(Command::new("npm")
        .args(["install", "--prefix", ".", "--no-audit", "--no-fund", "--loglevel=error", CLAUDE_CODE])
        .current_dir(&folder))?;
    fs::write(done, CLAUDE_CODE)?;
    Ok(folder.join("node_modules/.bin/claude"))
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
