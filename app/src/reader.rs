//! How somebody reads: in which language, by which clock. All numbers and times of a page go through here.

use vocabulary::wording;

use crate::api::zone::Zone;
use crate::text::{Language, Noun, Text};

/// How somebody reads a page.
#[derive(Debug, Clone, PartialEq)]
pub struct Reader {
    /// The language of every word.
    pub language: Language,
    /// The clock that times are told by, over all that the page shows.
    pub zone: Zone,
    /// When the page is made, Unix milliseconds.
    pub now_ms: i64,
}

/// From so many times as much on, how often is told, and no percentage.
pub const MANY_TIMES: f64 = 10.0;
/// What joins a number and its unit: no line ends there.
pub const JOIN: char = '\u{a0}';

impl Reader {
    /// The texts of the language.
    pub fn text(&self) -> &'static Text {
        self.language.text()
    }

    /// A number in a few characters: `12.4M`, `1240만`.
    pub fn short(&self, value: f64) -> String {
        match self.language {
            Language::English => wording::short(value),
            Language::Korean => korean_short(value),
        }
    }

    /// A whole number with all its digits.
    pub fn exact(&self, value: f64) -> String {
        if value.is_finite() { wording::exact(value) } else { self.text().words.unknown.to_owned() }
    }

    /// Money, with as many digits as it takes to see it.
    pub fn usd(&self, value: f64) -> String {
        match self.language {
            Language::Korean if value.abs() >= 10_000.0 => format!("${}", korean_short(value)),
            _ => wording::usd(value),
        }
    }

    /// A value in the unit of a measure or a limit, in a few characters.
    pub fn amount(&self, value: f64, unit: &str) -> String {
        match unit {
            "usd" if (1_000.0..10_000.0).contains(&value.abs()) => format!("${}", self.exact(value.round())),
            "usd" => self.usd(value),
            // Of what is counted one by one, every one is told as long as there is room.
            "requests" | "in_flight" if value < 10_000_000.0 => self.exact(value),
            "percent" => format!("{}{JOIN}%", wording::plain(value, 1)),
            _ => self.short(value),
        }
    }

    /// A sum that leaves out so many events, since their price or usage is not known: at least that, and unknown where there
    /// is nothing else. Never 0 for what is not known.
    pub fn sum(&self, value: f64, unit: &str, left_out: u64) -> String {
        self.unless_left_out(value, unit, left_out, self.amount(value, unit))
    }

    /// The same with all its digits.
    pub fn exact_sum(&self, value: f64, unit: &str, left_out: u64) -> String {
        self.unless_left_out(value, unit, left_out, self.exact_amount(value, unit))
    }

    fn unless_left_out(&self, value: f64, unit: &str, left_out: u64, amount: String) -> String {
        match (left_out, unit) {
            (0, _) => amount,
            (_, "usd") if value == 0.0 => self.text().now.unpriced.to_owned(),
            _ if value == 0.0 => self.text().words.unknown.to_owned(),
            _ => format!("≥{JOIN}{amount}"),
        }
    }

    /// What a limit allows: cents are told where there are any.
    pub fn allowed(&self, value: f64, unit: &str) -> String {
        let text = self.amount(value, unit);
        text.strip_suffix(".00").map(str::to_owned).unwrap_or(text)
    }

    /// The same with all its digits.
    pub fn exact_amount(&self, value: f64, unit: &str) -> String {
        match unit {
            "usd" if value.is_finite() => wording::exact_usd(value),
            "percent" => self.amount(value, unit),
            _ => self.exact(value),
        }
    }

    /// How much of a limit is used, in whole percents, rounded down so that it never overstates: `84 %`; from ten times as
    /// much on `×17.6`.
    pub fn percent(&self, fraction: f64) -> String {
        match fraction {
            fraction if !fraction.is_finite() => self.text().words.unknown.to_owned(),
            // Beyond, nobody reads a percentage.
            MANY_TIMES.. => format!("×{}", self.times(fraction)),
            fraction if fraction > 0.0 && fraction < 0.01 => format!("<1{JOIN}%"),
            // What is a whole percent is not quite that in binary.
            fraction => format!("{}{JOIN}%", self.exact((fraction * 100.0 + 1e-9).floor())),
        }
    }

    /// A part of a whole in percent, to the nearest tenth: `53.6 %`.
    pub fn share(&self, fraction: f64) -> String {
        let percent = fraction * 100.0;
        match percent {
            percent if !percent.is_finite() => self.text().words.unknown.to_owned(),
            percent if percent > 0.0 && percent < 0.05 => format!("<0.1{JOIN}%"),
            0.05..99.95 => format!("{percent:.1}{JOIN}%"),
            percent => format!("{}{JOIN}%", self.exact(percent.round())),
        }
    }

    /// How many times as much something is, rounded down: `17.6`, `24,752`.
    pub fn times(&self, ratio: f64) -> String {
        match ratio {
            ratio if ratio >= 100.0 => self.exact(ratio.floor()),
            ratio => wording::plain((ratio * 10.0).floor() / 10.0, 1),
        }
    }

    /// A number of things.
    pub fn count(&self, number: u64, noun: Noun) -> String {
        (self.text().words.count)(&self.exact(number as f64), number, noun)
    }

    /// Hours and minutes.
    pub fn clock(&self, at_s: i64) -> String {
        wording::clock(at_s, self.zone.offset_s(at_s))
    }

    /// Hours, minutes and seconds.
    pub fn clock_with_seconds(&self, at_s: i64) -> String {
        let of_minute = (at_s + i64::from(self.zone.offset_s(at_s))).rem_euclid(60);
        format!("{}:{of_minute:02}", self.clock(at_s))
    }

    /// The day.
    pub fn date(&self, at_s: i64) -> String {
        let (year, month, day) = wording::date(at_s, self.zone.offset_s(at_s));
        let (this_year, ..) = wording::date(self.now_ms / 1_000, self.zone.offset_s(at_s));
        (self.text().words.date)((year != this_year).then_some(year), month, day)
    }

    /// Date, hours and minutes.
    pub fn date_and_clock(&self, at_s: i64) -> String {
        format!("{} {}", self.date(at_s), self.clock(at_s))
    }

    /// The clock alone for what is less than 20 hours away, so that nobody takes one day for another; otherwise with its
    /// date.
    pub fn moment(&self, at_s: i64) -> String {
        self.dated_unless_near(at_s, self.clock(at_s))
    }

    /// The same, to the second.
    pub fn moment_with_seconds(&self, at_s: i64) -> String {
        self.dated_unless_near(at_s, self.clock_with_seconds(at_s))
    }

    fn dated_unless_near(&self, at_s: i64, clock: String) -> String {
        let is_near = (self.now_ms / 1_000 - at_s).abs() < 20 * 3_600;
        if is_near { clock } else { format!("{} {clock}", self.date(at_s)) }
    }

    /// The date, with the clock where it is not midnight.
    pub fn day(&self, at_s: i64) -> String {
        let is_midnight = (at_s + i64::from(self.zone.offset_s(at_s))).rem_euclid(86_400) == 0;
        if is_midnight { self.date(at_s) } else { self.date_and_clock(at_s) }
    }

    /// A length of time in its largest units.
    pub fn duration(&self, seconds: i64) -> String {
        let seconds = seconds.max(0);
        let unit = |number: i64, unit: usize| format!("{number}{}", self.text().words.time_units[unit]);
        let two = |whole: i64, large: usize, rest: i64, small: usize| match rest {
            0 => unit(whole, large),
            rest => format!("{} {}", unit(whole, large), unit(rest, small)),
        };
        match seconds {
            0..60 => unit(seconds, 0),
            60..3_600 => unit(seconds / 60, 1),
            3_600..86_400 => two(seconds / 3_600, 2, seconds % 3_600 / 60, 1),
            86_400..864_000 => two(seconds / 86_400, 3, seconds % 86_400 / 3_600, 2),
            _ => unit(seconds / 86_400, 3),
        }
    }

    /// A wait, as exact as people take it.
    pub fn wait(&self, ms: u64) -> String {
        match ms {
            0..1_000 => format!("{ms}{JOIN}ms"),
            1_000..60_000 => {
                format!("{}{}", wording::plain(ms as f64 / 1_000.0, 1), self.text().words.time_units[0])
            }
            _ => self.duration((ms / 1_000).cast_signed()),
        }
    }

    /// The width of a bin, as in `per minute`.
    pub fn step(&self, seconds: i64) -> String {
        match seconds {
            60 => self.text().words.minute.to_owned(),
            3_600 => self.text().words.hour.to_owned(),
            86_400 => self.text().words.day.to_owned(),
            other => self.duration(other),
        }
    }

    /// How long ago something was.
    pub fn ago(&self, at_ms: i64) -> String {
        match (self.now_ms - at_ms) / 1_000 {
            seconds if seconds < 2 => self.text().words.just_now.to_owned(),
            seconds => (self.text().words.ago)(&self.duration(seconds)),
        }
    }
}

/// A number by ten thousands, as Korean counts.
fn korean_short(value: f64) -> String {
    if !value.is_finite() {
        return Language::Korean.text().words.unknown.to_owned();
    }
    let (scaled, unit) = match value.abs() {
        size if size >= 99_995_000.0 => (value / 1e8, "억"),
        size if size >= 9_999.5 => (value / 1e4, "만"),
        _ => (value, ""),
    };
    let decimals = match scaled.abs() {
        size if unit.is_empty() && size.fract() == 0.0 => 0,
        size if size >= 99.95 => 0,
        size if size >= 9.995 => 1,
        _ => 2,
    };
    if scaled.abs() >= 1_000.0 {
        wording::exact(scaled) + unit
    } else {
        wording::plain(scaled, decimals) + unit
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(language: Language) -> Reader {
        let zone = Zone { name: "UTC".to_owned(), offsets: Vec::new() };
        Reader { language, zone, now_ms: 1_796_000_000_000 }
    }

    #[test]
    fn what_is_used_is_never_overstated() {
        let reader = reader(Language::English);
        let percents = [0.0, 0.004, 0.0199, 0.29, 0.8, 0.9999, 1.0, 1.256, 17.69, f64::NAN];
        let said = ["0 %", "<1 %", "1 %", "29 %", "80 %", "99 %", "100 %", "125 %", "×17.6", "unknown"];
        assert_eq!(percents.map(|of| reader.percent(of).replace(JOIN, " ")), said);
        let shares = [0.0, 0.0004, 0.0044, 0.0932, 0.0996, 0.3649, 0.5363, 1.0, f64::NAN];
        let said = ["0 %", "<0.1 %", "0.4 %", "9.3 %", "10.0 %", "36.5 %", "53.6 %", "100 %", "unknown"];
        assert_eq!(shares.map(|of| reader.share(of).replace(JOIN, " ")), said);
    }

    #[test]
    fn what_is_exact_has_all_its_digits_in_every_language() {
        for language in Language::ALL {
            let reader = reader(language);
            assert_eq!(reader.exact_amount(71_316.0, "usd"), "$71,316.00");
            assert_eq!(reader.exact_amount(18_446_744_074.0, "tokens"), "18,446,744,074");
            assert_eq!(reader.exact_amount(f64::NAN, "usd"), reader.text().words.unknown);
        }
    }

    #[test]
    fn from_ten_times_as_much_on_it_is_told_how_often() {
        let reader = reader(Language::English);
        for (share, text) in
            [(9.99, "999\u{a0}%"), (10.0, "×10"), (17.69, "×17.6"), (99.99, "×99.9"), (24_752.5, "×24,752")]
        {
            assert_eq!(reader.percent(share), text);
        }
    }

    #[test]
    fn numbers_and_times_follow_the_language() {
        let (english, korean) = (reader(Language::English), reader(Language::Korean));
        for (value, in_english, in_korean) in [
            (999.0, "999", "999"),
            (12_400.0, "12.4k", "1.24만"),
            (12_400_000.0, "12.4M", "1,240만"),
            (250_000_000.0, "250M", "2.5억"),
        ] {
            assert_eq!(
                (english.short(value), korean.short(value)),
                (in_english.to_owned(), in_korean.to_owned())
            );
        }
        assert_eq!(
            (english.duration(4_800), korean.duration(4_800)),
            ("1\u{a0}h 20\u{a0}min".to_owned(), "1시간 20분".to_owned())
        );
        assert_eq!(
            (english.date(1_795_000_000), korean.date(1_795_000_000)),
            ("18 Nov".to_owned(), "11월 18일".to_owned())
        );
        assert_eq!(english.date(1_700_000_000), "14 Nov 2023");
        assert_eq!(english.ago(1_795_999_880_000), "2\u{a0}min ago");
        assert_eq!(english.count(1, Noun::Request), "1\u{a0}request");
        assert_eq!(korean.count(1_200, Noun::Request), "요청 1,200건");
    }
}
