//! The file of the key that secrets are sealed with. It lies beside the database, or wherever it is named, and belongs
//! into no backup of the database.

use std::fs::OpenOptions;
use std::io::{self, Read};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use super::StoreError;
use crate::private;
use crate::secrets::sealing::SealingKey;

/// The file in the data directory.
const FILE: &str = "secret.key";
/// Longer is no key.
const MOST_BYTES: u64 = 4_096;
const READABLE_BY_ALL: u32 = 0o004;

/// Where the key is.
#[derive(Debug, Clone)]
pub struct KeyFile {
    path: PathBuf,
    /// Somebody else provides it.
    is_named: bool,
}

impl KeyFile {
    /// The file that the settings name; otherwise the one in the data directory, which is made when it is first needed.
    pub fn new(data_dir: &Path, named: &Path) -> Self {
        let is_named = !named.as_os_str().is_empty();
        KeyFile { path: if is_named { named.to_owned() } else { data_dir.join(FILE) }, is_named }
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// The key; nothing where there is no file.
    pub fn read(&self) -> Result<Option<SealingKey>, StoreError> {
        let mut text = String::new();
        let read = self.open().and_then(|file| file.take(MOST_BYTES).read_to_string(&mut text));
        match read {
            Ok(_) => SealingKey::parse(&text).map(Some).map_err(|error| self.unusable(&error.to_string())),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(self.unusable(&error.to_string())),
        }
    }

    /// The key, which is made where there is none.
    pub fn read_or_make(&self) -> Result<SealingKey, StoreError> {
        if let Some(key) = self.read()? {
            return Ok(key);
        }
        if self.is_named {
            return Err(self.unusable("there is no such file"));
        }
        let text = format!("{}\n", SealingKey::generate());
        // Somebody else may be faster: what is in the file then holds.
        private::make(&self.path, text.as_bytes()).map_err(|error| self.unusable(&error.to_string()))?;
        self.read()?.ok_or_else(|| self.unusable("it went away again"))
    }

    fn open(&self) -> io::Result<std::fs::File> {
        if !self.is_named {
            return private::open(&self.path, OpenOptions::new().read(true));
        }
        // A pipe may never end, and would be waited for.
        if !std::fs::metadata(&self.path)?.is_file() {
            return Err(io::Error::other("it is no file"));
        }
        let file = std::fs::File::open(&self.path)?;
        let mode = file.metadata()?.permissions().mode();
        if mode & READABLE_BY_ALL != 0 {
            tracing::warn!(
                "{} holds the key of Tacho's secrets and can be read by every user of this machine (mode {:04o}); \
                 close it with `chmod o-rwx`",
                self.path.display(),
                mode & 0o7777
            );
        }
        Ok(file)
    }

    fn unusable(&self, reason: &str) -> StoreError {
        StoreError::KeyUnusable { path: self.path.clone(), reason: reason.to_owned() }
    }
}
