//! `tacho import`: an hour of real traffic, with and without a server on the data; and the tables of other programs
//! in `import/`.

mod columns;
mod tables;

use std::path::{Path, PathBuf};

use serde_json::Value;
use tempfile::tempdir;

use crate::given;
use crate::harness::program::{Program, tacho, tacho_ok, tacho_refused};
use crate::harness::receiver::Receiver;
use crate::harness::tacho::Tacho;

const MAP: &str = "at=TIMESTAMP,input_tokens=ContextTokens,output_tokens=GeneratedTokens";

pub fn azure() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/csv/azure-llm-2023.csv")
}

fn arguments(path: &Path) -> Vec<&str> {
    vec!["import", path.to_str().unwrap(), "--map", MAP, "--set", "model=claude-sonnet-5-5"]
}

/// The largest value of a series, and its sum.
fn peak_and_total(series: &Value) -> (f64, f64) {
    let group = &series["groups"][0];
    let values = group["points"].as_array().unwrap().iter().map(|point| point[1].as_f64().unwrap());
    (values.fold(0.0, f64::max), group["total"].as_f64().unwrap())
}

#[tokio::test]
async fn an_hour_of_real_traffic_is_counted_to_the_last_token() {
    let directory = tempdir().unwrap();
    let path = azure();
    let said = tacho_ok(directory.path(), &arguments(&path)).await;
    assert!(said.contains("8819 events added"), "{said}");
    let again = tacho_ok(directory.path(), &arguments(&path)).await;
    assert!(again.contains("0 events added") && again.contains("8819 known already"), "{again}");
    let checked = tacho_ok(directory.path(), &["check", "--json"]).await;
    assert_eq!(
        serde_json::from_str::<Value>(&checked).unwrap(),
        serde_json::json!({ "events": 8_819, "problems": [] })
    );

    let key = tacho_ok(directory.path(), &["keys", "create", "--scope", "read", "--name", "a"]).await;
    let program = Program::start(directory.path(), &[]).await;
    let client = program.client(&key);
    for (measure, peak, total) in [("requests", 585.0, 8_819.0), ("input_tokens", 1_242_714.0, 18_059_974.0)]
    {
        let path =
            format!("/v1/series?measure={measure}&step=60&from=2023-11-16T18:00:00Z&to=2023-11-16T20:00:00Z");
        assert_eq!(peak_and_total(&client.get(&path).await.json()), (peak, total), "{measure}");
    }
    // Minutes, hours and days hold the same.
    for step in [60, 3_600, 86_400] {
        let path = format!(
            "/v1/series?measure=output_tokens&by=model&step={step}&from=2023-11-16T00:00:00Z&to=2023-11-17T00:00:00Z"
        );
        let series = client.get(&path).await.json();
        assert_eq!(peak_and_total(&series).1, 245_896.0);
        assert_eq!(series["groups"][0]["key"]["model"], "claude-sonnet-5-5");
    }
    program.terminate().await;
}

#[tokio::test]
async fn a_running_server_notices_and_old_windows_stay_quiet() {
    let mut receiver = Receiver::start().await;
    let tacho = Tacho::now().await;
    tacho.channel(&receiver).await;
    tacho.limit("requests_per_minute", 100.0).await;
    tacho.limit("tokens_per_day", 1_000_000.0).await;
    tacho_ok(tacho.directory.path(), &arguments(&azure())).await;
    // An event of now is evaluated after the import was noticed, so nothing else can still be on its way.
    tacho.reporter.report(&given::event("now", 10, 5)).await;
    crate::harness::until("the import in the standings", async || {
        (tacho.standing("tokens_per_day").await["used"] == 15.0).then_some(())
    })
    .await;
    let test = tacho.admin.get("/v1/channels").await.json();
    let id = test[0]["id"].as_str().unwrap();
    tacho.admin.post(&format!("/v1/channels/{id}/test"), &Value::Null).await;
    assert_eq!(receiver.next().await.kind(), "limit.test", "old traffic raised an alert");
}

#[tokio::test]
async fn traffic_moved_to_now_fills_the_windows_of_now() {
    let tacho = Tacho::now().await;
    tacho.limit("tokens_per_day", 1_000_000_000.0).await;
    let path = azure();
    let mut moved = arguments(&path);
    moved.push("--shift-to-now");
    tacho_ok(tacho.directory.path(), &moved).await;
    let newest = tacho.admin.get("/v1/events?limit=1").await.json();
    assert_eq!(newest["events"].as_array().unwrap().len(), 1, "the newest event lies within the last hour");
    // The newest event was just now, so some of them are of today whatever the hour.
    crate::harness::until("a day with the import in it", async || {
        let used = tacho.standing("tokens_per_day").await["used"].as_f64().unwrap();
        (used > 0.0).then_some(())
    })
    .await;
}

#[tokio::test]
async fn our_own_lines_are_read_and_wrong_ones_named_with_their_line() {
    let directory = tempdir().unwrap();
    let file = directory.path().join("events.ndjson");
    let lines = [
        given::with(given::event("a", 1, 1), "at", "2025-11-20T10:00:00Z").to_string(),
        "{\"id\":\"no model\"}".to_owned(),
        given::with(given::event("b", 1, 1), "at", "2025-11-20T10:00:00Z").to_string(),
    ];
    std::fs::write(&file, lines.join("\n")).unwrap();
    let output = tacho(directory.path(), &["import", file.to_str().unwrap()]).await;
    let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
    assert_eq!(output.status.code(), Some(1), "refused lines are not a success");
    assert!(out.contains("2 events added") && out.contains("1 refused"), "{out}");
    assert!(err.contains("line 2") && err.contains("`model` is missing"), "{err}");
}

#[tokio::test]
async fn each_kind_of_trouble_is_told_by_its_lines() {
    let directory = tempdir().unwrap();
    let file = directory.path().join("events.ndjson");
    let file = file.to_str().unwrap();
    let import = async |lines: Vec<String>| {
        std::fs::write(file, lines.join("\n")).unwrap();
        let output = tacho(directory.path(), &["import", file]).await;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (text(&output.stdout), text(&output.stderr))
    };
    let event =
        |id: &str, tokens: u64| given::with(given::event(id, tokens, 1), "at", "2025-11-20T10:00:00Z");
    // The names that are cut do not take the place of the refusals.
    let long =
        |number: u32| given::with(event(&format!("u{number}"), 1), "user", "x".repeat(2_000)).to_string();
    let lines = || (0..11).map(long).chain((0..8).map(|_| "{\"id\":\"no model\"}".to_owned())).collect();
    let (out, err) = import(lines()).await;
    assert!(out.contains("11 events added, 0 known already, 0 in conflict, 8 refused"), "{out}");
    let count = |err: &str, what: &str| err.lines().filter(|line| line.contains(what)).count();
    assert_eq!(
        (count(&err, ": added without all of it: "), count(&err, "`model` is missing")),
        (10, 8),
        "{err}"
    );
    assert!(err.ends_with(": 1 more are added without all of it\n") && !err.contains("are refused"), "{err}");
    // What was added before is not added without all of it again.
    let (out, err) = import(lines()).await;
    assert!(
        out.contains("0 events added, 11 known already") && count(&err, "without all of it") == 0,
        "{out}{err}"
    );

    tacho_ok(directory.path(), &["events", "delete", "u0"]).await;
    let (out, err) =
        import((0..12).map(|number| event(&format!("u{number}"), 7).to_string()).collect()).await;
    assert!(out.contains("1 events added, 0 known already, 11 in conflict, 0 refused"), "{out}");
    let conflict = "events.ndjson, line 2: the id `u1` is known with other content; the first stays (put it right with \
                    tacho events correct) [conflict]\n";
    assert!(err.contains(conflict) && err.contains("line 1: the id `u0` was deleted"), "{err}");
    assert!(count(&err, "[conflict]") == 9 && count(&err, "[deleted]") == 1, "{err}");
    assert!(err.ends_with(": 1 more are in conflict\n"), "{err}");
}

#[tokio::test]
async fn mistakes_in_the_mapping_are_explained() {
    let directory = tempdir().unwrap();
    let path = azure();
    let file = path.to_str().unwrap();
    for (arguments, hint) in [
        (vec!["import", file], "--set model=MODEL"),
        (vec!["import", file, "--set", "model=a", "--map", "at=When"], "TIMESTAMP"),
        (vec!["import", file, "--set", "model=a", "--map", "colour=TIMESTAMP"], "colour"),
        (vec!["import", file, "--set", "model=a,input_tokens=many", "--map", "at=TIMESTAMP"], "whole number"),
        (vec!["import", file, "--set", "model=a", "--map", "at=TIMESTAMP", "--delimiter", "comma"], "tab"),
        (
            vec!["import", file, "--set", "model=a", "--map", "at=TIMESTAMP", "--time-format", "weeks"],
            "stamp",
        ),
        (vec!["import", "nowhere.csv"], "nowhere.csv"),
        (vec!["import", file, "--format", "xml"], "ndjson"),
    ] {
        let said = tacho_refused(directory.path(), &arguments, &[]).await;
        assert!(said.contains(hint), "{arguments:?}: {said}");
    }
}

#[tokio::test]
async fn a_key_in_a_file_is_called_as_everywhere() {
    const KEY: &str = "sk-ant-api03-abcdefghijklmnopqrstuvwxyz-WXYZ";
    let directory = tempdir().unwrap();
    let event = |at: &str| serde_json::json!({ "model": "claude-sonnet-5-5", "at": at, "api_key": KEY });
    let file = directory.path().join("old.ndjson");
    std::fs::write(&file, event("2024-01-01T00:00:00Z").to_string()).unwrap();
    tacho_ok(directory.path(), &["import", file.to_str().unwrap()]).await;
    let key = tacho_ok(directory.path(), &["keys", "create", "--scope", "admin", "--name", "a"]).await;
    let program = Program::start(directory.path(), &[]).await;
    let client = program.client(&key);
    client.report(&event("2024-01-02T00:00:00Z")).await;
    let page = client.get("/v1/events?from=2024-01-01T00:00:00Z").await.json();
    let named: Vec<_> = page["events"].as_array().unwrap().iter().map(|event| &event["api_key"]).collect();
    assert_eq!((named.len(), named[0]), (2, named[1]), "{page:#}");
    assert!(named[0].as_str().unwrap().ends_with("..WXYZ"), "{page:#}");
}
