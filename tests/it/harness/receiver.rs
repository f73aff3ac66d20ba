//! Somebody who receives webhooks: a real HTTP server that checks every signature with the library of the
//! Standard Webhooks project, not with ours.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::body::Bytes;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::routing::post;
use serde_json::Value;
use tokio::sync::mpsc;

use super::within;

/// A message as it arrived.
#[derive(Debug, Clone)]
pub struct Message {
    pub id: String,
    pub timestamp_s: i64,
    pub signature: String,
    pub body: String,
}

impl Message {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }

    pub fn kind(&self) -> String {
        self.json()["type"].as_str().expect("a type").to_owned()
    }
}

/// Receives webhooks at `url`.
pub struct Receiver {
    pub url: String,
    shared: Arc<Shared>,
    messages: mpsc::UnboundedReceiver<Message>,
}

struct Shared {
    secret: Mutex<Option<String>>,
    /// What to answer next, with which `Retry-After`; 204 when there is nothing.
    answers: Mutex<VecDeque<(StatusCode, Option<String>)>>,
    messages: mpsc::UnboundedSender<Message>,
}

impl Receiver {
    pub async fn start() -> Self {
        let (sender, messages) = mpsc::unbounded_channel();
        let shared =
            Arc::new(Shared { secret: Mutex::default(), answers: Mutex::default(), messages: sender });
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let url = format!("http://{}/hook", listener.local_addr().expect("an address"));
        let router = Router::new().route("/hook", post(receive)).with_state(shared.clone());
        tokio::spawn(async move { axum::serve(listener, router).await });
        Receiver { url, shared, messages }
    }

    /// Checks signatures with this secret from now on.
    pub fn trust(&self, secret: &str) {
        *self.shared.secret.lock().expect("a secret") = Some(secret.to_owned());
    }

    /// Answers the next messages like this, then with 204.
    pub fn answer(&self, statuses: &[u16]) {
        let statuses = statuses.iter().map(|status| StatusCode::from_u16(*status).expect("a status"));
        self.shared.answers.lock().expect("answers").extend(statuses.map(|status| (status, None)));
    }

    /// Answers the next message with 503, and asks to be left alone.
    pub fn is_busy(&self, retry_after: &str) {
        let answer = (StatusCode::SERVICE_UNAVAILABLE, Some(retry_after.to_owned()));
        self.shared.answers.lock().expect("answers").push_back(answer);
    }

    /// The next message.
    pub async fn next(&mut self) -> Message {
        within("a message", self.messages.recv()).await.expect("a message")
    }

    /// A message that is there already.
    pub fn arrived(&mut self) -> Option<Message> {
        self.messages.try_recv().ok()
    }
}

async fn receive(
    State(shared): State<Arc<Shared>>,
    headers: HeaderMap,
    body: Bytes,
) -> (StatusCode, HeaderMap) {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned();
    let message = Message {
        id: text("webhook-id"),
        timestamp_s: text("webhook-timestamp").parse().unwrap_or(0),
        signature: text("webhook-signature"),
        body: String::from_utf8(body.to_vec()).unwrap_or_default(),
    };
    let secret = shared.secret.lock().expect("a secret").clone();
    if let Some(secret) = secret {
        let theirs = standardwebhooks::Webhook::new(&secret).expect("a secret");
        let expected =
            theirs.sign(&message.id, message.timestamp_s, message.body.as_bytes()).expect("a signature");
        if expected != message.signature {
            return (StatusCode::UNAUTHORIZED, HeaderMap::new());
        }
    }
    let answer = shared.answers.lock().expect("answers").pop_front();
    let (status, retry_after) = answer.unwrap_or((StatusCode::NO_CONTENT, None));
    let asks = retry_after.map(|text| (header::RETRY_AFTER, text.parse().expect("a value")));
    let _ = shared.messages.send(message);
    (status, asks.into_iter().collect())
}
