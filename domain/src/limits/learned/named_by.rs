//! Who has named a limit that is learned.

use std::collections::BTreeMap;
use std::sync::Arc;

/// Who reports what a response's headers say.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Reporter {
    /// Nobody who is known.
    #[default]
    Unknown,
    /// Who posts with a key, by its public part. What it says may be made up.
    Key(Arc<str>),
    /// The proxy: it has seen the answer itself.
    Proxy,
}

/// Who has named a limit, each with when the last request was sent whose response did, Unix milliseconds.
pub type NamedBy = BTreeMap<Reporter, i64>;

const PROXY: &str = "proxy";
const KEY: &str = "key:";

impl Reporter {
    /// Its word in the store.
    pub fn word(&self) -> String {
        match self {
            Reporter::Unknown => String::new(),
            Reporter::Key(public) => format!("{KEY}{public}"),
            Reporter::Proxy => PROXY.to_owned(),
        }
    }

    /// The reporter with this word.
    pub fn from_word(word: &str) -> Self {
        match word.strip_prefix(KEY) {
            Some(public) => Reporter::Key(public.into()),
            None if word == PROXY => Reporter::Proxy,
            None => Reporter::Unknown,
        }
    }
}
