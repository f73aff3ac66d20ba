//! Whose key a call is made with.

use domain::usage::{Fingerprints, name};
use http::HeaderMap;

/// The fingerprint of the API key among the headers of a call, `oauth` for a subscription, empty without any.
pub fn of_caller(keys: &Fingerprints, headers: &HeaderMap) -> String {
    let text = |header: &str| headers.get(header).map(|value| name::text(value.as_bytes()).0);
    // Names of schemes are the same in capitals (RFC 9110, section 11.1).
    let bearer = || {
        let value = text("authorization")?;
        let (scheme, token) = value.split_once(' ')?;
        scheme.eq_ignore_ascii_case("bearer").then(|| token.to_owned())
    };
    let key = text("x-api-key").or_else(bearer).unwrap_or_default();
    match key.trim() {
        "" => String::new(),
        key => keys.of_key(key),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "sk-ant-api03-abcdefghijklmnopqrstuvwxyz-WXYZ";

    fn of(name: &'static str, value: &str) -> String {
        let mut headers = HeaderMap::new();
        headers.insert(name, value.parse().expect("a value"));
        of_caller(&Fingerprints::new([1; 32]), &headers)
    }

    #[test]
    fn a_key_is_known_again_and_not_given_away() {
        assert_eq!(of("x-api-key", KEY), Fingerprints::new([1; 32]).of_key(KEY));
        assert_eq!(of("authorization", &format!("Bearer {KEY}")), of("x-api-key", KEY));
    }

    #[test]
    fn other_credentials_say_nothing() {
        assert_eq!(of("authorization", "Bearer sk-ant-oat01-secret"), "oauth");
        assert_eq!(of("authorization", "bearer  sk-ant-oat01-secret"), "oauth");
        assert_eq!(of("authorization", "Basic dXNlcg=="), "");
        assert_eq!(of("x-api-key", " "), "");
        assert_ne!(of("x-api-key", "schlüssel-eins"), of("x-api-key", "schlüssel-zwei"));
    }
}
