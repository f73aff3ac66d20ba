//! Names and places of the finished files.

use std::{fs, path::Path};

use anyhow::{Context, Result};
use sha2::{Digest, Sha256};

use super::{Purpose, compress};

/// A short fingerprint of some contents: the same contents always get the same name.
pub fn hash(contents: &[&[u8]]) -> String {
    let mut hasher = Sha256::new();
    for part in contents {
        hasher.update(part);
    }
    hasher.finalize().iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}

/// Writes the files and their compressed siblings, then removes what earlier builds have left
/// of the same part of the bundle.
pub fn replace(
    out_dir: &Path,
    is_of_part: impl Fn(&str) -> bool,
    files: &[(String, Vec<u8>)],
    purpose: Purpose,
) -> Result<()> {
    fs::create_dir_all(out_dir).with_context(|| format!("could not create {}", out_dir.display()))?;
    for (name, contents) in files {
        for (extension, encoded) in compress::encodings(name, contents, purpose)? {
            let path = out_dir.join(format!("{name}{extension}"));
            fs::write(&path, encoded).with_context(|| format!("could not write {}", path.display()))?;
        }
    }

    for entry in fs::read_dir(out_dir)? {
        let entry = entry?;
        let found = entry.file_name().to_string_lossy().into_owned();
        if is_of_part(&found) && !files.iter().any(|(name, _)| found.starts_with(name)) {
            fs::remove_file(entry.path())
                .with_context(|| format!("could not remove {}", entry.path().display()))?;
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_build_replaces_the_files_of_the_old_one_and_no_others() {
        let out = tempfile::tempdir().unwrap();
        let write = |part: &'static str, name: &str| {
            let files = [(name.to_owned(), b"contents".to_vec())];
            replace(out.path(), |name| name.starts_with(part), &files, Purpose::Development).unwrap();
        };
        write("style-", "style-1.css");
        write("tacho-", "tacho-1.js");
        write("style-", "style-2.css");
        write("figures-", "figures-1.woff2");

        let mut names: Vec<_> =
            fs::read_dir(out.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(
            names,
            [
                "figures-1.woff2",
                "style-2.css",
                "style-2.css.br",
                "style-2.css.gz",
                "tacho-1.js",
                "tacho-1.js.br",
                "tacho-1.js.gz"
            ]
        );
    }

    #[test]
    fn the_name_follows_the_contents() {
        assert_eq!(hash(&[b"a", b"b"]), hash(&[b"a", b"b"]));
        assert_ne!(hash(&[b"a"]), hash(&[b"b"]));
        assert_eq!(hash(&[b"a"]).len(), 12);
    }
}
