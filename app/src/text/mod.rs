//! Every text of the interface: one catalogue per language, each with every text, which the compiler sees to.
//!
//! To add a text: a field in `shape`, and its words in each language. To add a language: a file and a folder here, and one line in
//! [`Language`].

mod english;
mod korean;
mod shape;

pub use shape::*;

/// A language of the interface.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Language {
    #[default]
    English,
    Korean,
}

impl Language {
    /// Every language, in the order they are offered.
    pub const ALL: [Language; 2] = [Language::English, Language::Korean];

    /// Its code (BCP 47).
    pub fn code(self) -> &'static str {
        match self {
            Language::English => "en",
            Language::Korean => "ko",
        }
    }

    /// What its speakers call it.
    pub fn name(self) -> &'static str {
        match self {
            Language::English => "English",
            Language::Korean => "한국어",
        }
    }

    /// Its texts.
    pub fn text(self) -> &'static Text {
        match self {
            Language::English => &english::TEXT,
            Language::Korean => &korean::TEXT,
        }
    }

    /// The language with a code.
    pub fn of_code(code: &str) -> Option<Language> {
        Language::ALL.into_iter().find(|language| language.code() == code)
    }

    /// The one that a browser asks for most, by its `Accept-Language`.
    pub fn accepted(header: &str) -> Language {
        let wish = |part: &str| {
            let (tag, weight) = part.split_once(';').unwrap_or((part, ""));
            let weight = weight.trim().strip_prefix("q=").map_or(Some(1.0), |weight| weight.parse().ok());
            let code = tag.trim().split('-').next().unwrap_or_default().to_ascii_lowercase();
            Some((Language::of_code(&code)?, weight.filter(|weight: &f64| *weight > 0.0)?))
        };
        let wishes = header.split(',').take(32).filter_map(wish);
        // Of equals the first.
        let best = wishes.reduce(|best, wish| if wish.1 > best.1 { wish } else { best });
        best.map(|(language, _)| language).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_refusal_has_a_sentence_in_every_language_but_its_own() {
        for language in Language::ALL.into_iter().filter(|language| *language != Language::English) {
            let codes = language.text().refusals.sentences.iter().map(|(code, _)| *code);
            assert!(codes.eq(REFUSALS), "{}", language.name());
        }
    }

    #[test]
    fn browsers_choose_the_language() {
        for (header, code) in [
            ("ko-KR,ko;q=0.9,en-US;q=0.8", "ko"),
            ("en;q=0.5, ko;q=0.9", "ko"),
            ("de-DE,de;q=0.9", "en"),
            ("fr, ko;q=0, en;q=0.1", "en"),
            ("KO", "ko"),
            ("*;q=nonsense,,;;", "en"),
            ("", "en"),
        ] {
            assert_eq!(Language::accepted(header).code(), code, "{header}");
        }
    }
}
