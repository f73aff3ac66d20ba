//! `tacho demo`: every state can be seen without a key.

use tempfile::tempdir;

use crate::harness::client::Client;
use crate::harness::program::Program;

#[tokio::test]
async fn the_demo_shows_a_week_and_cleans_up_after_itself() {
    let elsewhere = tempdir().unwrap();
    let temporary = tempdir().unwrap();
    let environment = [("TMPDIR", temporary.path().to_str().unwrap())];
    let mut program =
        Program::run(elsewhere.path(), &["demo", "--listen", "127.0.0.1:0"], &environment).await;
    let welcome = program.welcome().await;
    let anybody = Client::new(&program.base_url, None);
    let opened = anybody.get(welcome.sign_in_link.strip_prefix(&program.base_url).unwrap()).await;
    let cookie = opened.header("set-cookie").split(';').next().unwrap();
    let headers = [("cookie", cookie)];
    let week = anybody.send(reqwest::Method::GET, "/?range=7d", &headers, Vec::new()).await;
    for shown in ["claude-sonnet-5-5", "checkout", "unpriced", "from response headers, "] {
        assert!(week.text.contains(shown), "{shown} is not shown");
    }
    // Early in the day nobody has come under it yet, so that it has no standing to show.
    let limits = anybody.send(reqwest::Method::GET, "/limits", &headers, Vec::new()).await;
    assert!(limits.text.contains("Each user: tokens per day"));
    assert_eq!(std::fs::read_dir(temporary.path()).unwrap().count(), 1);
    program.terminate().await;
    assert_eq!(std::fs::read_dir(temporary.path()).unwrap().count(), 0, "the directory is removed");
}
