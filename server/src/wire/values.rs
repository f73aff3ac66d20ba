//! Changing what the headers of a message say.

use http::header::{HeaderMap, HeaderName, HeaderValue};

/// Takes out the values of which `is_out` holds, and leaves the others in their order.
pub fn drop_values(headers: &mut HeaderMap, is_out: impl Fn(&HeaderValue) -> bool) {
    let names: Vec<HeaderName> =
        headers.iter().filter(|(_, value)| is_out(value)).map(|(name, _)| name.clone()).collect();
    for name in names {
        let kept: Vec<HeaderValue> =
            headers.get_all(&name).iter().filter(|value| !is_out(value)).cloned().collect();
        replace(headers, &name, kept);
    }
}

/// Puts other values in the place of those that a header has.
pub fn replace(headers: &mut HeaderMap, name: &HeaderName, values: Vec<HeaderValue>) {
    headers.remove(name);
    for value in values {
        headers.append(name.clone(), value);
    }
}
