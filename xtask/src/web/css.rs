//! The style sheet: one file out of `style/main.css` and what it imports.
//!
//! It is put together and nothing more: browsers read it as it is written, and compressed it is small. That it
//! has no mistakes is a test below, because the tool that finds them takes a minute to compile.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};

/// The sheet with its imports in place. An import is a line of its own: `@import "card.css" layer(parts);`.
pub fn build(path: &Path) -> Result<String> {
    let source = fs::read_to_string(path).with_context(|| format!("could not read {}", path.display()))?;
    let mut css = String::with_capacity(source.len());
    for (index, line) in source.lines().enumerate() {
        match line.trim().strip_prefix("@import") {
            None => css += &format!("{line}\n"),
            Some(import) => {
                let at = || format!("{}:{}", path.display(), index + 1);
                css += &imported(import, path).with_context(|| format!("imported at {}", at()))?;
            }
        }
    }
    Ok(css)
}

fn imported(import: &str, from: &Path) -> Result<String> {
    let parts = import.trim().strip_prefix('"').and_then(|import| import.split_once('"'));
    let layer = |rest: &str| rest.trim().strip_prefix("layer(")?.strip_suffix(");").map(str::to_owned);
    let Some((name, Some(layer))) = parts.map(|(name, rest)| (name, layer(rest))) else {
        bail!("an import is written as `@import \"name.css\" layer(name);`, without a condition");
    };
    Ok(format!("@layer {layer} {{\n{}}}\n", build(&from.with_file_name(name))?))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheet(files: &[(&str, &str)]) -> Result<String> {
        let style = tempfile::tempdir()?;
        for (name, contents) in files {
            fs::write(style.path().join(name), contents)?;
        }
        build(&style.path().join("main.css"))
    }

    #[test]
    fn imports_become_one_sheet() {
        let css = sheet(&[
            ("main.css", "@layer reset, parts;\n@import \"card.css\" layer(parts);\np { margin: 0 }\n"),
            ("card.css", ".card { color: light-dark(black, white); & b { margin: 0 } }\n"),
        ]);
        assert_eq!(
            css.unwrap(),
            "@layer reset, parts;\n\
             @layer parts {\n.card { color: light-dark(black, white); & b { margin: 0 } }\n}\n\
             p { margin: 0 }\n"
        );
    }

    #[test]
    fn an_import_that_cannot_be_followed_is_named() {
        for import in ["\"absent.css\" layer(a);", "\"a.css\" layer(a) print;", "url(a.css);"] {
            let css = sheet(&[("main.css", &format!("\n@import {import}\n")), ("a.css", "")]);
            let error = format!("{:#}", css.unwrap_err());
            assert!(error.contains("main.css:2"), "{import}: {error}");
        }
    }

    #[test]
    fn the_style_sheet_has_no_mistakes() {
        use lightningcss::stylesheet::{ParserOptions, StyleSheet};

        let css = build(&crate::cargo::workspace().join("style/main.css")).unwrap();
        if let Err(mistake) = StyleSheet::parse(&css, ParserOptions::default()) {
            let line = mistake.loc.as_ref().map_or(0, |at| at.line as usize);
            panic!("{}: {}", mistake.kind, css.lines().nth(line).unwrap_or_default());
        }
    }
}
