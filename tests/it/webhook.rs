//! Channels and deliveries: signed, sent again until they arrive, never to where they must not go.

use serde_json::{Value, json};

use crate::given;
use crate::harness::receiver::{Message, Receiver};
use crate::harness::tacho::{NOON_MS, Tacho};
use crate::harness::{python, until};

/// A message as a receiver in another language gets it.
fn as_received(message: &Message, secret: &str) -> Value {
    json!({
        "secret": secret,
        "body": message.body,
        "headers": {
            "webhook-id": message.id,
            "webhook-timestamp": message.timestamp_s.to_string(),
            "webhook-signature": message.signature,
        },
    })
}

const VERIFY: &str = r#"
import json, sys
from standardwebhooks import Webhook, WebhookVerificationError
given = json.load(sys.stdin)
hook = Webhook(given["secret"])
print(hook.verify(given["body"], given["headers"])["type"])
try:
    hook.verify(given["body"] + " ", given["headers"])
    print("a changed body was taken")
except WebhookVerificationError:
    print("a changed body was refused")
"#;

#[tokio::test]
async fn receivers_in_other_languages_verify_what_is_sent() {
    let mut receiver = Receiver::start().await;
    // The receiver's library wants a timestamp of now.
    let tacho = Tacho::now().await;
    let channel = json!({ "kind": "webhook", "name": "Rufbereitschaft ☎", "url": receiver.url });
    let secret =
        tacho.admin.post("/v1/channels", &channel).await.json()["secret"].as_str().unwrap().to_owned();
    tacho.limit_of(&json!({ "name": "오늘 <b>&", "kind": "tokens_per_day", "amount": 100 })).await;
    tacho.reporter.report(&given::event("a", 80, 0)).await;
    let message = receiver.next().await;
    assert_eq!(message.json()["data"]["limit"]["name"], "오늘 <b>&");
    if let Some(said) = python::run(VERIFY, &as_received(&message, &secret).to_string()).await {
        assert_eq!(said, "limit.warning\na changed body was refused");
    }
}

#[tokio::test]
async fn a_message_is_sent_again_until_it_arrives_and_each_attempt_is_told() {
    let mut receiver = Receiver::start().await;
    let tacho = Tacho::at_noon().await;
    let channel = tacho.channel(&receiver).await;
    receiver.answer(&[500, 503]);
    tacho.admin.post(&format!("/v1/channels/{channel}/test"), &Value::Null).await;
    let first = receiver.next().await;
    let mut ids = vec![first.id.clone()];
    for _ in 0..2 {
        let again = until("another attempt", async || {
            tacho.advance(5);
            receiver.arrived()
        })
        .await;
        ids.push(again.id);
    }
    assert!(ids.iter().all(|id| *id == first.id), "the same message every time: {ids:?}");
    let delivery = until("the delivery in the list", async || {
        let delivery = tacho.admin.get("/v1/deliveries").await.json()[0].clone();
        (delivery["state"] == "delivered").then_some(delivery)
    })
    .await;
    let statuses: Vec<_> =
        delivery["attempts"].as_array().unwrap().iter().map(|attempt| attempt["status"].clone()).collect();
    assert_eq!(statuses, [500, 503, 204]);

    let path = format!("/v1/deliveries/{}/redeliver", delivery["id"].as_str().unwrap());
    assert_eq!(tacho.admin.post(&path, &Value::Null).await.status, 202);
    let again = receiver.next().await;
    assert_eq!((again.id, again.body), (first.id, first.body));
}

#[tokio::test]
async fn a_receiver_is_left_alone_for_as_long_as_it_asks_however_it_is_written() {
    let mut receiver = Receiver::start().await;
    let tacho = Tacho::at_noon().await;
    let channel = tacho.channel(&receiver).await;
    let later = jiff::Timestamp::from_millisecond(NOON_MS + 90_000).expect("a time");
    let date = later.strftime("%a, %d %b %Y %H:%M:%S GMT").to_string();
    for (asked, wait_ms) in [("90", 90_000), ("7.5", 7_500), (date.as_str(), 90_000)] {
        receiver.is_busy(asked);
        tacho.admin.post(&format!("/v1/channels/{channel}/test"), &Value::Null).await;
        let message = receiver.next().await;
        let next_ms = until("the time of another attempt", async || {
            let deliveries = tacho.admin.get("/v1/deliveries").await.json();
            let mut deliveries = deliveries.as_array().expect("deliveries").iter();
            let delivery = deliveries.find(|delivery| delivery["message_id"] == message.id)?;
            delivery["next_attempt_at_ms"].as_i64().filter(|next_ms| *next_ms > NOON_MS)
        });
        assert_eq!(next_ms.await, NOON_MS + wait_ms, "{asked}");
    }
}

#[tokio::test]
async fn gone_switches_the_channel_off_and_resuming_sends_what_waits() {
    let mut receiver = Receiver::start().await;
    let tacho = Tacho::at_noon().await;
    let channel = tacho.channel(&receiver).await;
    let path = format!("/v1/channels/{channel}");
    receiver.answer(&[410]);
    tacho.admin.post(&format!("{path}/test"), &Value::Null).await;
    receiver.next().await;
    until("a disabled channel", async || {
        let listed = tacho.admin.get("/v1/channels").await.json();
        (listed[0]["enabled"] == false)
            .then(|| assert!(listed[0]["disabled_reason"].as_str().unwrap().contains("410")))
    })
    .await;
    tacho.admin.post(&format!("{path}/test"), &Value::Null).await;
    assert_eq!(tacho.admin.get("/v1/channels").await.json()[0]["pending"], 1);
    assert_eq!(tacho.admin.patch(&path, &json!({ "enabled": true })).await.status, 204);
    receiver.next().await;
    let listed = tacho.admin.get("/v1/channels").await.json();
    assert_eq!((&listed[0]["enabled"], &listed[0]["disabled_reason"]), (&true.into(), &Value::Null));
}

#[tokio::test]
async fn nobody_is_told_of_the_end_of_what_they_never_heard_begin() {
    let tacho = Tacho::at_noon().await;
    tacho.limit("tokens_per_day", 100.0).await;
    tacho.reporter.report(&given::event("a", 90, 0)).await;
    let mut receiver = Receiver::start().await;
    let channel = tacho.channel(&receiver).await;
    tacho.advance(12 * 3_600);
    until("the end of the incident", async || {
        let alerts = tacho.admin.get("/v1/alerts").await.json();
        (alerts["items"][0]["reason"] == "window_reset").then_some(())
    })
    .await;
    tacho.admin.post(&format!("/v1/channels/{channel}/test"), &Value::Null).await;
    assert_eq!(receiver.next().await.kind(), "limit.test");
}

#[tokio::test]
async fn a_paused_channel_hears_the_end_of_what_it_heard_begin() {
    let mut receiver = Receiver::start().await;
    let tacho = Tacho::at_noon().await;
    let channel = format!("/v1/channels/{}", tacho.channel(&receiver).await);
    tacho.limit("tokens_per_day", 100.0).await;
    tacho.reporter.report(&given::event("a", 90, 0)).await;
    assert_eq!(receiver.next().await.kind(), "limit.warning");
    tacho.admin.patch(&channel, &json!({ "enabled": false })).await;
    tacho.advance(12 * 3_600);
    until("the end of the incident", async || {
        let alerts = tacho.admin.get("/v1/alerts").await.json();
        (alerts["items"][0]["reason"] == "window_reset").then_some(())
    })
    .await;
    tacho.admin.patch(&channel, &json!({ "enabled": true })).await;
    assert_eq!(receiver.next().await.kind(), "limit.resolved");
}

#[tokio::test]
async fn a_test_has_the_shape_of_every_message() {
    let mut receiver = Receiver::start().await;
    let tacho = Tacho::at_noon().await;
    let channel = tacho.channel(&receiver).await;
    tacho.limit("tokens_per_day", 100.0).await;
    tacho.reporter.report(&given::event("a", 90, 0)).await;
    let real = receiver.next().await.json();
    tacho.admin.post(&format!("/v1/channels/{channel}/test"), &Value::Null).await;
    let test = receiver.next().await.json();
    let names =
        |message: &Value| -> Vec<String> { message["data"].as_object().unwrap().keys().cloned().collect() };
    assert!(names(&real).iter().all(|name| names(&test).contains(name)), "{test}");
    assert_eq!((&test["type"], &test["data"]["reason"]), (&"limit.test".into(), &"test".into()));
}

#[tokio::test]
async fn who_may_only_read_sees_no_receivers() {
    let mut receiver = Receiver::start().await;
    let tacho = Tacho::at_noon().await;
    let channel = tacho.channel(&receiver).await;
    tacho.admin.post(&format!("/v1/channels/{channel}/test"), &Value::Null).await;
    receiver.next().await;
    let create = ["keys", "create", "--scope", "read", "--name", "a"];
    let key = crate::harness::program::tacho_ok(tacho.directory.path(), &create).await;
    let listed = tacho.admin.with_key(&key).get("/v1/channels").await;
    assert_eq!(listed.json()[0]["url"], "127.0.0.1");
    assert_eq!(tacho.admin.get("/v1/channels").await.json()[0]["url"], receiver.url);
}

#[tokio::test]
async fn one_slow_receiver_does_not_delay_another() {
    let silent = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let tacho = Tacho::at_noon().await;
    let url = format!("http://{}/", silent.local_addr().unwrap());
    let added = tacho.admin.post("/v1/channels", &json!({ "name": "silent", "url": url })).await;
    assert_eq!(added.status, 201, "{}", added.text);
    let mut receiver = Receiver::start().await;
    tacho.channel(&receiver).await;
    tacho.limit("tokens_per_day", 100.0).await;
    tacho.reporter.report(&given::event("a", 90, 0)).await;
    assert_eq!(receiver.next().await.kind(), "limit.warning");
}

#[tokio::test]
async fn the_secret_is_shown_once() {
    let receiver = Receiver::start().await;
    let tacho = Tacho::at_noon().await;
    let channel = json!({ "name": "on call", "url": receiver.url });
    let added = tacho.admin.post("/v1/channels", &channel).await;
    let secret = added.json()["secret"].as_str().unwrap().to_owned();
    assert!(secret.starts_with("whsec_"));
    let listed = tacho.admin.get("/v1/channels").await;
    assert!(!listed.text.contains(&secret));
    assert!(secret.ends_with(listed.json()[0]["secret_hint"].as_str().unwrap()));
}

#[tokio::test]
async fn addresses_inside_the_network_are_refused() {
    let tacho = Tacho::at_noon().await;
    let own = format!("{}/v1/events", tacho.base_url());
    for (url, code) in [
        ("http://example.com/hook", "https_required"),
        ("https://10.0.0.1/", "address_refused"),
        ("https://192.168.1.1/", "address_refused"),
        ("https://169.254.169.254/latest/meta-data", "address_refused"),
        ("https://metadata.google.internal/", "address_refused"),
        ("https://[fd00::1]/", "address_refused"),
        ("https://[::ffff:10.0.0.1]/", "address_refused"),
        ("https://0x0a000001/", "address_refused"),
        ("https://167772161/", "address_refused"),
        ("https://10.1/", "address_refused"),
        ("https://100.64.0.1/", "address_refused"),
        ("https://0.0.0.0/", "address_refused"),
        ("https://user:pass@example.com/", "userinfo_refused"),
        ("https://example.com:22/", "port_refused"),
        ("ftp://example.com/", "invalid_scheme"),
        ("file:///etc/passwd", "invalid_scheme"),
        ("not an address", "invalid_url"),
        (own.as_str(), "own_address"),
    ] {
        let reply = tacho.admin.post("/v1/channels", &json!({ "name": "a", "url": url })).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (400, code), "{url}");
    }
    assert_eq!(tacho.admin.get("/v1/channels").await.json(), json!([]));
}

#[tokio::test]
async fn channels_that_make_no_sense_are_refused() {
    let tacho = Tacho::at_noon().await;
    let good = json!({ "kind": "webhook", "name": "a", "url": "https://example.com/" });
    for (field, value, code) in [
        ("kind", json!("pigeon"), "unknown_kind"),
        ("name", json!(" "), "invalid_name"),
        ("name", json!("x".repeat(129)), "invalid_name"),
        ("colour", json!("red"), "invalid_body"),
    ] {
        let reply = tacho.admin.post("/v1/channels", &given::with(good.clone(), field, value)).await;
        assert_eq!(reply.code(), code, "{field}: {}", reply.text);
    }
    for path in ["/v1/channels/none/test", "/v1/deliveries/none/redeliver"] {
        let reply = tacho.admin.post(path, &Value::Null).await;
        assert_eq!((reply.status.as_u16(), reply.code().as_str()), (404, "not_found"));
    }
}
