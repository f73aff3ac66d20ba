//! Times as people read them. Times are Unix seconds or milliseconds, moved by the display zone's offset; the
//! clock and the locale are never read, so that server and browser draw the same.

/// Hours and minutes: `14:05`.
pub fn clock(unix_s: i64, utc_offset_s: i32) -> String {
    let of_day = (unix_s + i64::from(utc_offset_s)).rem_euclid(86_400);
    format!("{:02}:{:02}", of_day / 3_600, of_day % 3_600 / 60)
}

/// Date, hours and minutes: `24 Nov 14:05`.
pub fn date_and_clock(unix_s: i64, utc_offset_s: i32) -> String {
    let (_, month, day) = civil(unix_s + i64::from(utc_offset_s));
    let months = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    format!("{day} {} {}", months[(month - 1) as usize], clock(unix_s, utc_offset_s))
}

/// Year, month (from 1) and day, by a clock so many seconds east of UTC.
pub fn date(unix_s: i64, utc_offset_s: i32) -> (i64, i64, i64) {
    civil(unix_s + i64::from(utc_offset_s))
}

/// Year, month and day. Source: Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms".
fn civil(unix_s: i64) -> (i64, i64, i64) {
    let days = unix_s.div_euclid(86_400) + 719_468;
    let era = days.div_euclid(146_097);
    let of_era = days.rem_euclid(146_097);
    let year_of_era = (of_era - of_era / 1_460 + of_era / 36_524 - of_era / 146_096) / 365;
    let of_year = of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, of_year - (153 * shifted + 2) / 5 + 1)
}

/// A length of time in its largest units: `1 h 20 min`, `4 d 22 h`.
pub fn duration(seconds: i64) -> String {
    let seconds = seconds.max(0);
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3_600 => format!("{} min", seconds / 60),
        3_600..86_400 => match seconds % 3_600 / 60 {
            0 => format!("{} h", seconds / 3_600),
            minutes => format!("{} h {minutes} min", seconds / 3_600),
        },
        _ => match seconds % 86_400 / 3_600 {
            hours @ 1.. if seconds < 10 * 86_400 => format!("{} d {hours} h", seconds / 86_400),
            _ => format!("{} d", seconds / 86_400),
        },
    }
}

/// A wait, as exact as people take it: `420 ms`, `1.2 s`, `1 min`.
pub fn span(ms: u64) -> String {
    match ms {
        0..1_000 => format!("{ms} ms"),
        1_000..60_000 => format!("{} s", super::plain(ms as f64 / 1_000.0, 1)),
        _ => duration((ms / 1_000).cast_signed()),
    }
}

/// The width of a bucket: `minute`, `15 min`, `6 h`.
pub fn step(seconds: i64) -> String {
    match seconds {
        60 => "minute".to_owned(),
        3_600 => "hour".to_owned(),
        86_400 => "day".to_owned(),
        other => duration(other),
    }
}

/// How long ago something was, seen from `now_ms`.
pub fn ago(at_ms: i64, now_ms: i64) -> String {
    match (now_ms - at_ms) / 1_000 {
        seconds if seconds < 2 => "just now".to_owned(),
        seconds => format!("{} ago", duration(seconds)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_follow_the_zone() {
        assert_eq!(clock(0, 0), "00:00");
        assert_eq!(clock(0, 9 * 3_600), "09:00");
        assert_eq!(date_and_clock(1_795_000_000, 0), "18 Nov 11:06");
        assert_eq!(date_and_clock(951_782_400, 0), "29 Feb 00:00");
        assert_eq!(date_and_clock(951_782_399, 0), "28 Feb 23:59");
    }

    #[test]
    fn lengths_are_in_their_largest_units() {
        for (seconds, text) in [
            (-5, "0 s"),
            (59, "59 s"),
            (60, "1 min"),
            (3_600, "1 h"),
            (4_800, "1 h 20 min"),
            (86_400, "1 d"),
            (424_800, "4 d 22 h"),
            (1_000_000, "11 d"),
        ] {
            assert_eq!(duration(seconds), text);
        }
        let spans = [420, 1_000, 1_249, 59_000, 60_000].map(span);
        assert_eq!(spans, ["420 ms", "1 s", "1.2 s", "59 s", "1 min"]);
        assert_eq!((step(60), step(900)), ("minute".to_owned(), "15 min".to_owned()));
        assert_eq!(ago(1_000, 1_500), "just now");
        assert_eq!(ago(0, 180_000), "3 min ago");
    }
}
