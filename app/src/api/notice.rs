//! What is to be known before anything else: what is wrong with events on their way here, and that the first call has come.

/// Something to be known. Names in it are as they are shown.
#[derive(Debug, Clone, PartialEq)]
pub enum Notice {
    /// Events of the proxy that are neither stored nor in a file.
    Lost { events: u64 },
    /// Nothing can be stored, for want of room or permission.
    ReadOnly,
    /// Events of the proxy that wait in a file.
    Waiting { bytes: u64 },
    /// Events of the last day that were refused, and why the latest was: its code, and in words.
    Refused { events: u64, key: String, code: String, message: String },
    /// Calls of the last day of which fields of usage could not be read: which, and how often.
    Unreadable { calls: u64, fields: Vec<(String, u64)> },
    /// Limits on each value under which more values have come than are counted one by one.
    Overflowing { values: u64, limits: Vec<String>, more: u64 },
}

/// The first call, while it is new. The name in it is as it is shown.
#[derive(Debug, Clone, PartialEq)]
pub struct FirstCall {
    pub model: String,
    pub outcome: FirstOutcome,
    pub learned: Vec<Amount>,
}

/// What came of a call.
#[derive(Debug, Clone, PartialEq)]
pub enum FirstOutcome {
    /// It was answered with an error.
    Failed { status: u16 },
    /// It used so many input tokens.
    Used { input_tokens: u64 },
    /// It is not known what it used.
    Unknown,
}

/// What a learned limit allows.
#[derive(Debug, Clone, PartialEq)]
pub struct Amount {
    pub amount: f64,
    /// Word of its kind.
    pub kind: String,
}

impl Notice {
    /// Whether something goes wrong.
    pub fn is_failure(&self) -> bool {
        matches!(
            self,
            Notice::Lost { .. } | Notice::ReadOnly | Notice::Refused { .. } | Notice::Overflowing { .. }
        )
    }
}
