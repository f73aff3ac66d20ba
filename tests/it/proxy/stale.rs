//! A call that meets a connection which had been closed is sent again over another; any other call is sent once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};
use std::time::Duration;

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use serde_json::{Value, json};
use server::clock::Clock;
use tokio::io::{AsyncReadExt, AsyncWriteExt, copy_bidirectional};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;
use tokio::task::JoinSet;
use upstream::{Outcome, Terms};

use crate::harness::proxied::{Caller, MODEL, Proxied};
use crate::harness::tacho::Tacho;
use crate::harness::until;

#[tokio::test]
async fn a_call_that_was_not_heard_is_sent_again() {
    let http1 = Proxied::start().await;
    let http2 = Proxied::over_tls(Terms::default()).await;
    let policed =
        Proxied::policed(Terms::default(), "[[policies]]\npolicy = \"cooldown\"\nspacing_ms = 0\n").await;
    for proxied in [http1, http2, policed] {
        let caller = &proxied.caller;
        for stream in [false, true] {
            assert_eq!(caller.send(caller.messages("plain", false)).await.status, 200);
            let answer = caller.send(caller.messages("unheard; attempts=1", stream)).await;
            assert_eq!(answer.status, 200, "{}", answer.text());
        }
        let exchanges = proxied.upstream.wait_for(6).await;
        let unheard: Vec<_> = exchanges.iter().filter(|exchange| exchange.outcome == Outcome::Cut).collect();
        assert_eq!(unheard.len(), 2, "{exchanges:#?}");
        for exchange in unheard {
            let same =
                exchanges.iter().filter(|other| other.request_sha256 == exchange.request_sha256).count();
            assert!(same >= 2, "the same bytes were sent again");
        }
        for event in proxied.events(4).await {
            assert_eq!((&event["status"], &event["outcome"]), (&Value::from(200), &Value::Null), "{event:#}");
            assert!(event["usage"]["output_tokens"].as_u64() > Some(0), "{event:#}");
        }
    }
}

#[tokio::test]
async fn a_call_over_a_new_connection_is_sent_once() {
    let proxied = Proxied::start().await;
    let answer = proxied.caller.send(proxied.caller.messages("unheard; attempts=1", false)).await;
    assert_eq!((answer.status.as_u16(), answer.header("x-tacho-error")), (502, "upstream_closed"));
    assert_eq!(proxied.upstream.exchanges().len(), 1);
    let event = proxied.event().await;
    assert_eq!(
        (&event["outcome"], &event["usage"]["output_tokens"]),
        (&Value::from("interrupted"), &Value::Null)
    );
}

/// What an API does with the second call over a connection.
#[derive(Debug, Clone, Copy)]
enum Second {
    /// Begins to answer, and closes.
    Breaks,
    /// Closes after it has been at work.
    Works,
    /// Resets the connection.
    Resets,
}

const ANSWER: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}";

/// Reads a request to the end of its body.
async fn read_request(connection: &mut TcpStream) -> Option<()> {
    let mut head = Vec::new();
    while !head.ends_with(b"\r\n\r\n") {
        head.push(connection.read_u8().await.ok()?);
    }
    let head = String::from_utf8(head).expect("text").to_lowercase();
    let length = head
        .split("content-length: ")
        .nth(1)
        .map_or(0, |rest| rest.lines().next().and_then(|length| length.parse().ok()).expect("a length"));
    connection.read_exact(&mut vec![0; length]).await.ok()?;
    Some(())
}

/// An API that answers the first call over each connection; and how many calls it has read.
async fn api(second: Second) -> (String, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("http://{}", listener.local_addr().expect("an address"));
    let heard = Arc::new(AtomicUsize::new(0));
    let counted = heard.clone();
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            let heard = counted.clone();
            tokio::spawn(async move {
                read_request(&mut connection).await?;
                heard.fetch_add(1, SeqCst);
                connection.write_all(ANSWER.as_bytes()).await.ok()?;
                read_request(&mut connection).await?;
                heard.fetch_add(1, SeqCst);
                match second {
                    Second::Breaks => connection.write_all(&ANSWER.as_bytes()[..20]).await.ok()?,
                    Second::Works => tokio::time::sleep(Duration::from_secs(1)).await,
                    Second::Resets => connection.set_zero_linger().ok()?,
                }
                Some(())
            });
        }
    });
    (address, heard)
}

#[tokio::test]
async fn only_a_call_of_which_nothing_was_heard_at_once_is_sent_again() {
    for (second, status, calls) in
        [(Second::Breaks, 502, 2), (Second::Works, 502, 2), (Second::Resets, 200, 3)]
    {
        let (address, heard) = api(second).await;
        let proxied = Proxied::before(&address).await;
        let caller = &proxied.caller;
        assert_eq!(caller.send(caller.messages("", false)).await.status, 200);
        let answer = caller.send(caller.messages("", true)).await;
        assert_eq!(
            (answer.status.as_u16(), heard.load(SeqCst)),
            (status, calls),
            "{second:?}: {}",
            answer.text()
        );
        proxied.events(2).await;
    }
}

/// Stands between Tacho and an API, and cuts all connections when it is told to.
async fn between(api: &str) -> (String, Arc<Notify>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let address = format!("https://{}", listener.local_addr().expect("an address"));
    let api = api.trim_start_matches("https://").to_owned();
    let cut = Arc::new(Notify::new());
    let told = cut.clone();
    tokio::spawn(async move {
        let mut connections = JoinSet::new();
        loop {
            tokio::select! {
                () = told.notified() => connections.abort_all(),
                accepted = listener.accept() => {
                    let Ok((mut near, _)) = accepted else { break };
                    let mut far = TcpStream::connect(&api).await.expect("the API");
                    connections.spawn(async move { copy_bidirectional(&mut near, &mut far).await });
                }
            }
        }
    });
    (address, cut)
}

/// A call that is so large that the API, once it has read it, says that there is room for more.
fn large(caller: &Caller, scenario: &str) -> Request<Full<Bytes>> {
    let content = "How far is it to the moon? ".repeat(30_000);
    let body = json!({
        "model": MODEL, "max_tokens": 64, "messages": [{ "role": "user", "content": content }],
    });
    let request = caller.request("POST", "/v1/messages").header("content-type", "application/json");
    request.header("x-fake-scenario", scenario).body(Full::from(body.to_string())).expect("a request")
}

#[tokio::test]
async fn over_http2_too_a_call_that_was_heard_is_sent_once() {
    let mut proxied = Proxied::over_tls(Terms::default()).await;
    let (address, cut) = between(&proxied.upstream.base_url).await;
    let directory = tempfile::tempdir().expect("a directory");
    let ca_file = directory.path().join("ca.pem");
    std::fs::write(&ca_file, proxied.upstream.ca_pem().expect("a certificate")).expect("a file");
    let ca_file = ca_file.display().to_string();
    let settings = [("TACHO_PROXY_UPSTREAM", address.as_str()), ("TACHO_PROXY_UPSTREAM_CA_FILE", &ca_file)];
    proxied.tacho = Tacho::on(directory, Clock::system(), &settings).await;
    proxied.caller = Caller::new(&format!("{}/proxy", proxied.tacho.base_url()));
    let caller = proxied.caller.clone();
    assert_eq!(caller.send(caller.messages("plain", false)).await.status, 200);
    let asked =
        tokio::spawn(async move { caller.send(large(&caller, "silent_before_headers; attempts=1")).await });
    let exchanges = until("the call at the API", async || {
        let exchanges = proxied.upstream.exchanges();
        (exchanges.len() == 2 && exchanges[1].request_bytes > 0).then_some(exchanges)
    });
    assert_eq!(exchanges.await[1].version, "HTTP/2.0");
    // Its word of it is on the way.
    tokio::time::sleep(Duration::from_millis(50)).await;
    cut.notify_one();
    let answer = asked.await.expect("an answer");
    assert_eq!((answer.status.as_u16(), answer.header("x-tacho-error")), (502, "upstream_closed"));
    assert_eq!(proxied.upstream.exchanges().len(), 2);
}
