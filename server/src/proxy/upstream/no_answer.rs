//! Why there is no answer to pass on.

use std::error::Error;

use hyper_util::client::legacy;

use crate::wire::head;

/// What came instead of an answer, with the innermost reason.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NoAnswer {
    /// There was no connection, so nothing was sent.
    Unreachable(String),
    /// The connection was closed before the answer began.
    Closed(String),
    /// An answer came that cannot be read.
    Unreadable(String),
}

impl NoAnswer {
    /// What an error of the client says.
    pub fn of(error: &legacy::Error) -> Self {
        let reason = innermost(error);
        if error.is_connect() {
            return NoAnswer::Unreachable(reason);
        }
        let bounds = || {
            let (headers, bytes) = (head::READABLE_HEADERS, head::READABLE_BYTES);
            format!("its head has more than {headers} headers or {bytes} bytes")
        };
        if let Some(error) = cause::<hyper::Error>(error) {
            if error.is_parse_too_large() {
                return NoAnswer::Unreadable(bounds());
            }
            if error.is_parse() {
                return NoAnswer::Unreadable(reason);
            }
        }
        // The library does not tell one from the other.
        if cause::<h2::Error>(error).is_some_and(|error| error.is_library() && !error.is_io()) {
            return NoAnswer::Unreadable(format!(
                "{}, or it breaks the rules of HTTP/2 ({reason})",
                bounds()
            ));
        }
        NoAnswer::Closed(reason)
    }
}

/// The first error of a kind behind another.
pub fn cause<'a, E: Error + 'static>(error: &'a (dyn Error + 'static)) -> Option<&'a E> {
    let mut error = Some(error);
    while let Some(one) = error {
        if let Some(found) = one.downcast_ref() {
            return Some(found);
        }
        error = one.source();
    }
    None
}

/// The last of the reasons behind an error: the ones before only say where it was noticed.
fn innermost(error: &dyn Error) -> String {
    let mut error = error;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
}
