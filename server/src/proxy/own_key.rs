//! Tacho's own keys, where a client library puts what it is given for the API.
//!
//! `ANTHROPIC_AUTH_TOKEN=tch_prx_...` arrives as `authorization: Bearer tch_prx_...`. Tacho takes keys there everywhere
//! else, so it does here, and they go no further: the API has nothing to do with them.

use http::{HeaderMap, HeaderValue};

use super::refusal::CallRefusal;
use crate::secrets::secret;

/// The headers in which the API is told who calls.
const HEADERS: [&str; 2] = ["authorization", "x-api-key"];
/// How every key of Tacho begins.
const BEGINNING: &str = "tch_";

/// Takes out what is meant for Tacho, and returns the first.
pub fn take(headers: &mut HeaderMap) -> Option<String> {
    let mut own = None;
    for name in HEADERS {
        if !headers.get_all(name).iter().any(|value| key(value).is_some()) {
            continue;
        }
        let values: Vec<HeaderValue> = headers.get_all(name).iter().cloned().collect();
        headers.remove(name);
        for value in values {
            match key(&value) {
                Some(key) => own = own.or_else(|| Some(key.to_owned())),
                None => {
                    headers.append(name, value);
                }
            }
        }
    }
    own
}

/// Whether anything is left that the API could know the caller by.
pub fn leaves_a_credential(headers: &HeaderMap) -> bool {
    HEADERS.iter().any(|name| headers.contains_key(*name))
}

/// Refuses a call in whose address a secret of Tacho would go on to the API: what goes on is never rewritten.
pub fn keep_out_of(path_and_query: &str) -> Result<(), CallRefusal> {
    match secret::is_in(path_and_query.as_bytes()) {
        true => Err(CallRefusal::key_in_address(
            "a key of Tacho, or another of its secrets, stands in the address of this call, where it would go on to the API \
             and into logs; send the key as x-tacho-key (ANTHROPIC_CUSTOM_HEADERS=\"x-tacho-key: tch_prx_...\"), and \
             replace the one that was sent",
        )),
        false => Ok(()),
    }
}

/// The key of Tacho that a value is, alone or behind the name of a scheme.
fn key(value: &HeaderValue) -> Option<&str> {
    let text = value.to_str().ok()?.trim();
    let token = text.rsplit(' ').next().unwrap_or(text);
    token.starts_with(BEGINNING).then_some(token)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_for_tacho_is_taken_out() {
        let mut headers = HeaderMap::new();
        headers.append("authorization", HeaderValue::from_static("bearer  tch_prx_1"));
        headers.append("x-api-key", HeaderValue::from_static("sk-ant-1"));
        headers.append("x-api-key", HeaderValue::from_static("tch_prx_2"));
        assert_eq!(take(&mut headers).as_deref(), Some("tch_prx_1"));
        assert!(leaves_a_credential(&headers));
        assert_eq!((headers.len(), &headers["x-api-key"]), (1, &HeaderValue::from_static("sk-ant-1")));
        assert_eq!(take(&mut headers), None);
        let mut headers = HeaderMap::from_iter([(
            http::header::AUTHORIZATION,
            HeaderValue::from_static("Bearer tch_prx_1"),
        )]);
        assert!(take(&mut headers).is_some() && !leaves_a_credential(&headers));
    }
}
