//! No room left: what comes is refused with when to come back, what is there can be read, and when there is room
//! again, it is used.

use reqwest::Method;
use serde_json::{Value, json};
use server::clock::Clock;
use sqlx::SqlitePool;

use crate::given;
use crate::harness::client::{Client, Reply};
use crate::harness::program::tacho_ok;
use crate::harness::small_disk::SmallDisk;
use crate::harness::tacho::{NOON_MS, Tacho};
use crate::harness::until;

/// Posts events until they are refused; answers how many were stored, and the refusal.
async fn fill(tacho: &Tacho, prefix: &str) -> (usize, Reply) {
    const BATCH: usize = 500;
    for batch in 0..1_000 {
        let events = given::events(&format!("{prefix}_{batch}"), BATCH);
        let reply = tacho.reporter.post("/v1/events", &events).await;
        if reply.status != 200 {
            return (batch * BATCH, reply);
        }
    }
    panic!("it is never full");
}

fn assert_read_only(reply: &Reply) {
    assert_eq!((reply.status.as_u16(), reply.code().as_str()), (503, "read_only"), "{}", reply.text);
    assert_eq!(reply.header("retry-after"), "30");
    assert!(reply.text.contains("make room"), "{}", reply.text);
}

/// Everything can be read, and nothing is said to be stored.
async fn assert_reads_alone(tacho: &Tacho, (browser, cookie): &(Client, String), stored: usize) {
    assert_read_only(&tacho.admin.get("/readyz").await);
    assert_eq!(tacho.admin.get("/healthz").await.status, 200);
    assert_read_only(&tacho.reporter.post("/v1/events", &given::event("single", 1, 1)).await);
    assert_eq!(requests(tacho).await, stored as f64);
    let page = browser.send(Method::GET, "/", &[("cookie", cookie)], Vec::new()).await;
    assert_eq!(page.status, 200, "{}", page.text);
    assert!(page.text.contains("Nothing can be stored: the disk is full"), "{}", page.text);
    let health = browser.send(Method::GET, "/settings/health", &[("cookie", cookie)], Vec::new()).await;
    assert!(health.text.contains("no: the disk is full"), "{}", health.text);
}

async fn requests(tacho: &Tacho) -> f64 {
    let series = tacho.admin.get("/v1/series?measure=requests").await.json();
    series["groups"][0]["total"].as_f64().unwrap_or(0.0)
}

async fn until_ready(tacho: &Tacho) {
    until("room", async || {
        tacho.advance(1);
        (tacho.admin.get("/readyz").await.status == 200).then_some(())
    })
    .await;
}

async fn assert_sound(tacho: &Tacho, stored: usize) {
    let checked = tacho_ok(tacho.directory.path(), &["check", "--json"]).await;
    let checked: Value = serde_json::from_str(&checked).unwrap();
    assert_eq!((&checked["problems"], &checked["events"]), (&json!([]), &stored.into()));
}

#[tokio::test]
async fn a_full_database_is_read_and_taken_up_again_when_there_is_room() {
    let tacho = Tacho::with(Clock::manual(NOON_MS), &[("TACHO_STORE_MAX_BYTES", "10_000_000")]).await;
    let session = tacho.signed_in().await;
    let database = format!("sqlite://{}", tacho.directory.path().join("tacho.db").display());
    let outside = SqlitePool::connect(&database).await.unwrap();
    let occupy = "create table occupied (bytes blob); insert into occupied values (zeroblob(6000000))";
    sqlx::raw_sql(occupy).execute(&outside).await.unwrap();

    let (stored, refused) = fill(&tacho, "first").await;
    assert_read_only(&refused);
    assert!(stored > 0);
    assert_reads_alone(&tacho, &session, stored).await;
    // Nor is it noted that somebody reads.
    tacho.advance(61);
    assert_reads_alone(&tacho, &session, stored).await;

    sqlx::raw_sql("drop table occupied").execute(&outside).await.unwrap();
    outside.close().await;
    until_ready(&tacho).await;
    tacho.reporter.report(&given::events("again", 500)).await;
    assert_eq!(requests(&tacho).await, (stored + 500) as f64);
    assert_sound(&tacho, stored + 500).await;
}

#[tokio::test]
async fn a_full_disk_is_read_and_the_ballast_released() {
    let Some(disk) = SmallDisk::mount(48) else { return };
    let directory = tempfile::tempdir_in(disk.path()).unwrap();
    let ballast = directory.path().join("ballast.bin");
    let occupied = disk.path().join("occupied");
    std::fs::write(&occupied, vec![0; 32 << 20]).unwrap();
    let environment = [("TACHO_STORE_BALLAST_BYTES", "4194304")];
    let tacho = Tacho::on(directory, Clock::manual(NOON_MS), &environment).await;
    let session = tacho.signed_in().await;
    assert_eq!(std::fs::metadata(&ballast).unwrap().len(), 4 << 20);

    let (stored, refused) = fill(&tacho, "first").await;
    assert_read_only(&refused);
    assert!(stored > 0 && !ballast.exists());
    // What was released is for whoever makes room, not for more events.
    tacho.advance(61);
    assert_reads_alone(&tacho, &session, stored).await;

    std::fs::remove_file(&occupied).unwrap();
    until_ready(&tacho).await;
    until("the ballast", async || ballast.exists().then_some(())).await;
    tacho.reporter.report(&given::events("again", 500)).await;
    assert_sound(&tacho, stored + 500).await;
}
