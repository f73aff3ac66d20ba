//! What applications use: the official SDKs and Claude Code, through the proxy and with our hooks.

use std::collections::BTreeMap;
use std::path::Path;
use std::process::Output;
use std::time::Duration;

use serde_json::{Value, json};
use tokio::process::Command;

use crate::harness::node::{claude_code, root, typescript_sdk};
use crate::harness::proxied::Proxied;
use crate::harness::{skip, until};

/// A whole test suite of another language takes a while on a busy machine.
const SUITE_PATIENCE: Duration = Duration::from_secs(15 * 60);

fn python() -> Option<std::ffi::OsString> {
    let python = std::env::var_os("TACHO_TEST_PYTHON");
    if python.is_none() {
        skip("no Python with packages here; `cargo xtask test` makes one");
    }
    python
}

/// Runs a program to its end, which must be a good one; what it printed.
async fn run(command: &mut Command) -> String {
    let ended = tokio::time::timeout(SUITE_PATIENCE, command.kill_on_drop(true).output()).await;
    let Output { status, stdout, stderr } = ended.expect("an end in time").expect("it starts");
    let (stdout, stderr) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert!(status.success(), "{stdout}\n{stderr}");
    stdout.into_owned()
}

/// The settings that the test suites of the hooks ask for.
fn world(command: &mut Command, proxied: &Proxied) {
    command
        .env("TACHO_URL", proxied.tacho.base_url())
        .env("TACHO_KEY", proxied.tacho.reporter.key())
        .env("TACHO_READ_KEY", proxied.tacho.admin.key())
        .env("UPSTREAM_URL", &proxied.upstream.base_url)
        .env("PROXY_URL", &proxied.caller.base_url);
}

/// Every exchange of the API is an event, with the usage that the API sent; and those named are among them.
async fn everything_is_an_event(proxied: &Proxied, named: &str) {
    // The others went to the API directly, to compare.
    let exchanges = proxied.upstream.exchanges().into_iter();
    let exchanges: Vec<_> = exchanges.filter(|exchange| exchange.header("x-compared").is_none()).collect();
    let events = proxied.events(exchanges.len()).await;
    let by_id: BTreeMap<&str, &Value> =
        events.iter().filter_map(|event| Some((event["id"].as_str()?, event))).collect();
    for exchange in &exchanges {
        let event = by_id.get(exchange.request_id.as_str()).unwrap_or_else(|| panic!("{exchange:#?}"));
        assert_eq!(event["status"].as_u64(), exchange.status.map(u64::from));
        if let (Some(usage), Some("/v1/messages")) =
            (&exchange.usage, exchange.path_and_query.split('?').next())
        {
            for name in ["input_tokens", "output_tokens", "cache_read_input_tokens"] {
                assert_eq!(event["usage"][name], usage[name], "{name} of {event:#}");
            }
        }
    }
    for id in named.lines().map(str::trim).filter(|line| !line.is_empty()) {
        assert!(by_id.contains_key(id), "{id} is no event");
    }
    until("learned limits", async || {
        let status = proxied.tacho.admin.get("/v1/limits/status").await.json();
        let standings = status["standings"].as_array().expect("standings").clone();
        standings.into_iter().find(|standing| standing["source"] == "learned")
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_python_sdk_works_through_the_proxy_as_without() {
    let Some(python) = python() else { return };
    let proxied = Proxied::start().await;
    let mut script = Command::new(python);
    world(script.arg(root().join("tests/sdk/through_the_proxy.py")), &proxied);
    let ids = run(&mut script).await;
    assert!(ids.lines().count() >= 20, "{ids}");
    everything_is_an_event(&proxied, &ids).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_typescript_sdk_works_through_the_proxy_as_without() {
    let Some(sdk) = typescript_sdk() else { return };
    let proxied = Proxied::start().await;
    let mut script = Command::new("node");
    script.arg(root().join("tests/sdk/through_the_proxy.mjs")).env("SDK_DIRECTORY", sdk);
    world(&mut script, &proxied);
    let ids = run(&mut script).await;
    assert!(ids.lines().count() >= 20, "{ids}");
    everything_is_an_event(&proxied, &ids).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_python_hook_passes_its_tests() {
    let Some(python) = python() else { return };
    let proxied = Proxied::start().await;
    let mut suite = Command::new(python);
    suite.args(["-m", "pytest", "-q"]).current_dir(root().join("sdk/python")).env("PYTHONPATH", ".");
    world(&mut suite, &proxied);
    println!("{}", run(&mut suite).await);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_typescript_hook_passes_its_tests() {
    let Some(sdk) = typescript_sdk() else { return };
    let proxied = Proxied::start().await;
    let mut suite = Command::new("npm");
    world(suite.arg("test").current_dir(sdk), &proxied);
    println!("{}", run(&mut suite).await);
}

/// Runs Claude Code in print mode, as a person would in an empty home.
async fn claude(program: &Path, proxied: &Proxied, session: &str) -> Value {
    let home = tempfile::tempdir().expect("a directory");
    let mut claude = Command::new(program);
    claude
        .args(["-p", "say hello", "--output-format", "json", "--session-id", session])
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", home.path())
        .env("ANTHROPIC_BASE_URL", format!("{}/p/team/f/coding", proxied.caller.base_url))
        .env("ANTHROPIC_API_KEY", "sk-ant-api03-abcdefghijklmnopqrstuvwxyz-WXYZ")
        .env("CLAUDE_CODE_DISABLE_NONESSENTIAL_TRAFFIC", "1")
        .env("DISABLE_AUTOUPDATER", "1")
        .current_dir(home.path())
        .stdin(std::process::Stdio::null());
    serde_json::from_str(&run(&mut claude).await).expect("JSON")
}

#[tokio::test(flavor = "multi_thread")]
async fn claude_code_runs_a_session_through_the_proxy() {
    let Some(program) = claude_code() else { return };
    let proxied = Proxied::start().await;
    let session = "7c1c0b5e-3f0a-4d1e-9a55-0c6f1f2e3d4b";
    let said = claude(&program, &proxied, session).await;
    assert_eq!((&said["is_error"], &said["session_id"]), (&json!(false), &json!(session)), "{said:#}");
    let exchange = proxied.upstream.wait_for(1).await.remove(0);
    let events = proxied.events(1).await;
    assert_eq!(events[0]["session"], session, "{:#}", events[0]);
    assert_eq!((&events[0]["project"], &events[0]["feature"]), (&json!("team"), &json!("coding")));
    let sent = exchange.usage.expect("a usage");
    assert_eq!(events[0]["usage"]["input_tokens"], sent["input_tokens"]);
    assert_eq!(events[0]["usage"]["output_tokens"], sent["output_tokens"]);
}
