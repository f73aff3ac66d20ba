//! The program as people run it.

use std::path::Path;
use std::process::{Output, Stdio};

use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader, Lines};
use tokio::process::{Child, ChildStdout, Command};

use super::client::Client;
use super::within;

/// A running `tacho`; it is killed when the test lets go of it.
pub struct Program {
    child: Child,
    stdout: Lines<BufReader<ChildStdout>>,
    pub base_url: String,
}

/// What a fresh data directory is greeted with.
pub struct Welcome {
    pub sign_in_link: String,
    pub ingest_key: String,
    pub curl: String,
}

impl Program {
    /// Starts `tacho` on a free port and waits until it listens.
    pub async fn start(data_dir: &Path, environment: &[(&str, &str)]) -> Self {
        Self::run(data_dir, &["--listen", "127.0.0.1:0"], environment).await
    }

    /// Starts `tacho` with these arguments and waits until it listens.
    pub async fn run(data_dir: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> Self {
        Self::spawn(data_dir, arguments, environment, Stdio::null()).await
    }

    /// The same as [`Program::start`], with its log.
    pub async fn logging(data_dir: &Path, environment: &[(&str, &str)], log: Stdio) -> Self {
        Self::spawn(data_dir, &["--listen", "127.0.0.1:0"], environment, log).await
    }

    /// The same as [`Program::logging`], under a umask.
    pub async fn under_umask(umask: &str, data_dir: &Path, environment: &[(&str, &str)], log: Stdio) -> Self {
        let mut shell = Command::new("sh");
        shell.args(["-c", "umask $0; exec \"$@\"", umask, env!("CARGO_BIN_EXE_tacho")]);
        let command = prepared(shell, data_dir, &["--listen", "127.0.0.1:0"]);
        Self::started(command, environment, log).await
    }

    async fn spawn(data_dir: &Path, arguments: &[&str], environment: &[(&str, &str)], log: Stdio) -> Self {
        Self::started(command(data_dir, arguments), environment, log).await
    }

    async fn started(mut command: Command, environment: &[(&str, &str)], log: Stdio) -> Self {
        let mut child = command
            .envs(environment.iter().copied())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .expect("tacho starts");
        let mut stdout = BufReader::new(child.stdout.take().expect("its output")).lines();
        let line = within("a first line", stdout.next_line()).await.expect("text").expect("a first line");
        let base_url = line.split(" is listening on ").nth(1).unwrap_or_else(|| panic!("{line}")).to_owned();
        Program { child, stdout, base_url }
    }

    /// Reads what only a fresh data directory is greeted with.
    pub async fn welcome(&mut self) -> Welcome {
        let mut found = [None, None, None];
        while found.iter().any(Option::is_none) {
            let line =
                within("the greeting", self.stdout.next_line()).await.expect("text").expect("more lines");
            let line = line.trim().to_owned();
            let place = match &line {
                line if line.contains("/sign-in?token=") => 0,
                line if line.starts_with("tch_ing_") => 1,
                line if line.starts_with("curl ") => 2,
                _ => continue,
            };
            found[place] = Some(line);
        }
        let [sign_in_link, ingest_key, curl] = found.map(|line| line.expect("found"));
        Welcome { sign_in_link, ingest_key, curl }
    }

    pub fn client(&self, key: &str) -> Client {
        Client::new(&self.base_url, Some(key))
    }

    /// `kill -9`: nothing of the program runs any more.
    pub async fn kill(mut self) {
        self.child.kill().await.expect("killed");
    }

    /// Asks it to stop as a service manager does, and waits until it has.
    pub async fn terminate(self) {
        self.ask_to_stop().await;
        self.ended().await;
    }

    /// Asks it to stop as a service manager does.
    pub async fn ask_to_stop(&self) {
        self.signal("-TERM").await;
    }

    /// Makes it stand still: its connections stay open, and nobody answers.
    pub async fn freeze(&self) {
        self.signal("-STOP").await;
    }

    /// Lets it go on from where it stood still.
    pub async fn thaw(&self) {
        self.signal("-CONT").await;
    }

    async fn signal(&self, signal: &str) {
        let pid = self.child.id().expect("it runs").to_string();
        let sent = Command::new("kill").args([signal, &pid]).status().await.expect("kill");
        assert!(sent.success());
    }

    /// Stops it as a service manager does; what it has printed that was not read yet.
    pub async fn rest(mut self) -> Vec<String> {
        self.ask_to_stop().await;
        let mut lines = Vec::new();
        while let Some(line) = within("the end", self.stdout.next_line()).await.expect("text") {
            lines.push(line);
        }
        self.ended().await;
        lines
    }

    /// Waits until it gives up.
    pub async fn fails(mut self) {
        assert!(!within("the end", self.child.wait()).await.expect("an end").success());
    }

    /// Waits for its end, which must be a good one.
    pub async fn ended(mut self) {
        assert!(within("the end", self.child.wait()).await.expect("an end").success());
    }
}

/// Runs `tacho` to its end.
pub async fn tacho(data_dir: &Path, arguments: &[&str]) -> Output {
    let run = command(data_dir, arguments).stdin(Stdio::null()).output();
    within("the end of the command", run).await.expect("tacho runs")
}

/// Runs `tacho` to its end, which must be a good one, and returns what it printed.
pub async fn tacho_ok(data_dir: &Path, arguments: &[&str]) -> String {
    let output = tacho(data_dir, arguments).await;
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert!(output.status.success(), "{arguments:?}: {out}{err}");
    out.trim().to_owned()
}

/// Runs `tacho`, which must refuse, and returns what it said.
pub async fn tacho_refused(data_dir: &Path, arguments: &[&str], environment: &[(&str, &str)]) -> String {
    let mut child = command(data_dir, arguments)
        .envs(environment.iter().copied())
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .expect("tacho starts");
    let status = within("the refusal", child.wait()).await.expect("an end");
    let mut said = String::new();
    child.stderr.take().expect("its errors").read_to_string(&mut said).await.expect("text");
    assert!(!status.success(), "{arguments:?} was not refused: {said}");
    said
}

fn command(data_dir: &Path, arguments: &[&str]) -> Command {
    prepared(Command::new(env!("CARGO_BIN_EXE_tacho")), data_dir, arguments)
}

fn prepared(mut command: Command, data_dir: &Path, arguments: &[&str]) -> Command {
    // Settings of whoever runs the tests are not theirs.
    for (name, _) in std::env::vars().filter(|(name, _)| name.starts_with("TACHO_")) {
        command.env_remove(name);
    }
    command.env("TACHO_STORE_BALLAST_BYTES", "0");
    command.args(arguments).arg("--data-dir").arg(data_dir).kill_on_drop(true);
    // Where there is no `tacho.toml` of the developer's.
    command.current_dir(if data_dir.is_dir() { data_dir } else { Path::new("/") });
    command
}
