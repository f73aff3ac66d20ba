//! The way to the API as it is in earnest: TLS, and HTTP/2 where both sides speak it.

use futures::future::join_all;
use http_body_util::{BodyExt, Full};
use serde_json::Value;
use server::clock::Clock;
use tempfile::TempDir;
use upstream::{Terms, Upstream};

use crate::harness::proxied::{Caller, Proxied};
use crate::harness::tacho::Tacho;
use crate::harness::within;

/// More than a server lets one connection of HTTP/2 carry: hyper's allow 200, the API's about a hundred.
const MANY: usize = 260;

/// An API with TLS, and the file that holds its certificate.
struct Api {
    upstream: Upstream,
    directory: TempDir,
}

impl Api {
    async fn start() -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let terms = Terms { requests_per_minute: 1 << 40, ..Terms::default() };
        let upstream = Upstream::start_tls(terms).await;
        let directory = tempfile::tempdir().expect("a directory");
        let pem = upstream.ca_pem().expect("a certificate");
        std::fs::write(directory.path().join("ca.pem"), pem).expect("a file");
        Api { upstream, directory }
    }

    /// A Tacho in front of it, which knows its certificate or does not.
    async fn tacho(&self, trusts: bool) -> (Tacho, Caller) {
        let ca_file = self.directory.path().join("ca.pem").display().to_string();
        let settings = [
            ("TACHO_PROXY_UPSTREAM", self.upstream.base_url.as_str()),
            ("TACHO_PROXY_UPSTREAM_CA_FILE", ca_file.as_str()),
        ];
        let tacho = Tacho::with(Clock::system(), &settings[..if trusts { 2 } else { 1 }]).await;
        let caller = Caller::new(&format!("{}/proxy", tacho.base_url()));
        (tacho, caller)
    }

    /// With a Tacho that trusts it.
    async fn proxied(self) -> Proxied {
        let (tacho, caller) = self.tacho(true).await;
        Proxied { tacho, upstream: self.upstream, caller, api_clock: Terms::default().clock }
    }
}

#[tokio::test]
async fn calls_go_to_the_api_over_http2_where_its_certificate_is_trusted() {
    let api = Api::start().await;
    let (_wary, stranger) = api.tacho(false).await;
    let refused = stranger.send(stranger.messages("plain", false)).await;
    assert_eq!((refused.status.as_u16(), refused.header("x-tacho-error")), (502, "upstream_unreachable"));

    let proxied = api.proxied().await;
    for stream in [false, true] {
        assert_eq!(proxied.caller.send(proxied.caller.messages("plain", stream)).await.status, 200);
    }
    let models = proxied.caller.request("GET", "/v1/models").header("x-fake-scenario", "plain; end=never");
    assert_eq!(proxied.caller.send(models.body(Full::default()).expect("a request")).await.status, 200);
    let exchanges = proxied.upstream.wait_for(3).await;
    assert!(exchanges.iter().all(|exchange| exchange.version == "HTTP/2.0"), "{exchanges:#?}");
    for event in proxied.events(3).await {
        // Whole is what has as many bytes as it said, even if nothing more is heard of it.
        assert_eq!(event["outcome"], Value::Null, "{event:#}");
    }
}

#[tokio::test]
async fn more_calls_are_open_than_one_connection_to_the_api_can_carry() {
    let proxied = Api::start().await.proxied().await;
    let streams = (0..MANY).map(|_| proxied.caller.begin(proxied.caller.messages("silent; after=1", true)));
    let answers = within("an answer to each", join_all(streams)).await;
    assert!(answers.iter().all(|answer| answer.status() == 200));
    assert_eq!(proxied.upstream.exchanges().len(), MANY);
    drop(answers);
    proxied.events(MANY).await;
}

#[tokio::test]
async fn a_caller_who_does_not_read_holds_up_no_other() {
    let proxied = Api::start().await.proxied().await;
    let caller = &proxied.caller;
    // Far larger than what the sockets and windows between the API and this caller hold.
    let file = || {
        caller
            .request("GET", "/v1/files/file_011CNha8iCJcU1wXNR6q4V8w/content")
            .header("x-fake-scenario", "bytes=33554432")
            .body(Full::default())
            .expect("a request")
    };
    let unread = [caller.begin(file()).await, caller.begin(file()).await];
    for stream in [false, true] {
        let sent = caller.send(caller.messages("plain", stream));
        assert_eq!(within("an answer", sent).await.status, 200);
    }
    for answer in unread {
        assert_eq!(answer.into_body().collect().await.expect("the file").to_bytes().len(), 32 << 20);
    }
    proxied.events(4).await;
}
