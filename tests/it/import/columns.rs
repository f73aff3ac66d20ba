//! What the columns of a table may hold, and what they are called.

use reqwest::Method;

use super::tables::Table;
use crate::harness::program::{Program, tacho_ok};

#[tokio::test]
async fn a_table_says_which_endpoint_each_call_went_to() {
    let table = Table::new(
        "id,at,model,endpoint,input_tokens,output_tokens\n\
         a,2026-11-20T10:00:00Z,claude-sonnet-5-5,/v1/messages,5,7\n\
         b,2026-11-20T10:00:01Z,claude-sonnet-5-5,messages/count_tokens,2095,\n\
         c,2026-11-20T10:00:02Z,(none),models,,\n\
         d,2026-11-20T10:00:03Z,claude-sonnet-5-5,,5,7\n",
    );
    let (_, events) = table.imported(&[]).await;
    let classes: Vec<_> = events.iter().map(|event| event["endpoint_class"].as_str().unwrap()).collect();
    assert_eq!(classes, ["messages", "count_tokens", "other", "messages"]);
    assert_eq!(events[1]["usage"]["input_tokens"], 0);
    // So does a table of Tacho's own.
    let program = Program::start(table.directory.path(), &[]).await;
    let admin = program.client(
        &tacho_ok(table.directory.path(), &["keys", "create", "--scope", "admin", "--name", "ops"]).await,
    );
    let exported = admin
        .send(
            Method::GET,
            "/v1/events?from=2026-11-20T00:00:00Z&to=2026-11-21T00:00:00Z",
            &[("accept", "text/csv")],
            Vec::new(),
        )
        .await;
    program.terminate().await;
    let (_, again) = Table::new(&exported.text).imported(&[]).await;
    let classes_again: Vec<_> = again.iter().map(|event| event["endpoint_class"].as_str().unwrap()).collect();
    assert_eq!(classes_again, classes);
}

#[tokio::test]
async fn a_column_without_a_name_is_called_by_its_number() {
    let table = Table::new(
        ",model,input_tokens\n2025-11-20 10:00:00,claude-sonnet-5-5,5\n2025-11-20 11:00:00,claude-sonnet-5-5,6\n",
    );
    let refused = table.refused("no_times", &[]).await;
    assert!(refused.contains("--map \"at=column 1\""), "{refused}");
    table.refused("missing_column", &["--map", "at=column 2"]).await;
    let (_, events) = table.imported(&["--map", "at=column 1"]).await;
    assert_eq!(events[0]["at"], "2025-11-20T10:00:00Z");
}

#[tokio::test]
async fn durations_are_read_to_the_millisecond() {
    let table = Table::new(
        "at,model,duration_ms,status\n2026-11-20T10:00:00Z,m,123.4,200.0\n2026-11-20T10:00:01Z,m,1200.5,\n",
    );
    let (_, events) = table.imported(&[]).await;
    let durations: Vec<_> = events.iter().map(|event| event["duration_ms"].as_u64().unwrap()).collect();
    assert_eq!(durations, [123, 1_201]);
    let table = Table::new("at;model;duration_ms\n2026-11-20T10:00:00Z;m;1.234,56\n");
    assert_eq!(table.imported(&[]).await.1[0]["duration_ms"], 1_235);
}

#[tokio::test]
async fn a_number_that_has_lost_its_digits_is_no_time() {
    let table = Table::new("at,model\n1.7636328e+18,m\n");
    let said = table.import(&["--time-format", "ns"]).await;
    assert!(!said.ok && said.err.contains("lost its last digits"), "{said:?}");
}

#[tokio::test]
async fn what_was_typed_and_is_not_understood_is_shown_without_what_turns_it_around() {
    let table = Table::new("");
    let said = table.import(&["b\u{202e}\u{1b}[31m.csv", "c"]).await;
    assert!(!said.ok && said.err.contains("⟨U+202E⟩") && !said.err.contains('\u{202e}'), "{said:?}");
}
