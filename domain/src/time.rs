//! Times and ids, as they are written.

/// The instant of a Unix time in milliseconds, at the edge of what can be written if it lies beyond.
pub fn timestamp(at_ms: i64) -> jiff::Timestamp {
    jiff::Timestamp::from_millisecond(at_ms).unwrap_or(if at_ms < 0 {
        jiff::Timestamp::MIN
    } else {
        jiff::Timestamp::MAX
    })
}

/// A Unix time in milliseconds as RFC 3339.
pub fn rfc3339(at_ms: i64) -> String {
    timestamp(at_ms).to_string()
}

/// A new id: a word and 26 characters that begin with the time.
pub fn new_id(prefix: &str, now_ms: i64) -> String {
    let seconds = now_ms.div_euclid(1_000).unsigned_abs();
    let nanos = u32::try_from(now_ms.rem_euclid(1_000) * 1_000_000).unwrap_or(0);
    let time = uuid::Timestamp::from_unix(uuid::NoContext, seconds, nanos);
    format!("{prefix}_{}", uuid::Uuid::new_v7(time).simple())
}
