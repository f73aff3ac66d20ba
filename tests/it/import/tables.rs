//! Tables as other programs write them: read as they are, or refused with what to type. Nothing is guessed.

use std::path::Path;

use serde_json::{Value, json};
use tempfile::{TempDir, tempdir};

use crate::given;
use crate::harness::program::{Program, tacho, tacho_ok, tacho_refused};
use crate::harness::tacho::Tacho;

/// A table in a file of its own, and a data directory to import it into.
pub struct Table {
    pub directory: TempDir,
    file: String,
}

/// What `tacho import` said.
#[derive(Debug)]
pub struct Said {
    pub ok: bool,
    out: String,
    pub err: String,
}

impl Table {
    fn named(name: &str, content: impl AsRef<[u8]>) -> Self {
        let directory = tempdir().unwrap();
        let file = directory.path().join(name).to_str().unwrap().to_owned();
        std::fs::write(&file, content).unwrap();
        Table { directory, file }
    }

    pub fn new(content: &str) -> Self {
        Self::named("usage.csv", content)
    }

    fn fixture(name: &str) -> Self {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/fixtures/csv").join(name);
        Self::named(name, std::fs::read(path).unwrap())
    }

    pub async fn import(&self, arguments: &[&str]) -> Said {
        let arguments: Vec<_> = ["import", &self.file].iter().chain(arguments).copied().collect();
        let output = tacho(self.directory.path(), &arguments).await;
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        Said { ok: output.status.success(), out: text(&output.stdout), err: text(&output.stderr) }
    }

    /// Imports it, which must bring everything in, and returns what was said of it and the events, oldest first.
    pub async fn imported(&self, arguments: &[&str]) -> (String, Vec<Value>) {
        let said = self.import(arguments).await;
        assert!(said.ok && said.err.is_empty(), "{said:?}");
        (said.out, self.events().await)
    }

    /// Imports it, which must bring nothing in, and returns the sentence of the refusal.
    pub async fn refused(&self, code: &str, arguments: &[&str]) -> String {
        let said = self.import(arguments).await;
        assert!(!said.ok && said.out.is_empty() && said.err.contains(&format!("[{code}]")), "{said:?}");
        assert!(!self.directory.path().join("tacho.db").exists(), "something was stored");
        said.err
    }

    /// The events that are stored, oldest first.
    async fn events(&self) -> Vec<Value> {
        let key =
            tacho_ok(self.directory.path(), &["keys", "create", "--scope", "read", "--name", "a"]).await;
        let program = Program::start(self.directory.path(), &[]).await;
        let page = program.client(&key).get("/v1/events?limit=100&from=1970-01-02T00:00:00Z").await.json();
        program.terminate().await;
        let mut events = page["events"].as_array().unwrap().clone();
        events.sort_by_key(|event| event["at"].as_str().unwrap().to_owned());
        events
    }
}

/// Time, input and output tokens of events.
fn brief(events: &[Value]) -> Value {
    let brief = |event: &Value| {
        let usage = &event["usage"];
        json!([event["at"], usage["input_tokens"], usage["output_tokens"]])
    };
    events.iter().map(brief).collect()
}

#[tokio::test]
async fn a_pandas_table_is_read_as_it_is() {
    let table = Table::fixture("pandas.csv");
    let (said, events) = table.imported(&[]).await;
    assert!(said.contains("columns are separated by `,`, numbers have a decimal point"), "{said}");
    assert!(said.contains("column `at`: from 2025-11-20T10:00:00Z to 2025-11-20T10:00:02Z\n"), "{said}");
    let expected = json!([
        ["2025-11-20T10:00:00Z", 412, 231],
        ["2025-11-20T10:00:01.5Z", 413, null],
        ["2025-11-20T10:00:02Z", 414, 5]
    ]);
    assert_eq!(brief(&events), expected);
    let cache_read = |place: usize| &events[place]["usage"]["cache_read_input_tokens"];
    assert_eq!([cache_read(0), cache_read(1), cache_read(2)], [&Value::Null, &Value::Null, &json!(0)]);
    assert_eq!((&events[0]["user"], &events[2]["user"]), (&json!("u_1"), &events[1]["user"]));
    let again = table.import(&[]).await;
    assert!(again.ok && again.out.contains("0 events added, 3 known already"), "{again:?}");
}

#[tokio::test]
async fn the_tables_of_spreadsheets_are_read_as_they_are() {
    let german = Table::fixture("spreadsheet-de.csv");
    let map = "at=Zeit,model=Modell,input_tokens=Eingabe,output_tokens=Ausgabe";
    let (said, events) = german.imported(&["--map", map]).await;
    assert!(said.contains("separated by `;`, numbers have a decimal comma"), "{said}");
    assert!(said.contains("day/month/year") && said.contains("without a zone taken as UTC"), "{said}");
    assert!(said.contains("not read: Kosten"), "{said}");
    let expected = json!([["2025-11-20T10:00:00Z", 1_234, 5], ["2025-11-20T10:01:00Z", 1_234_567, 12]]);
    assert_eq!(brief(&events), expected);

    let unicode = Table::fixture("unicode-text.txt");
    let map = "at=When,model=Model,input_tokens=Tokens in,output_tokens=Tokens out";
    let (said, events) = unicode.imported(&["--map", map, "--format", "csv"]).await;
    assert!(said.contains("separated by tab") && said.contains("month/day/year"), "{said}");
    let expected = json!([["2025-11-20T10:00:00Z", 1_234, 5], ["2025-11-20T13:00:00Z", 1_234_567, null]]);
    assert_eq!(brief(&events), expected);
}

#[tokio::test]
async fn the_tables_of_neighbouring_tools_say_what_to_map() {
    let table = Table::fixture("litellm-spend-logs.csv");
    let said = table.refused("no_times", &[]).await;
    assert!(said.contains("--map at=startTime or --map at=endTime"), "{said}");
    let map = "at=startTime,id=request_id,input_tokens=prompt_tokens,output_tokens=completion_tokens";
    let (said, events) = table.imported(&["--map", map]).await;
    assert!(said.contains("not read: call_type, spend, total_tokens"), "{said}");
    let expected = json!([["2025-11-20T10:00:00.123Z", 412, 231], ["2025-11-20T10:00:02.5Z", 0, 0]]);
    assert_eq!(brief(&events), expected);
    assert_eq!(events[0]["id"], "chatcmpl-1");

    let table = Table::fixture("helicone-requests.csv");
    let said = table.refused("no_times", &[]).await;
    assert!(said.contains("--map at=request_created_at"), "{said}");
    let map = "at=request_created_at,id=request_id,input_tokens=prompt_tokens,output_tokens=completion_tokens,\
        status=response_status,duration_ms=delay_ms,ttft_ms=time_to_first_token,user=request_user_id";
    let (_, events) = table.imported(&["--map", map]).await;
    let expected = json!([["2025-11-20T10:00:00.123Z", 412, 231], ["2025-11-20T10:00:03Z", null, null]]);
    assert_eq!(brief(&events), expected);
    assert_eq!((&events[0]["ttft_ms"], &events[1]["status"]), (&json!(310), &json!(429)));

    let table = Table::fixture("console-usage.csv");
    let said = table.refused("no_model", &[]).await;
    assert!(said.contains("--map model=model_version"), "{said}");
    let said = table.refused("no_times", &["--map", "model=model_version"]).await;
    assert!(said.contains("--map at=usage_date_utc"), "{said}");
    let map = "at=usage_date_utc,model=model_version,input_tokens=usage_input_tokens_no_cache,\
        cache_read_tokens=usage_input_tokens_cache_read,output_tokens=usage_output_tokens";
    let (said, events) = table.imported(&["--map", map]).await;
    assert!(said.contains("days without a time taken as their midnight"), "{said}");
    let expected = json!([["2025-11-20T00:00:00Z", 46_981, 16_932], ["2025-11-21T00:00:00Z", 50_000, 2_000]]);
    assert_eq!(brief(&events), expected);
}

#[tokio::test]
async fn a_table_without_times_is_refused_with_what_to_type() {
    let rows = "timestamp,model,input_tokens,project\n\
        2025-01-01T10:00:00Z,claude-sonnet-5-5,600000,old\n2025-01-02T10:00:00Z,claude-sonnet-5-5,600000,old\n";
    let table = Table::new(rows);
    let said = table.refused("no_times", &[]).await;
    assert!(said.contains("such as --map at=timestamp,") && said.contains("--set at=now"), "{said}");
    let (_, events) = table.imported(&["--map", "at=timestamp"]).await;
    assert_eq!(events[0]["at"], "2025-01-01T10:00:00Z");
    let table = Table::new("\"Time, in UTC\",model\n2025-01-01 10:00,m\n");
    let said = table.refused("no_times", &[]).await;
    assert!(said.contains("such as --map \"at=Time, in UTC\","), "{said}");
    let (_, events) = table.imported(&["--map", "at=Time, in UTC"]).await;
    assert_eq!(events[0]["at"], "2025-01-01T10:00:00Z");

    let table = Table::new("model,input_tokens\nclaude-sonnet-5-5,1\nclaude-sonnet-5-5,1\n");
    let said = table.refused("no_times", &[]).await;
    assert!(said.contains("give --map at=COLUMN, or --set at=2026-11-20T10:00:00Z"), "{said}");
    // Said on purpose it is taken, and taken once.
    for time in ["at=2025-01-01T10:00:00Z", "at=now"] {
        let table = Table::new("model,input_tokens\nclaude-sonnet-5-5,1\nclaude-sonnet-5-5,1\n");
        assert_eq!(table.imported(&["--set", time]).await.1.len(), 2);
        let again = table.import(&["--set", time]).await;
        assert!(again.ok && again.out.contains("0 events added, 2 known already"), "{again:?}");
    }
}

#[tokio::test]
async fn an_import_without_times_does_not_fill_the_windows_of_now() {
    let tacho = Tacho::now().await;
    tacho.limit("tokens_per_day", 1_000_000.0).await;
    let file = tacho.directory.path().join("old.ndjson");
    let lines = ["600000", "600001"].map(|tokens| {
        format!("{{\"model\":\"claude-sonnet-5-5\",\"usage\":{{\"input_tokens\":{tokens}}}}}\n")
    });
    std::fs::write(&file, lines.concat()).unwrap();
    let said = tacho_refused(tacho.directory.path(), &["import", file.to_str().unwrap()], &[]).await;
    assert!(said.contains("line 1: `at` is missing") && said.contains("[missing_time]"), "{said}");
    assert!(said.contains("line 2") && said.contains("--set at="), "{said}");
    let set = ["import", file.to_str().unwrap(), "--set", "at=2025-01-01T00:00:00Z"];
    assert!(tacho_ok(tacho.directory.path(), &set).await.contains("2 events added"));
    // What is reported after it is counted after it.
    tacho.reporter.report(&given::event("now", 10, 5)).await;
    crate::harness::until("the event of now in the standings", async || {
        (tacho.standing("tokens_per_day").await["used"] == 15.0).then_some(())
    })
    .await;
}

#[tokio::test]
async fn rows_without_a_time_among_others_are_refused_by_their_line() {
    let table = Table::new("at,model\n2025-11-20T10:00:00Z,m\n,m\nNaT,m\n2025-11-20T10:00:01Z,m\n");
    let said = table.import(&[]).await;
    assert!(
        !said.ok && said.out.contains("2 events added, 0 known already, 0 in conflict, 2 refused"),
        "{said:?}"
    );
    assert!(said.err.contains("line 3: `at` is missing") && said.err.contains("line 4: `at`"), "{said:?}");
    // The time that is set is theirs alone.
    let said = table.import(&["--set", "at=2025-11-19"]).await;
    assert!(said.ok && said.out.contains("2 events added, 2 known already"), "{said:?}");
    let at: Vec<_> = table.events().await.iter().map(|event| event["at"].clone()).collect();
    let midnight = "2025-11-19T00:00:00Z";
    assert_eq!(at, [midnight, midnight, "2025-11-20T10:00:00Z", "2025-11-20T10:00:01Z"]);
}

#[tokio::test]
async fn numbers_are_times_in_one_unit_that_is_said() {
    let table = |times: [&str; 2]| Table::new(&format!("ts,model\n{},m\n{},m\n", times[0], times[1]));
    let seconds = table(["1763632800", "1763632860"]);
    let (said, events) = seconds.imported(&["--map", "at=ts"]).await;
    let expected = "column `ts`: Unix seconds, from 2025-11-20T10:00:00Z to 2025-11-20T10:01:00Z";
    assert!(said.contains(expected), "{said}");
    assert_eq!(events[1]["at"], "2025-11-20T10:01:00Z");
    for (times, unit) in [
        (["1763632800000", "1763632860000"], "Unix milliseconds"),
        (["1763632800000000", "1763632860000000"], "Unix microseconds"),
        (["1763632800000000000", "1763632860000000000"], "Unix nanoseconds"),
        (["202511201000", "202511201001"], "the digits of date and time"),
        (["20251120100000", "20251120100100"], "the digits of date and time"),
    ] {
        let (said, events) = table(times).imported(&["--map", "at=ts"]).await;
        assert!(said.contains(&format!("`ts`: {unit}")), "{said}");
        assert_eq!(said.contains("taken as UTC"), unit.contains("digits"), "{said}");
        assert_eq!(events[1]["at"], "2025-11-20T10:01:00Z", "{unit}");
    }
    // What does not leave one answer is asked about, and can be answered.
    for (times, hint, answer) in [
        (["202511201000", "2025-11-20 10:01:00 UTC"], "--time-format stamp,", "stamp"),
        (["1763632800", "1763632860000"], "Unix seconds (line 2), Unix milliseconds (line 3)", "s"),
        (["45981.4166666667", "45981.4173611111"], "--time-format excel,", "excel"),
        (["2025112010", "2025112011"], "numbers that are no time between 2010 and now (line 2)", "%Y%m%d%H"),
        (["03/04/2025", "04/04/2025"], "--time-format dmy|mdy,", "dmy"),
        (["03.04.2025 10:00", "04.04.2025 10:00"], "line 2", "mdy"),
        (["20/11/2025", "11/20/2025"], "day/month/year (line 2), month/day/year (line 3)", "%d/%m/%Y"),
    ] {
        let table = table(times);
        let said = table.refused("ambiguous_times", &["--map", "at=ts"]).await;
        assert!(said.contains(hint) && said.contains("--time-format"), "{times:?}: {said}");
        let told = table.import(&["--map", "at=ts", "--time-format", answer]).await;
        assert!(told.out.contains(" events added"), "{times:?}: {told:?}");
        let years: Vec<_> =
            table.events().await.iter().map(|event| event["at"].as_str().unwrap()[..4].to_owned()).collect();
        assert!(!years.is_empty() && years.iter().all(|year| year == "2025"), "{times:?}: {years:?}");
    }
}

#[tokio::test]
async fn damage_has_a_line() {
    let open = Table::new("at,model,user\n2025-11-20 10:00:00,m,\"open\n2025-11-20 10:00:01,m,b\n");
    let said = open.refused("open_quote", &[]).await;
    assert!(said.contains("line 2: a quote opens a cell and never closes"), "{said}");

    let doubled = Table::new("at,model,input_tokens,input_tokens\n2025-11-20 10:00:00,m,12,99\n");
    let said = doubled.refused("doubled_column", &[]).await;
    assert!(said.contains("columns 3 and 4 are both called `input_tokens`"), "{said}");

    let table = Table::new(
        "at,model,input_tokens\n2025-11-20 10:00:00,m,412.5\n2025-11-20 10:00:01,m\n\
        2025-11-20 10:00:02,m,1,234\n2025-11-20 10:00:03 CET,m,1\n2025-11-20 10:00:04,m,7\n2025-11-20 10:00:05,m,1e3\n",
    );
    let said = table.import(&[]).await;
    assert!(
        !said.ok && said.out.contains("1 events added, 0 known already, 0 in conflict, 5 refused"),
        "{said:?}"
    );
    for (line, code) in [
        ("line 2: `input_tokens` has a fraction behind its decimal point", "[invalid_number]"),
        ("line 3: the row has 2 cells, but the head has 3", "[invalid_row]"),
        ("line 4: the row has 4 cells", "[invalid_row]"),
        ("line 5: `at` is no time that can be read for sure", "[invalid_time]"),
        ("line 7: `input_tokens`", "[invalid_number]"),
    ] {
        let found = said.err.lines().find(|said| said.contains(line));
        assert!(found.is_some_and(|said| said.contains(code)), "{line}: {said:?}");
    }

    let many = format!("at,model\n{}", "yesterday,m\n".repeat(12));
    let said = Table::new(&many).import(&[]).await;
    assert!(said.err.lines().count() == 11 && said.err.contains("2 more are refused"), "{said:?}");
    assert!(!said.ok && said.out.contains("12 refused"), "{said:?}");
}

#[tokio::test]
async fn a_mark_that_may_mean_two_things_is_asked_about() {
    let table = Table::new("at;model;input_tokens\r\n2025-11-20 10:00:00;m;1.234\r\n");
    let said = table.refused("ambiguous_numbers", &[]).await;
    assert!(said.contains("column `input_tokens` (line 2)") && said.contains("--decimal"), "{said}");
    let point = table.import(&["--decimal", "."]).await;
    assert!(!point.ok && point.err.contains("line 2") && point.err.contains("has a fraction"), "{point:?}");
    let (_, events) = table.imported(&["--decimal", ","]).await;
    assert_eq!(events[0]["usage"]["input_tokens"], 1_234);

    let either = Table::new("at,x;model\n2025-11-20,x;m\n");
    let said = either.refused("ambiguous_delimiter", &["--set", "input_tokens=1"]).await;
    assert!(said.contains("`,` or by `;`") && said.contains("--delimiter"), "{said}");
}

#[tokio::test]
async fn what_is_no_table_is_said_to_be_none() {
    for (content, code, remedy) in [
        (&b"PK\x03\x04..."[..], "no_text", "CSV UTF-8"),
        (b"\x1f\x8b\x08", "no_text", "gunzip"),
        (b"a\0t\0,\0", "no_text", "UTF-8"),
        (b"", "empty_file", "names of its columns"),
    ] {
        let said = Table::named("usage.csv", content).refused(code, &[]).await;
        assert!(said.contains(remedy), "{said}");
    }
    let lines = Table::named("usage.ndjson", given::event("a", 1, 1).to_string());
    let said = lines.refused("mapping_not_taken", &["--time-format", "s"]).await;
    assert!(said.contains("for CSV files"), "{said}");
}

#[tokio::test]
async fn what_comes_through_a_pipe_is_imported_whole() {
    use std::process::Stdio;
    use tokio::io::AsyncWriteExt;
    let directory = tempdir().unwrap();
    let mut child = tokio::process::Command::new(env!("CARGO_BIN_EXE_tacho"))
        .args(["import", "-", "--shift-to-now", "--data-dir", directory.path().to_str().unwrap()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .kill_on_drop(true)
        .spawn()
        .unwrap();
    let rows: String = (0..3_000).map(|row| format!("2025-11-20 10:00:00,m,{row}\n")).collect();
    let mut input = child.stdin.take().unwrap();
    input.write_all(format!("at,model,input_tokens\n{rows}").as_bytes()).await.unwrap();
    drop(input);
    let output = child.wait_with_output().await.unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("-: 3000 events added"), "{said}");
}
