//! Opening and closing a session: a one-time link from the terminal, never a password.

use std::sync::Arc;

use app::pages::sign_in::sign_in;
use app::text::SignInReason;
use axum::Extension;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::Bundle;
use super::callers::Peer;
use super::error::HttpError;
use super::language::language;
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
        return Ok(ask(bundle, &headers, StatusCode::OK, SignInReason::NoToken));
    }
    if method != Method::GET || !fetch::opens_page(&headers) {
        return Ok(ask(bundle, &headers, StatusCode::FORBIDDEN, SignInReason::NotOpened));
    }
    let address = peer.map(|Extension(Peer(address))| address);
    let (before, agent) = (gate.session_hash(&headers), agent::agent(&headers));
    let Some(id) = commands.open_session(&link.token, before, agent, address).await? else {
        gate.refusals().note("sign_in_link", None, address);
        return Ok(ask(bundle, &headers, StatusCode::UNAUTHORIZED, SignInReason::Spent));
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
pub fn ask(bundle: Bundle, headers: &HeaderMap, status: StatusCode, reason: SignInReason) -> Response {
    (status, Html(sign_in(language(headers), bundle.css_path(), reason))).into_response()
}
