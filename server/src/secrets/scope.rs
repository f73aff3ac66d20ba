//! What a key may do.

/// What a key may do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyScope {
    /// Report events.
    Ingest,
    /// Send calls through the proxy.
    Proxy,
    /// Read everything.
    Read,
    /// Everything.
    Admin,
}

impl KeyScope {
    /// Every scope.
    pub const ALL: [KeyScope; 4] = [KeyScope::Ingest, KeyScope::Proxy, KeyScope::Read, KeyScope::Admin];

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            KeyScope::Ingest => "ingest",
            KeyScope::Proxy => "proxy",
            KeyScope::Read => "read",
            KeyScope::Admin => "admin",
        }
    }

    /// Whether a key of this scope may do what needs `needed`.
    pub fn allows(self, needed: KeyScope) -> bool {
        self == needed || self == KeyScope::Admin
    }
}

impl std::str::FromStr for KeyScope {
    type Err = String;

    fn from_str(word: &str) -> Result<Self, String> {
        KeyScope::ALL
            .into_iter()
            .find(|scope| scope.word() == word)
            .ok_or_else(|| format!("`{word}` is none of: ingest, proxy, read, admin"))
    }
}
