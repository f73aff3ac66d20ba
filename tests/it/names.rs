//! Names that others chose, wherever people read them: they turn no sentence around, and hide nothing.

use std::process::Stdio;

use reqwest::Method;
use serde_json::{Value, json};
use tempfile::tempdir;
use vocabulary::{Dimension, Measure};

use crate::given;
use crate::harness::program::{Program, tacho, tacho_ok};
use crate::harness::receiver::Receiver;
use crate::harness::tacho::Tacho;
use crate::harness::until;
use crate::interface::PAGES;

/// Turns what follows it around, and is not seen.
const OVERRIDE: char = '\u{202e}';
/// What such a name has in it.
const MARK: &str = "sentinel";
const HEBREW: &str = "דנה";

fn turning(what: &str) -> String {
    format!("{OVERRIDE}{MARK}-{what}")
}

/// A Tacho in which everything that can have a name has one that turns text around.
async fn marked(receiver: &Receiver) -> Tacho {
    let tacho = Tacho::now().await;
    let channel = json!({ "kind": "webhook", "name": turning("channel"), "url": receiver.url });
    receiver.trust(tacho.admin.post("/v1/channels", &channel).await.json()["secret"].as_str().unwrap());
    tacho
        .limit_of(&json!({ "name": turning("everything"), "kind": "requests_per_minute", "amount": 1 }))
        .await;
    for dimension in Dimension::ALL {
        for value in [Value::Null, turning(dimension.word()).into()] {
            let scope = json!({ "dimension": dimension.word(), "value": value });
            let name = turning("limit");
            let limit = json!({ "name": name, "kind": "tokens_per_day", "amount": 10, "scope": scope });
            tacho.limit_of(&limit).await;
        }
    }
    let mut event = given::event(&turning("id"), 9, 1);
    for dimension in Dimension::ALL {
        event[dimension.word()] = turning(dimension.word()).into();
    }
    event["labels"] = json!({ turning("label"): turning("value") });
    event["error"] = json!({ "type": turning("type"), "code": turning("code") });
    event["stop_reason"] = turning("stop").into();
    // Teaches a limit of this model, workspace and organization.
    event["headers"] = json!({
        "anthropic-ratelimit-requests-limit": "2",
        "anthropic-ratelimit-requests-remaining": "0",
    });
    tacho.reporter.report(&event).await;
    tacho.reporter.post("/v1/events", &json!({ "model": 1 })).await;
    tacho
}

/// What people read of a page: without its scripts, and without what only programs read of its attributes.
fn read(html: &str) -> String {
    let mut text = String::new();
    let mut rest = html;
    while let Some((before, script)) = rest.split_once("<script") {
        text += before;
        rest = script.split_once("</script>").map_or("", |(_, after)| after);
    }
    text += rest;
    for exact in [" href=\"", " value=\"", " action=\"", " data-key=\"", " data-zoom=\""] {
        let mut pieces = text.split(exact);
        let first = pieces.next().unwrap_or_default().to_owned();
        text = pieces.fold(first, |text, piece| text + piece.split_once('"').map_or("", |(_, after)| after));
    }
    text
}

/// Whether each mark is told from what is around it, by an element or by characters.
fn assert_isolated(place: &str, text: &str) {
    assert!(!text.contains(OVERRIDE), "{place} holds a raw override: {text}");
    for (at, _) in text.match_indices(MARK) {
        let before = &text[..at];
        let opened =
            [before.rfind('\u{2068}').map(|at| (at, '\u{2069}')), before.rfind("<bdi").map(|at| (at, '⁄'))];
        let is_open = opened.iter().flatten().any(|(from, end)| match end {
            '\u{2069}' => !before[*from..].contains('\u{2069}'),
            _ => !before[*from..].contains("</bdi>"),
        });
        let around: String =
            text[..at].chars().rev().take(80).collect::<Vec<_>>().into_iter().rev().collect();
        assert!(is_open, "{place}: a name is not isolated after {around:?}");
    }
}

#[tokio::test]
async fn no_page_holds_a_name_that_turns_its_sentences() {
    let mut receiver = Receiver::start().await;
    receiver.answer(&[400]);
    let tacho = marked(&receiver).await;
    receiver.next().await;
    let (reader, cookie) = tacho.signed_in().await;
    let page = async |path: &str| {
        let headers = [("cookie", cookie.as_str()), ("accept", "text/html")];
        let page = reader.send(Method::GET, path, &headers, Vec::new()).await;
        assert_eq!(page.status, 200, "{path}");
        read(&page.text)
    };
    let mut paths: Vec<String> = PAGES.iter().map(|(_, path)| (*path).to_owned()).collect();
    let query = |pairs: &[(&str, &str)]| {
        format!("/?{}", url::form_urlencoded::Serializer::new(String::new()).extend_pairs(pairs).finish())
    };
    for dimension in Dimension::ALL {
        let name = turning(dimension.word());
        paths.push(query(&[("by", dimension.word()), (dimension.word(), &name)]));
        paths.push(query(&[("by", &name), ("range", &turning("range")), ("measure", &turning("measure"))]));
        paths.push(query(&[(dimension.word(), HEBREW)]));
    }
    paths.extend(Measure::ALL.iter().map(|measure| query(&[("measure", measure.word())])));
    for path in paths {
        let text = page(&path).await;
        assert_isolated(&path, &text);
        assert!(!path.contains(MARK) && path != "/" || text.contains(MARK), "{path} names nothing: {text}");
    }
    // The pages did show them.
    let (overview, limits, alerts) = (page("/").await, page("/limits").await, page("/alerts").await);
    for (text, names) in [
        (&overview, &["project", "model", "everything", "limit", "user"][..]),
        (&limits, &["everything", "limit", "session", "workspace", "organization"]),
        (&alerts, &["channel", "limit"]),
    ] {
        for name in names {
            assert!(text.contains(&format!("\u{2068}⟨U+202E⟩{MARK}-{name}")), "{name} is not shown: {text}");
        }
    }
}

#[tokio::test]
async fn what_is_said_to_people_isolates_names_and_data_is_exact() {
    let mut receiver = Receiver::start().await;
    let tacho = marked(&receiver).await;
    let deliveries = tacho.admin.get("/v1/deliveries").await.json();
    let subjects = deliveries.as_array().expect("deliveries");
    assert!(!subjects.is_empty());
    for delivery in subjects {
        assert_isolated("a subject", delivery["subject"].as_str().unwrap());
    }
    let turned = url::form_urlencoded::byte_serialize(turning("x").as_bytes()).collect::<String>();
    for path in [
        format!("/v1/limits/{turned}/history"),
        format!("/v1/series?measure={turned}"),
        format!("/v1/series?{turned}=1"),
        format!("/{turned}"),
    ] {
        let refused = tacho.admin.get(&path).await;
        assert!(refused.status.is_client_error(), "{path}: {}", refused.text);
        assert!(!refused.text.contains(OVERRIDE), "{path}: {}", refused.text);
    }
    // What programs read is as it was sent.
    let message = receiver.next().await.json();
    let limit = message["data"]["limit"]["name"].as_str().unwrap();
    assert!(limit.starts_with(OVERRIDE), "{message}");
    let event = &tacho.admin.get("/v1/events").await.json()["events"][0];
    assert_eq!((&event["user"], &event["id"]), (&turning("user").into(), &turning("id").into()));
    let limits = tacho.admin.get("/v1/limits").await.json();
    assert_eq!(limits[0]["name"], turning("everything"));
    let series = tacho.admin.get("/v1/series?by=user").await.json();
    assert_eq!(series["groups"][0]["key"]["user"], turning("user"));
}

#[tokio::test]
async fn a_message_names_who_it_is_about_in_the_order_of_its_sentence() {
    let mut receiver = Receiver::start().await;
    let tacho = Tacho::at_noon().await;
    tacho.channel(&receiver).await;
    let scope = json!({ "dimension": "user" });
    tacho
        .limit_of(&json!({ "name": "Each user", "kind": "tokens_per_day", "amount": 100, "scope": scope }))
        .await;
    for (user, said) in [
        (HEBREW, "Each user for \u{2068}דנה\u{2069}: warning at 90 %".to_owned()),
        ("u_1", "Each user for u_1: warning at 90 %".to_owned()),
        (&turning("user"), format!("Each user for \u{2068}⟨U+202E⟩{MARK}-user\u{2069}: warning at 90 %")),
    ] {
        let event = given::with(given::event(user, 90, 0), "user", user);
        tacho.reporter.report(&event).await;
        let message = receiver.next().await.json();
        assert_eq!(message["data"]["scope"]["value"], user);
        let deliveries = tacho.admin.get("/v1/deliveries").await.json();
        let mut subjects = deliveries.as_array().unwrap().iter().map(|delivery| &delivery["subject"]);
        assert!(subjects.any(|subject| *subject == said), "{said:?}: {deliveries}");
    }
}

#[tokio::test]
async fn a_table_for_spreadsheets_hides_nothing_and_has_no_formulas() {
    let tacho = Tacho::at_noon().await;
    for (number, user) in [
        "=1+1",
        "+1",
        "-1",
        "@a",
        "\t=1",
        "\n=1",
        "\r1",
        " =1",
        "\u{a0}\u{3000}-1",
        "\u{feff}=1",
        "\u{200b}@a",
        "＝1",
        "﹦1",
        "\u{202e}a",
        HEBREW,
    ]
    .iter()
    .enumerate()
    {
        tacho.reporter.report(&given::with(given::event(&number.to_string(), 1, 1), "user", *user)).await;
    }
    let table = tacho.admin.send(Method::GET, "/v1/events", &[("accept", "text/csv")], Vec::new()).await;
    for cell in [
        "'=1+1",
        "'+1",
        "'-1",
        "'@a",
        "'⟨U+0009⟩=1",
        "'⟨U+000A⟩=1",
        "'⟨U+000D⟩1",
        "' =1",
        "'\u{a0}\u{3000}-1",
        "⟨U+FEFF⟩=1",
        "⟨U+200B⟩@a",
        "'＝1",
        "'﹦1",
        "⟨U+202E⟩a",
        HEBREW,
    ] {
        assert!(table.text.contains(&format!(",{cell},")), "{cell}: {}", table.text);
    }
}

#[tokio::test]
async fn the_terminal_shows_names_as_they_are() {
    let directory = tempdir().unwrap();
    let data = directory.path();
    for (name, shown) in [
        (turning("key"), format!("\u{2068}⟨U+202E⟩{MARK}-key\u{2069}")),
        (HEBREW.to_owned(), format!("\u{2068}{HEBREW}\u{2069}")),
        ("two\nlines \u{1b}[31m".to_owned(), "\u{2068}two⟨U+000A⟩lines ⟨U+001B⟩[31m\u{2069}".to_owned()),
        ("김민지".to_owned(), "김민지".to_owned()),
    ] {
        tacho_ok(data, &["keys", "create", "--scope", "read", "--name", &name]).await;
        let listed = tacho_ok(data, &["keys", "list"]).await;
        assert!(listed.lines().any(|line| line.ends_with(&shown)), "{shown:?}: {listed}");
    }
    let file = data.join(format!("{}.ndjson", turning("file")));
    std::fs::write(&file, "{\"model\":1}\n{\"model\":\"m\"}\n").unwrap();
    let imported = tacho(data, &["import", file.to_str().unwrap()]).await;
    for said in [imported.stdout, imported.stderr] {
        let said = String::from_utf8(said).unwrap();
        assert!(said.contains(&format!("⟨U+202E⟩{MARK}-file.ndjson\u{2069}")), "{said}");
        assert_isolated("the import", &said);
    }
    let missing = tacho(data, &["import", &turning("missing")]).await;
    assert_isolated("a refusal", &String::from_utf8(missing.stderr).unwrap());
}

#[tokio::test]
async fn the_log_shows_names_as_they_are() {
    let directory = tempdir().unwrap();
    let log = directory.path().join("log");
    let key = tacho_ok(directory.path(), &["keys", "create", "--scope", "admin", "--name", "a"]).await;
    let out = Stdio::from(std::fs::File::create(&log).unwrap());
    let program = Program::logging(directory.path(), &[], out).await;
    let admin = program.client(&key);
    let name = format!("{}\nsecond line", turning("limit"));
    let scope = json!({ "dimension": "user" });
    let limit = json!({ "name": name, "kind": "tokens_per_day", "amount": 10, "scope": scope });
    assert_eq!(admin.post("/v1/limits", &limit).await.status, 201);
    admin.report(&given::with(given::event("a", 9, 0), "user", turning("user"))).await;
    let logged = until("a line of the log", async || {
        let text = std::fs::read_to_string(&log).unwrap();
        text.contains(MARK).then_some(text)
    })
    .await;
    program.terminate().await;
    assert_isolated("the log", &logged);
    assert!(!logged.lines().any(|line| line.starts_with("second line")), "{logged}");
    assert!(logged.contains("⟨U+000A⟩second line\u{2069}` is warning"), "{logged}");
}
