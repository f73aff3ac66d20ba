//! Keys and secrets that somebody has pasted into a name, whichever way it comes in, are kept nowhere: of each there is
//! its fingerprint.

use serde_json::{Value, json};
use server::secrets::signature::Secret;
use server::secrets::{Key, KeyScope, session};
use tempfile::tempdir;
use upstream::{Terms, Upstream};

use crate::given;
use crate::harness::program::{Program, tacho, tacho_ok};
use crate::harness::proxied::{API_KEY, Caller};
use crate::harness::{found, until};

/// One of every kind, and what of it must not be found.
fn pasted() -> Vec<(String, String)> {
    let id = session::new_id();
    let mut secrets: Vec<_> = KeyScope::ALL.map(|scope| Key::generate(scope).reveal()).into();
    secrets.extend([API_KEY.to_owned(), Secret::generate().reveal().to_owned()]);
    let mut pasted: Vec<_> =
        secrets.into_iter().map(|secret| (secret.clone(), secret[..secret.len() - 6].to_owned())).collect();
    pasted.push((format!("tacho_session={id}"), id[..40].to_owned()));
    for text in [String::new(), "http://127.0.0.1:8787/sign-in?token=".to_owned()] {
        let id = session::new_id();
        pasted.push((format!("{text}{id}"), id[..40].to_owned()));
    }
    pasted
}

/// An event with `text` wherever a reporter says something.
fn saying(id: &str, text: &str) -> Value {
    let mut event = given::event(id, 1, 1);
    for field in [
        "user",
        "session",
        "feature",
        "project",
        "workspace",
        "organization",
        "api_key",
        "stop_reason",
        "endpoint",
    ] {
        event[field] = text.into();
    }
    event["labels"] = json!({ text: text, "other": format!("Bearer {text}") });
    event["error"] = json!({ "type": text, "code": text });
    event["usage"]["service_tier"] = text.into();
    event["headers"] = json!({ "anthropic-organization-id": text, "request-id": text });
    event["unknown"] = text.into();
    event
}

#[tokio::test]
async fn no_way_in_keeps_a_key_that_was_pasted_into_a_name() {
    let directory = tempdir().unwrap();
    let data = directory.path();
    let files = tempdir().unwrap();
    let upstream = Upstream::start(Terms::default()).await;
    let admin = tacho_ok(data, &["keys", "create", "--scope", "admin", "--name", "a"]).await;
    let program = Program::start(data, &[("TACHO_PROXY_UPSTREAM", upstream.base_url.as_str())]).await;
    let admin = program.client(&admin);
    let (pasted, mut count) = (pasted(), 0);
    let canaries: Vec<&str> = pasted.iter().map(|(_, canary)| canary.as_str()).collect();
    for (number, (text, _)) in pasted.iter().enumerate() {
        // Posted, in lines, as an id, and put right.
        for (way, event) in [("post", saying(&format!("post{number}"), text)), ("id", saying(text, text))] {
            let reply = admin.post("/v1/events", &event).await;
            assert!(reply.text.contains("\"accepted\":1"), "{way} {text}: {}", reply.text);
        }
        let lines = format!(
            "{}\n{}\n",
            saying(&format!("line{number}"), text),
            given::event(&format!("x{number}"), 1, 1)
        );
        let headers = [("content-type", "application/x-ndjson")];
        let reply = admin.send(reqwest::Method::POST, "/v1/events", &headers, lines.into_bytes()).await;
        assert!(reply.text.contains("\"accepted\":2"), "{}", reply.text);
        let reply = admin
            .post("/v1/events/correct", &json!([saying(&format!("post{number}"), &format!("x {text}"))]))
            .await;
        assert_eq!(reply.status, 200, "{}", reply.text);
        // In files.
        let table = files.path().join(format!("{number}.csv"));
        let row = format!(
            "2026-11-01T00:00:00Z,claude-sonnet-5-5,1,1,\"{text}\",\"{text}\",\"{text}\",\"{text}\"\n"
        );
        std::fs::write(
            &table,
            format!("at,model,input_tokens,output_tokens,project,user,feature,session\n{row}"),
        )
        .unwrap();
        let event = given::with(saying(&format!("file{number}"), text), "at", "2026-11-02T00:00:00Z");
        std::fs::write(table.with_extension("ndjson"), event.to_string()).unwrap();
        for file in [&table, &table.with_extension("ndjson")] {
            let imported = tacho(data, &["import", file.to_str().unwrap()]).await;
            assert!(imported.status.success(), "{}", String::from_utf8_lossy(&imported.stderr));
        }
        // With a call: in its path and in its headers, whose names are in small letters.
        let segment: String = url::form_urlencoded::byte_serialize(text.as_bytes()).collect();
        let caller = Caller::new(&format!("{}/proxy/p/{segment}/f/{segment}", program.base_url));
        let mut request = caller.messages("words=3", false);
        for name in ["x-tacho-user", "x-tacho-session", "x-tacho-label-a", "x-claude-code-session-id"] {
            request.headers_mut().insert(name, text.parse().unwrap());
        }
        let label: String =
            text.chars().filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-')).collect();
        let label = format!("x-tacho-label-{}", label.to_lowercase());
        request.headers_mut().insert(label.parse::<http::HeaderName>().unwrap(), "1".parse().unwrap());
        assert_eq!(caller.send(request).await.status, 200);
        // Of what is refused only the field is said.
        admin.post("/v1/events", &json!({ "model": 1, text: text })).await;
        count += 7;
        // What people name.
        let scope = json!({ "dimension": "api_key", "value": text });
        for limit in [
            json!({ "name": text, "kind": "tokens_per_day", "amount": 1 }),
            json!({ "name": "a", "kind": "tokens_per_day", "amount": 1, "scope": scope }),
        ] {
            let refused = admin.post("/v1/limits", &limit).await;
            assert_eq!(
                (refused.status.as_u16(), &refused.json()["error"]["code"]),
                (400, &json!("secret_refused"))
            );
        }
        let channel = json!({ "kind": "webhook", "name": text, "url": "https://example.com/" });
        assert_eq!(admin.post("/v1/channels", &channel).await.json()["error"]["code"], "secret_refused");
        let named = tacho(data, &["keys", "create", "--scope", "read", "--name", text]).await;
        assert!(!named.status.success());
        let defaults = format!("project={text}");
        tacho_ok(data, &["keys", "create", "--scope", "read", "--name", "a", "--default", &defaults]).await;
    }
    let events = until("every event", async || {
        let events =
            admin.get("/v1/events?limit=1000&from=2026-10-01T00:00:00Z").await.json()["events"].clone();
        (events.as_array().unwrap().len() == count).then_some(events)
    });
    let events = events.await;
    let (audit, health) = (admin.get("/v1/audit").await.text, admin.get("/v1/health").await.text);
    let said = format!("{events}{audit}{health}");
    for (text, canary) in &pasted {
        assert!(!said.contains(canary), "{canary} is told");
        // Small letters hide nothing: what is left of a secret is still most of it.
        assert!(!said.to_lowercase().contains(&text.to_lowercase()), "{text} is told");
        assert!(said.contains(&format!("..{}", &text[text.len() - 4..])), "{text} has no fingerprint");
    }
    assert_eq!(found(data, &canaries), [""; 0]);
    program.terminate().await;
    assert_eq!(found(data, &canaries), [""; 0]);
}
