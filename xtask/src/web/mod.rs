//! The browser bundle: the interface as WebAssembly, the script that loads it, and the CSS.
//!
//! Every file carries a hash of its contents in its name, so that browsers may keep it for ever,
//! and lies beside a `.br` and a `.gz` of itself, so that serving it costs no work.
//!
//! The names are those that Leptos asks for with `output_name = "tacho-<hash>"`:
//! `tacho-<hash>.js` and `tacho-<hash>_bg.wasm`.

mod compress;
mod css;
mod files;
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

/// The names of the files that were written to the output directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bundle {
    /// What Leptos calls `output_name`: `tacho-<hash>`.
    pub name: String,
    /// The script that loads the WebAssembly.
    pub js: String,
    /// The interface itself.
    pub wasm: String,
    pub css: String,
}

/// Builds the whole bundle.
pub fn build(request: &Request) -> Result<Bundle> {
    let css = build_css(request.purpose, &request.out_dir)?;
    let scratch = request.out_dir.with_file_name("bindgen");
    let code = wasm::build(request.purpose, &request.target_dir.join("web"), &scratch)?;

    let name = format!("tacho-{}", hash(&[&code.js, &code.wasm]));
    let (js, wasm) = (format!("{name}.js"), format!("{name}_bg.wasm"));
    let files: [(&str, &[u8]); 2] = [(&js, &code.js), (&wasm, &code.wasm)];
    replace(&request.out_dir, "tacho-", &files, request.purpose)?;

    Ok(Bundle { name, js, wasm, css })
}

/// Builds the style sheet alone, which takes milliseconds, and returns the name of its file. The
/// rest of the bundle stays as it is.
pub fn build_css(purpose: Purpose, out_dir: &Path) -> Result<String> {
    let css = css::build(&crate::cargo::workspace().join("style/main.css"))?;
    let name = format!("style-{}.css", hash(&[css.as_bytes()]));
    replace(out_dir, "style-", &[(&name, css.as_bytes())], purpose)?;
    Ok(name)
}
