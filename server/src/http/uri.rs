//! How long the URI of a request may be.

use axum::extract::Request;
use axum::http::{StatusCode, Uri};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::error::HttpError;

/// Path and query, in bytes.
const MOST_BYTES: usize = 8 * 1024;

/// Refuses requests whose URI is longer than any question needs.
pub async fn bound(request: Request, next: Next) -> Response {
    if length(request.uri()) <= MOST_BYTES {
        return next.run(request).await;
    }
    let message = format!("path and query may have {MOST_BYTES} bytes; ask with fewer filters");
    HttpError::new(StatusCode::URI_TOO_LONG, "uri_too_long", message).into_response()
}

fn length(uri: &Uri) -> usize {
    uri.path_and_query().map_or(0, |path_and_query| path_and_query.as_str().len())
}
