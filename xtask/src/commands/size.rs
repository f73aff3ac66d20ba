//! `cargo xtask size`: what a browser downloads, against what we allow ourselves.

use std::{
    fs,
    path::{Path, PathBuf},
};

use anyhow::{Context, Result, bail, ensure};
use xtask::web::{Purpose, Request, build};

use super::{Command, steps::target_dir};

pub const COMMAND: Command = Command {
    name: "size",
    arguments: "",
    help: "Measure the browser bundle against its budgets\n\n\
           Builds the bundle as for a release. Fails when the files of a kind, or all together, are over their\n\
           budget, which counts the bytes that are sent: after brotli, or of fonts as they are.",
    run: size,
};

/// The bytes that may be sent of each kind, by what the files' names end in.
const BUDGETS: &[(&str, u64)] = &[("wasm", 80_000), ("js", 15_000), ("css", 15_000), ("woff2", 10_000)];
/// Those of all together.
const FIRST_VISIT: u64 = 110_000;

fn size(_: &[String]) -> Result<()> {
    let target_dir = target_dir()?;
    let out_dir = target_dir.join("web/size");
    let bundle = build(&Request { purpose: Purpose::Release, target_dir, out_dir: out_dir.clone() })?;
    let files: Vec<PathBuf> = bundle.files.iter().map(|name| out_dir.join(name)).collect();

    println!("{:<12}{:>10}{:>10}{:>10}{:>10}", "", "raw", "gzip", "sent", "budget");
    let mut over = Vec::new();
    let mut hold = |kind: &'static str, sizes: Sizes, budget: u64| {
        let [raw, gzip, sent] = [sizes.raw, sizes.gzip, sizes.sent].map(kb);
        println!("{kind:<12}{raw:>10}{gzip:>10}{sent:>10}{:>10}", kb(budget));
        if sizes.sent > budget {
            over.push(format!("{kind} by {} bytes", sizes.sent - budget));
        }
    };
    for (kind, budget) in BUDGETS {
        let of_kind = files.iter().filter(|file| kind_of(file) == Some(kind));
        hold(kind, sizes(of_kind)?, *budget);
    }
    hold("first visit", sizes(&files)?, FIRST_VISIT);

    ensure!(over.is_empty(), "over budget: {}", over.join(", "));
    let without = files.iter().find(|file| BUDGETS.iter().all(|(kind, _)| kind_of(file) != Some(kind)));
    match without {
        Some(file) => bail!("there is no budget for {}", file.display()),
        None => Ok(()),
    }
}

/// The bytes of some files.
#[derive(Default)]
struct Sizes {
    raw: u64,
    gzip: u64,
    /// In the smallest encoding there is.
    sent: u64,
}

fn sizes<'a>(files: impl IntoIterator<Item = &'a PathBuf>) -> Result<Sizes> {
    files.into_iter().try_fold(Sizes::default(), |sum, file| {
        let raw = file_size(file)?;
        let gzip = encoded_size(file, ".gz")?.unwrap_or(raw);
        let sent = encoded_size(file, ".br")?.unwrap_or(raw);
        Ok(Sizes { raw: sum.raw + raw, gzip: sum.gzip + gzip, sent: sum.sent + sent })
    })
}

/// The size of the sibling whose name ends so, where a file has it.
fn encoded_size(file: &Path, ending: &str) -> Result<Option<u64>> {
    let mut sibling = file.as_os_str().to_owned();
    sibling.push(ending);
    let sibling = Path::new(&sibling);
    sibling.exists().then(|| file_size(sibling)).transpose()
}

fn file_size(path: &Path) -> Result<u64> {
    Ok(fs::metadata(path).with_context(|| format!("could not read {}", path.display()))?.len())
}

fn kind_of(file: &Path) -> Option<&str> {
    file.extension()?.to_str()
}

fn kb(bytes: u64) -> String {
    format!("{:.1} KB", bytes as f64 / 1000.0)
}
