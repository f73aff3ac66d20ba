//! Real parts to test with: the program, the server in this process with a clock that tests move, a receiver of
//! webhooks, a browser, and Python.

pub mod browser;
pub mod client;
pub mod node;
pub mod program;
pub mod proxied;
pub mod python;
pub mod receiver;
pub mod small_disk;
pub mod tacho;

use std::io::Write;
use std::path::Path;
use std::time::Duration;

/// Says which test does not run, and why, past the harness, which keeps the output of tests that pass.
pub fn skip(why: &str) {
    let test = std::thread::current().name().unwrap_or("a test").to_owned();
    let _ = writeln!(std::io::stderr(), "SKIPPED {test}: {why}");
}

/// Longer than anything here takes; a test that waits for it has failed.
pub const PATIENCE: Duration = Duration::from_secs(90);

/// How often a test that holds Tacho to a time tries again: the other tests run beside it, and one of many tries is
/// undisturbed. Where nothing else runs, it is the first.
pub const TRIES: usize = 40;

/// Waits for something to happen; panics with `what` when it does not.
pub async fn within<T>(what: &str, happens: impl Future<Output = T>) -> T {
    match tokio::time::timeout(PATIENCE, happens).await {
        Ok(happened) => happened,
        Err(_) => panic!("{what} did not happen within {PATIENCE:?}"),
    }
}

/// Asks again until the answer is there.
pub async fn until<T>(what: &str, mut ask: impl AsyncFnMut() -> Option<T>) -> T {
    within(what, async {
        let mut every = tokio::time::interval(Duration::from_millis(20));
        loop {
            every.tick().await;
            if let Some(answer) = ask().await {
                return answer;
            }
        }
    })
    .await
}

/// Every file in a directory that holds one of the strings, and which.
pub fn found(directory: &Path, canaries: &[impl AsRef<str>]) -> Vec<String> {
    let mut hits = Vec::new();
    for file in std::fs::read_dir(directory).expect("the directory").flatten() {
        // Files come and go while a database is open.
        let Ok(bytes) = std::fs::read(file.path()) else { continue };
        for canary in canaries.iter().map(AsRef::as_ref) {
            if bytes.windows(canary.len()).any(|window| window == canary.as_bytes()) {
                hits.push(format!("{canary:?} in {}", file.path().display()));
            }
        }
    }
    hits
}
