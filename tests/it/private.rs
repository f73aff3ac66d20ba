//! What Tacho writes is for the user who runs it, whatever the umask and whoever else is on the machine.

use std::fs::Permissions;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};
use std::path::Path;
use std::process::Stdio;

use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use sqlx::{ConnectOptions, Connection};
use tempfile::{TempDir, tempdir};
use upstream::{Terms, Upstream};

use crate::harness::program::{Program, tacho_ok, tacho_refused};
use crate::harness::proxied::Caller;
use crate::harness::{skip, until};

const LISTEN: [&str; 2] = ["--listen", "127.0.0.1:0"];
/// Some user who is not the one who runs the tests.
const SOMEBODY: u32 = 65_534;

/// The name and mode of everything in a directory, and of the directory itself.
fn modes(directory: &Path) -> Vec<(String, String)> {
    let mode = |path: &Path| format!("{:04o}", path.symlink_metadata().unwrap().mode() & 0o7777);
    let inside = std::fs::read_dir(directory).unwrap().map(|entry| {
        let entry = entry.unwrap();
        (entry.file_name().into_string().unwrap(), mode(&entry.path()))
    });
    let mut modes: Vec<_> = inside.chain([(".".to_owned(), mode(directory))]).collect();
    modes.sort();
    modes
}

fn private(names: &[&str]) -> Vec<(String, String)> {
    names
        .iter()
        .map(|name| ((*name).to_owned(), if *name == "." { "0700" } else { "0600" }.to_owned()))
        .collect()
}

fn chmod(path: &Path, mode: u32) {
    std::fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

/// Gives a file or directory to somebody else, which takes being root.
fn give_away(path: &Path) -> bool {
    let given = std::os::unix::fs::chown(path, Some(SOMEBODY), Some(SOMEBODY)).is_ok();
    if !given {
        skip("only root can give files to somebody else");
    }
    given
}

async fn hold(data: &Path) -> SqliteConnection {
    let options = SqliteConnectOptions::new().filename(data.join("tacho.db"));
    let mut holder = options.connect().await.unwrap();
    sqlx::query("begin immediate").execute(&mut holder).await.unwrap();
    holder
}

#[tokio::test]
async fn whatever_the_umask_only_its_user_reads_what_tacho_writes() {
    let upstream = Upstream::start(Terms::default()).await;
    for umask in ["000", "022", "077"] {
        let place = tempdir().unwrap();
        let data = place.path().join("new/data");
        let settings =
            [("TACHO_PROXY_UPSTREAM", upstream.base_url.as_str()), ("TACHO_STORE_BALLAST_BYTES", "65536")];
        let program = Program::under_umask(umask, &data, &settings, Stdio::null()).await;
        let caller = Caller::new(&format!("{}/proxy", program.base_url));
        // While the database is held, the event of a call goes to the spill file.
        let mut holder = hold(&data).await;
        caller.send(caller.messages("words=3", false)).await;
        until("the spill file", async || data.join("proxy-spill.ndjson").exists().then_some(())).await;
        let running = [
            ".",
            "ballast.bin",
            "proxy-spill.ndjson",
            "secret.key",
            "tacho.address",
            "tacho.db",
            "tacho.db-shm",
            "tacho.db-wal",
            "tacho.lock",
            "tacho.upgrade",
        ];
        assert_eq!(modes(&data), private(&running), "umask {umask}");
        assert_eq!(modes(&place.path().join("new"))[0].1, "0700");
        sqlx::query("rollback").execute(&mut holder).await.unwrap();
        holder.close().await.unwrap();
        program.terminate().await;
        let left = modes(&data);
        assert!(
            left.iter().all(|(name, mode)| mode == if name == "." { "0700" } else { "0600" }),
            "{left:?}"
        );
    }
}

#[tokio::test]
async fn what_was_open_to_others_is_closed_with_a_word_in_the_log() {
    for (directory_mode, file_mode) in [(0o755, 0o644), (0o777, 0o666), (0o750, 0o640)] {
        let directory = tempdir().unwrap();
        let data = directory.path();
        tacho_ok(data, &["keys", "create", "--scope", "read", "--name", "a"]).await;
        // What belongs to somebody else's program stays as it is.
        std::fs::write(data.join("tacho.toml"), "").unwrap();
        for name in ["tacho.db", "secret.key", "tacho.toml"] {
            chmod(&data.join(name), file_mode);
        }
        std::fs::write(data.join("proxy-spill.ndjson"), "").unwrap();
        chmod(&data.join("proxy-spill.ndjson"), file_mode);
        chmod(data, directory_mode);
        let log = directory.path().with_extension("log");
        let out = Stdio::from(std::fs::File::create(&log).unwrap());
        Program::logging(data, &[], out).await.terminate().await;
        let logged = std::fs::read_to_string(&log).unwrap();
        std::fs::remove_file(&log).unwrap();
        let lines: Vec<_> = logged.lines().filter(|line| line.contains("closed to them")).collect();
        let [line] = lines[..] else { panic!("one line, in {logged}") };
        for (path, before, after) in [
            (data.to_owned(), directory_mode, 0o700),
            (data.join("tacho.db"), file_mode, 0o600),
            (data.join("secret.key"), file_mode, 0o600),
            (data.join("proxy-spill.ndjson"), file_mode, 0o600),
        ] {
            assert!(line.contains(&format!("{} ({before:04o} -> {after:04o})", path.display())), "{line}");
        }
        let found = modes(data);
        assert!(found.contains(&("tacho.db".to_owned(), "0600".to_owned())), "{found:?}");
        assert!(found.contains(&("tacho.toml".to_owned(), format!("{file_mode:04o}"))), "{found:?}");
        // The second start has nothing to say.
        let again = tacho_ok(data, &["keys", "list"]).await;
        assert!(!again.contains("closed to them"), "{again}");
    }
}

#[tokio::test]
async fn links_in_the_data_directory_are_refused_and_a_link_to_it_is_followed() {
    let place = tempdir().unwrap();
    let data = place.path().join("data");
    let victim = place.path().join("victim");
    for name in ["tacho.address", "tacho.lock", "tacho.db", "secret.key", "proxy-spill.ndjson", "ballast.bin"]
    {
        std::fs::create_dir(&data).unwrap();
        std::fs::write(&victim, "precious").unwrap();
        for target in [&victim, &place.path().join("nowhere")] {
            symlink(target, data.join(name)).unwrap();
            let said = tacho_refused(&data, &LISTEN, &[]).await;
            assert!(said.contains(&format!("{name} is a link")), "{said}");
            assert!(!place.path().join("nowhere").exists(), "{name} was followed");
            std::fs::remove_file(data.join(name)).unwrap();
        }
        assert_eq!(std::fs::read_to_string(&victim).unwrap(), "precious", "{name} was followed");
        std::fs::remove_dir_all(&data).unwrap();
    }
    std::fs::create_dir(&data).unwrap();
    let elsewhere = place.path().join("elsewhere");
    symlink(&data, &elsewhere).unwrap();
    Program::start(&elsewhere, &[]).await.terminate().await;
    assert!(data.join("tacho.db").is_file());
}

#[tokio::test]
async fn root_uses_what_belongs_to_somebody_else_with_a_word_but_no_settings_that_lie_there() {
    let directory = tempdir().unwrap();
    let data = directory.path();
    tacho_ok(data, &["keys", "create", "--scope", "read", "--name", "a"]).await;
    if !give_away(&data.join("tacho.db")) || !give_away(data) {
        return;
    }
    assert!(tacho_ok(data, &["keys", "list"]).await.contains("read"));
    Program::run(data, &LISTEN, &[]).await.terminate().await;
    std::os::unix::fs::chown(data, Some(0), Some(0)).unwrap();
    // But settings that were only found are not used, as whoever wrote them would decide where calls go.
    let settings = data.join("tacho.toml");
    std::fs::write(&settings, "[proxy]\nupstream = \"http://evil.example\"\n").unwrap();
    give_away(&settings);
    let said = tacho_refused(data, &LISTEN, &[]).await;
    assert!(said.contains("settings were found") && said.contains("--config"), "{said}");
    let named = ["--listen", "127.0.0.1:0", "--config", settings.to_str().unwrap()];
    Program::run(data, &named, &[]).await.terminate().await;
}

/// What another user prepares in the temporary folder in the hope of a demo.
fn trap(temporary: &TempDir, victim: &Path, pids: impl Iterator<Item = u32>) {
    for pid in pids {
        let directory = temporary.path().join(format!("tacho-demo-{pid}"));
        std::fs::create_dir(&directory).unwrap();
        chmod(&directory, 0o777);
        symlink(victim, directory.join("tacho.address")).unwrap();
        std::fs::write(directory.join("tacho.toml"), "public_url = \"http://evil.example\"\n").unwrap();
    }
}

#[tokio::test]
async fn a_demo_takes_no_directory_that_somebody_has_prepared() {
    let (temporary, elsewhere) = (tempdir().unwrap(), tempdir().unwrap());
    let victim = elsewhere.path().join("victim");
    std::fs::write(&victim, "precious").unwrap();
    let own = std::process::id();
    trap(&temporary, &victim, own + 1..own + 4_000);
    let trapped = std::fs::read_dir(temporary.path()).unwrap().count();
    let environment = [("TMPDIR", temporary.path().to_str().unwrap())];
    let mut program =
        Program::run(elsewhere.path(), &["demo", "--listen", "127.0.0.1:0"], &environment).await;
    assert!(program.base_url.starts_with("http://127.0.0.1:"), "{}", program.base_url);
    program.welcome().await;
    let new: Vec<_> = std::fs::read_dir(temporary.path())
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.join("tacho.db").exists())
        .collect();
    let [directory] = &new[..] else { panic!("{new:?}") };
    let found = modes(directory);
    assert!(found.iter().all(|(name, mode)| mode == if name == "." { "0700" } else { "0600" }), "{found:?}");
    program.terminate().await;
    assert_eq!(std::fs::read_to_string(&victim).unwrap(), "precious");
    assert_eq!(std::fs::read_dir(temporary.path()).unwrap().count(), trapped);
}
