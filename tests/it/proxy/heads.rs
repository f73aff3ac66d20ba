//! An answer is passed on however large its head is, and where it cannot be, nobody is asked to make the call again.

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpListener;
use upstream::Terms;

use crate::harness::proxied::{Caller, Proxied};

#[tokio::test]
async fn answers_with_large_heads_are_passed_on() {
    for over_http2 in [false, true] {
        let proxied = match over_http2 {
            false => Proxied::start().await,
            true => Proxied::over_tls(Terms::default()).await,
        };
        let callers = [proxied.caller.clone(), Caller::http2(&proxied.caller.base_url)];
        let heads = [(110, 1), (256, 1), (490, 1), (8, 33_000), (250, 1_024)];
        for caller in &callers {
            for (headers, bytes) in heads {
                let scenario = format!("headers={headers}; header_bytes={bytes}");
                let answer = caller.send(caller.messages(&scenario, false)).await;
                assert_eq!(answer.status, 200, "{scenario}, HTTP/2 {over_http2}: {}", answer.text());
                assert_eq!(answer.header(&format!("x-further-{}", headers - 1)).len(), bytes, "{scenario}");
            }
        }
        for event in proxied.events(callers.len() * heads.len()).await {
            assert!(event["usage"]["output_tokens"].as_u64() > Some(0), "{event:#}");
        }
    }
}

#[tokio::test]
async fn an_answer_that_cannot_be_read_is_not_asked_for_again() {
    for (over_http2, scenario) in [
        (false, "headers=600; header_bytes=1"),
        (false, "headers=400; header_bytes=4096"),
        (true, "headers=600; header_bytes=1024"),
    ] {
        let proxied = match over_http2 {
            false => Proxied::start().await,
            true => Proxied::over_tls(Terms::default()).await,
        };
        let caller = &proxied.caller;
        assert_eq!(caller.send(caller.messages("plain", false)).await.status, 200);
        let answer = caller.send(caller.messages(scenario, false)).await;
        let told = (answer.status.as_u16(), answer.header("x-tacho-error"), answer.header("x-should-retry"));
        assert_eq!(told, (502, "upstream_unreadable", "false"), "{scenario}: {}", answer.text());
        let body = answer.json();
        assert_eq!(body["error"]["type"], "api_error");
        let message = body["error"]["message"].as_str().expect("a message");
        assert!(message.contains("more than 512 headers or 524288 bytes"), "{message}");
        assert_eq!(proxied.upstream.exchanges().len(), 2, "it was sent once");
        let event = &proxied.events(2).await[0];
        assert_eq!((&event["outcome"], &event["status"]), (&json!("interrupted"), &Value::Null), "{event:#}");
        assert_eq!(event["error"], json!({ "type": "api_error", "code": "upstream_unreadable" }));
        assert_eq!((&event["usage"]["output_tokens"], &event["cost_usd"]), (&Value::Null, &Value::Null));
    }
}

#[tokio::test]
async fn an_answer_is_read_as_the_standard_says_where_its_head_is_odd() {
    let body = json!({ "id": "msg_1", "usage": { "input_tokens": 5, "output_tokens": 7 } }).to_string();
    let chunked = format!("{:x}\r\n{body}\r\n0\r\n\r\n", body.len());
    for head in [
        "content-length: 5\r\ntransfer-encoding: chunked\r\n",
        "transfer-encoding: chunked\r\ncontent-length: 0\r\n",
        "transfer-encoding: chunked\r\ncontent-length: 9999\r\n",
        "x-blank : one\r\ntransfer-encoding: chunked\r\n",
    ] {
        let answer = format!("HTTP/1.1 200 OK\r\ncontent-type: application/json\r\n{head}\r\n{chunked}");
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = format!("http://{}", listener.local_addr().expect("an address"));
        let proxied = Proxied::before(&address).await;
        tokio::spawn(async move {
            while let Ok((mut connection, _)) = listener.accept().await {
                let mut read = vec![0; 64 << 10];
                let _ = connection.read(&mut read).await.expect("a request");
                connection.write_all(answer.as_bytes()).await.expect("written");
            }
        });
        let answer = proxied.caller.send(proxied.caller.messages("plain", false)).await;
        assert_eq!((answer.status.as_u16(), answer.text()), (200, body.clone()), "{head}");
        assert_eq!(proxied.event().await["usage"]["output_tokens"], 7, "{head}");
    }
}
