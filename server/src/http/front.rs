//! Who answers a request: calls of the API go to the proxy, everything else to the router.
//!
//! The proxy is asked first, and without a router's layers: what passes is not touched, nor held up.

use std::net::IpAddr;
use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use axum::response::IntoResponse;
use http::{HeaderValue, Method, Request, Response, StatusCode, header};
use tower::ServiceExt;
use vocabulary::ProblemKind;

use super::headers::ForBrowsers;
use super::status::RefusalReason;
use super::{HttpError, Peer};
use crate::access::{Hosts, UNKNOWN, fetch};
use crate::proxy::{Astray, CallRefusal, Proxy, forward, is_call, is_preflight};
use crate::wire::head;

/// All that Tacho answers; cheap to clone.
#[derive(Clone)]
pub struct Front {
    /// Passes calls on.
    pub proxy: Arc<Proxy>,
    /// Everything else.
    pub router: Router,
    /// The names that Tacho goes by.
    pub hosts: Arc<Hosts>,
    /// What browsers are told with every answer.
    pub browsers: ForBrowsers,
}

impl Front {
    /// The answer to a request from an address.
    pub async fn answer(self, mut request: Request<Body>, peer: IpAddr) -> Response<Body> {
        let (is_call, is_head) = (is_call(request.uri()), request.method() == Method::HEAD);
        let (is_of_browser, browsers) = (fetch::is_of_browser(request.headers()), self.browsers);
        let mut answer = match self.hosts.know(request.uri(), request.headers()) {
            true if is_call => {
                let mut answer = forward(&self.proxy, request).await;
                if answer.status() == StatusCode::UNAUTHORIZED
                    && answer.headers().get(CallRefusal::HEADER).is_some_and(|code| code == "invalid_key")
                {
                    self.proxy.gate.refusals().note("invalid_key", None, Some(peer));
                }
                if is_of_browser {
                    browsers.confine(answer.headers_mut());
                }
                return answer;
            }
            true => {
                request.extensions_mut().insert(Peer(peer));
                self.answer_itself(request).await
            }
            false if is_call => CallRefusal::unknown_host(UNKNOWN).into_response(),
            false => refuse(RefusalReason::UnknownHost, "unknown_host", UNKNOWN),
        };
        browsers.complete(answer.headers_mut());
        if is_head {
            *answer.body_mut() = Body::empty();
        }
        answer
    }

    /// The answer to what is no call.
    async fn answer_itself(self, mut request: Request<Body>) -> Response<Body> {
        // Over HTTP/2 it stands in the address.
        let named = request.uri().authority().and_then(|host| HeaderValue::from_str(host.as_str()).ok());
        if let Some(host) = named
            && !request.headers().contains_key(header::HOST)
        {
            request.headers_mut().insert(header::HOST, host);
        }
        if let Some(message) = head::too_large(&request) {
            return refuse(RefusalReason::HeadTooLarge, "head_too_large", message);
        }
        let astray = Astray::from_elsewhere(request.uri().path(), request.headers());
        if astray.is_none() && is_preflight(&request) {
            return refuse(ProblemKind::Forbidden, "cross_origin", CROSS_ORIGIN);
        }
        let Some(astray) = astray else { return self.route(request).await };
        // Told only where nothing else is: what Tacho itself has at a path comes first.
        let (head, body) = request.into_parts();
        let answer = self.clone().route(Request::from_parts(head.clone(), body)).await;
        let has_nothing = match answer.status() {
            StatusCode::NOT_FOUND | StatusCode::METHOD_NOT_ALLOWED => true,
            // Pages do not say what there is to who has not signed in; and no page is asked for by a client of the API.
            StatusCode::UNAUTHORIZED => astray.is_obvious() || head.headers.contains_key("anthropic-version"),
            _ => false,
        };
        if has_nothing { self.proxy.answer_astray(astray, &head) } else { answer }
    }

    async fn route(self, request: Request<Body>) -> Response<Body> {
        self.router.oneshot(request).await.unwrap_or_else(|never| match never {})
    }
}

/// What a page of another site would need here is a key, which everybody who opens the page could read.
const CROSS_ORIGIN: &str = "pages of other sites cannot use Tacho from a browser: a key in a page is everybody's who opens \
                            it. Send this from a server; only calls of the API under /proxy can be allowed (allow_origins \
                            under [proxy])";

fn refuse(
    reason: impl Into<RefusalReason>,
    code: &'static str,
    message: impl Into<String>,
) -> Response<Body> {
    HttpError::new(reason, code, message).into_response()
}
