//! Measures and dimensions: the words that questions are made of.

use serde::{Deserialize, Serialize};

macro_rules! words {
    ($(#[$doc:meta])* $name:ident { $($(#[$variant_doc:meta])* $variant:ident = $word:literal),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$variant_doc])* $variant),+ }

        impl $name {
            /// Every one, in the order they are offered.
            pub const ALL: &'static [$name] = &[$($name::$variant),+];

            /// The word used in the API, in addresses and in files.
            pub fn word(self) -> &'static str {
                match self { $($name::$variant => $word),+ }
            }
        }

        impl std::str::FromStr for $name {
            type Err = String;

            fn from_str(word: &str) -> Result<Self, String> {
                match word {
                    $($word => Ok($name::$variant),)+
                    _ => Err(format!("`{}` is none of: {}", crate::wording::name(word), [$($word),+].join(", "))),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.word())
            }
        }
    };
}
pub(crate) use words;

words! {
    /// A number summed over events.
    Measure {
        /// HTTP attempts.
        Requests = "requests",
        /// What the input-tokens-per-minute limit counts: uncached input and cache writes, no cache reads.
        ItpmTokens = "itpm_tokens",
        /// Uncached input tokens.
        InputTokens = "input_tokens",
        /// Tokens written to the cache, 5-minute and 1-hour together.
        CacheWriteTokens = "cache_write_tokens",
        /// Tokens read from the cache.
        CacheReadTokens = "cache_read_tokens",
        /// Generated tokens.
        OutputTokens = "output_tokens",
        /// All four kinds together.
        TotalTokens = "total_tokens",
        /// Money, in US dollars; events of unknown price are left out and counted as unpriced.
        CostUsd = "cost_usd",
        /// Events with a status of 400 or above, with an error in the answer, or whose answer never came to its end.
        Errors = "errors",
        /// Events with status 429.
        Throttled = "throttled",
    }
}

impl Measure {
    /// The unit of a value: `requests`, `tokens` or `usd`.
    pub fn unit(self) -> &'static str {
        match self {
            Measure::Requests | Measure::Errors | Measure::Throttled => "requests",
            Measure::CostUsd => "usd",
            _ => "tokens",
        }
    }

    /// The name on screen.
    pub fn label(self) -> &'static str {
        match self {
            Measure::Requests => "Requests",
            Measure::ItpmTokens => "Input tokens (ITPM)",
            Measure::InputTokens => "Uncached input tokens",
            Measure::CacheWriteTokens => "Cache write tokens",
            Measure::CacheReadTokens => "Cache read tokens",
            Measure::OutputTokens => "Output tokens",
            Measure::TotalTokens => "Total tokens",
            Measure::CostUsd => "Cost",
            Measure::Errors => "Errors",
            Measure::Throttled => "Throttled",
        }
    }
}

words! {
    /// What events are grouped and filtered by.
    Dimension {
        /// The model id as reported.
        Model = "model",
        /// The project.
        Project = "project",
        /// The feature of the application.
        Feature = "feature",
        /// The application's user.
        User = "user",
        /// The Anthropic API key, as a fingerprint or a name.
        ApiKey = "api_key",
        /// The Anthropic workspace.
        Workspace = "workspace",
        /// The Anthropic organization.
        Organization = "organization",
        /// The session or conversation. Kept on events only, not in rollups.
        Session = "session",
    }
}

impl Dimension {
    /// The name on screen.
    pub fn label(self) -> &'static str {
        match self {
            Dimension::Model => "Model",
            Dimension::Project => "Project",
            Dimension::Feature => "Feature",
            Dimension::User => "User",
            Dimension::ApiKey => "API key",
            Dimension::Workspace => "Workspace",
            Dimension::Organization => "Organization",
            Dimension::Session => "Session",
        }
    }
}

/// Only events whose `dimension` has this `value`. An empty value means events without one.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Filter {
    /// The dimension.
    pub dimension: Dimension,
    /// Its value, exactly.
    pub value: String,
}
