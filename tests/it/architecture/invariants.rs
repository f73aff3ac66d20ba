//! What holds of the code, whatever uses what.

use std::collections::BTreeSet;
use std::process::Command;

use super::modules::Workspace;
use super::root;
use super::sources::{code, everywhere, sources};

#[test]
fn what_decides_is_pure() {
    let pure = |file: &str| file.starts_with("domain/src/") || file.starts_with("vocabulary/src/");
    let modules = Workspace::read(&root()).modules;
    let files: Vec<_> = modules.iter().map(|module| &module.file).filter(|file| pure(file)).collect();
    assert!(files.len() > 100, "{files:?}");
    for name in files {
        let code = code(&std::fs::read_to_string(root().join(name)).unwrap());
        for impure in [
            "async ",
            ".await",
            "Timestamp::now",
            "SystemTime",
            "std::fs",
            "std::net",
            "std::thread",
            "std::env",
        ] {
            assert!(!code.contains(impure), "{name} contains `{impure}`: let it be handed what it needs");
        }
    }
}

#[test]
fn ids_and_times_are_decided_by_the_program() {
    let steps = std::fs::read_dir(root().join("migrations")).unwrap().map(|entry| entry.unwrap().path());
    let steps =
        steps.filter(|path| path.extension().is_some_and(|extension| extension == "sql")).map(|path| {
            let text = std::fs::read_to_string(&path).unwrap();
            let sql: Vec<_> = text.lines().filter(|line| !line.trim_start().starts_with("--")).collect();
            (path.display().to_string(), sql.join("\n"))
        });
    let store = sources("server/src/store").into_iter().map(|(name, text)| (name, code(&text)));
    for (name, sql) in steps.chain(store) {
        let sql = sql.to_lowercase();
        for decides in [
            "autoincrement",
            "last_insert_rowid",
            "current_timestamp",
            "current_date",
            "current_time",
            "datetime(",
            "julianday(",
            "strftime(",
            "unixepoch(",
            "'now'",
            "random",
        ] {
            assert!(!sql.contains(decides), "{name} lets SQL decide: `{decides}`");
        }
    }
}

#[test]
fn the_machines_clock_is_read_in_one_place() {
    for (name, text) in everywhere() {
        if name != "server/src/clock.rs" {
            let code = code(&text);
            assert!(
                !code.contains("Timestamp::now(") && !code.contains("SystemTime::now("),
                "{name} reads the clock"
            );
        }
    }
}

#[test]
fn no_code_depends_on_a_feature() {
    let everything =
        ["app/src", "browser/src", "domain/src", "server/src", "tacho/src", "vocabulary/src", "xtask/src"];
    for (name, text) in everything.into_iter().flat_map(sources) {
        let knows = ["cfg(feature", "cfg!(feature"].iter().any(|cfg| code(&text).contains(cfg));
        assert!(!knows, "{name} depends on a Cargo feature");
    }
}

#[test]
fn the_browser_carries_no_page_and_no_server() {
    let tree = Command::new(env!("CARGO"))
        .args("tree --package browser --target wasm32-unknown-unknown".split(' '))
        .args("--edges normal --prefix none --offline --locked".split(' '))
        .current_dir(root())
        .output()
        .unwrap();
    let tree = String::from_utf8(tree.stdout).unwrap();
    let crates: BTreeSet<_> = tree.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(crates.contains("web-sys"), "{tree}");
    for elsewhere in
        ["app", "leptos", "vocabulary", "domain", "server", "axum", "sqlx", "tokio", "hyper", "tower"]
    {
        assert!(!crates.contains(elsewhere), "{elsewhere} is in the browser bundle");
    }
}

#[test]
fn files_are_for_one_sitting() {
    for folder in [
        "app/src",
        "bench/src",
        "browser/src",
        "domain/src",
        "server/src",
        "vocabulary/src",
        "xtask/src",
        "tests/it",
        "tests/upstream",
    ] {
        for (name, text) in sources(folder) {
            let lines = code(&text).lines().count();
            assert!(lines <= 400, "{name} has {lines} lines of code: it tells two stories");
        }
    }
}

#[test]
fn the_status_of_an_answer_is_decided_at_the_edge() {
    // The proxy answers as the API does, and the demo as a receiver.
    let speakers = ["server/src/http/", "server/src/proxy/", "server/src/demo/"];
    for (name, text) in everywhere() {
        let speaks = speakers.iter().any(|speaker| name.starts_with(speaker));
        assert!(
            speaks || !code(&text).contains("StatusCode"),
            "{name} decides the status of an answer; let it say which kind of problem it is, and \
             server/src/http/status.rs what that is in HTTP"
        );
    }
}
