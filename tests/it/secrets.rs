//! Secrets are sealed with a key that is kept outside of the database: a copy of it gives none away.

use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Stdio;

use axum::Router;
use axum::http::{StatusCode, Uri};
use serde_json::{Value, json};
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection, Row};
use tempfile::tempdir;
use upstream::{Terms, Upstream};

use crate::given;
use crate::harness::client::Client;
use crate::harness::program::{Program, tacho, tacho_ok, tacho_refused};
use crate::harness::proxied::{API_KEY, Caller};
use crate::harness::receiver::Receiver;
use crate::harness::{found, until};

const LISTEN: [&str; 2] = ["--listen", "127.0.0.1:0"];
const TOKEN: &str = "T024BE91L-canary-in-an-address";

async fn database(data: &Path) -> SqliteConnection {
    SqliteConnectOptions::new().filename(data.join("tacho.db")).connect().await.unwrap()
}

/// Answers every request with the address it was asked at, as many servers do.
async fn echo() -> String {
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let router =
        Router::new().fallback(async |uri: Uri| (StatusCode::NOT_FOUND, format!("Cannot POST {uri}")));
    tokio::spawn(async move { axum::serve(listener, router).await });
    format!("http://{address}/hooks/{TOKEN}?key={TOKEN}")
}

async fn add_channel(admin: &Client, name: &str, url: &str) -> Value {
    let reply = admin.post("/v1/channels", &json!({ "kind": "webhook", "name": name, "url": url })).await;
    assert_eq!(reply.status, 201, "{}", reply.text);
    reply.json()
}

#[tokio::test]
async fn no_secret_is_found_in_the_data_the_log_or_a_backup() {
    let directory = tempdir().unwrap();
    let data = directory.path();
    let log = std::fs::File::create(data.join("log")).unwrap();
    let upstream = Upstream::start(Terms::default()).await;
    let settings = [("TACHO_PROXY_UPSTREAM", upstream.base_url.as_str()), ("TACHO_LOG", "trace")];
    let mut program = Program::logging(data, &settings, Stdio::from(log)).await;
    let welcome = program.welcome().await;
    let mut canaries = vec![TOKEN.to_owned(), welcome.ingest_key.clone(), API_KEY.to_owned()];
    for scope in ["ingest", "proxy", "read", "admin"] {
        canaries.push(tacho_ok(data, &["keys", "create", "--scope", scope, "--name", scope]).await);
    }
    let keys = canaries[3..].to_vec();
    let admin = program.client(&keys[3]);

    // A session, by a link.
    let anybody = Client::new(&program.base_url, None);
    let path = welcome.sign_in_link.strip_prefix(&program.base_url).unwrap();
    canaries.push(path.split_once("token=").unwrap().1.to_owned());
    let link = tacho_ok(data, &["sign-in-link"]).await;
    canaries.push(link.split_once("token=").unwrap().1.to_owned());
    let opened = anybody.get(path).await;
    let cookie = opened.header("set-cookie").split(';').next().unwrap().to_owned();
    canaries.push(cookie.split_once('=').unwrap().1.to_owned());
    let page = anybody.send(reqwest::Method::GET, "/alerts", &[("cookie", &cookie)], Vec::new()).await;
    assert_eq!(page.status, 200);

    // A channel that answers with its address, one that hears, and one that is moved.
    let echoing = add_channel(&admin, "echo", &echo().await).await;
    let mut receiver = Receiver::start().await;
    let hearing = add_channel(&admin, "hears", &format!("{}?token={TOKEN}", receiver.url)).await;
    let moved = add_channel(&admin, "moves", "https://example.com/elsewhere").await;
    let address = json!({ "url": format!("https://example.com/{TOKEN}") });
    let path = format!("/v1/channels/{}", moved["id"].as_str().unwrap());
    assert_eq!(admin.patch(&path, &address).await.status, 204);
    for channel in [&echoing, &hearing, &moved] {
        canaries.push(channel["secret"].as_str().unwrap().to_owned());
    }
    for channel in [&echoing, &hearing] {
        admin.post(&format!("/v1/channels/{}/test", channel["id"].as_str().unwrap()), &Value::Null).await;
    }
    receiver.next().await;
    let answered = until("an answer", async || {
        let deliveries = admin.get("/v1/deliveries").await.json();
        let attempts =
            deliveries.as_array().unwrap().iter().flat_map(|sent| sent["attempts"].as_array().unwrap());
        attempts.map(|attempt| attempt["response"].to_string()).find(|text| text.contains("Cannot POST"))
    });
    assert_eq!(answered.await, "\"Cannot POST /hooks/…?key=…\"");

    // Calls and events that carry keys, while the store takes them and while it does not.
    let call = async || {
        let caller = Caller::new(&format!("{}/proxy", program.base_url));
        let mut request = caller.messages("words=3", false);
        request.headers_mut().insert("x-tacho-key", keys[1].parse().unwrap());
        request.headers_mut().insert("x-tacho-feature", format!("f {}", keys[0]).parse().unwrap());
        request.headers_mut().insert("x-tacho-labels", format!("l={}", keys[2]).parse().unwrap());
        caller.send(request).await
    };
    call().await;
    program.client(&keys[0]).report(&given::with(given::event("a", 1, 1), "user", keys[3].as_str())).await;
    let mut holder = database(data).await;
    sqlx::query("begin immediate").execute(&mut holder).await.unwrap();
    call().await;
    until("the spill file", async || data.join("proxy-spill.ndjson").exists().then_some(())).await;
    assert_eq!(found(data, &canaries), [""; 0]);
    sqlx::query("rollback").execute(&mut holder).await.unwrap();
    until("all events", async || {
        let page = admin.get("/v1/events").await.json();
        (page["events"].as_array().unwrap().len() == 3).then_some(())
    })
    .await;
    let backup = tempdir().unwrap();
    let copy = format!("vacuum into '{}'", backup.path().join("copy.db").display());
    sqlx::query(sqlx::AssertSqlSafe(copy)).execute(&mut holder).await.unwrap();
    holder.close().await.unwrap();
    assert_eq!(found(data, &canaries), [""; 0]);
    assert_eq!(found(backup.path(), &canaries), [""; 0]);
    program.terminate().await;
    assert_eq!(found(data, &canaries), [""; 0]);
    // The search finds what is there, and the log says much.
    assert!(found(backup.path(), &["sealed:v1:"]).len() == 1);
    assert!(found(data, &["TRACE"]).iter().any(|hit| hit.ends_with("/log")));
}

/// Puts a database back to what a version without sealing leaves: everything in clear, and traces of more.
async fn unseal(data: &Path, secrets: &[(&str, &str, &str)]) {
    let mut database = database(data).await;
    for (id, url, secret) in secrets {
        for url in [format!("https://example.com/hook/{TOKEN}-before"), (*url).to_owned()] {
            sqlx::query("update channel set url = ?, secret = ? where id = ?")
                .bind(url)
                .bind(secret)
                .bind(id)
                .execute(&mut database)
                .await
                .unwrap();
        }
    }
    for sql in [
        "insert into channel with recursive n (i) as (select 1 union all select i + 1 from n where i < 500) \
         select 'chn_gone_' || i, kind, name, url || '-gone', secret, enabled, disabled_reason, failing_since_ms, \
         created_at_ms, failed_attempts from n, (select * from channel limit 1)",
        "delete from channel where id like 'chn_gone_%'",
        "update secret set bytes = cast('canary-of-the-fingerprint-secret' as blob)",
        "update delivery_attempt set response = 'Cannot POST /hooks/T024BE91L-canary-in-an-address'",
        "drop table sealing",
        "delete from _sqlx_migrations where version = 13",
    ] {
        sqlx::query(sql).execute(&mut database).await.unwrap();
    }
    database.close().await.unwrap();
    std::fs::remove_file(data.join("secret.key")).unwrap();
}

#[tokio::test]
async fn what_a_former_version_left_in_clear_is_sealed_at_the_first_start() {
    let directory = tempdir().unwrap();
    let data = directory.path();
    let mut receiver = Receiver::start().await;
    let url = format!("{}?token={TOKEN}", receiver.url);
    let key = tacho_ok(data, &["keys", "create", "--scope", "admin", "--name", "a"]).await;
    let program = Program::start(data, &[]).await;
    let channel = add_channel(&program.client(&key), "hears", &url).await;
    let (id, secret) = (channel["id"].as_str().unwrap(), channel["secret"].as_str().unwrap());
    program.client(&key).post(&format!("/v1/channels/{id}/test"), &Value::Null).await;
    receiver.next().await;
    program.terminate().await;
    unseal(data, &[(id, &url, secret)]).await;
    let canaries = [TOKEN, secret, "canary-of-the-fingerprint-secret"];
    for canary in canaries {
        assert!(!found(data, &[canary]).is_empty(), "{canary} is in clear");
    }

    // A command comes first, as it may.
    tacho_ok(data, &["keys", "list"]).await;
    assert_eq!(found(data, &canaries), [""; 0]);
    let program = Program::start(data, &[]).await;
    assert_eq!(found(data, &canaries), [""; 0]);
    let admin = program.client(&key);
    let channels = admin.get("/v1/channels").await.json();
    assert_eq!((&channels[0]["url"], &channels[0]["enabled"]), (&json!(url), &json!(true)));
    // It still signs with the same secret.
    receiver.trust(secret);
    admin.post(&format!("/v1/channels/{id}/test"), &Value::Null).await;
    receiver.next().await;
    program.terminate().await;
    assert_eq!(found(data, &canaries), [""; 0]);
}

#[tokio::test]
async fn without_its_key_nothing_starts_until_the_secrets_are_given_up() {
    let directory = tempdir().unwrap();
    let data = directory.path();
    let key = tacho_ok(data, &["keys", "create", "--scope", "admin", "--name", "a"]).await;
    let program = Program::start(data, &[]).await;
    add_channel(&program.client(&key), "on call", "https://example.com/hook").await;
    program.client(&key).report(&given::event("a", 1, 1)).await;
    let nothing = tacho_ok(data, &["secrets", "forget"]).await;
    assert!(nothing.contains("nothing to give up"), "{nothing}");
    program.terminate().await;

    let kept = data.join("kept");
    std::fs::rename(data.join("secret.key"), &kept).unwrap();
    for (arguments, hint) in [(&LISTEN[..], "is missing"), (&["keys", "list"], "TACHO_SECRET_KEY_FILE")] {
        let said = tacho_refused(data, arguments, &[]).await;
        assert!(said.contains(hint) && said.contains("`tacho secrets forget`"), "{said}");
        assert!(!data.join("secret.key").exists(), "another key was made");
    }
    std::fs::write(data.join("secret.key"), "ab".repeat(32)).unwrap();
    let said = tacho_refused(data, &LISTEN, &[]).await;
    assert!(said.contains("sealed with another key"), "{said}");
    std::fs::write(data.join("secret.key"), "no key").unwrap();
    let said = tacho_refused(data, &LISTEN, &[]).await;
    assert!(said.contains("openssl rand -base64 32"), "{said}");
    // The right one, wherever it is.
    let named = [("TACHO_SECRET_KEY_FILE", kept.to_str().unwrap())];
    Program::start(data, &named).await.terminate().await;

    std::fs::remove_file(data.join("secret.key")).unwrap();
    tacho_ok(data, &["secrets", "forget"]).await;
    let program = Program::start(data, &[]).await;
    let admin = program.client(&key);
    let channel = &admin.get("/v1/channels").await.json()[0];
    assert_eq!((&channel["name"], &channel["enabled"]), (&json!("on call"), &json!(false)));
    assert!(channel["disabled_reason"].as_str().unwrap().contains("add it anew"), "{channel}");
    assert_eq!(admin.get("/v1/events").await.json()["events"].as_array().unwrap().len(), 1);
    program.terminate().await;
}

#[tokio::test]
async fn a_key_from_elsewhere_is_read_and_never_made() {
    let (directory, elsewhere) = (tempdir().unwrap(), tempdir().unwrap());
    let (data, file) = (directory.path(), elsewhere.path().join("key"));
    let named = [("TACHO_SECRET_KEY_FILE", file.to_str().unwrap())];
    let said = tacho_refused(data, &LISTEN, &named).await;
    assert!(said.contains("there is no such file") && said.contains("openssl"), "{said}");
    for (text, mode, warns) in
        [("ab".repeat(32), 0o644, true), (format!("{}\n", "AB".repeat(32)), 0o400, false)]
    {
        std::fs::remove_file(&file).unwrap_or_default();
        std::fs::write(&file, text).unwrap();
        std::fs::set_permissions(&file, std::fs::Permissions::from_mode(mode)).unwrap();
        let log = elsewhere.path().join("log");
        let out = Stdio::from(std::fs::File::create(&log).unwrap());
        Program::logging(data, &named, out).await.terminate().await;
        let logged = std::fs::read_to_string(&log).unwrap();
        assert_eq!(logged.contains("can be read by every user"), warns, "{logged}");
        assert!(!logged.contains(&"ab".repeat(8)), "{logged}");
    }
    assert!(!data.join("secret.key").exists());
}

#[tokio::test]
async fn a_sealed_value_opens_in_its_own_row_alone() {
    let directory = tempdir().unwrap();
    let data = directory.path();
    let key = tacho_ok(data, &["keys", "create", "--scope", "admin", "--name", "a"]).await;
    let program = Program::start(data, &[]).await;
    for name in ["one", "two"] {
        add_channel(&program.client(&key), name, &format!("https://example.com/{name}")).await;
    }
    let mut database = database(data).await;
    let rows = sqlx::query("select url from channel").fetch_all(&mut database).await.unwrap();
    assert!(rows.iter().all(|row| row.get::<String, _>(0).starts_with("sealed:v1:")));
    sqlx::query("update channel set url = (select url from channel where name = 'one')")
        .execute(&mut database)
        .await
        .unwrap();
    database.close().await.unwrap();
    let refused = program.client(&key).get("/v1/channels").await;
    assert_eq!(refused.status, 503, "{}", refused.text);
    program.terminate().await;
    // Everything else goes on.
    assert!(tacho(data, &["keys", "list"]).await.status.success());
}
