//! The way to the API as it is in earnest: TLS, and HTTP/2 where both sides speak it.

use server::clock::Clock;
use upstream::{Terms, Upstream};

use crate::harness::proxied::{Caller, Proxied};
use crate::harness::tacho::Tacho;

#[tokio::test]
async fn calls_go_to_the_api_over_http2_where_its_certificate_is_trusted() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let upstream = Upstream::start_tls(Terms::default()).await;
    let directory = tempfile::tempdir().expect("a directory");
    let ca_file = directory.path().join("ca.pem");
    std::fs::write(&ca_file, upstream.ca_pem().expect("a certificate")).expect("a file");
    let ca_file = ca_file.display().to_string();
    let trusting = [
        ("TACHO_PROXY_UPSTREAM", upstream.base_url.as_str()),
        ("TACHO_PROXY_UPSTREAM_CA_FILE", ca_file.as_str()),
    ];
    let tacho = Tacho::with(Clock::system(), &trusting).await;
    let caller = Caller::new(&format!("{}/proxy", tacho.base_url()));
    for stream in [false, true] {
        assert_eq!(caller.send(caller.messages("plain", stream)).await.status, 200);
    }
    let wary = Tacho::with(Clock::system(), &trusting[..1]).await;
    let stranger = Caller::new(&format!("{}/proxy", wary.base_url()));
    let refused = stranger.send(stranger.messages("plain", false)).await;
    assert_eq!((refused.status.as_u16(), refused.header("x-tacho-error")), (502, "upstream_unreachable"));

    let proxied = Proxied { tacho, upstream, caller, api_clock: Terms::default().clock };
    let exchanges = proxied.upstream.wait_for(2).await;
    assert!(exchanges.iter().all(|exchange| exchange.version == "HTTP/2.0"), "{exchanges:#?}");
    proxied.events(2).await;
}
