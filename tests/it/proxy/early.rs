//! An answer that comes before the request has come to its end is the answer.

use bytes::Bytes;
use http::Request;
use http_body_util::Full;
use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream};
use upstream::Terms;

use crate::harness::proxied::{API_KEY, Caller, Proxied};
use crate::harness::within;

/// Far more than lies between caller and API.
const LARGE_BYTES: usize = 12 << 20;

fn large(caller: &Caller) -> Request<Full<Bytes>> {
    let request = caller.request("POST", "/v1/messages").header("content-type", "application/json");
    let request = request.header("x-fake-scenario", "early; after=65536");
    request.body(Full::from(vec![b' '; LARGE_BYTES])).expect("a request")
}

#[tokio::test]
async fn an_answer_before_the_end_of_a_request_is_passed_on() {
    for over_http2 in [false, true] {
        let proxied = match over_http2 {
            false => Proxied::start().await,
            true => Proxied::over_tls(Terms::default()).await,
        };
        let callers = [proxied.caller.clone(), Caller::http2(&proxied.caller.base_url)];
        let calls = 10;
        for number in 0..calls {
            let caller = &callers[number % 2];
            let answer = within("an answer", caller.send(large(caller))).await;
            assert_eq!(answer.status, 413, "call {number}, HTTP/2 {over_http2}: {}", answer.text());
            assert_eq!(answer.header("x-tacho-error"), "");
            assert_eq!(answer.json()["error"]["type"], "request_too_large");
        }
        for event in proxied.events(calls).await {
            assert_eq!((&event["status"], &event["outcome"]), (&Value::from(413), &Value::Null), "{event:#}");
            assert_eq!(event["cost_usd"], 0.0);
        }
    }
}

#[tokio::test]
async fn who_sends_everything_before_reading_anything_reads_the_answer() {
    let proxied = Proxied::start().await;
    let address = proxied.tacho.base_url().trim_start_matches("http://").to_owned();
    for _ in 0..5 {
        let mut connection = TcpStream::connect(&address).await.expect("a connection");
        let head = format!(
            "POST /proxy/v1/messages HTTP/1.1\r\nhost: localhost\r\nx-api-key: {API_KEY}\r\nx-fake-scenario: early\r\n\
             content-length: {LARGE_BYTES}\r\n\r\n"
        );
        connection.write_all(head.as_bytes()).await.expect("the head is taken");
        connection.write_all(&vec![b' '; LARGE_BYTES]).await.expect("the body is taken");
        let mut answer = String::new();
        within("the end", connection.read_to_string(&mut answer)).await.expect("an answer and its end");
        assert!(answer.starts_with("HTTP/1.1 413 ") && answer.contains("request_too_large"), "{answer}");
    }
    proxied.events(5).await;
}

#[tokio::test]
async fn an_answer_whose_end_is_that_of_its_connection_is_passed_on() {
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
    let proxied = Proxied::before(&format!("http://{}", listener.local_addr().expect("an address"))).await;
    tokio::spawn(async move {
        while let Ok((mut connection, _)) = listener.accept().await {
            let mut read = vec![0; 64 << 10];
            connection.read_exact(&mut read).await.expect("a part of the request");
            let answer = "HTTP/1.1 413 Payload Too Large\r\nconnection: close\r\n\r\nenough";
            connection.write_all(answer.as_bytes()).await.expect("written");
        }
    });
    for _ in 0..10 {
        let answer = within("an answer", proxied.caller.send(large(&proxied.caller))).await;
        assert_eq!((answer.status.as_u16(), answer.text().as_str()), (413, "enough"));
    }
    proxied.events(10).await;
}
