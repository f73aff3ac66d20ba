//! What happened: incidents of alerts, and limits that were learned.

use vocabulary::Severity;

/// Something that happened.
#[derive(Debug, Clone, PartialEq)]
pub enum Happening {
    /// An alert, from when it rose until it was over.
    Incident(Incident),
    /// Limits were learned from the headers of a response.
    Learned(LearnedLately),
}

impl Happening {
    /// When it began, Unix milliseconds.
    pub fn at_ms(&self) -> i64 {
        match self {
            Happening::Incident(incident) => incident.began_ms,
            Happening::Learned(learned) => learned.at_ms,
        }
    }
}

/// One alert, from when it rose until it was over.
#[derive(Debug, Clone, PartialEq)]
pub struct Incident {
    /// Names it for good.
    pub key: String,
    /// The limit's name, as it is shown.
    pub name: String,
    /// Word of the limit's kind.
    pub kind: String,
    /// The limit was learned.
    pub is_learned: bool,
    /// The value it is about, as it is shown; nothing for everything.
    pub value: Option<String>,
    /// The worst it came to.
    pub worst: Severity,
    /// The highest share of the amount that is known of: when it was told of, and now.
    pub peak: f64,
    pub began_ms: i64,
    /// When it was over; nothing while it goes on.
    pub ended_ms: Option<i64>,
}

/// Limits that were learned within a minute.
#[derive(Debug, Clone, PartialEq)]
pub struct LearnedLately {
    /// When the first request was sent whose response named one of them, Unix milliseconds.
    pub at_ms: i64,
    pub pools: Vec<LearnedPool>,
}

/// Limits of one pool.
#[derive(Debug, Clone, PartialEq)]
pub struct LearnedPool {
    /// What shares them, as it is shown.
    pub pool: String,
    pub limits: Vec<LearnedAmount>,
}

/// What one of them allows.
#[derive(Debug, Clone, PartialEq)]
pub struct LearnedAmount {
    /// Word of the limit's kind.
    pub kind: String,
    pub amount: f64,
    /// Word of the unit.
    pub unit: String,
}
