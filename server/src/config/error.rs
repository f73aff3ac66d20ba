//! What is wrong with the settings.

use std::path::PathBuf;

/// What is wrong with the settings.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read {path}: {source}. Check --config or TACHO_CONFIG")]
    Read {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// A file that nobody has named is somebody else's.
    #[error(
        "settings were found in {path}, but {source}. Whoever owns them would decide where calls go: start Tacho elsewhere, or name the file with --config if you trust it"
    )]
    Foreign {
        /// The file.
        path: PathBuf,
        /// Whose it is.
        source: std::io::Error,
    },
    /// Something in the file is wrong.
    #[error("{path}, line {line}: {problem}. `tacho check-config --print-defaults` shows every setting")]
    File {
        /// The file.
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        /// What is wrong.
        problem: String,
    },
    /// Something in the environment is wrong.
    #[error("the environment variable {name} is wrong: {problem}")]
    Environment {
        /// The variable.
        name: String,
        /// What is wrong.
        problem: String,
    },
}

/// A message of a parser, which may go over several lines.
pub(super) fn one_line(message: &str) -> String {
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}
