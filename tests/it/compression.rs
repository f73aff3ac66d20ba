//! What is sent compressed, to whom, and what is not.

use std::io::Read;

use reqwest::Method;
use serde_json::json;

use crate::given;
use crate::harness::client::{Client, Reply};
use crate::harness::tacho::Tacho;

/// A Tacho whose answers are long.
async fn long() -> (Tacho, Client, String) {
    let tacho = Tacho::at_noon().await;
    let each = json!({ "name": "Each user", "kind": "tokens_per_day", "amount": 1_000, "scope": { "dimension": "user" } });
    tacho.limit_of(&each).await;
    let of =
        |number: usize| given::with(given::event(&format!("e{number}"), 1, 1), "user", format!("u{number}"));
    tacho.reporter.report(&(0..40).map(of).collect()).await;
    let (person, cookie) = tacho.signed_in().await;
    (tacho, person, cookie)
}

fn plain(reply: &Reply) -> Vec<u8> {
    let mut plain = Vec::new();
    match reply.header("content-encoding") {
        "gzip" => flate2::read::GzDecoder::new(&reply.body[..]).read_to_end(&mut plain).map(drop).unwrap(),
        "br" => brotli::BrotliDecompress(&mut &reply.body[..], &mut plain).unwrap(),
        "" => plain.extend_from_slice(&reply.body),
        other => panic!("nobody has asked for {other}"),
    }
    plain
}

#[tokio::test]
async fn pages_and_answers_are_sent_as_who_asks_takes_them() {
    let (_tacho, person, cookie) = long().await;
    let ask = async |path: &str, accepted: &str| {
        let headers = [("cookie", cookie.as_str()), ("accept-encoding", accepted)];
        person.send(Method::GET, path, &headers, Vec::new()).await
    };
    for path in ["/v1/limits/status", "/v1/events", "/", "/limits"] {
        let whole = ask(path, "identity").await;
        assert!(whole.body.len() > 5_000, "{path} is {} bytes", whole.body.len());
        for (accepted, encoding) in [
            ("gzip, deflate, br, zstd", "br"),
            ("gzip", "gzip"),
            ("GZIP", "gzip"),
            ("br;q=0, gzip;q=0.5", "gzip"),
            ("gzip;q=0.2, br;q=0.1", "gzip"),
            ("deflate, zstd", ""),
            ("br;q=0, gzip;q=0", ""),
            ("identity", ""),
            ("", ""),
        ] {
            let reply = ask(path, accepted).await;
            assert_eq!(
                (reply.status.as_u16(), reply.header("content-encoding")),
                (200, encoding),
                "{path} {accepted}"
            );
            assert!(
                reply.header("vary").to_ascii_lowercase().contains("accept-encoding"),
                "{path} {accepted}"
            );
            if !encoding.is_empty() {
                let (sent, of) = (reply.body.len(), whole.body.len());
                assert!(sent * 2 < of, "{path} as {encoding}: {sent} bytes of {of}");
            }
            if path.starts_with("/v1") {
                assert_eq!(plain(&reply), whole.body, "{path} {accepted}");
            } else {
                let page = String::from_utf8(plain(&reply)).unwrap();
                assert!(page.contains("</main>") && page.ends_with("</html>"), "{path} as {encoding}");
            }
        }
    }
}

#[tokio::test]
async fn what_is_short_and_what_refuses_goes_as_it_is() {
    let (_tacho, person, cookie) = long().await;
    let headers = [("cookie", cookie.as_str()), ("accept-encoding", "br, gzip")];
    for (path, status) in [("/healthz", 200), ("/v1/channels", 200), ("/v1/nowhere", 404)] {
        let reply = person.send(Method::GET, path, &headers, Vec::new()).await;
        assert_eq!((reply.status.as_u16(), reply.header("content-encoding")), (status, ""), "{path}");
    }
    let head = person.send(Method::HEAD, "/v1/limits/status", &headers, Vec::new()).await;
    assert_eq!((head.status.as_u16(), head.body.len()), (200, 0));
}

#[tokio::test]
async fn a_stream_is_not_compressed_whoever_would_take_it_so() {
    let (tacho, _, cookie) = long().await;
    let request = reqwest::Client::new().get(format!("{}/v1/live", tacho.base_url()));
    let response =
        request.header("cookie", &cookie).header("accept-encoding", "br, gzip").send().await.unwrap();
    assert!(!response.headers().contains_key("content-encoding"));
    assert_eq!(response.headers()["content-type"], "text/event-stream");
}
