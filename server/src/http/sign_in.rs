//! Opening and closing a session: a one-time link from the terminal, never a password.

use std::sync::Arc;

use app::parts::ICON;
use axum::Extension;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::Bundle;
use super::callers::Peer;
use super::error::HttpError;
use crate::access::{Gate, agent, fetch, gate, origin};
use crate::commands::Commands;

/// The link's token.
#[derive(Debug, Deserialize)]
pub struct Link {
    #[serde(default)]
    token: String,
}

/// `GET /sign-in?token=...`: uses the link up, opens a session and shows the dashboard. Only for somebody who opens it: a
/// `HEAD` that checks links, an image or a script with its address, and what a browser fetches ahead leave it as it is.
pub async fn open(
    State(commands): State<Arc<Commands>>,
    State(bundle): State<Bundle>,
    State(gate): State<Arc<Gate>>,
    method: Method,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
    Query(link): Query<Link>,
) -> Result<Response, HttpError> {
    if link.token.is_empty() {
        return Ok(ask(
            bundle,
            StatusCode::OK,
            "Open the sign-in link that Tacho printed when it first started.",
        ));
    }
    if method != Method::GET || !fetch::opens_page(&headers) {
        return Ok(ask(
            bundle,
            StatusCode::FORBIDDEN,
            "A sign-in link opens in a window of its own. This one was not used up: open it there.",
        ));
    }
    let address = peer.map(|Extension(Peer(address))| address);
    let (before, agent) = (gate.session_hash(&headers), agent::agent(&headers));
    let Some(id) = commands.open_session(&link.token, before, agent, address).await? else {
        gate.refusals().note("sign_in_link", None, address);
        return Ok(ask(
            bundle,
            StatusCode::UNAUTHORIZED,
            "This sign-in link was used before, or is too old.",
        ));
    };
    let mut response = Redirect::to("/").into_response();
    if let Ok(cookie) = HeaderValue::from_str(&gate.cookie().with(&id)) {
        response.headers_mut().insert(header::SET_COOKIE, cookie);
    }
    Ok(response)
}

/// `POST /sign-out`
pub async fn close(
    State(commands): State<Arc<Commands>>,
    State(gate): State<Arc<Gate>>,
    method: Method,
    peer: Option<Extension<Peer>>,
    headers: HeaderMap,
) -> Result<Response, HttpError> {
    if !origin::is_same_origin(&method, &headers) {
        return Err(gate::cross_origin().into());
    }
    let address = peer.map(|Extension(Peer(address))| address);
    if let Some(own) = gate.session_hash(&headers) {
        commands.close_session(own, address).await?;
    }
    let mut response = Redirect::to("/sign-in").into_response();
    if let Ok(no_cookie) = HeaderValue::from_str(&gate.cookie().none()) {
        response.headers_mut().insert(header::SET_COOKIE, no_cookie);
    }
    Ok(response)
}

/// The page for people without a session.
pub fn ask(bundle: Bundle, status: StatusCode, reason: &str) -> Response {
    let css = bundle
        .css_path()
        .map(|path| format!("<link rel=\"stylesheet\" href=\"{path}\">"))
        .unwrap_or_default();
    let page = format!(
        "<!DOCTYPE html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Sign in · Tacho</title>\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\
         <link rel=\"icon\" href=\"{ICON}\">{css}</head>\
         <body><main class=\"sign-in\"><h1>Tacho</h1><p>{reason}</p>\
         <p>For a new link, run this where Tacho runs:</p><pre><code>tacho sign-in-link</code></pre></main></body></html>"
    );
    (status, Html(page)).into_response()
}
