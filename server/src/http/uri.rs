//! What the URI of a request may be.

use axum::extract::Request;
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use percent_encoding::percent_decode_str;

use super::error::HttpError;
use super::status::RefusalReason;

/// Path and query, in bytes.
const MOST_BYTES: usize = 8 * 1024;
/// Parts of a query, `name=value`.
const MOST_PARTS: usize = 128;

/// Refuses requests whose URI is longer than any question needs, or no text.
pub async fn bound(request: Request, next: Next) -> Response {
    let uri = request.uri().path_and_query().map_or("", |path_and_query| path_and_query.as_str());
    if uri.len() > MOST_BYTES {
        let message = format!("path and query may have {MOST_BYTES} bytes; ask with fewer filters");
        return HttpError::new(RefusalReason::UriTooLong, "uri_too_long", message).into_response();
    }
    // A page writes all of them into every link.
    if uri.matches('&').count() >= MOST_PARTS {
        let message = format!("a query may have {MOST_PARTS} parts; ask with fewer filters");
        return HttpError::bad_request("invalid_parameter", message).into_response();
    }
    // Read as something else, it might mean another id or name.
    if percent_decode_str(uri).decode_utf8().is_err() {
        let message = "path and query must be UTF-8 once their `%HH` are decoded; a name with bytes that are no text is \
                       stored with `%HH` in their place, so write its `%` as `%25`";
        return HttpError::bad_request("invalid_uri", message).into_response();
    }
    next.run(request).await
}
