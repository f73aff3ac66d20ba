//! How many connections the system lets this process hold.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Connections in all, where the system has no objection.
const MOST: u64 = 4_096;
const FEWEST: u64 = 64;
/// A call through the proxy holds the caller's connection and one to the API.
const FILES_OF_A_CALL: u64 = 2;
/// Kept for files, and for what is not a caller's.
const RESERVED: u64 = 256;

/// Asks the system for as many open files as are needed, and says how many connections what it allows is good for.
pub fn most_connections() -> usize {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    // Not without end, even where the system says so: macOS then refuses to raise anything.
    let wanted = maximum.unwrap_or(u64::MAX).min(FILES_OF_A_CALL * MOST + RESERVED);
    let files = match current {
        Some(current) if current < wanted => {
            match setrlimit(Resource::Nofile, Rlimit { current: Some(wanted), maximum }) {
                Ok(()) => wanted,
                Err(error) => {
                    tracing::warn!(error = %error, files = current, "Cannot have more open files");
                    current
                }
            }
        }
        _ => wanted,
    };
    let most = (files.saturating_sub(RESERVED) / FILES_OF_A_CALL).clamp(FEWEST, MOST);
    usize::try_from(most).unwrap_or(usize::MAX)
}
