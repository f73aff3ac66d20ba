//! What the API answers, opened in a browser whose user has signed in: nothing of it runs as the dashboard.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use axum::Router;
use axum::extract::Request;
use axum::response::{Html, IntoResponse};
use server::clock::Clock;

use crate::harness::browser::{Look, Page, browse};
use crate::harness::tacho::Tacho;
use crate::harness::until;

/// Makes a channel as whoever runs it, and says in the page that it ran.
const SCRIPT: &str = "<!DOCTYPE html><title>an answer</title><body><h1 id=answer>an answer</h1><script>\
    document.getElementById('answer').textContent = 'it ran';\
    fetch('/v1/channels', { method: 'POST', headers: { 'content-type': 'application/json' }, \
      body: JSON.stringify({ kind: 'webhook', name: 'theirs', url: 'https://hooks.example.com/x' }) });\
    new Image().src = '/ran';</script>";

/// An API that answers everything with a page, and counts what it is asked.
struct Hostile {
    url: String,
    asked: Arc<AtomicUsize>,
    ran: Arc<AtomicUsize>,
    cookies: Arc<AtomicUsize>,
}

impl Hostile {
    async fn start() -> Self {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}", listener.local_addr().unwrap());
        let counts: [Arc<AtomicUsize>; 3] = Default::default();
        let [asked, ran, cookies] = counts.clone();
        let answer = move |request: Request| {
            let [asked, ran, cookies] = counts.clone();
            asked.fetch_add(1, Ordering::SeqCst);
            ran.fetch_add(usize::from(request.uri().path() == "/ran"), Ordering::SeqCst);
            let cookie = format!("{:?}", request.headers().get("cookie"));
            cookies.fetch_add(usize::from(cookie.contains("tacho_session")), Ordering::SeqCst);
            async { ([("set-cookie", "tacho_session=planted; Path=/")], Html(SCRIPT)).into_response() }
        };
        tokio::spawn(async move { axum::serve(listener, Router::new().fallback(answer)).await });
        Hostile { url, asked, ran, cookies }
    }

    fn asked(&self) -> usize {
        self.asked.load(Ordering::SeqCst)
    }

    /// A Tacho in front of it.
    async fn behind(&self, settings: &[(&str, &str)]) -> Tacho {
        let settings = [&[("TACHO_PROXY_UPSTREAM", self.url.as_str())], settings].concat();
        Tacho::with(Clock::system(), &settings).await
    }
}

/// Opens a link to an answer of the API on a page of another site.
async fn follow_a_link(page: &Page, tacho: &Tacho) {
    page.open(&tacho.sign_in_link().await).await;
    page.alive().await;
    page.open("data:text/html,<a id=link>x</a>").await;
    let href = format!("document.getElementById('link').href = '{}/proxy/v1/models'", tacho.base_url());
    page.script(&href).await;
    page.click("#link").await;
}

async fn nothing_happened(page: &Page, tacho: &Tacho) {
    assert_eq!(tacho.admin.get("/v1/channels").await.json(), serde_json::json!([]));
    page.open(&format!("{}/limits", tacho.base_url())).await;
    page.alive().await;
}

#[tokio::test]
async fn a_link_to_an_answer_of_the_api_leads_nowhere() {
    let hostile = Hostile::start().await;
    for settings in [
        &[][..],
        &[("TACHO_PROXY_REQUIRE_KEY", "never")],
        &[("TACHO_PROXY_REQUIRE_KEY", "always")],
        &[("TACHO_PROXY_ALLOW_ORIGINS", "*")],
    ] {
        let tacho = hostile.behind(settings).await;
        browse(Look::default(), async |page| {
            follow_a_link(page, &tacho).await;
            page.text_with("body", "error").await;
            nothing_happened(page, &tacho).await;
            assert_eq!(hostile.asked(), 0, "{settings:?}");
        })
        .await;
    }
}

#[tokio::test]
async fn what_a_browser_shows_of_the_api_runs_nothing() {
    let hostile = Hostile::start().await;
    let tacho = hostile.behind(&[]).await;
    browse(Look::default(), async |page| {
        // The script works where nothing keeps it from it.
        page.open(&hostile.url).await;
        page.text_with("#answer", "it ran").await;
        until("its request", async || (hostile.ran.load(Ordering::SeqCst) == 1).then_some(())).await;
        // With a key, as by an extension that adds one, calls go on whoever sends them.
        let headers = serde_json::json!({ "headers": { "x-tacho-key": tacho.admin.key() } });
        page.open(&tacho.sign_in_link().await).await;
        page.alive().await;
        page.devtools("Network.enable", serde_json::json!({})).await;
        page.devtools("Network.setExtraHTTPHeaders", headers).await;
        // Browsers give a host's cookies to whatever listens on it, so that what came past Tacho says nothing.
        let (asked, cookies) = (hostile.asked(), hostile.cookies.load(Ordering::SeqCst));
        page.open(&format!("{}/proxy/v1/models", tacho.base_url())).await;
        assert_eq!(page.text_with("#answer", "").await, "an answer");
        assert_eq!(hostile.asked(), asked + 1);
        assert_eq!(hostile.cookies.load(Ordering::SeqCst), cookies, "the session went to the API");
        page.devtools("Network.setExtraHTTPHeaders", serde_json::json!({ "headers": {} })).await;
        nothing_happened(page, &tacho).await;
        assert_eq!(hostile.ran.load(Ordering::SeqCst), 1);
    })
    .await;
}
