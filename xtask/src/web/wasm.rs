//! From Rust to the browser: `browser` is compiled to WebAssembly, then wasm-bindgen writes the script
//! that loads it. Using wasm-bindgen as a library keeps its version equal to the crate's.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use anyhow::{Context, Result, bail, ensure};
use wasm_bindgen_cli_support::Bindgen;

use super::Purpose;
use crate::cargo;

const TARGET: &str = "wasm32-unknown-unknown";

/// The two halves of the interface in the browser.
pub struct Code {
    pub js: String,
    pub wasm: Vec<u8>,
}

impl Code {
    /// The script as a page loads it: it begins by itself, with the module of this name beside it.
    pub fn script(&self, module: &str) -> String {
        format!("{}\n__wbg_init({{ module_or_path: new URL(\"{module}\", import.meta.url) }});\n", self.js)
    }
}

/// Builds what browsers run. `web_dir` is a target directory of its own, because the cargo that runs
/// the server's build script holds the lock on the usual one. `scratch` is emptied and used.
pub fn build(purpose: Purpose, web_dir: &Path, scratch: &Path) -> Result<Code> {
    require_target()?;
    let module = compile(purpose, web_dir)?;
    bind(&module, scratch)
}

fn compile(purpose: Purpose, web_dir: &Path) -> Result<PathBuf> {
    let profile = match purpose {
        Purpose::Development => "web-dev",
        Purpose::Release => "web",
    };
    let status = cargo::command()
        .env("CARGO_ENCODED_RUSTFLAGS", forget_home()?)
        // As a cdylib and nothing else: an rlib of it is of no use here.
        .args(["rustc", "--package", "browser", "--lib", "--crate-type", "cdylib"])
        .args(["--target", TARGET, "--profile", profile, "--target-dir"])
        .arg(web_dir)
        .status()
        .context("could not start cargo")?;
    ensure!(status.success(), "what browsers run (package `browser`) does not compile for the browser");
    Ok(web_dir.join(TARGET).join(profile).join("browser.wasm"))
}

/// Panic messages name source files. Without this flag the bundle would tell the world the home
/// directory of whoever built it, and get another hash on each machine.
fn forget_home() -> Result<String> {
    let home = match env::var_os("CARGO_HOME") {
        Some(home) => PathBuf::from(home),
        None => env::home_dir().context("there is no home directory; set CARGO_HOME")?.join(".cargo"),
    };
    Ok(format!("--remap-path-prefix={}=cargo", home.display()))
}

fn bind(module: &Path, scratch: &Path) -> Result<Code> {
    // Start from nothing, so that a file of an earlier build cannot pass for one of this build.
    if scratch.exists() {
        fs::remove_dir_all(scratch)?;
    }
    Bindgen::new()
        .input_path(module)
        .web(true)?
        .typescript(false)
        .remove_name_section(true)
        .remove_producers_section(true)
        .generate(scratch)
        .context("wasm-bindgen could not process the interface")?;
    ensure!(
        !scratch.join("snippets").exists(),
        "a dependency of `browser` brings its own JavaScript files, which the bundle does not carry yet"
    );
    Ok(Code {
        js: fs::read_to_string(scratch.join("browser.js"))?,
        wasm: fs::read(scratch.join("browser_bg.wasm"))?,
    })
}

/// Adds the browser as a compilation target where it is missing. Rustup does so by itself unless
/// its automatic installations are switched off.
fn require_target() -> Result<()> {
    if has_target()? {
        return Ok(());
    }
    eprintln!("adding the target {TARGET} through rustup");
    // Started in the workspace, rustup reads rust-toolchain.toml and picks the right toolchain.
    let added = Command::new("rustup")
        .args(["target", "add", TARGET])
        .current_dir(cargo::workspace())
        .status()
        .is_ok_and(|status| status.success());
    if !added || !has_target()? {
        bail!("the browser bundle needs one more Rust component: run `rustup target add {TARGET}`");
    }
    Ok(())
}

fn has_target() -> Result<bool> {
    let output = Command::new("rustc")
        .args(["--print", "target-libdir", "--target", TARGET])
        .current_dir(cargo::workspace())
        .output()
        .context("could not start rustc")?;
    let folder = PathBuf::from(String::from_utf8_lossy(&output.stdout).trim());
    Ok(folder.exists())
}
