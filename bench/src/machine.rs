//! The machine that is measured on.

use std::fs;
use std::thread::available_parallelism;

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Lets this process, and those it starts, hold as many connections as the machine allows.
pub fn allow_many_connections() {
    let limit = getrlimit(Resource::Nofile);
    // Where that fails, the connections that do not open will say so.
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum });
}

/// Cores, and how busy they are: everything else that runs is in the figures, too.
pub fn described() -> String {
    let cores = available_parallelism().map_or_else(|_| "?".to_owned(), |cores| cores.to_string());
    format!("{cores} cores, load average {}", load())
}

/// How many threads ran or wanted to, on average over the last minute.
pub fn load() -> String {
    let averages = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    averages.split_whitespace().next().unwrap_or("unknown").to_owned()
}
