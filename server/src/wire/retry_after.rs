//! When a server wants to be asked again, in every form in which servers say it.

use std::time::{Duration, UNIX_EPOCH};

use http::HeaderMap;

/// Nobody is left alone for longer, whatever they ask for.
const LONGEST: Duration = Duration::from_secs(24 * 60 * 60);

/// How long the headers of an answer ask to be left alone: `retry-after-ms`, which the client libraries of the API look
/// at first, or `Retry-After` in seconds or as a date (RFC 9110, section 10.2.3). Seconds may have a fraction. What has
/// passed is now, a day is the most, and what cannot be read says nothing.
pub fn retry_after(headers: &HeaderMap, now_ms: i64) -> Option<Duration> {
    let of = |name: &str, read: &dyn Fn(&str) -> Option<Duration>| {
        headers.get_all(name).iter().find_map(|value| read(value.to_str().ok()?.trim()))
    };
    let seconds = |text: &str| Some(bounded(since_now(number(text)?, now_ms)));
    of("retry-after-ms", &|text| Some(bounded(number(text)? / 1_000.0)))
        .or_else(|| of("retry-after", &|text| seconds(text).or_else(|| date(text, now_ms))))
}

fn number(text: &str) -> Option<f64> {
    // Only digits: a library reads `inf` and `nan`, too.
    let is_number =
        text.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'+' | b'-' | b'e' | b'E'));
    text.parse().ok().filter(|_| is_number)
}

/// Nobody means thirty years or more: so many seconds are since 1970, as some gateways say it.
fn since_now(seconds: f64, now_ms: i64) -> f64 {
    if (1e9..1e11).contains(&seconds) { seconds - now_ms as f64 / 1_000.0 } else { seconds }
}

fn bounded(seconds: f64) -> Duration {
    Duration::from_secs_f64(seconds.clamp(0.0, LONGEST.as_secs_f64()))
}

fn date(text: &str, now_ms: i64) -> Option<Duration> {
    let at = httpdate::parse_http_date(text).ok()?;
    let now = UNIX_EPOCH + Duration::from_millis(now_ms.max(0).unsigned_abs());
    Some(at.duration_since(now).unwrap_or_default().min(LONGEST))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The hooks are held to the same cases.
    #[test]
    fn every_form_is_read() {
        let cases = include_str!("../../../tests/fixtures/retry-after.json");
        let cases: serde_json::Value = serde_json::from_str(cases).expect("JSON");
        let now_ms = cases["now_ms"].as_i64().expect("a time");
        for case in cases["cases"].as_array().expect("cases") {
            let headers: HeaderMap = case["headers"]
                .as_object()
                .expect("headers")
                .iter()
                .map(|(name, value)| {
                    let value = value.as_str().expect("text");
                    (name.parse().expect("a name"), value.parse().expect("a value"))
                })
                .collect();
            let wait_ms =
                retry_after(&headers, now_ms).map(|wait| u64::try_from(wait.as_millis()).expect("a day"));
            assert_eq!(wait_ms, case["wait_ms"].as_u64(), "{case}");
        }
    }

    #[test]
    fn of_several_the_first_that_can_be_read_counts() {
        let mut headers = HeaderMap::new();
        for value in ["soon", "7", "8"] {
            headers.append("retry-after", value.parse().expect("a value"));
        }
        assert_eq!(retry_after(&headers, 0), Some(Duration::from_secs(7)));
    }
}
