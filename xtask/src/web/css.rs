//! The style sheet: one file out of `style/main.css` and what it imports.
//!
//! Nothing is translated for old browsers. The tool is here to stop the build at a mistake, and to
//! make the result small.

use std::path::Path;

use anyhow::{Context, Result, bail};
use lightningcss::{
    bundler::{BundleErrorKind, Bundler, FileProvider},
    error::{Error, ErrorLocation},
    stylesheet::{MinifyOptions, ParserOptions, PrinterOptions},
    targets::{Browsers, Targets},
};

/// Reads, checks and minifies a style sheet and its imports.
pub fn build(main: &Path) -> Result<String> {
    // The bundler names the files relative to where we stand, which is not where people stand.
    let main = main.canonicalize().with_context(|| format!("could not read {}", main.display()))?;
    let files = FileProvider::new();
    let mut sheet = match Bundler::new(&files, None, ParserOptions::default()).bundle(&main) {
        Ok(sheet) => sheet,
        Err(error) => bail!(describe(&error)),
    };

    let targets = targets();
    if let Err(error) = sheet.minify(MinifyOptions { targets, ..Default::default() }) {
        bail!("{}{}", place(error.loc.as_ref()), error.kind);
    }
    let options = PrinterOptions { minify: true, targets, ..Default::default() };
    match sheet.to_css(options) {
        Ok(result) => Ok(result.code),
        Err(error) => bail!("{}{}", place(error.loc.as_ref()), error.kind),
    }
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

fn describe(error: &Error<BundleErrorKind<'_, std::io::Error>>) -> String {
    let what = match &error.kind {
        BundleErrorKind::ResolverError(_) => format!("could not read the imported file: {}", error.kind),
        kind => kind.to_string(),
    };
    format!("{}{what}", place(error.loc.as_ref()))
}

/// `file:line:column: `, as editors understand it.
fn place(location: Option<&ErrorLocation>) -> String {
    location.map_or(String::new(), |at| format!("{}:{}:{}: ", at.filename, at.line + 1, at.column))
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn imports_become_one_sheet_and_modern_css_stays() {
        let style = tempfile::tempdir().unwrap();
        fs::write(style.path().join("card.css"), ".card { color: light-dark(black, white); & b { margin: 0 } }")
            .unwrap();
        fs::write(style.path().join("main.css"), "@layer parts;\n@import \"card.css\" layer(parts);").unwrap();
        let css = build(&style.path().join("main.css")).unwrap();
        assert_eq!(css, "@layer parts{.card{color:light-dark(#000,#fff);& b{margin:0}}}");
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
        assert!(error.contains("main.css:1:"), "{error}");
    }
}
