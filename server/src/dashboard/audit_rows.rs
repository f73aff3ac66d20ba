//! The audit log as its page shows it: what happened in parts, of which the page makes sentences.

use app::pages::settings::{BrowserNames, Deed, Doer, FieldValue};
use serde_json::Value;
use vocabulary::wording;

use crate::access::agent::browser_and_system;
use crate::store::{Action, Author, Note};

/// What was done.
pub(super) fn deed(note: &Note) -> Deed {
    let json = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
    let (before, after) = (json(&note.before), note.after.as_deref().map(json).unwrap_or_default());
    // As it is now, or was at last.
    let named = |field: &str| {
        let value = [&after, &before].into_iter().find_map(|side| side[field].as_str());
        wording::name(value.unwrap_or(&note.subject))
    };
    let done = |name: String, of: String| Deed::Done { action: note.action.word(), name, of };
    match note.action {
        Action::SignedIn => Deed::SignedIn(browser_names(after["agent"].as_str().unwrap_or_default())),
        Action::Refused => refused(&after),
        Action::KeyMade => done(named("name"), named("scope")),
        Action::ChannelAdded => done(named("name"), named("host")),
        Action::LimitChanged | Action::ChannelChanged => Deed::Changed {
            action: note.action.word(),
            name: named("name"),
            fields: changes(&before, &after),
        },
        Action::LimitAdded | Action::LimitRemoved | Action::ChannelRemoved | Action::ChannelTested => {
            done(named("name"), String::new())
        }
        Action::Deleted
        | Action::Corrected
        | Action::LinkMade
        | Action::SignedOut
        | Action::SessionEnded
        | Action::SecretsForgotten
        | Action::KeyRevoked
        | Action::Redelivered => done(wording::name(&note.subject), String::new()),
    }
}

/// Who did it, and from where.
pub(super) fn doer(author: &Author) -> Doer {
    let Author { key_public, key_name, address } = author;
    Doer {
        name: wording::name(key_name),
        public: key_public.clone(),
        address: address.map(|address| address.to_string()),
    }
}

/// The browser that calls itself so.
pub(super) fn browser_names(agent: &str) -> BrowserNames {
    let (browser, system) = browser_and_system(agent);
    BrowserNames { browser, system }
}

/// The fields that are not as they were.
fn changes(before: &Value, after: &Value) -> Vec<(String, FieldValue, FieldValue)> {
    let (Some(before), Some(after)) = (before.as_object(), after.as_object()) else { return Vec::new() };
    let changed = before.iter().filter(|(field, value)| after.get(*field) != Some(value));
    let told = |(field, value): (&String, &Value)| {
        (field.clone(), self::value(value), self::value(after.get(field).unwrap_or(&Value::Null)))
    };
    changed.map(told).collect()
}

/// What a field holds; of one that holds several, those that hold something.
fn value(of: &Value) -> FieldValue {
    let several = |values: &mut dyn Iterator<Item = &Value>| {
        let texts: Vec<String> = values.filter_map(text).collect();
        if texts.is_empty() { FieldValue::Nothing } else { FieldValue::Text(texts.join(", ")) }
    };
    match of {
        Value::Bool(is_on) => FieldValue::Switch(*is_on),
        Value::Array(values) => several(&mut values.iter()),
        Value::Object(fields) => several(&mut fields.values()),
        one => text(one).map_or(FieldValue::Nothing, FieldValue::Text),
    }
}

fn text(of: &Value) -> Option<String> {
    match of {
        Value::Null => None,
        Value::String(text) => Some(wording::name(text)),
        Value::Number(number) => Some(wording::plain(number.as_f64().unwrap_or_default(), 9)),
        other => Some(other.to_string()),
    }
}

fn refused(after: &Value) -> Deed {
    let of = |field: &str| -> Vec<String> {
        let words = after[field].as_array().into_iter().flatten().filter_map(Value::as_str);
        words.map(wording::name).collect()
    };
    Deed::Refused {
        attempts: after["attempts"].as_u64().unwrap_or(1),
        codes: of("codes"),
        keys: of("keys"),
        addresses: of("addresses"),
    }
}

#[cfg(test)]
mod tests {
    use app::text::Language;

    use super::*;

    #[test]
    fn every_action_and_everybody_without_a_key_has_words_in_every_language() {
        for language in Language::ALL {
            let text = &language.text().audit;
            for action in Action::ALL {
                let is_own = matches!(action, Action::SignedIn | Action::Refused);
                let has_words = text.deeds.iter().any(|(word, _)| *word == action.word());
                assert!(is_own != has_words, "{} {}", language.name(), action.word());
            }
            for author in [
                Author::command_line(),
                Author::person(None),
                Author::tacho(),
                Author::stranger(),
                Author::first_start(),
            ] {
                let has_words = text.people.iter().any(|(stored, _)| *stored == author.key_name);
                assert!(has_words, "{} {}", language.name(), author.key_name);
            }
        }
    }
}
