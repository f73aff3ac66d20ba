//! Which members of the API's documents are kept or counted. Everything else is passed over.

use super::kept::Slot;

/// What becomes of a member's value.
#[derive(Debug)]
pub(super) enum Want {
    /// Kept as raw JSON.
    Keep(Slot),
    /// Text whose bytes are counted.
    Count,
    /// An object of which members are wanted.
    Within(Members),
}

/// Wanted members of an object, by name.
pub(super) type Members = &'static [(&'static str, Want)];

use Want::{Count, Keep, Within};

/// Nothing of what is said in words: an error's `message` may repeat what was asked.
const FAILURE: Members =
    &[("type", Keep(Slot::FailureKind)), ("details", Within(&[("error_code", Keep(Slot::FailureCode))]))];

const MESSAGE: Members = &[
    ("id", Keep(Slot::MessageId)),
    ("model", Keep(Slot::Model)),
    ("stop_reason", Keep(Slot::StopReason)),
    ("usage", Keep(Slot::Usage)),
];

/// The body of a response that is not streamed: a message, an error, or something else.
pub(super) const BODY: Members = &[
    ("type", Keep(Slot::Kind)),
    ("id", Keep(Slot::MessageId)),
    ("model", Keep(Slot::Model)),
    ("stop_reason", Keep(Slot::StopReason)),
    ("usage", Keep(Slot::Usage)),
    ("error", Within(FAILURE)),
];

/// The data of an event in a stream.
pub(super) const EVENT: Members = &[
    ("type", Keep(Slot::Kind)),
    ("message", Within(MESSAGE)),
    (
        "delta",
        Within(&[
            ("stop_reason", Keep(Slot::StopReason)),
            ("text", Count),
            ("thinking", Count),
            ("partial_json", Count),
        ]),
    ),
    ("usage", Keep(Slot::Usage)),
    ("error", Within(FAILURE)),
];

/// The body of a request for a message.
pub(super) const REQUEST: Members = &[
    ("model", Keep(Slot::Model)),
    ("max_tokens", Keep(Slot::MaxTokens)),
    ("stream", Keep(Slot::Stream)),
    ("temperature", Keep(Slot::Temperature)),
];

/// A line of a batch's results. The error of a request has the shape of an error's body.
pub(super) const RESULT: Members = &[(
    "result",
    Within(&[
        ("type", Keep(Slot::Outcome)),
        ("message", Within(MESSAGE)),
        ("error", Within(&[("error", Within(FAILURE))])),
    ]),
)];
