//! How applications are connected, and what was heard of them.

/// One way to be seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Way {
    /// What calls the API.
    pub name: String,
    /// The word of what some lines do, and the lines, which are pasted in one place.
    pub lines: Vec<(String, String)>,
    /// What in the lines stands for a key of the reader's own, and the command that makes one.
    pub keys: Vec<(String, String)>,
}

/// What was heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Heard {
    /// The latest call: its model as it is shown, and when it was, Unix milliseconds.
    pub latest: Option<(String, i64)>,
    /// How many limits response headers have taught.
    pub learned: u64,
    /// When a message last arrived at a receiver, Unix milliseconds.
    pub delivered: Option<i64>,
}
