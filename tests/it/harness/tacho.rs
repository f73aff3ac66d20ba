//! The whole server in this process, on a real port and a real file, with a clock that the test moves.

use std::collections::BTreeMap;
use std::time::Duration;

use serde_json::{Value, json};
use server::access::sign_in_link;
use server::assembly::{Running, open_store, start};
use server::clock::Clock;
use server::config::{Config, SettingSources};
use server::secrets::{Key, KeyScope};
use server::store::Access;
use tempfile::TempDir;

use super::client::Client;
use super::receiver::Receiver;

/// 2026-11-24T12:00:00Z
pub const NOON_MS: i64 = 1_795_521_600_000;

/// A running server.
pub struct Tacho {
    pub directory: TempDir,
    pub config: Config,
    pub clock: Clock,
    /// May do everything.
    pub admin: Client,
    /// May report events.
    pub reporter: Client,
    running: Running,
}

impl Tacho {
    /// A server at noon, without limits or channels.
    pub async fn at_noon() -> Self {
        Self::with(Clock::manual(NOON_MS), &[]).await
    }

    /// A server at noon with one limit, and who hears of it.
    pub async fn watched(kind: &str, amount: f64) -> (Self, Receiver) {
        let (tacho, receiver) = (Self::at_noon().await, Receiver::start().await);
        tacho.channel(&receiver).await;
        tacho.limit(kind, amount).await;
        (tacho, receiver)
    }

    /// A server on the machine's clock, for browsers, which have their own.
    pub async fn now() -> Self {
        Self::with(Clock::system(), &[]).await
    }

    pub async fn with(clock: Clock, environment: &[(&str, &str)]) -> Self {
        Self::on(tempfile::tempdir().expect("a directory"), clock, environment).await
    }

    /// A server that has never run before, with the example limits.
    pub async fn for_the_first_time() -> Self {
        let directory = tempfile::tempdir().expect("a directory");
        Self::begun(directory, Clock::manual(NOON_MS), &[], true).await
    }

    /// A server with its data in `directory`.
    pub async fn on(directory: TempDir, clock: Clock, environment: &[(&str, &str)]) -> Self {
        Self::begun(directory, clock, environment, false).await
    }

    async fn begun(directory: TempDir, clock: Clock, environment: &[(&str, &str)], greets: bool) -> Self {
        // Space that nobody needs.
        let small = [("TACHO_STORE_BALLAST_BYTES", "0")];
        let environment: BTreeMap<String, String> = small
            .iter()
            .chain(environment)
            .map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))
            .collect();
        let listens_elsewhere = environment.contains_key("TACHO_LISTEN");
        let sources = SettingSources {
            environment,
            listen: (!listens_elsewhere).then(|| "127.0.0.1:0".to_owned()),
            data_dir: Some(directory.path().to_owned()),
            ..SettingSources::default()
        };
        let config = Config::load(sources).expect("settings").config;
        let store = open_store(&config).await.expect("a store");
        let mut keys = Vec::new();
        for scope in [KeyScope::Admin, KeyScope::Ingest] {
            let key = Key::generate(scope);
            store.put_key(&key.stored("test", clock.now_ms())).await.expect("a key");
            keys.push(key.reveal());
        }
        // A Tacho that is not greeting anybody, without the example limits.
        if !greets {
            store.note_greeting(clock.now_ms()).await.expect("a note");
        }
        store.close().await;
        let running = start(&config, clock.clone(), tacho::bundle()).await.expect("a running server");
        let admin = Client::new(&running.base_url, Some(&keys[0]));
        let reporter = admin.with_key(&keys[1]);
        Tacho { directory, config, clock, admin, reporter, running }
    }

    /// Stops and starts again on the same data, with `between` in the meantime.
    pub async fn restart(self, between: impl FnOnce(&Clock)) -> Self {
        let clock = self.clock.clone();
        self.restart_by(|| {
            between(&clock);
            clock
        })
        .await
    }

    /// Stops and starts again on the same data, by another clock.
    pub async fn restart_by(self, clock: impl FnOnce() -> Clock) -> Self {
        let Tacho { directory, config, admin, reporter, running, .. } = self;
        running.stop().await;
        let clock = clock();
        let running = start(&config, clock.clone(), tacho::bundle()).await.expect("a running server");
        let (admin, reporter) = (admin.at(&running.base_url), reporter.at(&running.base_url));
        Tacho { directory, config, clock, admin, reporter, running }
    }

    /// Stops for good; its data stays in the directory.
    pub async fn stopped(self) -> TempDir {
        self.running.stop().await;
        self.directory
    }

    pub fn base_url(&self) -> &str {
        &self.running.base_url
    }

    /// Where it listens, whatever people call it.
    pub fn address(&self) -> std::net::SocketAddr {
        self.running.address
    }

    /// The same, for who reaches it there.
    pub fn listening(&self) -> String {
        format!("http://{}", self.address())
    }

    /// A link that opens a session.
    pub async fn sign_in_link(&self) -> String {
        let store = open_store(&self.config).await.expect("a store");
        let link = sign_in_link(&store, self.base_url(), self.clock.now_ms()).await.expect("a link");
        store.close().await;
        link
    }

    /// A browser that has signed in: who sends what it asks, and the cookie that goes with it.
    pub async fn signed_in(&self) -> (Client, String) {
        let anybody = Client::new(&self.listening(), None);
        let link = self.sign_in_link().await;
        let opened = anybody.get(link.strip_prefix(self.base_url()).expect("a path")).await;
        let cookie = opened.header("set-cookie").split(';').next().expect("a cookie").to_owned();
        (anybody, cookie)
    }

    /// Adds a limit on everything; answers its id.
    pub async fn limit(&self, kind: &str, amount: f64) -> String {
        self.limit_of(&json!({ "name": kind, "kind": kind, "amount": amount })).await
    }

    pub async fn limit_of(&self, limit: &Value) -> String {
        let reply = self.admin.post("/v1/limits", limit).await;
        assert_eq!(reply.status, 201, "{}", reply.text);
        reply.json()["id"].as_str().expect("an id").to_owned()
    }

    /// Adds a channel to the receiver; answers its id. The receiver learns the secret.
    pub async fn channel(&self, receiver: &Receiver) -> String {
        let channel = json!({ "kind": "webhook", "name": "on call", "url": receiver.url });
        let reply = self.admin.post("/v1/channels", &channel).await;
        assert_eq!(reply.status, 201, "{}", reply.text);
        let added = reply.json();
        receiver.trust(added["secret"].as_str().expect("a secret"));
        added["id"].as_str().expect("an id").to_owned()
    }

    /// The only standing of a kind.
    pub async fn standing(&self, kind: &str) -> Value {
        let standings = self.admin.get("/v1/limits/status").await.json();
        let of_kind = |standing: &&Value| standing["kind"] == kind;
        standings["standings"]
            .as_array()
            .expect("standings")
            .iter()
            .find(of_kind)
            .expect("a standing")
            .clone()
    }

    pub fn advance(&self, seconds: u64) {
        self.clock.advance(Duration::from_secs(seconds));
    }
}
