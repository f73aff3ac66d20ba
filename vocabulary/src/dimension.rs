//! What events are grouped and filtered by.

use crate::words::words;

/// What stands in place of a value for all those beyond a cap, which are summed or counted together.
pub const OVERFLOW: &str = "(other)";

words! {
    /// What events are grouped and filtered by.
    Dimension {
        /// The model id as reported.
        Model = "model",
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
