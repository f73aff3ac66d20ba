//! The browser bundle: what browsers run as WebAssembly, the script that loads it, the CSS, and the fonts.
//!
//! Every file carries a hash of its contents in its name, so that browsers may keep it for ever,
//! and lies beside a `.br` and a `.gz` of itself, so that serving it costs no work. Fonts are
//! compressed as they are.
//!
//! The code is `tacho-<hash>.js`, which loads `tacho-<hash>_bg.wasm` beside it.

#[cfg(test)]
mod colours;
mod compress;
mod css;
mod files;
mod fonts;
mod wasm;

use std::path::{Path, PathBuf};

use anyhow::Result;

use files::{hash, replace};

/// What the bundle is built for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Trying things out: quick to build, about twice the size.
    Development,
    /// Being downloaded by people: as small as it gets.
    Release,
}

/// Which bundle to build, and where.
#[derive(Clone, Debug)]
pub struct Request {
    /// What the bundle is built for.
    pub purpose: Purpose,
    /// Cargo's target directory; the bundle is compiled in its subfolder `web`.
    pub target_dir: PathBuf,
    /// Where the finished files go. Older files of the bundle are removed from it.
    pub out_dir: PathBuf,
}

/// What was written to the output directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// What the code is called, without its endings: `tacho-<hash>`.
    pub name: String,
    /// The names of all files, without their compressed siblings.
    pub files: Vec<String>,
}

/// Builds the whole bundle.
pub fn build(request: &Request) -> Result<Bundle> {
    let mut files = build_style(request.purpose, &request.out_dir)?;
    let scratch = request.out_dir.with_file_name("bindgen");
    let code = wasm::build(request.purpose, &request.target_dir.join("web"), &scratch)?;

    let name = format!("tacho-{}", hash(&[code.js.as_bytes(), &code.wasm]));
    let module = format!("{name}_bg.wasm");
    let script = code.script(&module).into_bytes();
    let code = [(module, code.wasm), (format!("{name}.js"), script)];
    replace(&request.out_dir, is_code, &code, request.purpose)?;

    files.extend(code.map(|(name, _)| name));
    Ok(Bundle { name, files })
}

/// Builds the style sheet and its fonts alone, which takes milliseconds, and returns the names of the files. The
/// rest of the bundle stays as it is.
pub fn build_style(purpose: Purpose, out_dir: &Path) -> Result<Vec<String>> {
    let style = crate::cargo::workspace().join("style");
    let (css, fonts) = fonts::resolve(&css::build(&style.join("main.css"))?, &style.join("fonts"))?;
    let mut files = vec![(format!("style-{}.css", hash(&[css.as_bytes()])), css.into_bytes())];
    files.extend(fonts.into_iter().map(|font| (font.name, font.contents)));
    replace(out_dir, |name| !is_code(name), &files, purpose)?;
    Ok(files.into_iter().map(|(name, _)| name).collect())
}

/// Whether a file is of the slow half of the bundle.
fn is_code(name: &str) -> bool {
    name.starts_with("tacho-")
}
