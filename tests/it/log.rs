//! The log: one event a line, whatever names and values are in it.

use std::process::Stdio;

use jiff::Timestamp;
use serde_json::json;
use tempfile::tempdir;
use upstream::{Terms, Upstream};

use crate::harness::program::{Program, tacho_ok};
use crate::harness::proxied::Caller;
use crate::harness::until;

/// What a line of its own would say, and what speaks to a terminal: it sets its title, clears it, turns text around.
const FORGED: &str = "2026-11-29T00:00:00.000000Z  INFO server::access: admin signed in";
const SPEAKS: &str = "\u{1b}]0;owned\u{7}\u{1b}[2J\u{9b}31m\u{8}\u{7f}\u{202e}\u{2066}";
/// Whatever ends a line somewhere.
const ENDS: [&str; 8] = ["\n", "\r", "\r\n", "\u{2028}", "\u{2029}", "\u{85}", "\u{b}", "\u{c}"];

#[tokio::test]
async fn nothing_that_somebody_says_begins_a_line_or_speaks_to_a_terminal() {
    let directory = tempdir().unwrap();
    let path = directory.path().join("log");
    let admin = tacho_ok(directory.path(), &["keys", "create", "--scope", "admin", "--name", "a"]).await;
    let ingest = tacho_ok(directory.path(), &["keys", "create", "--scope", "ingest", "--name", "a\nb"]).await;
    let out = Stdio::from(std::fs::File::create(&path).unwrap());
    let upstream = Upstream::start(Terms::default()).await;
    // As a variable that names no setting: it is warned of as it is.
    let variable = format!("TACHO_X\n{FORGED}{SPEAKS}");
    let settings = [("TACHO_PROXY_UPSTREAM", upstream.base_url.as_str()), (&variable, "")];
    let program = Program::logging(directory.path(), &settings, out).await;
    let scope = json!({ "dimension": "project" });
    let limit = json!({ "name": "a\nb", "kind": "requests_per_minute", "amount": 1, "scope": scope });
    assert_eq!(program.client(&admin).post("/v1/limits", &limit).await.status, 201);

    // As the project of a call, whose limit is exceeded.
    for end in ENDS {
        let project = format!("x{end}{FORGED}{SPEAKS}");
        let segment: String = url::form_urlencoded::byte_serialize(project.as_bytes()).collect();
        let segment = segment.replace('+', "%20");
        let caller = Caller::new(&format!("{}/proxy/p/{segment}", program.base_url));
        assert_eq!(caller.send(caller.messages("words=3", false)).await.status, 200);
    }
    // As the name of a key whose event is refused.
    let reporter = program.client(&ingest);
    reporter.post("/v1/events", &json!({ "model": 1 })).await;

    let logged = until("every line", async || {
        let logged = std::fs::read_to_string(&path).unwrap();
        let forged = logged.matches("admin signed in").count();
        (forged > ENDS.len() && logged.contains("Refused events")).then_some(logged)
    });
    let logged = logged.await;
    program.terminate().await;
    for line in logged.split('\n').filter(|line| !line.is_empty()) {
        let (time, rest) = line.split_once(' ').unwrap();
        assert!(time.parse::<Timestamp>().is_ok(), "{line:?} begins with no time");
        assert!(!rest.trim_start().starts_with("INFO server::access"), "{line:?} is forged");
    }
    let hidden = |c: char| {
        (c.is_control() && c != '\n') || matches!(c, '\u{2028}'..='\u{202e}' | '\u{2066}' | '\u{2067}')
    };
    assert!(!logged.contains(hidden), "{logged:?}");
}
