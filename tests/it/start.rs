//! Starting: what a newcomer sees, and what is said when it does not work.

use std::process::Stdio;

use tempfile::tempdir;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::TcpStream;
use tokio::process::Command;

use crate::harness::client::Client;
use crate::harness::program::{Program, tacho_ok, tacho_refused};

#[tokio::test]
async fn the_printed_line_works_when_pasted_and_the_link_signs_in_once() {
    let directory = tempdir().unwrap();
    let mut program = Program::start(directory.path(), &[]).await;
    let welcome = program.welcome().await;

    let shell = Command::new("sh").args(["-c", &welcome.curl]).stderr(Stdio::null()).output().await.unwrap();
    let answer: serde_json::Value = serde_json::from_slice(&shell.stdout).unwrap();
    assert_eq!(answer["accepted"], 1, "{answer}");

    let anybody = Client::new(&program.base_url, None);
    let path = welcome.sign_in_link.strip_prefix(&program.base_url).unwrap();
    let first = anybody.get(path).await;
    assert_eq!((first.status.as_u16(), first.header("location")), (303, "/"));
    let cookie = first.header("set-cookie");
    assert!(cookie.contains("HttpOnly") && cookie.contains("SameSite=Lax"), "{cookie}");
    let session = cookie.split(';').next().unwrap();
    let page = anybody.send(reqwest::Method::GET, "/", &[("cookie", session)], Vec::new()).await;
    assert_eq!(page.status, 200);
    assert!(page.text.contains("claude-sonnet-5-5"), "the event is not on the page");
    assert_eq!(anybody.get(path).await.status, 401, "a link works once");
    program.terminate().await;
}

#[tokio::test]
async fn a_second_start_keeps_the_data_and_greets_with_the_address_alone() {
    let directory = tempdir().unwrap();
    let mut program = Program::start(directory.path(), &[]).await;
    let welcome = program.welcome().await;
    program.client(&welcome.ingest_key).report(&crate::given::events("a", 3)).await;
    program.terminate().await;

    let again = Program::start(directory.path(), &[]).await;
    let reading =
        tacho_ok(directory.path(), &["keys", "create", "--scope", "read", "--name", "reader"]).await;
    let series = again.client(&reading).get("/v1/series?measure=requests").await.json();
    assert_eq!(series["groups"][0]["total"], 3.0);
    assert_eq!(again.rest().await, Vec::<String>::new(), "a second greeting");
}

#[tokio::test]
async fn a_first_start_that_fails_greets_the_next_time() {
    let directory = tempdir().unwrap();
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap().to_string();
    tacho_ok(directory.path(), &["keys", "create", "--scope", "admin", "--name", "a"]).await;
    tacho_refused(directory.path(), &["--listen", &address], &[]).await;
    let mut program = Program::start(directory.path(), &[]).await;
    program.welcome().await;
    program.terminate().await;
}

#[tokio::test]
async fn a_new_link_leads_to_the_server_that_runs() {
    let directory = tempdir().unwrap();
    assert!(tacho_refused(directory.path(), &["sign-in-link"], &[]).await.contains("--data-dir"));
    let program = Program::start(directory.path(), &[]).await;
    let link = tacho_ok(directory.path(), &["sign-in-link"]).await;
    let path = link.strip_prefix(&program.base_url).expect("the address of the server").to_owned();
    assert_eq!(Client::new(&program.base_url, None).get(&path).await.status, 303);
    program.terminate().await;
}

#[tokio::test]
async fn a_taken_port_is_named_with_a_way_out() {
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let directory = tempdir().unwrap();
    let said = tacho_refused(directory.path(), &["--listen", &address], &[]).await;
    assert!(said.contains(&address) && said.contains("--listen 127.0.0.1:8788"), "{said}");
}

#[tokio::test]
async fn an_unusable_data_directory_is_named_with_a_way_out() {
    let directory = tempdir().unwrap();
    let file = directory.path().join("a-file");
    std::fs::write(&file, "").unwrap();
    let blocked = file.join("data");
    let arguments = ["--listen", "127.0.0.1:0", "--data-dir", blocked.to_str().unwrap()];
    let mut command = Command::new(env!("CARGO_BIN_EXE_tacho"));
    let output = command.args(arguments).current_dir(directory.path()).output().await.unwrap();
    let said = String::from_utf8(output.stderr).unwrap();
    assert!(!output.status.success());
    assert!(said.contains("cannot use the data directory") && said.contains("--data-dir"), "{said}");
}

#[tokio::test]
async fn data_of_a_newer_version_is_left_alone() {
    let directory = tempdir().unwrap();
    let program = Program::start(directory.path(), &[]).await;
    program.terminate().await;
    let database = format!("sqlite://{}", directory.path().join("tacho.db").display());
    let pool = sqlx::SqlitePool::connect(&database).await.unwrap();
    sqlx::query(
        "insert into _sqlx_migrations (version, description, success, checksum, execution_time) \
         values (9999, 'of the future', 1, x'00', 0)",
    )
    .execute(&pool)
    .await
    .unwrap();
    pool.close().await;
    let said = tacho_refused(directory.path(), &["--listen", "127.0.0.1:0"], &[]).await;
    assert!(said.contains("newer Tacho") && said.contains("9999"), "{said}");
}

#[tokio::test]
async fn two_servers_do_not_share_a_data_directory() {
    let directory = tempdir().unwrap();
    let first = Program::start(directory.path(), &[]).await;
    let said = tacho_refused(directory.path(), &["--listen", "127.0.0.1:0"], &[]).await;
    assert!(said.contains("already serving"), "{said}");
    first.terminate().await;
}

#[tokio::test]
async fn listening_beyond_this_machine_takes_a_decision() {
    let directory = tempdir().unwrap();
    let said = tacho_refused(directory.path(), &["--listen", "0.0.0.0:0"], &[]).await;
    assert!(said.contains("TACHO_ALLOW_REMOTE=true"), "{said}");
    let allowed = [("TACHO_ALLOW_REMOTE", "true")];
    Program::run(directory.path(), &["--listen", "0.0.0.0:0"], &allowed).await.terminate().await;
}

#[tokio::test]
async fn the_data_of_a_running_server_is_not_touched_by_another_start() {
    let directory = tempdir().unwrap();
    let held = std::fs::File::create(directory.path().join("tacho.lock")).unwrap();
    held.lock().unwrap();
    let said = tacho_refused(directory.path(), &["--listen", "127.0.0.1:0"], &[]).await;
    assert!(said.contains("already serving"), "{said}");
    assert!(!directory.path().join("tacho.db").exists());
}

#[tokio::test]
async fn what_is_being_sent_when_tacho_stops_is_still_stored() {
    let directory = tempdir().unwrap();
    let mut program = Program::start(directory.path(), &[]).await;
    let key = program.welcome().await.ingest_key;
    let address = program.base_url.strip_prefix("http://").unwrap().to_owned();
    let body = crate::given::event("a", 1, 1).to_string();
    let head = format!(
        "POST /v1/events HTTP/1.1\r\nhost: {address}\r\nauthorization: Bearer {key}\r\n\
         content-type: application/json\r\ncontent-length: {}\r\nexpect: 100-continue\r\n\r\n",
        body.len()
    );
    let mut sender = BufReader::new(TcpStream::connect(&address).await.unwrap());
    sender.write_all(head.as_bytes()).await.unwrap();
    let mut line = String::new();
    sender.read_line(&mut line).await.unwrap();
    assert!(line.contains("100 Continue"), "{line}");

    program.ask_to_stop().await;
    crate::harness::until("a closed door", async || TcpStream::connect(&address).await.err()).await;
    sender.write_all(body.as_bytes()).await.unwrap();
    let mut answer = String::new();
    sender.read_to_string(&mut answer).await.unwrap();
    assert!(answer.contains("200 OK") && answer.contains("\"accepted\":1"), "{answer}");
    program.ended().await;
}

#[tokio::test]
async fn programs_that_open_new_data_at_once_do_not_get_in_each_others_way() {
    let directory = tempdir().unwrap();
    let data = directory.path();
    let create = async |number: usize| {
        let name = format!("key {number}");
        tacho_ok(data, &["keys", "create", "--scope", "read", "--name", &name]).await
    };
    let keys = futures::future::join_all((0..8).map(create)).await;
    assert_eq!(keys.len(), 8);
    let listed = tacho_ok(data, &["keys", "list"]).await;
    assert!((0..8).all(|number| listed.contains(&format!("key {number}"))), "{listed}");
}
