//! Who and what an event was for.

use std::collections::BTreeMap;

use vocabulary::Dimension;

/// The model of a call that names none, such as a list of models.
pub const NO_MODEL: &str = "(none)";

/// Dimension values of one event. An empty string is "none given".
#[derive(Debug, Clone, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Dimensions {
    /// The model id as reported.
    pub model: String,
    pub project: String,
    /// The feature of the application.
    pub feature: String,
    /// The application's user.
    pub user: String,
    /// The Anthropic API key, by a name or a fingerprint, never the key itself.
    pub api_key: String,
    /// The Anthropic workspace.
    pub workspace: String,
    /// The Anthropic organization.
    pub organization: String,
    /// The session or conversation.
    pub session: String,
    /// Free labels.
    pub labels: BTreeMap<String, String>,
}

impl Dimensions {
    /// The value of one dimension.
    pub fn get(&self, dimension: Dimension) -> &str {
        match dimension {
            Dimension::Model => &self.model,
            Dimension::Project => &self.project,
            Dimension::Feature => &self.feature,
            Dimension::User => &self.user,
            Dimension::ApiKey => &self.api_key,
            Dimension::Workspace => &self.workspace,
            Dimension::Organization => &self.organization,
            Dimension::Session => &self.session,
        }
    }

    /// The place of one dimension's value.
    pub fn get_mut(&mut self, dimension: Dimension) -> &mut String {
        match dimension {
            Dimension::Model => &mut self.model,
            Dimension::Project => &mut self.project,
            Dimension::Feature => &mut self.feature,
            Dimension::User => &mut self.user,
            Dimension::ApiKey => &mut self.api_key,
            Dimension::Workspace => &mut self.workspace,
            Dimension::Organization => &mut self.organization,
            Dimension::Session => &mut self.session,
        }
    }

    /// Leaves out labels beyond `most`, the last by name, and says whether there were any.
    pub fn cut_labels(&mut self, most: usize) -> bool {
        let has_more = self.labels.len() > most;
        while self.labels.len() > most {
            self.labels.pop_last();
        }
        has_more
    }

    /// Fills what this leaves out from `defaults`, as a key with default dimensions does. Says whether there was no room
    /// for some of its labels, as there may be `most_labels`.
    pub fn fill_from(&mut self, defaults: &Dimensions, most_labels: usize) -> bool {
        for dimension in Dimension::ALL {
            if self.get(*dimension).is_empty() {
                self.get_mut(*dimension).clone_from(&defaults.get(*dimension).to_owned());
            }
        }
        for (key, value) in &defaults.labels {
            if self.labels.len() >= most_labels && !self.labels.contains_key(key) {
                return true;
            }
            self.labels.entry(key.clone()).or_insert_with(|| value.clone());
        }
        false
    }

    /// Puts in place what `bound` says, whatever stands here, as a key does with what its callers may not choose. Says
    /// whether other labels had to make room, as there may be `most_labels`.
    pub fn bind_to(&mut self, bound: &Dimensions, most_labels: usize) -> bool {
        for dimension in Dimension::ALL {
            let value = bound.get(*dimension);
            if !value.is_empty() {
                value.clone_into(self.get_mut(*dimension));
            }
        }
        self.labels.extend(bound.labels.clone());
        let mut was_cut = false;
        while self.labels.len() > most_labels {
            let mut others = self.labels.keys().rev().filter(|key| !bound.labels.contains_key(*key));
            let Some(last) = others.next().cloned() else { break };
            self.labels.remove(&last);
            was_cut = true;
        }
        was_cut
    }
}
