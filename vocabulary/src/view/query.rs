//! A view as the query string of an address, read and written.

use super::compare::Compare;
use super::nonsense::{Nonsense, Senseless};
use super::stretch::{Edge, LONGEST_MINUTES, Stretch};
use super::{MOST_FILTER_BYTES, MOST_FILTERS, MOST_VALUE, View};
use crate::Filter;

/// Parts of an address that are told to make no sense.
const MOST_NONSENSE: usize = 32;
/// Names that have one value: of several, the last.
const NAMES: [&str; 8] = ["range", "at", "from", "to", "measure", "by", "sort", "vs"];

impl View {
    /// Reads the pairs of a query string, decoded, and what of them made no sense; that is as by default. Other names
    /// belong to others. A field that was left empty says nothing, but for a filter: that asks for events without a value.
    pub fn read<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> (Self, Vec<Nonsense>) {
        let (mut view, mut nonsense) = (View::default(), Vec::new());
        let mut given: [&str; NAMES.len()] = [""; NAMES.len()];
        for (name, value) in pairs {
            let place = NAMES.iter().position(|known| *known == name);
            let filter = Filter::of_pair(name, value);
            let refused = match (place, filter) {
                (None, None) => None,
                _ if value.chars().nth(MOST_VALUE).is_some() => Some(Senseless::TooLong),
                (Some(_), _) if value.is_empty() => None,
                (Some(place), _) => {
                    given[place] = value;
                    None
                }
                (None, Some(filter)) if view.filters.contains(&filter) => None,
                (None, Some(filter)) if !view.has_room_for(&filter) => Some(Senseless::TooMany),
                (None, Some(filter)) => {
                    view.filters.push(filter);
                    None
                }
            };
            nonsense.extend(refused.map(|reason| Nonsense::new(name, value, reason)));
        }
        let [range, at, from, to, measure, by, sort, vs] = given;
        let mut read = Reading(&mut nonsense);
        let words = read.one("range", range, Stretch::kept);
        let between = read.between(from, to);
        let typed = read.one("at", at, Stretch::typed);
        view.stretch = typed.or(between).or(words).unwrap_or_default();
        view.measure = read.word("measure", measure).unwrap_or(view.measure);
        view.by = read.word("by", by).unwrap_or(view.by);
        view.sort = read.word("sort", sort);
        view.vs = read.word("vs", vs).unwrap_or_default();
        nonsense.truncate(MOST_NONSENSE);
        (view, nonsense)
    }

    /// The pairs of its query string, in this order; what is as by default is left out.
    pub fn pairs(&self) -> Vec<(String, String)> {
        let default = View::default();
        let mut pairs = self.stretch.pairs();
        let mut put = |name: &str, word: &str, is_put: bool| {
            if is_put {
                pairs.push((name.to_owned(), word.to_owned()));
            }
        };
        put("measure", self.measure.word(), self.measure != default.measure);
        put("by", self.by.word(), self.by != default.by);
        put("sort", self.sort.unwrap_or(self.measure).word(), self.sort.is_some());
        put("vs", self.vs.word(), self.vs != Compare::Off);
        pairs.extend(self.filters.iter().map(|filter| (filter.pair_name(), filter.value.clone())));
        pairs
    }

    /// Whether its address has room for one more filter.
    pub(super) fn has_room_for(&self, filter: &Filter) -> bool {
        let taken: usize = self.filters.iter().chain([filter]).map(encoded_bytes).sum();
        self.filters.len() < MOST_FILTERS && taken <= MOST_FILTER_BYTES
    }

    /// Its address on the page with this path.
    pub fn address(&self, path: &str) -> String {
        let mut address = path.to_owned();
        for (place, (name, value)) in self.pairs().into_iter().enumerate() {
            address.push(if place == 0 { '?' } else { '&' });
            address.push_str(&name);
            address.push('=');
            encode(&value, &mut address);
        }
        address
    }
}

impl Stretch {
    /// Reads a word, or what [`Stretch::kept_pairs`] has put in its place.
    fn kept(text: &str) -> Result<Self, Senseless> {
        Stretch::of_word(text).or_else(|| Stretch::typed(text).ok()).ok_or(Senseless::Unknown)
    }

    /// The pairs that hand it on beside a field in which another is typed: it holds where what is typed makes no sense.
    pub fn kept_pairs(self) -> Vec<(String, String)> {
        let kept =
            |(name, value): (String, String)| (if name == "at" { "range".to_owned() } else { name }, value);
        self.pairs().into_iter().map(kept).collect()
    }

    /// The pairs that say it in a query string; none if it is the default.
    pub fn pairs(self) -> Vec<(String, String)> {
        let pair = |name: &str, value: String| (name.to_owned(), value);
        match (self, self.word()) {
            _ if self == Stretch::default() => Vec::new(),
            (_, Some(word)) => vec![pair("range", word.to_owned())],
            (Stretch::Past(minutes), _) => vec![pair("at", length(minutes))],
            (Stretch::Day(day), _) => vec![pair("at", day.to_string())],
            (Stretch::Hours(None, hours), _) => vec![pair("at", hours.to_string())],
            (Stretch::Hours(Some(day), hours), _) => vec![pair("at", format!("{day} {hours}"))],
            (Stretch::Between(from, to), _) => {
                let to = to.map(|to| pair("to", to.to_string()));
                std::iter::once(pair("from", from.to_string())).chain(to).collect()
            }
            (Stretch::Last(_) | Stretch::Calendar(_), None) => Vec::new(),
        }
    }
}

/// So many minutes, in the largest unit that they are whole ones of.
fn length(minutes: u32) -> String {
    let units = [(10_080, "w"), (1_440, "d"), (60, "h")];
    let whole = units.into_iter().find(|(unit, _)| minutes.is_multiple_of(*unit)).unwrap_or((1, "m"));
    format!("{}{}", minutes / whole.0, whole.1)
}

/// Reads values, and notes what makes no sense.
struct Reading<'a>(&'a mut Vec<Nonsense>);

impl Reading<'_> {
    fn one<T>(
        &mut self,
        name: &str,
        value: &str,
        read: impl FnOnce(&str) -> Result<T, Senseless>,
    ) -> Option<T> {
        if value.is_empty() {
            return None;
        }
        let refused = |reason| self.0.push(Nonsense::new(name, value, reason));
        read(value).map_err(refused).ok()
    }

    fn word<T: std::str::FromStr>(&mut self, name: &str, value: &str) -> Option<T> {
        self.one(name, value, |word| word.parse().map_err(|_| Senseless::Unknown))
    }

    fn between(&mut self, from: &str, to: &str) -> Option<Stretch> {
        if from.is_empty() {
            return self.one("to", to, |_| Err(Senseless::Alone));
        }
        let end = self.one("to", to, Edge::read);
        self.one("from", from, |text| {
            let start = Edge::read(text)?;
            let length_s = end.map_or(0, |end| (end.about_s() - start.about_s()).abs());
            let is_short = length_s <= i64::from(LONGEST_MINUTES) * 60;
            if is_short { Ok(Stretch::Between(start, end)) } else { Err(Senseless::TooLong) }
        })
    }
}

/// How long a filter is in an address, with the signs around it.
fn encoded_bytes(filter: &Filter) -> usize {
    let mut value = String::new();
    encode(&filter.value, &mut value);
    filter.pair_name().len() + value.len() + "&=".len()
}

/// Percent-encodes all but what stands for itself in a query.
fn encode(text: &str, into: &mut String) {
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' | b':' => {
                into.push(char::from(byte));
            }
            _ => into.push_str(&format!("%{byte:02X}")),
        }
    }
}
