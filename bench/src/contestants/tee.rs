//! The minimal proxy: `serve/tee.rs`.

use super::Kind;
use crate::calls::Target;
use crate::process::Process;
use crate::serve;

/// A process of its own, with as many threads as Tacho has.
pub const KIND: Kind = Kind {
    name: "minimal proxy",
    start: |setting| {
        let mut command = serve::command("tee")?;
        command.arg("--upstream").arg(setting.upstream.to_string());
        let mut process = Process::start(command, setting.folder.join("errors"))?;
        let target = Target { address: process.listening()?, prefix: "" };
        Ok((target, Some(process)))
    },
};
