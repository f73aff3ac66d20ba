//! The style sheet: one file out of `style/main.css` and what it imports.
//!
//! Nothing is translated for old browsers. The tool is here to stop the build at a mistake, and to
//! make the result small.

use std::{fmt::Display, fs, path::Path};

use anyhow::{Context, Error, Result, anyhow, bail};
use lightningcss::{
    error::{self, ErrorLocation},
    rules::{CssRule, import::ImportRule},
    stylesheet::{MinifyOptions, ParserOptions, PrinterOptions, StyleSheet},
    targets::{Browsers, Targets},
    traits::ToCss,
};

/// Reads, checks and minifies a style sheet and its imports. (The bundler of lightningcss would do
/// the same, at the price of two dozen more crates.)
pub fn build(path: &Path) -> Result<String> {
    let source = fs::read_to_string(path).with_context(|| format!("could not read {}", path.display()))?;
    let options = ParserOptions { filename: path.display().to_string(), ..Default::default() };
    let mut sheet = StyleSheet::parse(&source, options).map_err(describe)?;
    sheet.minify(MinifyOptions { targets: targets(), ..Default::default() }).map_err(describe)?;

    // Imports stand first; only the order of the layers may stand before them.
    let imports = sheet.rules.0.iter().rposition(|rule| matches!(rule, CssRule::Import(_)));
    let mut css = String::new();
    for rule in sheet.rules.0.drain(..imports.map_or(0, |last| last + 1)) {
        match rule {
            CssRule::Import(import) => css += &imported(&import, path)?,
            rule => css += &rule.to_css_string(printer()).map_err(describe)?,
        }
    }
    Ok(css + &sheet.to_css(printer()).map_err(describe)?.code)
}

fn imported(import: &ImportRule, from: &Path) -> Result<String> {
    let at = format!("{}:{}", from.display(), import.loc.line + 1);
    if import.supports.is_some() || !import.media.media_queries.is_empty() {
        bail!("{at}: an import cannot carry a condition; move the condition into {}", import.url);
    }
    let css = build(&from.with_file_name(&*import.url)).with_context(|| format!("imported at {at}"))?;
    match &import.layer {
        None => Ok(css),
        Some(None) => Ok(format!("@layer{{{css}}}")),
        Some(Some(name)) => {
            let name = name.to_css_string(printer()).map_err(describe)?;
            Ok(format!("@layer {name}{{{css}}}"))
        }
    }
}

fn printer() -> PrinterOptions<'static> {
    PrinterOptions { minify: true, targets: targets(), ..Default::default() }
}

/// The oldest browsers that need no translation: each knows nesting, `light-dark()`, `oklch()` and
/// container queries.
fn targets() -> Targets {
    let version = |major: u32, minor: u32| Some(major << 16 | minor << 8);
    Targets::from(Browsers {
        chrome: version(125, 0),
        edge: version(125, 0),
        firefox: version(128, 0),
        ios_saf: version(17, 5),
        safari: version(17, 5),
        ..Browsers::default()
    })
}

/// `file:line:column: what`, as editors understand it.
fn describe<T: Display>(error: error::Error<T>) -> Error {
    match error.loc {
        Some(ErrorLocation { filename, line, column }) => {
            anyhow!("{filename}:{}:{column}: {}", line + 1, error.kind)
        }
        None => anyhow!("{}", error.kind),
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn imports_become_one_sheet_and_modern_css_stays() {
        let style = tempfile::tempdir().unwrap();
        fs::write(
            style.path().join("card.css"),
            ".card { color: light-dark(black, white); & b { margin: 0 } }",
        )
        .unwrap();
        fs::write(
            style.path().join("main.css"),
            "@layer reset, parts;\n@import \"card.css\" layer(parts);\np { margin: 0 }",
        )
        .unwrap();
        let css = build(&style.path().join("main.css")).unwrap();
        assert_eq!(
            css,
            "@layer reset,parts;@layer parts{.card{color:light-dark(#000,#fff);& b{margin:0}}}p{margin:0}"
        );
    }

    #[test]
    fn a_mistake_is_reported_with_its_file_and_line() {
        let style = tempfile::tempdir().unwrap();
        fs::write(style.path().join("main.css"), "b { margin: 0 }\n\na..b { color: red }\n").unwrap();
        let error = build(&style.path().join("main.css")).unwrap_err().to_string();
        assert!(error.contains("main.css:3:"), "{error}");
    }

    #[test]
    fn a_missing_import_names_the_sheet_that_asked_for_it() {
        let style = tempfile::tempdir().unwrap();
        fs::write(style.path().join("main.css"), "@import \"absent.css\";").unwrap();
        let error = build(&style.path().join("main.css")).unwrap_err().to_string();
        assert!(error.ends_with("main.css:1"), "{error}");
    }
}
