//! The audit log: who has done what, and what stood there before.

use std::net::IpAddr;

use async_trait::async_trait;

use super::StoreError;

/// Notes that are kept; the oldest go first. Four bodies of corrections as large as one may be.
pub const KEPT_NOTES: u64 = 20_000;
/// Of these, notes of what was refused: whoever guesses keys must not be able to push out what else was done.
pub const KEPT_REFUSED_NOTES: u64 = 1_000;
/// About as many bytes of notes are kept; the oldest go first. Events may have labels of many kilobytes.
pub const KEPT_NOTE_BYTES: usize = 64 << 20;
/// A page of notes ends with the one with which it has so many bytes.
pub const NOTE_PAGE_BYTES: usize = 4 << 20;

/// The audit log.
#[async_trait]
pub trait Audit: Send + Sync {
    /// Adds a note.
    async fn note(&self, note: &Note) -> Result<(), StoreError>;

    /// Notes with smaller numbers than `before`, or the newest, newest first: at most `limit`, and no more behind the one
    /// with which they have [`NOTE_PAGE_BYTES`].
    async fn audit(&self, before: Option<u64>, limit: u32) -> Result<Vec<NumberedNote>, StoreError>;
}

/// Who did something.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Author {
    /// Public part of the key; empty for a person with a browser or at the command line.
    pub key_public: String,
    /// Name of the key, or where the person was.
    pub key_name: String,
    /// The address it came from, as far as that is known: behind a reverse proxy it is the proxy's.
    pub address: Option<IpAddr>,
}

impl Author {
    /// Whoever runs commands where Tacho runs.
    pub fn command_line() -> Self {
        Author { key_name: "the command line".to_owned(), ..Author::default() }
    }

    /// A person with a browser.
    pub fn person(address: Option<IpAddr>) -> Self {
        Author { key_name: "a person who is signed in".to_owned(), address, ..Author::default() }
    }

    /// Tacho, without anybody's asking.
    pub fn tacho() -> Self {
        Author { key_name: "Tacho itself".to_owned(), ..Author::default() }
    }

    /// The start of a Tacho that has never run.
    pub fn first_start() -> Self {
        Author { key_name: "the first start".to_owned(), ..Author::default() }
    }

    /// Nobody who is known.
    pub fn stranger() -> Self {
        Author { key_name: "somebody unknown".to_owned(), ..Author::default() }
    }
}

/// What was done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    Deleted,
    /// An event was put right.
    Corrected,
    LinkMade,
    /// A sign-in link was used: a session began.
    SignedIn,
    /// A session was ended by its person.
    SignedOut,
    /// A session was ended by somebody else.
    SessionEnded,
    /// Secrets whose key is lost were given up.
    SecretsForgotten,
    KeyMade,
    KeyRevoked,
    /// Keys or sign-in links were refused, so many within a minute.
    Refused,
    LimitAdded,
    LimitChanged,
    LimitRemoved,
    ChannelAdded,
    ChannelChanged,
    ChannelRemoved,
    ChannelTested,
    /// A delivery was sent again.
    Redelivered,
}

impl Action {
    /// Every action.
    pub const ALL: [Action; 18] = [
        Action::Deleted,
        Action::Corrected,
        Action::LinkMade,
        Action::SignedIn,
        Action::SignedOut,
        Action::SessionEnded,
        Action::SecretsForgotten,
        Action::KeyMade,
        Action::KeyRevoked,
        Action::Refused,
        Action::LimitAdded,
        Action::LimitChanged,
        Action::LimitRemoved,
        Action::ChannelAdded,
        Action::ChannelChanged,
        Action::ChannelRemoved,
        Action::ChannelTested,
        Action::Redelivered,
    ];

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            Action::Deleted => "deleted",
            Action::Corrected => "corrected",
            Action::LinkMade => "sign_in_link_made",
            Action::SignedIn => "signed_in",
            Action::SignedOut => "signed_out",
            Action::SessionEnded => "session_ended",
            Action::SecretsForgotten => "secrets_forgotten",
            Action::KeyMade => "key_made",
            Action::KeyRevoked => "key_revoked",
            Action::Refused => "refused",
            Action::LimitAdded => "limit_added",
            Action::LimitChanged => "limit_changed",
            Action::LimitRemoved => "limit_removed",
            Action::ChannelAdded => "channel_added",
            Action::ChannelChanged => "channel_changed",
            Action::ChannelRemoved => "channel_removed",
            Action::ChannelTested => "channel_tested",
            Action::Redelivered => "redelivered",
        }
    }

    /// The action with this word.
    pub fn from_word(word: &str) -> Option<Action> {
        Action::ALL.into_iter().find(|action| action.word() == word)
    }
}

/// A line of the audit log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Note {
    /// When, Unix milliseconds.
    pub at_ms: i64,
    pub author: Author,
    pub action: Action,
    /// The id of what it was done to: an event, a limit, a channel, a delivery, a session, the public part of a key.
    pub subject: String,
    /// The project of an event; empty for everything else.
    pub project: String,
    /// What it was done to, as JSON; empty where there was nothing.
    pub before: String,
    /// The same afterwards; nothing when it is gone.
    pub after: Option<String>,
}

impl Note {
    /// About how much it takes in storage.
    pub fn bytes(&self) -> usize {
        let Note { author, action, subject, project, before, after, .. } = self;
        let texts = [&author.key_public, &author.key_name, subject, project, before];
        texts.into_iter().chain(after).map(String::len).sum::<usize>() + action.word().len()
    }
}

/// Adds a note to a page; false when it is the last of it.
pub fn page_goes_on(bytes: &mut usize, note: &Note) -> bool {
    *bytes += note.bytes();
    *bytes < NOTE_PAGE_BYTES
}

/// Whether there may be more than these, of which `most` were asked for.
pub fn may_go_on(page: &[NumberedNote], most: u32) -> bool {
    let bytes: usize = page.iter().map(|line| line.note.bytes()).sum();
    page.len() == most as usize || bytes >= NOTE_PAGE_BYTES
}

/// A line of the audit log as stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberedNote {
    /// Its number; later ones are larger.
    pub number: u64,
    /// What it says.
    pub note: Note,
}

/// Writes a note of what was done. It stands, whether or not that can be noted; the log says both.
pub async fn write_note(store: &(impl Audit + ?Sized), note: &Note) {
    let Author { key_public, key_name, address } = &note.author;
    let address = address.map(tracing::field::display);
    tracing::info!(target: "auth", action = note.action.word(), subject = %note.subject, by = %key_name, key = %key_public, address);
    if let Err(error) = store.note(note).await {
        tracing::warn!(target: "auth", error = %error, action = note.action.word(), "Could not write to the audit log");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_distinct_and_come_back() {
        for action in Action::ALL {
            assert_eq!(Action::from_word(action.word()), Some(action));
        }
    }
}
