//! Numbers as people read them.
//!
//! Fractions are written through whole numbers: the library's own way to write and read them is a twentieth of the
//! bundle.

/// A number with so many decimals, rounded: `12.50`. Numbers from 2^64 on are written as 2^64 - 1.
pub fn fixed(value: f64, decimals: u32) -> String {
    let scale = 10_u64.pow(decimals.min(18));
    let scaled = (value.abs() * scale as f64).round() as u64;
    let sign = if value < 0.0 && scaled > 0 { "-" } else { "" };
    let (whole, part) = (scaled / scale, scaled % scale);
    match decimals {
        0 => format!("{sign}{whole}"),
        _ => format!("{sign}{whole}.{part:0width$}", width = decimals as usize),
    }
}

/// A number with at most so many decimals, and none that say nothing: `12.5`.
pub fn plain(value: f64, decimals: u32) -> String {
    let text = fixed(value, decimals);
    let text = if text.contains('.') { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
    if text == "-0" { "0".to_owned() } else { text.to_owned() }
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
    let digits = fixed(value.abs(), 0);
    let mut grouped = String::with_capacity(digits.len() * 4 / 3);
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    if value <= -0.5 { format!("-{grouped}") } else { grouped }
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
    use super::*;

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
