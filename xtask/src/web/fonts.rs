//! The fonts that the style sheet names.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, ensure};

use super::files::hash;

/// How the style sheet names a font: `url("fonts/name.woff2")`.
const NAMED: &str = "url(\"fonts/";

/// A font, under the name by which browsers ask for it.
#[derive(Debug, PartialEq, Eq)]
pub struct Font {
    pub name: String,
    pub contents: Vec<u8>,
}

/// The sheet with the names that browsers ask for, and the fonts it names, which lie in `folder`.
pub fn resolve(css: &str, folder: &Path) -> Result<(String, Vec<Font>)> {
    let mut parts = css.split(NAMED);
    let mut resolved = parts.next().unwrap_or_default().to_owned();
    let mut fonts = Vec::new();
    for part in parts {
        let (path, rest) = part.split_once("\")").context("the name of a font ends with `\")`")?;
        let font = read(&folder.join(path)).with_context(|| format!("the style sheet names fonts/{path}"))?;
        resolved += &format!("url(\"/assets/{}\"){rest}", font.name);
        if !fonts.contains(&font) {
            fonts.push(font);
        }
    }
    ensure!(
        // What is drawn in the page itself, such as a pattern, is no file.
        resolved.matches("url(").count()
            == resolved.matches("url(\"/assets/").count() + resolved.matches("url(#").count(),
        "the style sheet names nothing but fonts, as `{NAMED}name.woff2\")`"
    );
    Ok((resolved, fonts))
}

fn read(path: &Path) -> Result<Font> {
    let contents = fs::read(path).with_context(|| format!("could not read {}", path.display()))?;
    let stem = path.file_stem().unwrap_or_default().to_string_lossy();
    ensure!(path.extension().is_some_and(|ending| ending == "woff2"), "fonts are .woff2 files");
    Ok(Font { name: format!("{stem}-{}.woff2", hash(&[&contents])), contents })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn folder() -> tempfile::TempDir {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("a.woff2"), "outlines").unwrap();
        fs::write(folder.path().join("a.ttf"), "outlines").unwrap();
        folder
    }

    #[test]
    fn a_font_is_asked_for_by_a_name_that_follows_its_contents() {
        let folder = folder();
        let css = "a { src: url(\"fonts/a.woff2\") format(\"woff2\") } b { src: url(\"fonts/a.woff2\") }";
        let (css, fonts) = resolve(css, folder.path()).unwrap();
        let name = format!("a-{}.woff2", hash(&[b"outlines"]));
        assert_eq!(
            css,
            format!(
                "a {{ src: url(\"/assets/{name}\") format(\"woff2\") }} b {{ src: url(\"/assets/{name}\") }}"
            )
        );
        assert_eq!(fonts, [Font { name, contents: b"outlines".to_vec() }]);
    }

    #[test]
    fn a_font_that_is_not_there_is_named() {
        let folder = folder();
        let error = resolve("url(\"fonts/absent.woff2\")", folder.path()).unwrap_err();
        assert!(format!("{error:#}").contains("fonts/absent.woff2"), "{error:#}");
    }

    #[test]
    fn what_no_browser_could_load_is_refused() {
        let folder = folder();
        for css in ["url(fonts/a.woff2)", "url('fonts/a.woff2')", "url(\"fonts/a.ttf\")", "url(\"a.png\")"] {
            assert!(resolve(css, folder.path()).is_err(), "{css}");
        }
    }
}
