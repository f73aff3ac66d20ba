//! The documentation, as it was when this Tacho was built: it is there without a network, and is that of this version.

/// One document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Doc {
    /// Its file's name, without the ending.
    pub name: &'static str,
    /// Its text, as Markdown.
    pub text: &'static str,
}

/// The document that lists the others.
pub const INDEX: &str = "README";

macro_rules! docs {
    ($($name:literal),* $(,)?) => {
        &[$(Doc { name: $name, text: include_str!(concat!("../../docs/", $name, ".md")) }),*]
    };
}

/// Every document, in the order in which the index lists them.
pub static DOCS: &[Doc] = docs![
    "README",
    "rate-limits",
    "429",
    "dashboard",
    "cost",
    "proxy",
    "claude-code",
    "sdk",
    "post-events",
    "import",
    "corrections",
    "limits",
    "policies",
    "webhooks",
    "api",
    "configuration",
    "operations",
    "security",
    "errors",
];

impl Doc {
    /// The document with a name.
    pub fn of_name(name: &str) -> Option<&'static Doc> {
        DOCS.iter().find(|doc| doc.name == name)
    }

    /// Its heading.
    pub fn title(&self) -> &'static str {
        let first = self.text.lines().next().unwrap_or_default();
        first.trim_start_matches('#').trim()
    }

    /// Where it is.
    pub fn address(&self) -> String {
        if self.name == INDEX { "/docs".to_owned() } else { format!("/docs/{}", self.name) }
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::*;

    #[test]
    fn every_document_is_there_and_has_a_heading() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs");
        let names =
            std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name().into_string().unwrap());
        let mut names: Vec<String> =
            names.filter_map(|name| Some(name.strip_suffix(".md")?.to_owned())).collect();
        let mut embedded: Vec<&str> = DOCS.iter().map(|doc| doc.name).collect();
        names.sort();
        embedded.sort_unstable();
        assert_eq!(embedded, names);
        for doc in DOCS {
            assert!(doc.text.starts_with("# ") && !doc.title().is_empty(), "{}", doc.name);
        }
    }
}
