//! What the browser is sent beside pages: the interface as WebAssembly, the script that loads it, the CSS,
//! and the fonts.

use std::borrow::Cow;

use rust_embed::{Embed, EmbeddedFile};

/// The built files. They are handed in by the program, so that this crate and they are built side by side.
#[derive(Clone, Copy)]
pub struct Bundle {
    name: &'static str,
    file: fn(&str) -> Option<EmbeddedFile>,
    names: fn() -> Vec<Cow<'static, str>>,
}

impl Bundle {
    /// The files of `E`. `name` is what the WebAssembly and its script are called, without their endings; empty
    /// when they were left out.
    pub fn of<E: Embed>(name: &'static str) -> Self {
        Bundle { name, file: E::get, names: || E::iter().collect() }
    }

    /// Where browsers find the script; nothing when the program was built without its browser half.
    pub fn script_path(&self) -> Option<String> {
        (!self.name.is_empty()).then(|| format!("/assets/{}.js", self.name))
    }

    /// Where browsers find the style sheet.
    pub fn css_path(&self) -> Option<String> {
        (self.names)().into_iter().find(|name| name.ends_with(".css")).map(|name| format!("/assets/{name}"))
    }

    /// Tells one build from another.
    pub fn build(&self) -> String {
        format!("{} {}", self.name, self.css_path().unwrap_or_default())
    }

    pub(super) fn file(&self, name: &str) -> Option<EmbeddedFile> {
        (self.file)(name)
    }
}
