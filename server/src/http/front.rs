//! Who answers a request: calls of the API go to the proxy, everything else to the router.
//!
//! The proxy is asked first, and without a router's layers: what passes is not touched, nor held up.

use std::sync::Arc;

use axum::Router;
use axum::body::Body;
use http::{Request, Response};
use tower::ServiceExt;

use crate::proxy::{Proxy, forward, is_call};

/// All that Tacho answers; cheap to clone.
#[derive(Clone)]
pub struct Front {
    /// Passes calls on.
    pub proxy: Arc<Proxy>,
    /// Everything else.
    pub router: Router,
}

impl Front {
    /// The answer to a request.
    pub async fn answer(self, request: Request<Body>) -> Response<Body> {
        if is_call(request.uri()) {
            return forward(&self.proxy, request).await;
        }
        self.router.oneshot(request).await.unwrap_or_else(|never| match never {})
    }
}
