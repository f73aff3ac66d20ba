//! Endpoints of the API, and what the provider counts together: one table for every way in.
//!
//! An endpoint has a word: its path at the API without `/v1/`, query and ids, such as `messages/count_tokens` or
//! `messages/batches/{id}`. Whatever reports a call, the proxy, a hook or a plain POST, the word says which class it
//! belongs to; and the class says which limits count it, and whether it can have used anything.

use super::Usage;

/// What the provider counts apart from everything else (Anthropic, "Rate limits"; the group types of its Rate Limits
/// API).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EndpointClass {
    /// What generates: messages, and what is not known not to.
    #[default]
    Messages,
    /// `POST /v1/messages/count_tokens`: free, and a limit of its own.
    CountTokens,
    /// Message Batches: their making, their polling, and the download of their results. What the results used is
    /// told by their items, which are messages.
    Batches,
    Files,
    /// Managed Agents. Calls answer what a session has used so far, in all its turns, so that the same would count
    /// again with each of them: it is never taken.
    Agents,
    /// Everything else that generates nothing, such as a list of models.
    Other,
}

impl EndpointClass {
    /// Every class. The place of each is how it is stored: new ones go to the end.
    pub const ALL: [EndpointClass; 6] = [
        EndpointClass::Messages,
        EndpointClass::CountTokens,
        EndpointClass::Batches,
        EndpointClass::Files,
        EndpointClass::Agents,
        EndpointClass::Other,
    ];

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            EndpointClass::Messages => "messages",
            EndpointClass::CountTokens => "count_tokens",
            EndpointClass::Batches => "batches",
            EndpointClass::Files => "files",
            EndpointClass::Agents => "agents",
            EndpointClass::Other => "other",
        }
    }

    /// The class with this word.
    pub fn from_word(word: &str) -> Option<EndpointClass> {
        EndpointClass::ALL.into_iter().find(|class| class.word() == word)
    }

    /// The class at this place of [`EndpointClass::ALL`]; what a newer program stored counts as a message.
    pub fn stored(place: i64) -> EndpointClass {
        usize::try_from(place)
            .ok()
            .and_then(|place| EndpointClass::ALL.get(place))
            .copied()
            .unwrap_or_default()
    }

    /// What a call of this class has used, of which this was said. What generates nothing has used nothing, unless
    /// somebody says what; what token counting counted was not used; what an agent uses is unknown; and of what was
    /// refused nothing is known.
    pub fn used(self, word: &str, status: Option<u16>, said: Usage) -> Usage {
        let is_refused = status.is_some_and(|status| status >= 400);
        match self {
            EndpointClass::Messages => said,
            _ if is_refused => Usage::default(),
            EndpointClass::CountTokens => Usage::nothing(),
            // What only reads says so itself, or by its method.
            EndpointClass::Agents
                if said == Usage::nothing()
                    || says_it_reads(word)
                    || is_within(path(word), &KEPT_FOR_AGENTS) =>
            {
                Usage::nothing()
            }
            EndpointClass::Agents => Usage::default(),
            _ if said == Usage::default() => Usage::nothing(),
            _ => said,
        }
    }

    /// Whether what a call of this class says of usage is what it has used itself.
    pub fn tells_usage(self) -> bool {
        self != EndpointClass::Agents
    }

    /// The class of a call, by the word of its endpoint and what is known of its usage.
    ///
    /// An endpoint that is not listed may generate, so that it counts as a message, unless it is known to have used
    /// nothing, or only read.
    pub fn of(word: &str, usage: &Usage) -> EndpointClass {
        let used_nothing =
            usage.input_tokens == Some(0) && usage.total_tokens() == 0 && !usage.is_incomplete();
        match listed(word) {
            None | Some(EndpointClass::Messages) if says_it_reads(word) => EndpointClass::Other,
            None if used_nothing => EndpointClass::Other,
            listed => listed.unwrap_or_default(),
        }
    }
}

/// Whether a method makes nothing: what only reads or deletes generates nothing, wherever it goes.
pub fn only_reads(method: &str) -> bool {
    matches!(method, "GET" | "HEAD" | "DELETE" | "OPTIONS")
}

/// The same of the method that a reporter puts before a path, if any.
fn says_it_reads(word: &str) -> bool {
    let method = word.trim().split_once(char::is_whitespace).map(|(method, _)| method.to_ascii_uppercase());
    method.is_some_and(|method| only_reads(&method))
}

/// The class of a listed endpoint, in whatever words a reporter has for it.
pub fn listed(word: &str) -> Option<EndpointClass> {
    at(path(word))
}

/// The class of what is listed at a path of the API, exactly: without `/v1/`, and without a query.
pub fn at(path: &str) -> Option<EndpointClass> {
    ENDPOINTS.iter().find(|(listed, _)| is_within(path, &[listed])).map(|(_, class)| *class)
}

/// Whether a path is that of a listed endpoint, and not one below it.
pub fn is_listed(path: &str) -> bool {
    ENDPOINTS.iter().any(|(listed, _)| *listed == path)
}

/// Whether there is only something to read at a path: whatever else is sent there is not known to be free.
pub fn is_only_read(path: &str) -> bool {
    is_within(path, &["models"])
}

/// Whether a path is one of these endpoints, or below one.
fn is_within(path: &str, endpoints: &[&str]) -> bool {
    let below = |listed: &&str| {
        path.strip_prefix(*listed).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    endpoints.iter().any(below)
}

/// Of Managed Agents, what only keeps something. What is not among them may set an agent to work.
const KEPT_FOR_AGENTS: [&str; 4] = ["agents", "environments", "memory_stores", "vaults"];

/// Endpoints and what is below them; the first that fits.
///
/// From the resources of the official SDKs (anthropic 2.14.0 for Python, @anthropic-ai/sdk 1.14.0 for TypeScript).
const ENDPOINTS: [(&str, EndpointClass); 22] = [
    ("messages/count_tokens", EndpointClass::CountTokens),
    ("count_tokens", EndpointClass::CountTokens),
    ("messages/batches", EndpointClass::Batches),
    ("batches", EndpointClass::Batches),
    ("messages", EndpointClass::Messages),
    ("complete", EndpointClass::Messages),
    ("files", EndpointClass::Files),
    ("agents", EndpointClass::Agents),
    ("sessions", EndpointClass::Agents),
    ("environments", EndpointClass::Agents),
    ("deployments", EndpointClass::Agents),
    ("deployment_runs", EndpointClass::Agents),
    ("dreams", EndpointClass::Agents),
    ("memory_stores", EndpointClass::Agents),
    ("vaults", EndpointClass::Agents),
    ("models", EndpointClass::Other),
    ("skills", EndpointClass::Other),
    ("organizations", EndpointClass::Other),
    ("user_profiles", EndpointClass::Other),
    ("tunnels", EndpointClass::Other),
    ("compliance", EndpointClass::Other),
    ("oauth", EndpointClass::Other),
];

/// The path without what reporters put around it: an address, a method, `/v1/`, a query.
pub fn path(word: &str) -> &str {
    let path = word.split(['?', '#']).next().unwrap_or_default().trim();
    let path = path.rsplit_once(char::is_whitespace).map_or(path, |(_, path)| path);
    let path =
        path.split_once("://").map_or(path, |(_, rest)| rest.find('/').map_or("", |start| &rest[start..]));
    let path = path.rsplit_once("/v1/").map_or(path, |(_, path)| path);
    let path = path.trim_matches('/');
    path.strip_prefix("v1/").unwrap_or(path)
}

/// Which classes a limit on requests covers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Endpoints(u8);

impl Default for Endpoints {
    /// What generates: the provider counts everything else apart, or not at all.
    fn default() -> Self {
        Endpoints::of([EndpointClass::Messages])
    }
}

impl Endpoints {
    /// These.
    pub fn of(classes: impl IntoIterator<Item = EndpointClass>) -> Self {
        Endpoints(classes.into_iter().fold(0, |bits, class| bits | 1 << class as u8))
    }

    /// Whether calls of a class are covered.
    pub fn covers(self, class: EndpointClass) -> bool {
        self.0 & 1 << class as u8 != 0
    }

    /// The classes that are covered.
    pub fn classes(self) -> impl Iterator<Item = EndpointClass> {
        EndpointClass::ALL.into_iter().filter(move |class| self.covers(*class))
    }

    /// The classes of these words.
    pub fn of_words<'a>(words: impl IntoIterator<Item = &'a str>) -> Result<Self, UnknownClass> {
        let class = |word: &str| EndpointClass::from_word(word).ok_or_else(|| UnknownClass(word.to_owned()));
        Ok(Endpoints::of(words.into_iter().map(class).collect::<Result<Vec<_>, _>>()?))
    }

    /// None at all.
    pub fn is_empty(self) -> bool {
        self.classes().next().is_none()
    }

    /// The same as a number, for storing: bit 0 for the first of [`EndpointClass::ALL`].
    pub fn bits(self) -> u8 {
        self.0
    }

    /// What [`Endpoints::bits`] said.
    pub fn stored(bits: u8) -> Self {
        Endpoints(bits)
    }
}

/// A word that is none of a class of endpoints.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error(
    "`{0}` is no kind of endpoint; there are: messages (what generates), count_tokens, batches, files, agents, other"
)]
pub struct UnknownClass(String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_endpoint_has_one_class_however_it_is_written() {
        use EndpointClass::{Agents, Batches, CountTokens, Files, Messages, Other};
        for (class, words) in [
            (
                Messages,
                &["messages", "/v1/messages?beta=true", "POST /v1/messages", "complete", "chat", ""][..],
            ),
            (Messages, &["https://api.anthropic.com/v1/messages", "https://gateway.example/a/v1/messages/"]),
            (CountTokens, &["messages/count_tokens", "count_tokens", "/v1/messages/count_tokens?beta=true"]),
            (
                Batches,
                &[
                    "messages/batches",
                    "messages/batches/{id}",
                    "batches",
                    "v1/messages/batches/msgbatch_1/results",
                ],
            ),
            (Files, &["files", "files/{id}/content", "GET https://api.anthropic.com/v1/files"]),
            (Agents, &["sessions/{id}/events", "/v1/agents", "environments"]),
            (Other, &["models", "models/{id}", "organizations/{id}", "skills"]),
        ] {
            for word in words {
                assert_eq!(EndpointClass::of(word, &Usage::default()), class, "{word}");
            }
        }
        assert_eq!(listed("filesystems"), None);
        assert_eq!(listed("message"), None);
    }

    #[test]
    fn what_is_not_listed_counts_unless_it_used_nothing() {
        let nothing = Usage { input_tokens: Some(0), output_tokens: Some(0), ..Usage::default() };
        let little = Usage { input_tokens: Some(0), output_tokens: Some(1), ..Usage::default() };
        for (usage, class) in [
            (Usage::default(), EndpointClass::Messages),
            (little, EndpointClass::Messages),
            (nothing, EndpointClass::Other),
        ] {
            assert_eq!(EndpointClass::of("thoughts/{id}", &usage), class);
        }
        assert_eq!(EndpointClass::of("messages", &nothing), EndpointClass::Messages);
    }

    #[test]
    fn what_a_session_has_used_so_far_is_not_what_a_call_has_used() {
        let said = Usage { input_tokens: Some(20_000_000), output_tokens: Some(7), ..Usage::default() };
        for (word, status, used) in [
            ("sessions", 200, Usage::default()),
            ("POST /v1/sessions/sess_01/archive", 200, Usage::default()),
            ("dreams/{id}", 200, Usage::default()),
            ("deployment_runs", 200, Usage::default()),
            ("something_new", 200, Usage::default()),
            ("agents", 200, Usage::nothing()),
            ("/v1/memory_stores/{id}/memories", 200, Usage::nothing()),
            ("vaults", 404, Usage::default()),
            ("sessions", 429, Usage::default()),
        ] {
            assert_eq!(EndpointClass::Agents.used(word, Some(status), said), used, "{word}");
        }
        assert_eq!(EndpointClass::Agents.used("sessions/{id}", None, Usage::nothing()), Usage::nothing());
        assert_eq!(EndpointClass::Messages.used("messages", Some(200), said), said);
    }

    #[test]
    fn classes_are_kept_as_bits_and_places() {
        let endpoints = Endpoints::of([EndpointClass::Other, EndpointClass::Messages]);
        assert_eq!(Endpoints::stored(endpoints.bits()), endpoints);
        assert_eq!(endpoints.classes().collect::<Vec<_>>(), [EndpointClass::Messages, EndpointClass::Other]);
        assert!(Endpoints::of([]).is_empty() && !Endpoints::default().is_empty());
        for class in EndpointClass::ALL {
            assert_eq!(EndpointClass::stored(class as i64), class);
            assert_eq!(EndpointClass::from_word(class.word()), Some(class));
        }
        assert_eq!(EndpointClass::stored(99), EndpointClass::Messages);
    }
}
