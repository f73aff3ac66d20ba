//! How large the head of a message may be, of requests and of the API's answers alike.

use http::{HeaderMap, Request};

/// Headers of a request.
pub const MOST_HEADERS: usize = 256;
/// The first line and the headers of a request, in bytes as HTTP/1.1 writes them.
pub const MOST_BYTES: usize = 256 << 10;

/// What is read of any head, so that a request of more than it may have can be told so. Beyond this it is refused
/// before it is read, without a word. An answer of the API is passed on up to here. The HTTP library clears room for so
/// many before it reads any head, so that each costs time in every call.
pub const READABLE_HEADERS: usize = 512;
/// The same in bytes.
pub const READABLE_BYTES: usize = 512 << 10;

/// How a request is told what it may have; nothing when it has no more.
pub fn too_large<B>(request: &Request<B>) -> Option<String> {
    let (headers, bytes) = (request.headers().len(), bytes(request));
    (headers > MOST_HEADERS || bytes > MOST_BYTES).then(|| {
        format!(
            "the head of a request may have {MOST_HEADERS} headers and {MOST_BYTES} bytes here, and this one has {headers} \
             headers and {bytes} bytes; send fewer or shorter ones"
        )
    })
}

fn bytes<B>(request: &Request<B>) -> usize {
    let uri = request.uri().path_and_query().map_or(1, |path_and_query| path_and_query.as_str().len());
    request.method().as_str().len() + uri + " HTTP/1.1\r\n\r\n".len() + 1 + bytes_of(request.headers())
}

fn bytes_of(headers: &HeaderMap) -> usize {
    headers.iter().map(|(name, value)| name.as_str().len() + value.len() + ": \r\n".len()).sum()
}
