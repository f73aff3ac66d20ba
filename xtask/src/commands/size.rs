//! `cargo xtask size`: what a browser downloads, against what we allow ourselves.

use std::{fs, path::Path};

use anyhow::{Context, Result, ensure};
use xtask::web::{Purpose, Request, build};

use super::{Command, steps::target_dir};

pub const COMMAND: Command = Command {
    name: "size",
    arguments: "",
    help: "Measure the browser bundle against its budgets\n\n\
           Builds the bundle as for a release. Fails when a file is over its budget, which counts\n\
           bytes after brotli.",
    run: size,
};

/// Bytes after brotli.
const WASM_BUDGET: u64 = 250_000;
const JS_BUDGET: u64 = 15_000;
const CSS_BUDGET: u64 = 15_000;

fn size(_: &[String]) -> Result<()> {
    let target_dir = target_dir()?;
    let out_dir = target_dir.join("web/size");
    let bundle = build(&Request { purpose: Purpose::Release, target_dir, out_dir: out_dir.clone() })?;

    println!("{:<28}{:>10}{:>10}{:>10}{:>10}", "", "raw", "gzip", "brotli", "budget");
    let mut over = Vec::new();
    for (name, budget) in [(bundle.wasm, WASM_BUDGET), (bundle.js, JS_BUDGET), (bundle.css, CSS_BUDGET)] {
        let bytes = |ending| file_size(&out_dir.join(format!("{name}{ending}")));
        let (raw, gzip, brotli) = (bytes("")?, bytes(".gz")?, bytes(".br")?);
        println!("{name:<28}{:>10}{:>10}{:>10}{:>10}", kb(raw), kb(gzip), kb(brotli), kb(budget));
        if brotli > budget {
            over.push(name);
        }
    }
    ensure!(over.is_empty(), "over budget: {}", over.join(", "));
    Ok(())
}

fn file_size(path: &Path) -> Result<u64> {
    Ok(fs::metadata(path).with_context(|| format!("could not read {}", path.display()))?.len())
}

fn kb(bytes: u64) -> String {
    format!("{:.1} KB", bytes as f64 / 1000.0)
}
