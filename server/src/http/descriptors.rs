//! How many connections the system lets this process hold.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Connections in all, where the system has no objection.
const MOST: u64 = 4_096;
const FEWEST: u64 = 64;
/// Kept for files, and for what is not a caller's.
const RESERVED: u64 = 256;

/// Asks the system for as many open files as it allows, and says how many connections that is good for: a call
/// through the proxy holds two.
pub fn most_connections() -> usize {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let raised = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
    let files = if raised.is_ok() { maximum } else { current };
    let most = files.map_or(MOST, |files| (files.saturating_sub(RESERVED) / 2).clamp(FEWEST, MOST));
    usize::try_from(most).unwrap_or(usize::MAX)
}
