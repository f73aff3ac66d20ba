//! The upstream as a program.

use std::process::Stdio;

use serde_json::Value;
use tokio::io::{AsyncBufReadExt, BufReader};
use tokio::process::Command;

use crate::harness::{client, plain, signed};

#[tokio::test]
async fn the_program_says_where_it_listens_and_ends_with_its_input() {
    let mut program = Command::new(env!("CARGO_BIN_EXE_upstream"))
        .args(["--listen", "127.0.0.1:0", "--requests-per-minute", "1"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(program.stdout.take().unwrap()).lines();
    let line = lines.next_line().await.unwrap().unwrap();
    let url = line.strip_prefix("listening on ").unwrap();
    for status in [200, 429] {
        let request = signed(client().post(format!("{url}/v1/messages"))).json(&plain());
        assert_eq!(request.send().await.unwrap().status(), status);
    }
    let exchanges: Value =
        client().get(format!("{url}/fake/exchanges")).send().await.unwrap().json().await.unwrap();
    assert_eq!(exchanges.as_array().unwrap().len(), 2);
    drop(program.stdin.take());
    assert!(program.wait().await.unwrap().success());
}
