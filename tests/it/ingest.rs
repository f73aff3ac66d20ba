//! `POST /v1/events`: the contract, through HTTP.

use std::io::Write;

use reqwest::Method;
use serde_json::{Value, json};

use crate::given;
use crate::harness::client::Reply;
use crate::harness::tacho::{NOON_MS, Tacho};

const JSON: (&str, &str) = ("content-type", "application/json");

async fn post(tacho: &Tacho, headers: &[(&str, &str)], body: impl Into<Vec<u8>>) -> Reply {
    tacho.reporter.send(Method::POST, "/v1/events", headers, body.into()).await
}

async fn stored(tacho: &Tacho) -> f64 {
    let series = tacho.admin.get("/v1/series?measure=requests").await.json();
    series["groups"][0]["total"].as_f64().unwrap_or(0.0)
}

#[tokio::test]
async fn an_object_an_array_and_lines_are_the_same() {
    let tacho = Tacho::at_noon().await;
    let one = post(&tacho, &[JSON], given::event("a", 1, 1).to_string()).await;
    assert_eq!((one.status.as_u16(), one.json()["accepted"].clone()), (200, 1.into()));
    assert_eq!(one.header("x-tacho-durability"), "full");
    let array = post(&tacho, &[JSON], given::events("b", 3).to_string()).await;
    assert_eq!(array.json()["accepted"], 3);
    let lines = format!("{}\n\n{}\r\n", given::event("c", 1, 1), given::event("d", 1, 1));
    let lines = post(&tacho, &[("content-type", "application/x-ndjson")], lines).await;
    assert_eq!((lines.status.as_u16(), lines.json()["accepted"].clone()), (200, 2.into()), "{}", lines.text);
    // curl sends another type when it is told none.
    let curl = post(
        &tacho,
        &[("content-type", "application/x-www-form-urlencoded")],
        given::event("e", 1, 1).to_string(),
    )
    .await;
    assert_eq!(curl.json()["accepted"], 1, "{}", curl.text);
    assert_eq!(stored(&tacho).await, 7.0);
}

#[tokio::test]
async fn gzip_and_zstd_are_undone_and_others_refused() {
    let tacho = Tacho::at_noon().await;
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
    gzip.write_all(given::events("gzip", 100).to_string().as_bytes()).unwrap();
    let gzip = gzip.finish().unwrap();
    let reply = post(&tacho, &[JSON, ("content-encoding", "gzip")], gzip.clone()).await;
    assert_eq!(reply.json()["accepted"], 100, "{}", reply.text);
    let zstd = zstd::encode_all(given::events("zstd", 100).to_string().as_bytes(), 3).unwrap();
    let reply = post(&tacho, &[JSON, ("content-encoding", "zstd")], zstd).await;
    assert_eq!(reply.json()["accepted"], 100, "{}", reply.text);

    for (encoding, body, status, code) in [
        ("br", b"x".to_vec(), 415, "unsupported_encoding"),
        ("gzip", gzip[..gzip.len() / 2].to_vec(), 400, "truncated_body"),
        ("gzip", [gzip.clone(), gzip.clone()].concat(), 400, "trailing_bytes"),
        ("gzip", b"this is not gzip at all".to_vec(), 400, "corrupt_body"),
    ] {
        let reply = post(&tacho, &[JSON, ("content-encoding", encoding)], body).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (status, code));
    }
    let reply = post(&tacho, &[("content-type", "text/html")], "{}").await;
    assert_eq!((reply.status.as_u16(), reply.code().as_str()), (415, "unsupported_type"));
    assert_eq!(stored(&tacho).await, 200.0);
}

#[tokio::test]
async fn each_item_has_its_own_fate() {
    let tacho = Tacho::at_noon().await;
    let mixed = json!([
        given::event("good", 1, 1),
        { "id": "no-model", "usage": { "input_tokens": 1 } },
        given::with(given::event("negative", 1, 1), "usage", json!({ "input_tokens": -1 })),
        given::with(given::event("ahead", 1, 1), "at", given::rfc3339(NOON_MS + 301_000)),
        given::with(given::event("old", 1, 1), "at", given::rfc3339(NOON_MS - 36 * 86_400_000)),
        7,
        { "model": "claude-sonnet-5-5", "usage": { "input_tokens": 1, "output_tokens": 1 } },
    ]);
    let reply = post(&tacho, &[JSON], mixed.to_string()).await;
    assert_eq!(reply.status, 207);
    let answer = reply.json();
    assert_eq!(
        (&answer["accepted"], &answer["rejected"], &answer["duplicates"]),
        (&2.into(), &5.into(), &0.into())
    );
    let results = answer["results"].as_array().unwrap();
    let codes: Vec<_> = results
        .iter()
        .map(|result| (result["index"].as_u64().unwrap(), result["code"].as_str().unwrap_or("-")))
        .collect();
    assert_eq!(
        codes,
        [
            (1, "missing_model"),
            (2, "invalid_number"),
            (3, "future"),
            (4, "too_old"),
            (5, "not_an_object"),
            (6, "-")
        ]
    );
    assert_eq!(results[5]["id_assigned"], true);
    assert!(
        results.iter().take(5).all(|result| result["retryable"] == false && result["message"].is_string())
    );
    assert_eq!(stored(&tacho).await, 2.0);

    let none = post(&tacho, &[JSON], json!([{ "id": "x" }]).to_string()).await;
    assert_eq!((none.status.as_u16(), none.json()["rejected"].clone()), (422, 1.into()));
    let verbose = tacho.reporter.post("/v1/events?verbose=1", &given::events("v", 2)).await.json();
    assert_eq!(verbose["results"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn sending_again_never_counts_twice() {
    let tacho = Tacho::at_noon().await;
    let events = given::events("a", 20);
    tacho.reporter.report(&events).await;
    let again = tacho.reporter.post("/v1/events", &events).await;
    assert_eq!((again.status.as_u16(), again.json()["duplicates"].clone()), (200, 20.into()));
    // Another time does not make it another event: the id counts.
    tacho.advance(3_600);
    let later = tacho.reporter.post("/v1/events", &events).await;
    assert_eq!(later.json()["duplicates"], 20);
    let other = tacho.reporter.post("/v1/events", &given::event("a_0", 999, 5)).await;
    assert_eq!((other.status.as_u16(), other.json()["results"][0]["code"].clone()), (422, "conflict".into()));
    // The same id in another project is another event.
    tacho.reporter.report(&given::with(given::event("a_0", 10, 5), "project", "other")).await;
    let twice = json!([given::event("twice", 1, 1), given::event("twice", 1, 1)]);
    let twice = tacho.reporter.post("/v1/events", &twice).await.json();
    assert_eq!((&twice["accepted"], &twice["duplicates"]), (&1.into(), &1.into()));
    let series =
        tacho.admin.get(&format!("/v1/series?from={}", given::rfc3339(NOON_MS - 60_000))).await.json();
    assert_eq!(series["groups"][0]["total"], 22.0);
}

#[tokio::test]
async fn bodies_at_their_bounds() {
    let limits = [
        ("TACHO_INGEST_MAX_BODY_BYTES", "2000"),
        ("TACHO_INGEST_MAX_INFLATED_BYTES", "3000"),
        ("TACHO_INGEST_MAX_ITEMS", "5"),
        ("TACHO_INGEST_MAX_ITEM_BYTES", "500"),
    ];
    let tacho = Tacho::with(server::clock::Clock::manual(NOON_MS), &limits).await;
    let padded = |id: &str, bytes: usize| {
        let event = given::event(id, 1, 1).to_string();
        format!("{}{}", event, " ".repeat(bytes - event.len()))
    };
    for (bytes, status) in [(1_999, 200), (2_000, 200), (2_001, 413)] {
        // Space around an item is not part of it.
        let reply = post(&tacho, &[JSON], padded(&format!("body_{bytes}"), bytes)).await;
        assert_eq!(reply.status, status, "{bytes}: {}", reply.text);
        if status == 413 {
            assert_eq!(reply.code(), "body_too_large");
        }
    }
    for (items, status) in [(4, 200), (5, 200), (6, 413)] {
        let reply = post(&tacho, &[JSON], given::events(&format!("items_{items}"), items).to_string()).await;
        assert_eq!(reply.status, status, "{items}: {}", reply.text);
    }
    for (bytes, status) in [(499, 200), (500, 200), (501, 422)] {
        let mut event = given::event(&format!("item_{bytes}"), 1, 1);
        event["unknown"] = "".into();
        let missing = bytes - event.to_string().len();
        event["unknown"] = "x".repeat(missing).into();
        let reply = post(&tacho, &[JSON], event.to_string()).await;
        assert_eq!(reply.status, status, "{bytes}: {}", reply.text);
    }
    for (bytes, status) in [(2_999, 200), (3_000, 200), (3_001, 413)] {
        let body = zstd::encode_all(padded(&format!("inflated_{bytes}"), bytes).as_bytes(), 3).unwrap();
        let reply = post(&tacho, &[JSON, ("content-encoding", "zstd")], body).await;
        assert_eq!(reply.status, status, "{bytes}: {}", reply.text);
    }
}

#[tokio::test]
async fn unreadable_bodies_are_refused_whole() {
    let tacho = Tacho::at_noon().await;
    for (body, code) in
        [(&b""[..], "empty_body"), (b"[{\"model\":\"a\"}", "malformed_body"), (b"[\xff]", "invalid_unicode")]
    {
        let reply = post(&tacho, &[JSON], body).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (400, code));
    }
    assert_eq!(stored(&tacho).await, 0.0);
}

#[tokio::test]
async fn refused_events_are_told_of_on_the_page() {
    let tacho = Tacho::at_noon().await;
    let (browser, cookie) = tacho.signed_in().await;
    let assert_told = async |words: [&str; 2]| {
        let page = browser.send(Method::GET, "/", &[("cookie", &cookie)], Vec::new()).await;
        assert!(words.iter().all(|word| page.text.contains(word)), "{words:?} are not in {}", page.text);
    };
    post(&tacho, &[JSON], json!([{ "id": "x" }, { "id": "y" }]).to_string()).await;
    assert_told(["2\u{a0}events", "model</code> is missing"]).await;
    // Nor does a second event under an id disappear silently.
    for input_tokens in [1, 2] {
        post(&tacho, &[JSON], given::event("z", input_tokens, 1).to_string()).await;
    }
    assert_told(["3\u{a0}events", "another event has this id"]).await;
}

#[tokio::test]
async fn what_is_acknowledged_is_committed_and_a_full_queue_says_when_to_come_back() {
    let tacho =
        Tacho::with(server::clock::Clock::manual(NOON_MS), &[("TACHO_INGEST_QUEUE_BYTES", "1")]).await;
    // Somebody else holds the write lock: nothing can be committed.
    let database = format!("sqlite://{}", tacho.directory.path().join("tacho.db").display());
    let pool = sqlx::SqlitePool::connect(&database).await.unwrap();
    let mut lock = pool.begin_with("begin immediate").await.unwrap();
    sqlx::query("delete from sign_in").execute(&mut *lock).await.unwrap();

    // 350 events that carry all the labels they may fill the queue.
    let labels: serde_json::Map<_, _> =
        (0..32).map(|number| (format!("label-{number}"), "x".repeat(256).into())).collect();
    let mut heavy = given::events("bulk", 350);
    for event in heavy.as_array_mut().unwrap() {
        event["labels"] = labels.clone().into();
    }
    let bulk = tokio::spawn({
        let reporter = tacho.reporter.clone();
        async move { reporter.post("/v1/events", &heavy).await }
    });
    let refused = crate::harness::until("a full queue", async || {
        // One that comes before the bulk waits with it, and is asked again.
        let two = given::events("more", 2);
        let reply = tacho.reporter.post("/v1/events", &two);
        let reply = tokio::time::timeout(std::time::Duration::from_millis(300), reply).await.ok()?;
        (reply.status == 503).then_some(reply)
    })
    .await;
    assert_eq!((refused.code().as_str(), refused.header("retry-after")), ("unavailable", "5"));
    assert!(refused.text.contains("faster than it can store"), "{}", refused.text);
    // Single events are still taken: they wait for the commit like the others.
    let single = tokio::spawn({
        let reporter = tacho.reporter.clone();
        async move { reporter.post("/v1/events", &given::event("single", 1, 1)).await }
    });
    assert!(!bulk.is_finished() && !single.is_finished(), "acknowledged before it was committed");
    lock.rollback().await.unwrap();
    assert_eq!(bulk.await.unwrap().json()["accepted"], 350);
    assert_eq!(single.await.unwrap().json()["accepted"], 1);
}

#[tokio::test]
async fn the_unknown_stays_unknown() {
    let tacho = Tacho::at_noon().await;
    let strange = json!([
        given::with(given::event("no-price", 10, 5), "model", "claude-from-the-future"),
        { "id": "no-usage", "model": given::MODEL, "status": 200 },
    ]);
    tacho.reporter.report(&strange).await;
    let cost = tacho.admin.get("/v1/series?measure=cost_usd").await.json();
    assert_eq!(cost["groups"], json!([]), "an unknown price is not 0 dollars");
    let events = tacho.admin.get("/v1/events").await.json();
    for event in events["events"].as_array().unwrap() {
        assert_eq!(event["cost_usd"], Value::Null, "{event}");
    }
    let unknown =
        events["events"].as_array().unwrap().iter().find(|event| event["id"] == "no-usage").unwrap();
    assert_eq!(unknown["usage"]["input_tokens"], Value::Null);
}

#[tokio::test]
async fn events_are_listed_page_by_page_and_can_be_posted_again() {
    let tacho = Tacho::at_noon().await;
    tacho.reporter.report(&given::events("a", 25)).await;
    let mut seen = Vec::new();
    let mut path = "/v1/events?limit=10".to_owned();
    loop {
        let page = tacho.admin.get(&path).await.json();
        seen.extend(
            page["events"].as_array().unwrap().iter().map(|event| event["id"].as_str().unwrap().to_owned()),
        );
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/v1/events?limit=10&cursor={cursor}");
    }
    assert_eq!(seen.len(), 25);
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), 25);

    let lines =
        tacho.admin.send(Method::GET, "/v1/events", &[("accept", "application/x-ndjson")], Vec::new()).await;
    assert_eq!(lines.header("content-type"), "application/x-ndjson");
    let again = post(&tacho, &[("content-type", "application/x-ndjson")], lines.text).await;
    assert_eq!(again.json()["duplicates"], 25, "{}", again.text);
}

#[tokio::test]
async fn events_are_a_table_that_no_spreadsheet_takes_for_formulas() {
    let tacho = Tacho::at_noon().await;
    let tricky = given::with(given::event("a", 10, 5), "project", "=HYPERLINK(\"x\")");
    tacho.reporter.report(&json!([tricky, { "id": "b", "model": "m", "user": "a,\"b" }])).await;
    let table = tacho.admin.send(Method::GET, "/v1/events", &[("accept", "text/csv")], Vec::new()).await;
    assert_eq!(table.header("content-type"), "text/csv; charset=utf-8");
    let mut reader = csv::Reader::from_reader(table.text.as_bytes());
    let head = reader.headers().unwrap().clone();
    let rows: Vec<_> = reader.records().map(Result::unwrap).collect();
    let cell = |id: &str, name: &str| {
        let column = head.iter().position(|column| column == name).unwrap();
        rows.iter().find(|row| &row[0] == id).unwrap()[column].to_owned()
    };
    assert_eq!((cell("a", "input_tokens"), cell("a", "project")), ("10".into(), "'=HYPERLINK(\"x\")".into()));
    assert_eq!((cell("b", "input_tokens"), cell("b", "user")), (String::new(), "a,\"b".into()));
}

#[tokio::test]
async fn questions_that_make_no_sense_say_what_would() {
    let tacho = Tacho::at_noon().await;
    for (query, code, hint) in [
        ("measure=happiness", "invalid_parameter", "requests"),
        ("by=mood", "invalid_parameter", "model"),
        ("colour=red", "unknown_parameter", "measure"),
        ("-colour=red", "unknown_parameter", "-"),
        ("-measure=requests", "unknown_parameter", "measure"),
        ("--model=m", "unknown_parameter", "model"),
        ("from=yesterday", "invalid_parameter", "from"),
        ("from=2026-11-24T12:00:00Z&to=2026-11-24T11:00:00Z", "invalid_range", "before"),
        ("step=7", "invalid_parameter", "60"),
        ("step=9223372036854775740", "invalid_parameter", "at most"),
        ("from=2020-01-01T00:00:00Z", "too_many_buckets", "step"),
        ("from=2020-01-01T00:00:00Z&step=86460", "too_many_buckets", "days"),
        ("from=2026-11-10T00:00:00Z&step=3600&by=session", "range_too_long", "7 days"),
        ("step=31622400&by=session", "range_too_long", "a day or less"),
        ("from=2026-11-10T00:00:00Z&step=3600&session=s_1", "range_too_long", "7 days"),
    ] {
        let reply = tacho.admin.get(&format!("/v1/series?{query}")).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (400, code), "{query}");
        assert!(reply.text.contains(hint), "{query}: {}", reply.text);
    }
}

#[tokio::test]
async fn what_is_excluded_is_left_out_of_every_answer() {
    let tacho = Tacho::at_noon().await;
    let of = |id: &str, project: &str, user: &str| {
        given::with(given::with(given::event(id, 1, 1), "project", project), "user", user)
    };
    tacho.reporter.report(&json!([of("a", "shop", "u_1"), of("b", "blog", "u_1"), of("c", "", "u_2")])).await;
    for (filters, expected) in [
        ("-project=shop", vec!["b", "c"]),
        ("-project=shop&-project=blog", vec!["c"]),
        ("-project=", vec!["a", "b"]),
        ("user=u_1&-project=shop", vec!["b"]),
        ("project=shop&project=blog&-project=shop", vec!["b"]),
        ("-session=s_1", vec!["a", "b", "c"]),
    ] {
        let events = tacho.admin.get(&format!("/v1/events?{filters}")).await.json();
        let mut told: Vec<_> =
            events["events"].as_array().unwrap().iter().map(|event| event["id"].as_str().unwrap()).collect();
        told.sort_unstable();
        assert_eq!(told, expected, "{filters}");
        let series = tacho.admin.get(&format!("/v1/series?{filters}")).await.json();
        assert_eq!(series["groups"][0]["total"], json!(expected.len() as f64), "{filters}");
    }
}

#[tokio::test]
async fn a_bucket_holds_all_that_belongs_in_it_whatever_the_range() {
    let tacho = Tacho::at_noon().await;
    tacho.advance(2 * 3_600);
    let at = |id: &str, at: &str| given::with(given::event(id, 1, 1), "at", at);
    tacho
        .reporter
        .report(&json!([
            at("a", "2026-11-24T12:05:00Z"),
            at("b", "2026-11-24T12:45:00Z"),
            at("c", "2026-11-24T13:10:00Z"),
            at("d", "2026-11-24T13:50:00Z"),
        ]))
        .await;
    let series =
        tacho.admin.get("/v1/series?from=2026-11-24T12:30:00Z&to=2026-11-24T13:30:00Z&step=3600").await;
    let (noon_s, hour_s) = (NOON_MS / 1_000, 3_600);
    let series = series.json();
    assert_eq!(series["groups"][0]["points"], json!([[noon_s, 2.0], [noon_s + hour_s, 2.0]]));
    assert_eq!((&series["from"], &series["to"]), (&noon_s.into(), &(noon_s + 2 * hour_s).into()));
    assert_eq!(series["partial"], false);
}
