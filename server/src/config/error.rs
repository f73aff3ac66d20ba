//! What is wrong with the settings.

use std::path::PathBuf;

/// What is wrong with the settings.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    #[error("cannot read {path}: {source}. Check --config or TACHO_CONFIG")]
    Read { path: PathBuf, source: std::io::Error },
    /// A file that nobody has named is somebody else's.
    #[error(
        "settings were found in {path}, but {source}. Whoever owns them would decide where calls go: start Tacho elsewhere, or name the file with --config if you trust it"
    )]
    Foreign {
        path: PathBuf,
        /// Whose it is.
        source: std::io::Error,
    },
    #[error("{path}, line {line}: {problem}. `tacho check-config --print-defaults` shows every setting")]
    File {
        path: PathBuf,
        /// The line, from 1.
        line: usize,
        problem: String,
    },
    #[error("the environment variable {name} is wrong: {problem}")]
    Environment {
        /// The variable.
        name: String,
        problem: String,
    },
}

/// A message of a parser, which may go over several lines.
pub(super) fn one_line(message: &str) -> String {
    message.split_whitespace().collect::<Vec<_>>().join(" ")
}
