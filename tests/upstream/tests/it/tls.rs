//! TLS, with the version of HTTP that the client prefers.

use reqwest::{Certificate, Version};
use serde_json::Value;
use upstream::{Outcome, Terms, Upstream};

use crate::harness::{client, plain, signed, streamed};

#[tokio::test]
async fn the_client_chooses_the_version_of_http() {
    let upstream = Upstream::start_tls(Terms::default()).await;
    client();
    let authority = Certificate::from_pem(upstream.ca_pem().unwrap().as_bytes()).unwrap();
    let trusting = || reqwest::Client::builder().no_proxy().tls_certs_only([authority.clone()]);
    let url = format!("{}/v1/messages", upstream.base_url);
    let newer = trusting().build().unwrap();
    let older = trusting().http1_only().build().unwrap();
    for (client, version) in [(&newer, Version::HTTP_2), (&older, Version::HTTP_11)] {
        let response = signed(client.post(&url)).json(&plain()).send().await.unwrap();
        assert_eq!(response.version(), version);
        assert_eq!(response.json::<Value>().await.unwrap()["type"], "message");
    }

    // Over HTTP/2 the connection stays when one stream is given up or broken.
    for (count, scenario, outcome) in
        [(3, "silent; after=2", Outcome::ClientClosed), (4, "cut; after=400", Outcome::Cut)]
    {
        let request = signed(newer.post(&url)).header("x-fake-scenario", scenario).json(&streamed());
        let mut response = request.send().await.unwrap();
        response.chunk().await.unwrap().unwrap();
        if outcome == Outcome::Cut {
            while let Ok(Some(_)) = response.chunk().await {}
        }
        drop(response);
        assert_eq!(upstream.wait_for(count).await[count - 1].outcome, outcome);
    }
    assert!(client().post(&url).send().await.is_err(), "nobody else trusts it");
}
