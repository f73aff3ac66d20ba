//! Ids as the API writes them: a prefix, `01`, and a UUID of version 7 in base 58, so that they sort by time.

use std::sync::Mutex;

use jiff::Timestamp;
use uuid::{ContextV7, Uuid};

const DIGITS: &[u8; 58] = b"123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz";

/// Makes ids, each greater than the one before.
#[derive(Debug)]
pub(crate) struct Ids(Mutex<ContextV7>);

impl Ids {
    pub fn new() -> Self {
        Ids(Mutex::new(ContextV7::new()))
    }

    /// `{prefix}_01…` of this instant.
    pub fn next(&self, prefix: &str, now: Timestamp) -> String {
        let seconds = u64::try_from(now.as_second()).unwrap_or(0);
        let nanos = u32::try_from(now.subsec_nanosecond()).unwrap_or(0);
        let instant = uuid::Timestamp::from_unix(&self.0, seconds, nanos);
        format!("{prefix}_01{}", base58(Uuid::new_v7(instant).as_u128()))
    }
}

/// Twenty-two digits hold 128 bits.
fn base58(mut number: u128) -> String {
    let mut digits = [DIGITS[0]; 22];
    for digit in digits.iter_mut().rev() {
        *digit = DIGITS[usize::try_from(number % 58).unwrap_or(0)];
        number /= 58;
    }
    digits.iter().map(|digit| char::from(*digit)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_look_like_the_apis_and_sort_by_time() {
        let ids = Ids::new();
        let at = |second: i64| Timestamp::from_second(1_755_780_000 + second).unwrap();
        let mut made: Vec<_> = (0..1_000).map(|n| ids.next("req", at(n / 100))).collect();
        assert!(made[0].starts_with("req_011CS") && made[0].len() == 28, "{}", made[0]);
        let before = made.clone();
        made.sort();
        made.dedup();
        assert_eq!(made, before);
    }
}
