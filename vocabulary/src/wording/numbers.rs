//! Numbers as people read them.

/// Of the digits of a float so many can be relied on.
const DIGITS: u32 = 15;

/// A number with so many decimals, at most 15, rounded: `12.50`.
pub fn fixed(value: f64, decimals: u32) -> String {
    if !value.is_finite() {
        return "unknown".to_owned();
    }
    let (size, decimals) = (value.abs(), decimals.min(DIGITS));
    // Whole and part by themselves: a product of both would have lost digits of a large number.
    let scale = 10_f64.powi(decimals.cast_signed());
    let (whole, part) = match (size.fract() * scale).round() {
        part if part < scale => (size.trunc(), part),
        _ => (size.trunc() + 1.0, 0.0),
    };
    let sign = if value < 0.0 && whole + part > 0.0 { "-" } else { "" };
    match decimals {
        0 => format!("{sign}{whole:.0}"),
        _ => format!("{sign}{whole:.0}.{part:0width$.0}", width = decimals as usize),
    }
}

/// A number with at most so many decimals, and none that say nothing: `12.5`.
pub fn plain(value: f64, decimals: u32) -> String {
    let text = fixed(value, decimals);
    match text.contains('.') {
        true => text.trim_end_matches('0').trim_end_matches('.').to_owned(),
        false => text,
    }
}

/// A number in at most four characters and a unit prefix: `1.24M`.
pub fn short(value: f64) -> String {
    if !value.is_finite() {
        return "unknown".to_owned();
    }
    let size = value.abs();
    let (scaled, unit) = match size {
        size if size >= 999_500_000.0 => (value / 1e9, "G"),
        size if size >= 999_500.0 => (value / 1e6, "M"),
        size if size >= 1_000.0 => (value / 1e3, "k"),
        _ => (value, ""),
    };
    let decimals = match scaled.abs() {
        scaled if unit.is_empty() && scaled.fract() == 0.0 => 0,
        scaled if scaled >= 99.95 => 0,
        scaled if scaled >= 9.995 => 1,
        _ => 2,
    };
    plain(scaled, decimals) + unit
}

/// A whole number with thousands separated: `1,242,714`.
pub fn exact(value: f64) -> String {
    if !value.is_finite() {
        return "unknown".to_owned();
    }
    let grouped = grouped(&fixed(value.abs(), 0));
    if value <= -0.5 { format!("-{grouped}") } else { grouped }
}

/// Digits with thousands separated.
fn grouped(digits: &str) -> String {
    let mut grouped = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// A number of things: `1 event`, `1,200 events`.
pub fn count(number: u64, thing: &str) -> String {
    let ending = if number == 1 { "" } else { "s" };
    format!("{} {thing}{ending}", exact(number as f64))
}

/// Requests that a sum of money leaves out, and what to do about them: `1 request of unknown price left out: ...`.
pub fn unpriced(requests: u64) -> String {
    let requests = count(requests, "request");
    format!(
        "{requests} of unknown price left out: usage not fully known, or no price for the model by that name \
         (report it by its provider's own id, or update Tacho)"
    )
}

/// Dollars with as many digits as it takes to see them: `$12.34`, `$0.00012`.
pub fn usd(value: f64) -> String {
    if !value.is_finite() {
        return "unknown".to_owned();
    }
    let size = value.abs();
    if size == 0.0 {
        return "$0".to_owned();
    }
    if size >= 10_000.0 {
        return format!("${}", short(value));
    }
    if size >= 0.995 {
        let cents = (size * 100.0).round();
        return format!("${}.{:02}", exact((cents / 100.0).floor()), (cents % 100.0) as u8);
    }
    // Two digits that are not zero.
    let decimals = (2 - size.log10().floor() as i32 - 1).clamp(2, 9) as u32;
    format!("${}", fixed(size, decimals))
}

/// Dollars with all their digits, from cents to the billionth that prices are reckoned in: `$71,316.00`, `$0.000123`.
pub fn exact_usd(value: f64) -> String {
    if value == 0.0 || !value.is_finite() {
        return usd(value);
    }
    let size = value.abs();
    let whole_digits = size.max(1.0).log10() as u32 + 1;
    let text = plain(size, DIGITS.saturating_sub(whole_digits).clamp(2, 9));
    let (whole, part) = text.split_once('.').unwrap_or((&text, ""));
    let sign = if value < 0.0 { "-" } else { "" };
    format!("{sign}${}.{part:0<2}", grouped(whole))
}

/// A value in the unit of a measure or a limit.
pub fn amount(value: f64, unit: &str) -> String {
    if unit == "usd" { usd(value) } else { short(value) }
}

/// A fraction in percent, rounded down so that it never overstates.
pub fn percent(fraction: f64) -> String {
    if !fraction.is_finite() {
        return "unknown".to_owned();
    }
    // Floating fractions of whole numbers may lie a hair below what they are.
    let tenths = (fraction * 1_000.0 + 1e-6).floor().max(0.0);
    if tenths < 100.0 && tenths % 10.0 != 0.0 {
        format!("{} %", fixed(tenths / 10.0, 1))
    } else {
        format!("{} %", fixed((tenths / 10.0).floor(), 0))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        /// However large or small it is, what is written is the number: read again it is as near as its decimals say.
        #[test]
        fn a_number_is_written_as_it_is(value in prop::num::f64::NORMAL | prop::num::f64::SUBNORMAL | prop::num::f64::ZERO, decimals in 0_u32..=15) {
            for text in [fixed(value, decimals), plain(value, decimals)] {
                let read: f64 = text.parse().unwrap();
                let most = 0.5 * 10_f64.powi(-decimals.cast_signed()) + value.abs() * f64::EPSILON;
                prop_assert!((read - value).abs() <= most, "{value} is written as {text}");
                let digits = text.strip_prefix('-').unwrap_or(&text);
                prop_assert!(digits.bytes().all(|sign| sign.is_ascii_digit() || sign == b'.'), "{text}");
                prop_assert_eq!(text.starts_with('-'), read < 0.0, "{}", text);
            }
        }

        /// Money that is counted in billionths of a dollar loses none of them.
        #[test]
        fn exact_money_is_all_there(nano_usd in 0_u64..1_000_000_000_000_000) {
            let text = exact_usd(nano_usd as f64 / 1e9);
            let (whole, part) = text.trim_start_matches('$').split_once('.').unwrap_or(("0", ""));
            let read: u64 = format!("{}{part:0<9}", whole.replace(',', "")).parse().unwrap();
            prop_assert_eq!(read, nano_usd, "{}", text);
        }
    }

    #[test]
    fn numbers_have_no_upper_end_and_no_negative_nothing() {
        for (value, decimals, text) in [
            (18_446_744_074.0, 9, "18446744074.000000000"),
            (99_071_203_488.0, 0, "99071203488"),
            (1e21, 2, "1000000000000000000000.00"),
            (-0.004, 2, "0.00"),
            (-0.0, 0, "0"),
            (1.995, 2, "2.00"),
            (-1.5, 0, "-2"),
            (f64::INFINITY, 0, "unknown"),
        ] {
            assert_eq!(fixed(value, decimals), text);
        }
        assert_eq!(plain(99_071_203_488.0, 9), "99071203488");
        assert_eq!(plain(10_000_000.1, 9), "10000000.1");
    }

    #[test]
    fn exact_money_is_not_abbreviated() {
        for (value, text) in [
            (0.0, "$0"),
            (0.000_123_456, "$0.000123456"),
            (12.5, "$12.50"),
            (71_316.0, "$71,316.00"),
            (12_345_678.12, "$12,345,678.12"),
            (f64::NAN, "unknown"),
        ] {
            assert_eq!(exact_usd(value), text);
        }
    }

    #[test]
    fn numbers_are_short_and_never_odd() {
        for (value, text) in [
            (0.0, "0"),
            (-0.0, "0"),
            (7.0, "7"),
            (999.0, "999"),
            (1_000.0, "1k"),
            (1_240.0, "1.24k"),
            (99_949.0, "99.9k"),
            (999_499.0, "999k"),
            (999_500.0, "1M"),
            (1_242_714.0, "1.24M"),
            (2_000_000_000.0, "2G"),
            (f64::NAN, "unknown"),
            (f64::INFINITY, "unknown"),
        ] {
            assert_eq!(short(value), text, "{value}");
        }
    }

    #[test]
    fn exact_numbers_are_grouped() {
        assert_eq!(exact(18_059_974.0), "18,059,974");
        assert_eq!(exact(999.0), "999");
        assert_eq!(exact(-1_000.0), "-1,000");
        assert_eq!(
            (count(1, "event"), count(1_200, "event")),
            ("1 event".to_owned(), "1,200 events".to_owned())
        );
    }

    #[test]
    fn small_money_is_seen() {
        for (value, text) in [
            (0.0, "$0"),
            (0.000_123, "$0.00012"),
            (0.012, "$0.012"),
            (0.5, "$0.50"),
            (1.0, "$1.00"),
            (1_234.567, "$1,234.57"),
            (12_345.0, "$12.3k"),
        ] {
            assert_eq!(usd(value), text);
        }
    }

    #[test]
    fn percent_never_overstates() {
        for (fraction, text) in [
            (0.0, "0 %"),
            (0.799_99, "79 %"),
            (0.8, "80 %"),
            (0.012, "1.2 %"),
            (0.029, "2.9 %"),
            (1.234, "123 %"),
        ] {
            assert_eq!(percent(fraction), text);
        }
    }
}
