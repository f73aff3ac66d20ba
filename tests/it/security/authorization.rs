//! Every route, every method, every kind of caller.

use std::collections::BTreeSet;

use reqwest::Method;
use server::clock::Clock;
use server::http::paths;
use server::secrets::{Key, KeyScope};

use crate::harness::client::{Client, Reply};
use crate::harness::program::tacho_ok;
use crate::harness::tacho::{NOON_MS, Tacho};

/// Who may.
#[derive(Debug, Clone, Copy, PartialEq)]
enum May {
    /// Everybody.
    Anyone,
    /// A key of this scope, or of `admin`. A person has no key to report with.
    Key(KeyScope),
    /// The same, and a person who has signed in.
    KeyOrPerson(KeyScope),
    /// A person who has signed in: pages.
    Person,
}

use May::{Anyone, KeyOrPerson, Person};
const INGEST: May = May::Key(KeyScope::Ingest);
const PROXY: May = May::Key(KeyScope::Proxy);
const READ: May = KeyOrPerson(KeyScope::Read);
const ADMIN: May = KeyOrPerson(KeyScope::Admin);

/// The methods of every route. Any other method is refused, whoever sends it.
const ROUTES: &[(&str, &[(&str, May)])] = &[
    ("/healthz", &[("GET", Anyone)]),
    ("/readyz", &[("GET", Anyone)]),
    ("/sign-in", &[("GET", Anyone)]),
    ("/sign-out", &[("POST", Anyone)]),
    ("/assets/{name}", &[("GET", Anyone)]),
    ("/v1/events", &[("POST", INGEST), ("GET", READ)]),
    ("/v1/events/correct", &[("POST", ADMIN), ("DELETE", ADMIN)]),
    ("/v1/events/{id}", &[("DELETE", ADMIN)]),
    ("/v1/audit", &[("GET", ADMIN)]),
    ("/v1/series", &[("GET", READ)]),
    ("/v1/alerts", &[("GET", READ)]),
    ("/v1/policies", &[("GET", READ)]),
    ("/v1/health", &[("GET", READ)]),
    ("/v1/limits", &[("GET", READ), ("POST", ADMIN)]),
    ("/v1/limits/status", &[("GET", READ)]),
    ("/v1/limits/{id}/history", &[("GET", READ)]),
    ("/v1/limits/{id}", &[("PATCH", ADMIN), ("DELETE", ADMIN)]),
    ("/v1/channels", &[("GET", READ), ("POST", ADMIN)]),
    ("/v1/channels/{id}", &[("PATCH", ADMIN), ("DELETE", ADMIN)]),
    ("/v1/channels/{id}/test", &[("POST", ADMIN)]),
    ("/v1/deliveries", &[("GET", READ)]),
    ("/v1/deliveries/{id}/redeliver", &[("POST", ADMIN)]),
    ("/v1/live", &[("GET", READ)]),
    ("/v1/access/sessions", &[("GET", ADMIN)]),
    ("/v1/access/sessions/{id}", &[("DELETE", ADMIN)]),
    ("/", &[("GET", Person)]),
    ("/limits", &[("GET", Person), ("POST", Person)]),
    ("/usage.csv", &[("GET", Person)]),
    ("/limits/remove", &[("POST", Person)]),
    ("/alerts", &[("GET", Person)]),
    ("/alerts/channels", &[("POST", Person)]),
    ("/alerts/channels/remove", &[("POST", Person)]),
    ("/alerts/channels/enable", &[("POST", Person)]),
    ("/alerts/channels/test", &[("POST", Person)]),
    ("/alerts/redeliver", &[("POST", Person)]),
    ("/search", &[("GET", Person)]),
    ("/style", &[("GET", Person)]),
    ("/docs", &[("GET", Person)]),
    ("/docs/{name}", &[("GET", Person)]),
    ("/settings", &[("GET", Person)]),
    ("/settings/look", &[("POST", Person)]),
    ("/settings/connect", &[("GET", Person)]),
    ("/settings/access", &[("GET", Person)]),
    ("/settings/access/end", &[("POST", Person)]),
    ("/settings/health", &[("GET", Person)]),
    ("/channels", &[("GET", Person)]),
    ("/access", &[("GET", Person)]),
];

/// Routes whose every method is answered the same: there is nothing there.
const NOTHING: &[&str] = &["/v1/{*rest}"];

const METHODS: [&str; 7] = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"];

/// Who asks.
struct Caller {
    name: &'static str,
    /// What it presents.
    headers: Vec<(&'static str, String)>,
    /// What Tacho knows it as.
    known: Known,
}

#[derive(Clone, Copy, PartialEq)]
enum Known {
    Nobody,
    As(KeyScope),
    Person,
}

async fn callers(tacho: &Tacho) -> Vec<Caller> {
    let data = tacho.directory.path();
    let bearer = |key: &str| ("authorization", format!("Bearer {key}"));
    let mut keys = Vec::new();
    for (word, scope) in [
        ("ingest", KeyScope::Ingest),
        ("proxy", KeyScope::Proxy),
        ("read", KeyScope::Read),
        ("admin", KeyScope::Admin),
    ] {
        keys.push((scope, tacho_ok(data, &["keys", "create", "--scope", word, "--name", word]).await));
    }
    let [ingest, proxy, read, admin] = [0, 1, 2, 3].map(|place: usize| keys[place].1.clone());
    let revoked = tacho_ok(data, &["keys", "create", "--scope", "admin", "--name", "old"]).await;
    tacho_ok(data, &["keys", "revoke", revoked.split('_').nth(2).expect("a public part")]).await;
    // The public part of a key that is known, with another secret: its checksum is right.
    let forged = Key::generate(KeyScope::Admin).reveal();
    let swapped = admin.replace("tch_adm_", "tch_ing_");
    let cookie = async || tacho.signed_in().await.1;

    let over_age = cookie().await;
    // In use all the time, and too old in the end.
    for _ in 0..61 {
        tacho.advance(12 * 3_600 - 60);
        Client::new(tacho.base_url(), None)
            .send(Method::GET, "/v1/limits", &[("cookie", &over_age)], Vec::new())
            .await;
    }
    let idle = cookie().await;
    tacho.advance(12 * 3_600 + 1);
    let gone = cookie().await;
    let leave = [("cookie", gone.as_str()), ("sec-fetch-site", "same-origin")];
    Client::new(tacho.base_url(), None).send(Method::POST, "/sign-out", &leave, Vec::new()).await;
    let person = cookie().await;

    let caller = |name, headers, known| Caller { name, headers, known };
    vec![
        caller("nobody", vec![], Known::Nobody),
        caller("an ingest key", vec![bearer(&ingest)], Known::As(KeyScope::Ingest)),
        caller("a proxy key", vec![("x-tacho-key", proxy)], Known::As(KeyScope::Proxy)),
        caller("a read key", vec![bearer(&read)], Known::As(KeyScope::Read)),
        caller("an admin key", vec![bearer(&admin)], Known::As(KeyScope::Admin)),
        caller("a revoked key", vec![bearer(&revoked)], Known::Nobody),
        caller("a made-up key", vec![bearer(&forged)], Known::Nobody),
        caller("a key with another scope's prefix", vec![bearer(&swapped)], Known::Nobody),
        caller("a session", vec![("cookie", person.clone())], Known::Person),
        caller("a session that was signed out", vec![("cookie", gone)], Known::Nobody),
        caller("an idle session", vec![("cookie", idle)], Known::Nobody),
        caller("a session over age", vec![("cookie", over_age)], Known::Nobody),
        caller("a made-up session", vec![("cookie", "tacho_session=a".to_owned())], Known::Nobody),
        // Who presents a key is who the key says.
        caller(
            "a read key beside a session",
            vec![bearer(&read), ("cookie", person.clone())],
            Known::As(KeyScope::Read),
        ),
        caller("a revoked key beside a session", vec![bearer(&revoked), ("cookie", person)], Known::Nobody),
    ]
}

/// What becomes of a caller.
#[derive(Debug, PartialEq)]
enum Fate {
    /// Whatever the answer is, it is not about who asks.
    In,
    /// 401
    Unknown,
    /// 403
    Lacks,
}

fn expected(may: May, known: Known) -> Fate {
    match (may, known) {
        (Anyone, _) => Fate::In,
        (_, Known::Nobody) => Fate::Unknown,
        // No page makes calls, and a cookie is no way to.
        (PROXY, Known::Person) => Fate::Unknown,
        (May::Key(_), Known::Person) => Fate::Lacks,
        (KeyOrPerson(_) | Person, Known::Person) => Fate::In,
        // Pages tell a key what they tell everybody who has not signed in.
        (Person, Known::As(_)) => Fate::Unknown,
        // A wrong key is no key, for a client of the API.
        (PROXY, Known::As(scope)) if !scope.allows(KeyScope::Proxy) => Fate::Unknown,
        (May::Key(needed) | KeyOrPerson(needed), Known::As(scope)) if scope.allows(needed) => Fate::In,
        (May::Key(_) | KeyOrPerson(_), Known::As(_)) => Fate::Lacks,
    }
}

fn fate(reply: &Reply) -> Fate {
    match reply.status.as_u16() {
        401 => Fate::Unknown,
        403 => Fate::Lacks,
        _ => Fate::In,
    }
}

async fn ask(client: &Client, method: &str, path: &str, caller: &Caller) -> Reply {
    let mut headers: Vec<(&str, &str)> =
        caller.headers.iter().map(|(name, value)| (*name, value.as_str())).collect();
    headers.push(match path.starts_with("/proxy/") {
        true => ("x-api-key", "sk-ant-of-the-caller"),
        false => ("sec-fetch-site", "same-origin"),
    });
    let method = Method::from_bytes(method.as_bytes()).expect("a method");
    client.send(method, path, &headers, Vec::new()).await
}

#[tokio::test]
async fn every_route_lets_in_who_may_and_nobody_else() {
    let environment = [("TACHO_PROXY_REQUIRE_KEY", "always"), ("TACHO_PROXY_UPSTREAM", "http://127.0.0.1:1")];
    let tacho = Tacho::with(Clock::manual(NOON_MS), &environment).await;
    let client = Client::new(tacho.base_url(), None);
    let callers = callers(&tacho).await;
    let session = callers.iter().find(|caller| caller.known == Known::Person);
    let session = session.map(|caller| caller.headers[0].clone());
    let mut cells = 0;
    let proxied =
        [("/proxy/v1/messages", "POST"), ("/proxy/p/a/v1/models", "GET"), ("/proxy/v1/files/a", "DELETE")]
            .map(|(path, method)| (path, method, PROXY));
    let routes = ROUTES.iter().flat_map(|(path, methods)| {
        let has_get = methods.iter().any(|(method, _)| *method == "GET");
        let get = methods.iter().find(|(method, _)| *method == "GET").map(|(_, may)| ("HEAD", *may));
        let get = get.filter(|_| has_get);
        methods.iter().copied().chain(get).map(|(method, may)| (*path, method, may))
    });
    for (path, method, may) in routes.chain(proxied) {
        // A stream that does not end.
        let streams = path == "/v1/live" && method == "GET";
        for caller in &callers {
            let expected = expected(may, caller.known);
            // It would end the session that the others need.
            let ends =
                path == "/sign-out" && caller.headers.iter().any(|header| Some(header) == session.as_ref());
            if (streams && expected == Fate::In) || ends {
                continue;
            }
            let path = path.replace("{id}", "none").replace("{name}", "none.css");
            let reply = ask(&client, method, &path, caller).await;
            assert_eq!(
                fate(&reply),
                expected,
                "{method} {path} by {}: {} {}",
                caller.name,
                reply.status,
                reply.text
            );
            cells += 1;
        }
    }
    println!("{cells} cells");
    assert!(cells > 700, "{cells}");
}

#[tokio::test]
async fn every_route_has_its_row_and_takes_no_other_method() {
    let there: BTreeSet<String> = paths().into_iter().collect();
    let rows: BTreeSet<String> =
        ROUTES.iter().map(|(path, _)| *path).chain(NOTHING.iter().copied()).map(str::to_owned).collect();
    assert_eq!(there, rows, "routes without a row, or rows without a route");

    let tacho = Tacho::at_noon().await;
    let admin = [("authorization", format!("Bearer {}", tacho.admin.key()))];
    let (_, person) = tacho.signed_in().await;
    let person = [("cookie", person)];
    let client = Client::new(tacho.base_url(), None);
    for (path, methods) in ROUTES {
        let headers = if path.starts_with("/v1") { admin.to_vec() } else { person.to_vec() };
        let caller = Caller { name: "who may most", headers, known: Known::Person };
        for method in METHODS {
            let is_read = |known: &str| known == "GET" && method == "HEAD";
            if methods.iter().any(|(known, _)| *known == method || is_read(known)) {
                continue;
            }
            let path = path.replace("{id}", "none").replace("{name}", "none.css");
            let reply = ask(&client, method, &path, &caller).await;
            assert_eq!(reply.status, 405, "{method} {path}: {}", reply.text);
        }
    }
}
