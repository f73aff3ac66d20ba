//! Calls that a page makes its reader's browser send, where no key for Tacho is asked for.
//!
//! A program on this machine may call without one. A page that its user only looks at may not: it would use up limits,
//! and leave events under names of its own. So a call that a browser sends is taken where it is one of Tacho's own pages
//! that asks, or one whose origin `allow_origins` names; and never where the answer would be shown or run.

use http::header::{self, HeaderValue};
use http::request::Parts;

use super::cors::Origins;
use super::refusal::CallRefusal;
use crate::access::{fetch, host};

/// Refuses a call without a key for Tacho that a page may have made a browser send.
pub fn keep_out(head: &Parts, origins: &Origins) -> Result<(), CallRefusal> {
    if !fetch::is_shown(&head.headers) && (origins.granted(&head.headers).is_some() || !is_foreign(head)) {
        return Ok(());
    }
    Err(CallRefusal::forbidden(
        "cross_origin",
        "this call came from a page in a browser, and calls need no key here: name the page's origin in allow_origins under \
         [proxy] (TACHO_PROXY_ALLOW_ORIGINS) if it may call, send a key for Tacho as x-tacho-key, or call from a program",
    ))
}

/// Whether a page that is not Tacho's own has asked, or may have. A browser that says nothing of where a call comes from
/// sends no credential of the API along, nor a version of it: pages need permission for those, and ask by their origin.
pub fn is_foreign(head: &Parts) -> bool {
    let headers = &head.headers;
    let is_by_origin = headers.contains_key(header::ORIGIN);
    match headers.get("sec-fetch-site").map(HeaderValue::as_bytes) {
        Some(b"same-origin") => false,
        Some(b"none") | None if is_by_origin => {
            !headers.get_all(header::ORIGIN).iter().all(|origin| is_own(origin, head))
        }
        Some(b"none") => false,
        Some(_) => true,
        None => {
            let shows_token = headers.get(header::AUTHORIZATION).is_some_and(is_bearer);
            let is_of_program = shows_token
                || ["x-api-key", "anthropic-version"].iter().any(|name| headers.contains_key(*name));
            fetch::names_browser(headers) && !is_of_program
        }
    }
}

/// A password that somebody has typed goes along with whatever a page asks for; a token does not.
fn is_bearer(value: &HeaderValue) -> bool {
    value.as_bytes().get(..7).is_some_and(|scheme| scheme.eq_ignore_ascii_case(b"bearer "))
}

fn is_own(origin: &HeaderValue, head: &Parts) -> bool {
    let host = origin.to_str().ok().and_then(|origin| origin.split_once("://")).map(|(_, host)| host);
    host.is_some_and(|host| {
        host::named(&head.uri, &head.headers)
            .any(|named| named.is_some_and(|named| named.eq_ignore_ascii_case(host)))
    })
}
