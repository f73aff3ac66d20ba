//! A process that takes part in a benchmark: started, asked what it used, and ended.

use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};

/// How long a process may take to end, or to come to rest.
const PATIENCE: Duration = Duration::from_secs(60);
/// A process rests when it used less than a tick of the CPU clock (10 ms) during this time.
const REST: Duration = Duration::from_millis(200);

/// A running process. It is killed when it is dropped.
pub struct Process {
    child: Child,
    stdout: BufReader<ChildStdout>,
    log: PathBuf,
}

impl Process {
    /// Starts a program. Its errors go to a file.
    pub fn start(mut command: Command, log: PathBuf) -> Result<Self> {
        let name = command.get_program().to_string_lossy().into_owned();
        let errors = File::create(&log)?;
        // Standard input ends with this process, and with it the servers of `bench serve`.
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(errors);
        let mut child = command.spawn().with_context(|| format!("cannot start {name}"))?;
        let stdout = child.stdout.take().context("no standard output")?;
        Ok(Process { child, stdout: BufReader::new(stdout), log })
    }

    /// Waits until it says where it is listening: `... listening on http://127.0.0.1:34567`.
    pub fn listening(&mut self) -> Result<SocketAddr> {
        let mut line = String::new();
        self.stdout.read_line(&mut line)?;
        match line.trim().split_once("listening on http://") {
            Some((_, address)) => Ok(address.parse()?),
            None => bail!("it does not listen: {line}{}", self.said()),
        }
    }

    /// What it has complained about.
    pub fn said(&self) -> String {
        fs::read_to_string(&self.log).unwrap_or_default()
    }

    /// CPU time used so far, by all its threads, in user and system mode.
    pub fn cpu(&self) -> Result<Duration> {
        let stat = self.proc("stat")?;
        // The second field is a name in parentheses that may hold anything; `utime` and `stime` are the 14th and 15th.
        let (_, fields) = stat.rsplit_once(')').context("no name")?;
        let fields = fields.split_whitespace().skip(11).take(2);
        let ticks: u64 = fields.map(str::parse::<u64>).sum::<Result<_, _>>()?;
        Ok(Duration::from_secs_f64(ticks as f64 / rustix::param::clock_ticks_per_second() as f64))
    }

    /// Resident memory in bytes, the program's own pages too.
    pub fn resident_bytes(&self) -> Result<u64> {
        let status = self.proc("status")?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
        Ok(line.trim().trim_end_matches(" kB").parse::<u64>()? * 1024)
    }

    /// Waits until it has no more work, and says how long that was.
    pub async fn rest(&self) -> Result<Duration> {
        let start = Instant::now();
        loop {
            let (before, so_far) = (self.cpu()?, start.elapsed());
            tokio::time::sleep(REST).await;
            if self.cpu()? - before <= Duration::from_millis(10) {
                return Ok(so_far);
            }
            ensure!(so_far < PATIENCE, "a process does not come to rest: {}", self.said());
        }
    }

    /// Asks it to end, as a service manager does, and waits until it has.
    pub async fn end(mut self) -> Result<()> {
        kill_process(Pid::from_child(&self.child), Signal::TERM)?;
        let start = Instant::now();
        while self.child.try_wait()?.is_none() {
            ensure!(start.elapsed() < PATIENCE, "a process does not end: {}", self.said());
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        Ok(())
    }

    fn proc(&self, file: &str) -> Result<String> {
        let path = Path::new("/proc").join(self.child.id().to_string()).join(file);
        let text = fs::read_to_string(path);
        text.with_context(|| format!("a process has ended by itself: {}", self.said()))
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        // It has ended already when these fail.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}
