//! Python with the packages that receivers of webhooks use.

use std::process::Stdio;

use tokio::io::AsyncWriteExt;
use tokio::process::Command;

/// Runs a script with `input`; answers what it printed, or nothing when there is no prepared Python.
pub async fn run(script: &str, input: &str) -> Option<String> {
    let Some(python) = std::env::var_os("TACHO_TEST_PYTHON") else {
        super::skip("no Python with packages here; `cargo xtask test` makes one");
        return None;
    };
    let mut child = Command::new(python)
        .args(["-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("python starts");
    child.stdin.take().expect("its input").write_all(input.as_bytes()).await.expect("written");
    let output = child.wait_with_output().await.expect("an end");
    assert!(output.status.success(), "the script failed");
    Some(String::from_utf8(output.stdout).expect("text").trim().to_owned())
}
