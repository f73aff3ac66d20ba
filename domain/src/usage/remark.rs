//! What of an event could not be taken as it was given.

use serde::{Deserialize, Serialize};

/// Why something was not taken as it was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RemarkCode {
    /// A name is longer than names are kept, or there are more labels. Its beginning is kept, and what tells it from
    /// others ([`super::name::kept`]); of labels the first are, by name.
    Cut,
    /// Something that says who or what a call is for is no text, or is said twice. Bytes stand as [`super::name::text`]
    /// writes them, of two values the first counts, and the event goes without anything else.
    AttributionUnreadable,
    /// A field of `usage` is nothing that can be counted, or an iteration leaves it out, so that it is unknown. The others
    /// are known.
    UsageUnreadable,
}

impl RemarkCode {
    /// Every code.
    pub const ALL: [RemarkCode; 3] =
        [RemarkCode::Cut, RemarkCode::AttributionUnreadable, RemarkCode::UsageUnreadable];

    /// Its word.
    pub fn word(self) -> &'static str {
        match self {
            RemarkCode::Cut => "cut",
            RemarkCode::AttributionUnreadable => "attribution_unreadable",
            RemarkCode::UsageUnreadable => "usage_unreadable",
        }
    }

    /// The code with this word.
    pub fn from_word(word: &str) -> Option<RemarkCode> {
        RemarkCode::ALL.into_iter().find(|code| code.word() == word)
    }
}

/// One thing that was not taken as it was given. It names the field, and never says what was in it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Remark {
    pub code: RemarkCode,
    /// The field or header, such as `user`, `labels`, `x-tacho-user`, `x-tacho-label-*` or `cache_creation`.
    pub field: String,
}

/// Fields of `usage` that a price hangs on, beside input and output.
const PRICED: [&str; 6] = [
    "cache_creation_input_tokens",
    "ephemeral_5m_input_tokens",
    "ephemeral_1h_input_tokens",
    "cache_read_input_tokens",
    "web_search_requests",
    "model",
];

/// The field without the name of a label: there may be as many of those as callers make up.
fn without_label(field: &str) -> &str {
    let is_label = |prefix: &str| field.strip_prefix(prefix).is_some_and(|label| !label.is_empty());
    if is_label("labels.") {
        "labels"
    } else if is_label("x-tacho-label-") {
        "x-tacho-label-*"
    } else {
        field
    }
}

/// The remarks on one event: each once, and only the first of very many.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Remarks(Vec<Remark>);

impl Remarks {
    /// As many as are kept of one event.
    pub const MOST: usize = 16;
    /// The longest name of a field, in bytes. Longer ones are cut.
    const LONGEST_FIELD: usize = 128;

    /// Notes something that was not taken as it was given.
    pub fn note(&mut self, code: RemarkCode, field: &str) {
        let field = without_label(field);
        let field = &field[..field.floor_char_boundary(Self::LONGEST_FIELD)];
        let is_known = self.0.iter().any(|remark| remark.code == code && remark.field == field);
        if !is_known && self.0.len() < Self::MOST {
            self.0.push(Remark { code, field: field.to_owned() });
        }
    }

    /// Notes all of `others`, too.
    pub fn extend(&mut self, others: &Remarks) {
        for Remark { code, field } in &others.0 {
            self.note(*code, field);
        }
    }

    /// One by one, in the order they were noted.
    pub fn iter(&self) -> impl Iterator<Item = &Remark> {
        self.0.iter()
    }

    /// A count that has a price of its own, or the model of an attempt, could not be read. Input and output are not
    /// among them: where those are unknown, the usage says so.
    pub fn hide_a_price(&self) -> bool {
        self.0.iter().any(|Remark { code, field }| {
            let name = field.rsplit('.').next().unwrap_or_default();
            *code == RemarkCode::UsageUnreadable && PRICED.contains(&name)
        })
    }

    /// Everything was taken as it was given.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_is_noted_once_and_very_many_are_not_kept() {
        let mut remarks = Remarks::default();
        remarks.note(RemarkCode::Cut, "user");
        remarks.note(RemarkCode::Cut, "user");
        remarks.note(RemarkCode::Cut, &"é".repeat(100));
        assert_eq!(remarks.iter().map(|remark| remark.field.len()).collect::<Vec<_>>(), [4, 128]);
        (0..100).for_each(|number| remarks.note(RemarkCode::UsageUnreadable, &number.to_string()));
        assert_eq!(remarks.iter().count(), Remarks::MOST);
    }

    #[test]
    fn labels_are_one_field_whatever_they_are_called() {
        let mut remarks = Remarks::default();
        for field in
            ["labels", "labels.env", "labels.a.b", "x-tacho-label-", "x-tacho-label-env", "x-tacho-label-a"]
        {
            remarks.note(RemarkCode::Cut, field);
        }
        let fields: Vec<&str> = remarks.iter().map(|remark| remark.field.as_str()).collect();
        assert_eq!(fields, ["labels", "x-tacho-label-", "x-tacho-label-*"]);
    }

    #[test]
    fn codes_have_the_words_they_are_stored_by() {
        for code in RemarkCode::ALL {
            assert_eq!(RemarkCode::from_word(code.word()), Some(code));
            assert_eq!(serde_json::to_value(code).unwrap(), code.word());
        }
    }
}
