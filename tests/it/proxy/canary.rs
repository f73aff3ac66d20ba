//! What people and models say, and the keys they say it with, is written nowhere: not into the database, not beside it,
//! not into the log, however much that says.

use std::process::Stdio;

use http_body_util::{BodyExt, Full};
use serde_json::{Value, json};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};
use upstream::{Terms, Upstream};

use crate::harness::program::Program;
use crate::harness::proxied::{Caller, MODEL};
use crate::harness::{found, until};

const KEY: &str = "sk-ant-api03-canary-in-the-key-abcdefghijklmnop-WXYZ";
const BEARER: &str = "canary-in-the-bearer-token";
const PROMPT: &str = "canary in the prompt";
const SYSTEM: &str = "canary in the system prompt";
const TOOL_INPUT: &str = "canary in the tool input";
const HEADER: &str = "canary-in-a-header";

/// A call with a canary in all that a caller can put into it.
fn call(caller: &Caller, scenario: &str, stream: bool, encoding: &str) -> http::Request<Full<bytes::Bytes>> {
    let body = json!({
        "model": MODEL, "max_tokens": 64, "stream": stream, "system": SYSTEM,
        "messages": [
            { "role": "user", "content": PROMPT },
            { "role": "assistant", "content": [
                { "type": "tool_use", "id": "toolu_1", "name": "search", "input": { "query": TOOL_INPUT } },
            ] },
            { "role": "user", "content": [
                { "type": "tool_result", "tool_use_id": "toolu_1", "content": TOOL_INPUT },
            ] },
        ],
    });
    http::Request::post(format!("{}/v1/messages", caller.base_url))
        .header("content-type", "application/json")
        .header("x-api-key", KEY)
        .header("authorization", format!("Bearer {BEARER}"))
        .header("anthropic-version", "2026-10-21")
        .header("x-customer", HEADER)
        .header("x-fake-scenario", scenario)
        .header("accept-encoding", encoding)
        .body(Full::from(body.to_string()))
        .expect("a request")
}

/// The words of an answer that a model made up.
fn completion(body: &Value) -> String {
    let text = body["content"][0]["text"].as_str().expect("a text");
    text.chars().take(40).collect()
}

#[tokio::test]
async fn nothing_that_is_said_is_written_anywhere() {
    let directory = tempfile::tempdir().expect("a directory");
    let upstream = Upstream::start(Terms::default()).await;
    std::fs::write(
        directory.path().join("tacho.toml"),
        "[[policies]]\npolicy = \"cache\"\n[[policies]]\npolicy = \"retry\"\nmax_retries = 1\n",
    )
    .expect("a file");
    let log = std::fs::File::create(directory.path().join("log")).expect("a file");
    let settings = [("TACHO_PROXY_UPSTREAM", upstream.base_url.as_str()), ("TACHO_LOG", "trace")];
    let program = Program::logging(directory.path(), &settings, Stdio::from(log)).await;
    let admin = {
        let data_dir = directory.path();
        let key = ["keys", "create", "--scope", "admin", "--name", "reader"];
        program.client(&crate::harness::program::tacho_ok(data_dir, &key).await)
    };
    let caller = Caller::new(&format!("{}/proxy", program.base_url));
    let http2 = Caller::http2(&caller.base_url);

    let plain = caller.send(call(&caller, "words=30", false, "identity")).await;
    let completion = completion(&plain.json());
    let mut calls = 1;
    for scenario in [
        "words=30",
        "overloaded",
        "rate_limited",
        "spend_cap",
        "own_spend_limit",
        "error_mid_stream",
        "no_delta",
    ] {
        for (caller, stream, encoding) in [
            (&caller, true, "gzip"),
            (&http2, true, "br"),
            (&caller, false, "zstd"),
            (&http2, false, "identity"),
        ] {
            caller.send(call(caller, scenario, stream, encoding)).await;
            calls += 1;
        }
    }
    // A caller that goes, and an answer that breaks off.
    let mut answer = caller.begin(call(&caller, "silent; after=5", true, "identity")).await;
    answer.frame().await.expect("a frame").expect("bytes");
    drop(answer);
    let cut = caller.begin(call(&caller, "cut; after=900", true, "identity")).await;
    cut.into_body().collect().await.expect_err("no good end");
    // And the same while nothing can be stored.
    let path = directory.path().join("tacho.db");
    let mut holder: SqliteConnection =
        SqliteConnectOptions::new().filename(path).connect().await.expect("the database");
    sqlx::query("begin immediate").execute(&mut holder).await.expect("the lock");
    caller.send(call(&caller, "words=30", true, "identity")).await;
    let spill = directory.path().join("proxy-spill.ndjson");
    until("the file of waiting events", async || spill.exists().then_some(())).await;
    let canaries =
        [KEY, "canary-in-the-key", BEARER, PROMPT, SYSTEM, TOOL_INPUT, HEADER, completion.as_str()];
    assert_eq!(found(directory.path(), &canaries), [""; 0]);
    sqlx::query("rollback").execute(&mut holder).await.expect("let go");
    holder.close().await.expect("closed");

    until("all events", async || {
        let page = admin.get("/v1/events?limit=1000").await.json();
        (page["events"].as_array().expect("events").len() >= calls + 3).then_some(())
    })
    .await;
    assert_eq!(found(directory.path(), &canaries), [""; 0]);
    program.terminate().await;
    assert_eq!(found(directory.path(), &canaries), [""; 0]);
    // The search finds what is there.
    assert!(!found(directory.path(), &["claude-sonnet-5-5"]).is_empty());
    assert!(
        found(directory.path(), &["TRACE"])
            .iter()
            .any(|hit| hit.ends_with("/log\"") || hit.ends_with("/log"))
    );
}
