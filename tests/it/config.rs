//! Settings: a broken file stops the start with file, line and remedy.

use tempfile::tempdir;

use crate::harness::program::{Program, tacho_ok, tacho_refused};

#[tokio::test]
async fn a_mistake_stops_the_start_with_file_line_and_remedy() {
    for (file, line, remedy) in [
        ("listen = \"127.0.0.1:0\"\n[ingest]\nmax_itemz = 5\n", 3, "did you mean `max_items`?"),
        ("listen = 8787\n", 1, "must be text in \"quotes\""),
        ("listen = \"127.0.0.1:0\n", 1, ""),
        ("\ntime_zone = \"Seoul\"\n", 2, "Asia/Seoul"),
        ("[store]\ndurability = \"some\"\n", 2, "`full` or `normal`"),
        (
            "\n[[limits]]\nname = \"a\"\nkind = \"requests_per_fortnight\"\namount = 1\n",
            2,
            "there are: requests_per_minute",
        ),
        ("[[limits]]\nname = \"a\"\nkind = \"requests_per_minute\"\namount = -1\n", 1, "from 0 to"),
        ("[alerts]\nkeep_firing_s = -1\n", 2, "from 0 to 86400"),
        ("[alerts]\nhysteresis_points = 80\n", 2, "from 0 to 20"),
        ("[http]\nidle_s = 0\n", 2, "nonzero"),
        ("[proxy]\nallow_origins = [\"https://app.example/\"]\n", 2, "the form https://app.example.com"),
    ] {
        let directory = tempdir().unwrap();
        std::fs::write(directory.path().join("tacho.toml"), file).unwrap();
        for arguments in [&["serve"][..], &["check-config"][..]] {
            let said = tacho_refused(directory.path(), arguments, &[]).await;
            assert!(said.contains("tacho.toml, line"), "{file:?}: {said}");
            assert!(said.contains(&format!("line {line}:")) && said.contains(remedy), "{file:?}: {said}");
        }
    }
}

#[tokio::test]
async fn a_wrong_variable_is_named() {
    let directory = tempdir().unwrap();
    let wrong = [("TACHO_INGEST_MAX_ITEMS", "many")];
    let said = tacho_refused(directory.path(), &["serve"], &wrong).await;
    assert!(said.contains("TACHO_INGEST_MAX_ITEMS") && said.contains("whole number"), "{said}");
    let wrong = [("TACHO_PROXY_ALLOW_ORIGINS", "https://app.example, app.example")];
    let said = tacho_refused(directory.path(), &["--listen", "127.0.0.1:0"], &wrong).await;
    assert!(said.contains("`app.example` is no origin for [proxy] allow_origins"), "{said}");
    let wrong = [("TACHO_TIME_ZONE", "Mars/Olympus")];
    let said = tacho_refused(directory.path(), &["--listen", "127.0.0.1:0"], &wrong).await;
    assert!(said.contains("Mars/Olympus") && said.contains("Asia/Seoul"), "{said}");
}

#[tokio::test]
async fn the_defaults_are_a_file_that_works() {
    let directory = tempdir().unwrap();
    let defaults = tacho_ok(directory.path(), &["check-config", "--print-defaults"]).await;
    std::fs::write(directory.path().join("tacho.toml"), defaults).unwrap();
    let said = tacho_ok(directory.path(), &["check-config"]).await;
    assert!(said.contains("is fine"), "{said}");
}

#[tokio::test]
async fn limits_of_the_file_come_and_go_with_it() {
    let directory = tempdir().unwrap();
    let file = directory.path().join("tacho.toml");
    let limit = "[[limits]]\nname = \"Ours\"\nkind = \"spend_per_day\"\namount = 12.5\nscope = { dimension = \"user\" }\n";
    std::fs::write(&file, limit).unwrap();
    let key = tacho_ok(directory.path(), &["keys", "create", "--scope", "admin", "--name", "a"]).await;

    let program = Program::start(directory.path(), &[]).await;
    let listed = program.client(&key).get("/v1/limits").await.json();
    assert_eq!((&listed[0]["name"], &listed[0]["amount"]), (&"Ours".into(), &12.5.into()), "{listed}");
    assert_eq!(listed[0]["editable"], false);
    let path = format!("/v1/limits/{}", listed[0]["id"].as_str().unwrap());
    let refused = program.client(&key).delete(&path).await;
    assert_eq!((refused.status.as_u16(), refused.code()), (409, "managed_by_file".to_owned()));
    program.terminate().await;

    std::fs::write(&file, "").unwrap();
    let program = Program::start(directory.path(), &[]).await;
    assert_eq!(program.client(&key).get("/v1/limits").await.json(), serde_json::json!([]));
    program.terminate().await;
}

#[tokio::test]
async fn a_password_in_an_address_is_not_repeated() {
    let directory = tempdir().unwrap();
    for (variable, value) in [
        ("TACHO_PROXY_UPSTREAM", "https://me:canary@host"),
        ("TACHO_PROXY_UPSTREAM", "https://me:ca/na?ry#canary@host"),
        ("TACHO_PROXY_UPSTREAM", "me:canary@host"),
        ("TACHO_PROXY_UPSTREAM", "https://host?key=canary"),
        ("TACHO_PROXY_UPSTREAM", "ftp://me:canary@host/path"),
        ("TACHO_PROXY_ALLOW_ORIGINS", "https://me:canary@host"),
        ("TACHO_PUBLIC_URL", "https://me:canary@host"),
        ("TACHO_HTTP_IDLE_S", "https://me:canary@host"),
        ("TACHO_ALLOW_REMOTE", "https://me:canary@host"),
    ] {
        let wrong = [(variable, value), ("TACHO_LOG", "trace")];
        for arguments in [&["--listen", "127.0.0.1:0"][..], &["check-config"]] {
            let said = tacho_refused(directory.path(), arguments, &wrong).await;
            assert!(said.contains("host") || said.contains("public_url"), "{said}");
            assert!(!said.contains("canary"), "{variable}={value}: {said}");
        }
    }
}
