//! Builds every part once, hands each what it uses, and shuts them down in order.

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use domain::pricing::PriceBook;
use domain::usage::Fingerprints;
use tokio::sync::Notify;
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use crate::access::cookie::Cookie;
use crate::access::gate::Gate;
use crate::access::{AllowedHosts, Hosts, Welcome, welcome};
use crate::access::{PublicUrl, Reach};
use crate::alert::address::AllowedAddresses;
use crate::alert::dispatch::Dispatcher;
use crate::clock::Clock;
use crate::commands::{Commands, Means};
use crate::config::{Config, RequireKey, StoreSettings, limits};
use crate::dashboard::{Dashboard, Sources};
use crate::http::{
    Bundle, ForBrowsers, Front, ListenError, LiveHub, LiveSources, Pace, Regions, Services, Terms, listen,
    most_connections, router, serve,
};
use crate::private;
use crate::proxy::{
    BaseUrl, Journal, Keeper, Origins, Policies, Proxy, RequestIds, Spill, Upstream, UpstreamError,
};
use crate::record::ballast::Ballast;
use crate::record::intake::Intake;
use crate::record::presence::note_presence;
use crate::record::recorder::Recorder;
use crate::secrets::random_bytes;
use crate::store::key_file::KeyFile;
use crate::store::sqlite::{Secrets, SqliteStore};
use crate::store::{Access, EventQuery, Ledger, Store, StoreError, StoredEvent, lock};
use crate::watch::AlertBehaviour;
use crate::watch::restore::Restorer;

pub use crate::start_error::StartError;

/// As many events as say at a start which ids are taken.
const REMEMBERED_EVENTS: u32 = 5_000;

/// A running Tacho.
pub struct Running {
    /// Its real address.
    pub address: SocketAddr,
    /// Its address for people.
    pub base_url: String,
    /// The one-time sign-in link and the first ingest key, on a fresh data directory.
    pub welcome: Option<Welcome>,
    /// The way to its writer.
    pub recorder: Recorder,
    shutdown: CancellationToken,
    calls_over: CancellationToken,
    keeper: JoinHandle<()>,
    last: CancellationToken,
    writer: JoinHandle<Result<(), StoreError>>,
    others: Vec<JoinHandle<()>>,
    store: Arc<SqliteStore>,
    // Locked while Tacho runs, so that no second one serves the same data.
    _lock: std::fs::File,
}

/// Starts Tacho and returns once it listens.
pub async fn start(config: &Config, clock: Clock, bundle: Bundle) -> Result<Running, StartError> {
    let (upstream, origins) = (upstream(config)?, Origins::new(&config.proxy.allow_origins)?);
    let public_url = PublicUrl::read(&config.public_url)?;
    let allowed_hosts = AllowedHosts::new(&config.http.allow_hosts)?;
    // Before the store is opened: opening it may upgrade the data, which is not for who comes second.
    let lock = lock(&config.data_dir)?;
    let store = Arc::new(open_store(config).await?);
    let listener = listen(&config.listen, config.allow_remote).await?;
    let address = listener.local_addr().map_err(|error| ListenError::new(&config.listen, error))?;
    let reach = Reach::new(address, public_url);
    let base_url = reach.base_url();

    private::replace(&address_file(&config.data_dir), base_url.as_bytes())
        .map_err(|error| StoreError::of_file(&config.data_dir, error))?;

    let now_ms = clock.now_ms();
    let settings = watch_settings(config, base_url.clone())?;
    let time_zone = settings.time_zone.clone();
    let shutdown = CancellationToken::new();
    // The writer's own: it goes on until nobody has anything to store any more.
    let last = CancellationToken::new();
    let outbox = Arc::new(Notify::new());
    let shared: Arc<dyn Store> = store.clone();
    let (recorder, writer) = Recorder::new(
        shared.clone(),
        clock.clone(),
        Restorer::new(settings),
        outbox.clone(),
        config.ingest.queue_bytes,
        Ballast::new(&config.data_dir, config.store.ballast_bytes),
    )
    .await?;
    let writer = tokio::spawn(writer.run(last.clone()));
    // Only now, so that the alerts of a limit that has left the file are resolved.
    let fresh = !store.has_greeted().await?;
    limits::apply(&*store, limits::of_file(config)?, fresh, now_ms).await?;
    recorder.limits_changed().await?;
    let welcome = if fresh { Some(welcome(&*store, &base_url, now_ms).await?) } else { None };
    let addresses = Arc::new(AllowedAddresses::new(
        config.webhooks.allow_cidrs.clone(),
        // Who is alone with this machine may send to it.
        reach.is_only_this_machine(),
        address,
    ));
    let proxy_needs_key = match config.proxy.require_key {
        RequireKey::Auto => !reach.is_only_this_machine(),
        RequireKey::Always => true,
        RequireKey::Never => false,
    };
    let journal = Journal::new(config.ingest.bounds());
    let cookie = Cookie::new(reach.is_https(), store.secret("session cookie", random_bytes()).await?);
    let dashboard = Arc::new(Dashboard::new(Sources {
        store: shared.clone(),
        recorder: recorder.clone(),
        clock: clock.clone(),
        time_zone,
        base_url: base_url.clone(),
        first_key: welcome.as_ref().map(|welcome| welcome.ingest_key.clone()),
        proxy_needs_key,
        journal: journal.clone(),
        data_dir: config.data_dir.display().to_string(),
        database_bytes: database_bytes(&config.data_dir),
    }));
    let commands = Arc::new(Commands::new(Means {
        store: shared.clone(),
        recorder: recorder.clone(),
        clock: clock.clone(),
        dashboard: dashboard.clone(),
        addresses: addresses.clone(),
        outbox: outbox.clone(),
        base_url: base_url.clone(),
    }));
    let prices = Arc::new(PriceBook::embedded());
    let gate = Arc::new(Gate::new(shared.clone(), clock.clone(), cookie));
    let refusals_told = tokio::spawn(gate.clone().tell_refusals(shutdown.clone()));
    let calls_over = CancellationToken::new();
    let fingerprints = fingerprints(&*store).await?;
    let request_ids = request_ids(&*store).await?;
    let keeper = Keeper {
        journal: journal.clone(),
        recorder: recorder.clone(),
        store: shared.clone(),
        request_ids: request_ids.clone(),
        prices: prices.clone(),
        clock: clock.clone(),
        spill: Arc::new(Mutex::new(Spill::open(&config.data_dir, config.proxy.spill_max_bytes))),
        end: calls_over.clone(),
        fingerprints: fingerprints.clone(),
    };
    let keeper = tokio::spawn(keeper.run());
    let proxy = Proxy {
        upstream,
        journal,
        request_ids,
        gate: gate.clone(),
        needs_key: proxy_needs_key,
        fingerprints: fingerprints.clone(),
        clock: clock.clone(),
        bounds: config.ingest.bounds(),
        names_requests: config.proxy.request_id_header,
        policies: Policies::new(&config.policies),
        recorder: recorder.clone(),
        origins,
        base_url: BaseUrl { public: reach.public_url(), listening: reach.listening_url() },
    };
    let live = Arc::new(LiveHub::new(LiveSources {
        build: bundle.build(),
        dashboard: dashboard.clone(),
        recorder: recorder.clone(),
        clock: clock.clone(),
        started_at_ms: now_ms,
        shutdown: shutdown.clone(),
    }));
    let services = Services {
        bundle,
        gate,
        pace: Arc::new(Pace::new(config.ingest.max_requests_per_s, clock.clone())),
        intake: Arc::new(Intake::new(
            shared.clone(),
            recorder.clone(),
            clock.clone(),
            prices,
            config.ingest.bounds(),
            config.store.durability,
            fingerprints,
        )),
        dashboard,
        commands,
        live: live.clone(),
        recorder: recorder.clone(),
        store: shared.clone(),
        regions: Regions::default(),
        has_style_page: config.has_style_page,
    };
    let front = Front {
        proxy: Arc::new(proxy),
        router: router(services),
        hosts: Arc::new(Hosts::new(&reach, proxy_needs_key, allowed_hosts)),
        browsers: ForBrowsers { is_https: reach.is_https() },
    };
    let answer = move |request, peer| front.clone().answer(request, peer);
    let terms = Terms {
        most: most_connections(),
        per_address: config.http.max_connections_per_address,
        counts_loopback: false,
        idle: Duration::from_secs(config.http.idle_s.get()),
        drain: Duration::from_secs(config.http.drain_s),
    };
    let dispatcher = Dispatcher::new(store.clone(), addresses, clock.clone(), outbox);
    let presence = {
        let shutdown = shutdown.clone();
        async move { note_presence(&*shared, &clock, &shutdown).await }
    };
    let others = vec![
        refusals_told,
        tokio::spawn(presence),
        tokio::spawn(live.run()),
        tokio::spawn(dispatcher.run(shutdown.clone())),
        tokio::spawn(serve(listener, answer, terms, shutdown.clone())),
    ];
    Ok(Running {
        address,
        base_url,
        welcome,
        recorder,
        shutdown,
        calls_over,
        keeper,
        last,
        writer,
        others,
        store,
        _lock: lock,
    })
}

impl Running {
    /// Ends by itself only when the storage has failed.
    pub async fn failed(&mut self) -> StoreError {
        match (&mut self.writer).await {
            Ok(Err(error)) => error,
            Ok(Ok(())) | Err(_) => {
                StoreError::Unreadable { what: "state", reason: "the writer ended unexpectedly".to_owned() }
            }
        }
    }

    /// Stops taking requests, finishes open ones, stores what was taken, and closes the database.
    pub async fn stop(self) {
        self.shutdown.cancel();
        for part in self.others {
            let _ = part.await;
        }
        // No call is open any more: what they have left goes to the writer, and then that may end.
        self.calls_over.cancel();
        let _ = self.keeper.await;
        self.last.cancel();
        if !self.writer.is_finished() {
            let _ = self.writer.await;
        }
        self.store.close().await;
    }
}

/// How alerts behave under a configuration.
pub fn watch_settings(config: &Config, dashboard_url: String) -> Result<AlertBehaviour, StartError> {
    Ok(AlertBehaviour {
        keep_firing_ms: config.alerts.keep_firing_s * 1_000,
        hysteresis_points: config.alerts.hysteresis_points,
        dashboard_url,
        time_zone: jiff::tz::TimeZone::get(&config.time_zone)
            .map_err(|_| StartError::TimeZone(config.time_zone.clone()))?,
    })
}

/// Opens the store of a configuration, for the server and for commands beside it.
pub async fn open_store(config: &Config) -> Result<SqliteStore, StoreError> {
    let StoreSettings { durability, max_series, max_bytes, question_timeout_ms, .. } = config.store;
    let secrets = Secrets::Open(&key_file(config));
    let store = SqliteStore::open(&config.data_dir, durability, max_series, max_bytes, secrets).await?;
    Ok(store.with_patience(Duration::from_millis(question_timeout_ms.get())))
}

/// Gives up the secrets that are sealed with a key which is lost. No server may run meanwhile.
pub async fn forget_secrets(config: &Config) -> Result<(), StoreError> {
    let _lock = lock(&config.data_dir)?;
    let StoreSettings { durability, max_series, max_bytes, .. } = config.store;
    let secrets = Secrets::Forget(&key_file(config));
    SqliteStore::open(&config.data_dir, durability, max_series, max_bytes, secrets).await?.close().await;
    Ok(())
}

/// How large the database is, with what is not yet written into its file.
fn database_bytes(data_dir: &Path) -> Box<dyn Fn() -> u64 + Send + Sync> {
    let files = ["tacho.db", "tacho.db-wal"].map(|name| data_dir.join(name));
    Box::new(move || {
        files.iter().filter_map(|file| std::fs::metadata(file).ok()).map(|file| file.len()).sum()
    })
}

fn key_file(config: &Config) -> KeyFile {
    KeyFile::new(&config.data_dir, &config.secret_key_file)
}

/// What makes fingerprints of API keys here. The secret is made once, by whoever comes first.
pub async fn fingerprints(store: &dyn Access) -> Result<Fingerprints, StoreError> {
    Ok(Fingerprints::new(store.secret("fingerprints", random_bytes()).await?))
}

/// The ids of the last events.
async fn request_ids(store: &dyn Ledger) -> Result<RequestIds, StoreError> {
    let last = EventQuery {
        from_ms: i64::MIN,
        to_ms: i64::MAX,
        filters: Vec::new(),
        only_long: false,
        before: None,
        limit: REMEMBERED_EVENTS,
    };
    let request_ids = RequestIds::default();
    for StoredEvent { event, .. } in store.events(&last).await?.iter().rev() {
        request_ids.note(&event.dimensions.project, &event.id);
    }
    Ok(request_ids)
}

/// The way to the API that a configuration names.
pub fn upstream(config: &Config) -> Result<Upstream, UpstreamError> {
    let ca_file = &config.proxy.upstream_ca_file;
    Upstream::new(&config.proxy.upstream, (!ca_file.as_os_str().is_empty()).then_some(ca_file))
}

/// Holds the address of the server that runs, or ran last, on a data directory.
pub fn address_file(data_dir: &Path) -> PathBuf {
    data_dir.join("tacho.address")
}
