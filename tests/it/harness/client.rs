//! HTTP as an application speaks it.

use bytes::Bytes;
use reqwest::header::HeaderMap;
use reqwest::{Method, StatusCode};
use serde_json::Value;

/// Speaks to one Tacho with one key.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    pub base_url: String,
    key: Option<String>,
}

/// What came back.
#[derive(Debug)]
pub struct Reply {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub text: String,
    /// The same before it was read as text.
    pub body: Bytes,
}

impl Client {
    pub fn new(base_url: &str, key: Option<&str>) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none()).build();
        Client {
            http: http.expect("an HTTP client"),
            base_url: base_url.to_owned(),
            key: key.map(str::to_owned),
        }
    }

    /// The same with another key.
    pub fn with_key(&self, key: &str) -> Self {
        Client { key: Some(key.to_owned()), ..self.clone() }
    }

    /// The key, for who speaks HTTP without this.
    pub fn key(&self) -> &str {
        self.key.as_deref().expect("a key")
    }

    /// The same at another address.
    pub fn at(&self, base_url: &str) -> Self {
        Client { base_url: base_url.to_owned(), ..self.clone() }
    }

    pub async fn get(&self, path: &str) -> Reply {
        self.send(Method::GET, path, &[], Vec::new()).await
    }

    pub async fn delete(&self, path: &str) -> Reply {
        self.send(Method::DELETE, path, &[], Vec::new()).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Reply {
        let headers = [("content-type", "application/json")];
        self.send(Method::POST, path, &headers, body.to_string().into_bytes()).await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> Reply {
        let headers = [("content-type", "application/json")];
        self.send(Method::PATCH, path, &headers, body.to_string().into_bytes()).await
    }

    /// Posts events and expects all of them to be stored.
    pub async fn report(&self, events: &Value) {
        let reply = self.post("/v1/events", events).await;
        assert_eq!(reply.status, 200, "{}", reply.text);
    }

    pub async fn send(&self, method: Method, path: &str, headers: &[(&str, &str)], body: Vec<u8>) -> Reply {
        self.try_send(method, path, headers, body).await.expect("an answer")
    }

    /// As [`Self::send`], for a Tacho that may be gone.
    pub async fn try_send(
        &self,
        method: Method,
        path: &str,
        headers: &[(&str, &str)],
        body: Vec<u8>,
    ) -> reqwest::Result<Reply> {
        let mut request = self.http.request(method, format!("{}{path}", self.base_url)).body(body);
        if let Some(key) = &self.key {
            request = request.bearer_auth(key);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let response = request.send().await?;
        let (status, headers) = (response.status(), response.headers().clone());
        let body = response.bytes().await?;
        Ok(Reply { status, headers, text: String::from_utf8_lossy(&body).into_owned(), body })
    }
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.text).unwrap_or_else(|error| panic!("{error}: {}", self.text))
    }

    /// The stable code of a refusal, which must also say how to put it right.
    pub fn code(&self) -> String {
        let error = &self.json()["error"];
        assert!(error["message"].as_str().is_some_and(|message| message.len() > 10), "{}", self.text);
        error["code"].as_str().expect("a code").to_owned()
    }

    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }
}
