//! The first screen, and what every overview says first: what to paste until the first event arrives, that it has
//! come, and what is wrong with events on their way here.

use serde::{Deserialize, Serialize};

/// Whether Tacho has seen anything yet, and how to send it something.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Setup {
    /// At least one event is stored.
    pub has_events: bool,
    /// How to be seen, with this Tacho's address and key filled in.
    pub ways: Vec<Way>,
    /// What is to be known at once: how it looks (`notice` or `failure`), and the words. Whole sentences, since a
    /// browser that could make them would have to be sent that, too.
    pub notices: Vec<(String, String)>,
}

/// One way to be seen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Way {
    /// What calls the API.
    pub name: String,
    /// What some lines do, and the lines, which are pasted in one place.
    pub lines: Vec<(String, String)>,
    /// What in the lines stands for a key of the reader's own, and the command that makes one.
    pub keys: Vec<(String, String)>,
}
