//! Who takes part, one file each, and no proxy at all. A new one is listed here, and nowhere else.

pub mod direct;
pub mod nginx;
pub mod tacho;
pub mod tee;

use std::net::SocketAddr;
use std::path::Path;

use anyhow::Result;

use crate::calls::Target;
use crate::process::Process;

/// Everyone, in the order of the tables.
pub const CONTESTANTS: &[Kind] = &[direct::KIND, nginx::KIND, tee::KIND, tacho::KIND];

/// How one takes part.
pub struct Kind {
    /// Its name in tables.
    pub name: &'static str,
    /// Starts it.
    pub start: fn(&Setting) -> Result<Started>,
}

/// Where calls through it are sent, and what is asked for what it used: nothing for no proxy.
pub type Started = (Target, Option<Process>);

/// What each is started with.
pub struct Setting<'a> {
    /// Where it leads.
    pub upstream: SocketAddr,
    /// The program `tacho`.
    pub tacho: &'a Path,
    /// An empty folder for its files.
    pub folder: &'a Path,
}

/// One that takes part.
pub struct Contestant {
    pub name: &'static str,
    /// Where calls through it are sent.
    pub target: Target,
    /// What is asked for what it used; nothing for no proxy.
    pub process: Option<Process>,
    /// Calls sent through it so far.
    pub calls: u64,
}
