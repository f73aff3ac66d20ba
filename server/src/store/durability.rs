//! How durable a commit is before it is acknowledged.

/// What an acknowledged commit survives.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Durability {
    /// On disk: survives a power cut.
    Full,
    /// Handed to the operating system: survives a crash of Tacho, not always a power cut.
    Normal,
}
