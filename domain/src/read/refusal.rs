//! Why a body or an item is refused. Sending the same again never helps: it has to be changed first.

use vocabulary::{Problem, ProblemKind};

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $word:literal),+ $(,)?) => {
        /// Why an item is refused, as a stable word.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code { $($(#[$doc])* $name),+ }

        impl Code {
            /// Every code.
            pub const ALL: &'static [Code] = &[$(Code::$name),+];

            /// The word in answers and in the list of refusals.
            pub fn word(self) -> &'static str {
                match self { $(Code::$name => $word),+ }
            }
        }
    };
}

codes! {
    InvalidJson = "invalid_json",
    /// The item is JSON, but not an object.
    NotAnObject = "not_an_object",
    /// A row of a CSV file does not match its header.
    InvalidRow = "invalid_row",
    /// Bytes that are not UTF-8, or half of a surrogate pair.
    InvalidUnicode = "invalid_unicode",
    /// More bytes than an item may have.
    ItemTooLarge = "item_too_large",
    /// Objects or arrays too deep inside one another.
    TooDeep = "too_deep",
    /// A field is there twice, so which one counts is unclear.
    DuplicateField = "duplicate_field",
    MissingModel = "missing_model",
    /// Not a whole number within its bounds.
    InvalidNumber = "invalid_number",
    /// Something else than the field holds.
    InvalidField = "invalid_field",
    /// A count that no call to the API can have.
    Implausible = "implausible",
    /// Text longer than the field may be.
    TooLong = "too_long",
    /// An id that is empty, too long or not printable.
    InvalidId = "invalid_id",
    /// A time that cannot be read.
    InvalidTime = "invalid_time",
    /// No time, where the time of reading would not be the event's.
    MissingTime = "missing_time",
    /// A time ahead of Tacho's clock.
    Future = "future",
    /// A time further back than events are accepted.
    TooOld = "too_old",
    /// The id is known with other content.
    Conflict = "conflict",
    /// The event with this id was deleted.
    Deleted = "deleted",
    /// No event to correct has this id.
    NotFound = "not_found",
    /// Several projects have an event with this id.
    Ambiguous = "ambiguous",
}

/// Why one item is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct Refusal {
    /// The stable word for it.
    pub code: Code,
    /// What is wrong and how to put it right. Names fields, never what they hold.
    pub message: String,
    /// The item's own id, when it could be read.
    pub id: Option<String>,
}

impl Refusal {
    /// A refusal of an item without an id.
    pub fn new(code: Code, message: impl Into<String>) -> Self {
        Refusal { code, message: message.into(), id: None }
    }

    pub(crate) fn item_too_large(max: usize) -> Self {
        let message = format!("an item may have {max} bytes; send usage, not prompts or completions");
        Refusal::new(Code::ItemTooLarge, message)
    }

    pub(crate) fn not_utf8() -> Self {
        Refusal::new(Code::InvalidUnicode, "the item is not valid UTF-8; encode it as UTF-8")
    }
}

/// Why a whole body is refused. Nothing of it was stored.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// There is nothing in it.
    #[error("the body is empty; send an event as a JSON object, an array of them, or one per line")]
    Empty,
    /// An encoding Tacho does not know.
    #[error("`Content-Encoding` must be gzip, zstd or identity")]
    UnsupportedEncoding,
    /// A type Tacho does not know.
    #[error("`Content-Type` must be application/json or application/x-ndjson")]
    UnsupportedType,
    /// More bytes than a body may have.
    #[error("the body may have {max} bytes; send fewer events at a time")]
    TooLarge {
        /// The bound it is beyond.
        max: usize,
    },
    /// More items than a body may have.
    #[error("the body may have {max} events; send fewer at a time")]
    TooManyItems {
        /// The bound it is beyond.
        max: usize,
    },
    /// The compressed stream stops before its end.
    #[error("the compressed body ends too early; it was cut off on its way or not finished by its sender")]
    Truncated,
    /// The compressed stream has a second one or something else behind it.
    #[error("the compressed body must be a single stream with nothing behind it")]
    TrailingBytes,
    /// The compressed stream cannot be read.
    #[error("the body is not what `Content-Encoding` says, or it was damaged on its way")]
    Corrupt,
    /// Not UTF-8.
    #[error("the body is not valid UTF-8; encode it as UTF-8")]
    InvalidUnicode,
    /// Not JSON whose items can be told apart.
    #[error("the body is not JSON: {0}")]
    Malformed(&'static str),
}

impl BodyError {
    /// The stable word in the answer.
    pub fn code(&self) -> &'static str {
        match self {
            BodyError::Empty => "empty_body",
            BodyError::UnsupportedEncoding => "unsupported_encoding",
            BodyError::UnsupportedType => "unsupported_type",
            BodyError::TooLarge { .. } => "body_too_large",
            BodyError::TooManyItems { .. } => "too_many_items",
            BodyError::Truncated => "truncated_body",
            BodyError::TrailingBytes => "trailing_bytes",
            BodyError::Corrupt => "corrupt_body",
            BodyError::InvalidUnicode => "invalid_unicode",
            BodyError::Malformed(_) => "malformed_body",
        }
    }

    fn kind(&self) -> ProblemKind {
        match self {
            BodyError::UnsupportedEncoding | BodyError::UnsupportedType => ProblemKind::Unsupported,
            BodyError::TooLarge { .. } | BodyError::TooManyItems { .. } => ProblemKind::TooLarge,
            _ => ProblemKind::Invalid,
        }
    }
}

impl From<BodyError> for Problem {
    fn from(error: BodyError) -> Self {
        Problem::new(error.kind(), error.code(), error.to_string())
    }
}
