//! Builds the browser bundle into `$OUT_DIR/web`, from where it is embedded (src/lib.rs).
//!
//! `TACHO_SKIP_WEB=1` leaves out the slow half: there are CSS and fonts but no WebAssembly, and pages work
//! without JavaScript. Checks and editors use it.

use std::{env, path::PathBuf, process::exit};

use xtask::{
    Result,
    cargo::target_dir,
    web::{Purpose, Request, build, build_style},
};

fn main() {
    for input in ["browser/src", "browser/Cargo.toml", "style", "Cargo.toml", "Cargo.lock"] {
        println!("cargo::rerun-if-changed=../{input}");
    }
    println!("cargo::rerun-if-env-changed=TACHO_SKIP_WEB");

    match web_name() {
        Ok(name) => println!("cargo::rustc-env=TACHO_WEB_NAME={name}"),
        Err(error) => {
            // Failing as well makes cargo show what the compiler has said.
            println!("cargo::error={}", format!("{error:#}").replace('\n', " "));
            exit(1);
        }
    }
}

/// What the bundle is called; empty when it was left out.
fn web_name() -> Result<String> {
    let out = PathBuf::from(env::var("OUT_DIR")?);
    let out_dir = out.join("web");
    let purpose = match env::var("PROFILE")?.as_str() {
        "release" => Purpose::Release,
        _ => Purpose::Development,
    };
    if env::var_os("TACHO_SKIP_WEB").is_some_and(|value| value == "1") {
        build_style(purpose, &out_dir)?;
        return Ok(String::new());
    }
    Ok(build(&Request { purpose, target_dir: target_dir(&out)?, out_dir })?.name)
}
