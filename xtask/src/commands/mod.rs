//! The developer commands, one file each. A new one is listed here, and nowhere else.

mod bench;
mod check;
mod dev;
mod dist;
mod fuzz;
mod size;
mod steps;
mod test;

use anyhow::Result;

/// Every command, in the order in which the help shows them.
pub const COMMANDS: &[Command] = &[
    dev::COMMAND,
    check::COMMAND,
    test::COMMAND,
    fuzz::COMMAND,
    size::COMMAND,
    bench::COMMAND,
    dist::COMMAND,
];

/// How the command line names and runs one command.
pub struct Command {
    pub name: &'static str,
    /// The arguments it takes, as the help writes them; empty for none.
    pub arguments: &'static str,
    /// The first line is its summary in the list of commands.
    pub help: &'static str,
    pub run: fn(&[String]) -> Result<()>,
}
