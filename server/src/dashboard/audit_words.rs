//! The audit log in sentences, as its page shows it.

use serde_json::Value;
use vocabulary::wording;

use crate::access::agent::agent_in_words;
use crate::store::{Action, Author, Note};

/// What was done.
pub(super) fn what(note: &Note) -> String {
    let json = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
    let (before, after) = (json(&note.before), note.after.as_deref().map(json).unwrap_or_default());
    let subject = wording::name(&note.subject);
    // As it is now, or was at last.
    let named = |field: &str| {
        let value = [&after, &before].into_iter().find_map(|side| side[field].as_str());
        wording::name(value.unwrap_or(&note.subject))
    };
    match note.action {
        Action::Deleted => format!("deleted the event {subject}"),
        Action::Corrected => format!("corrected the event {subject}"),
        Action::LinkMade => "made a sign-in link".to_owned(),
        Action::SignedIn => {
            format!("signed in with {}", agent_in_words(after["agent"].as_str().unwrap_or_default()))
        }
        Action::SignedOut => "signed out".to_owned(),
        Action::SessionEnded => format!("ended the session {subject}"),
        Action::SecretsForgotten => "gave up secrets whose key is lost".to_owned(),
        Action::KeyMade => format!("made the key {} of scope {}", named("name"), named("scope")),
        Action::KeyRevoked => format!("revoked the key {subject}"),
        Action::Refused => refused(&after),
        Action::LimitAdded => format!("added the limit {}", named("name")),
        Action::LimitChanged => format!("changed the limit {}{}", named("name"), changes(&before, &after)),
        Action::LimitRemoved => format!("removed the limit {}", named("name")),
        Action::ChannelAdded => format!("added the channel {} to {}", named("name"), named("host")),
        Action::ChannelChanged => {
            format!("changed the channel {}{}", named("name"), changes(&before, &after))
        }
        Action::ChannelRemoved => format!("removed the channel {}", named("name")),
        Action::ChannelTested => format!("sent a test to the channel {}", named("name")),
        Action::Redelivered => format!("sent the delivery {subject} again"),
    }
}

/// Who did it, and from where.
pub(super) fn who(author: &Author) -> String {
    let Author { key_public, key_name, address } = author;
    let name = match key_public.is_empty() {
        true => key_name.clone(),
        false => format!("key {} ({key_public})", wording::name(key_name)),
    };
    match address {
        Some(address) => format!("{name}, {address}"),
        None => name,
    }
}

/// `: amount 50 to 60, enabled true to false`
fn changes(before: &Value, after: &Value) -> String {
    let (Some(before), Some(after)) = (before.as_object(), after.as_object()) else { return String::new() };
    let changed = before.iter().filter(|(field, value)| after.get(*field) != Some(value));
    let told = |value: &Value| match value {
        Value::String(text) => wording::name(text),
        Value::Number(number) => wording::plain(number.as_f64().unwrap_or_default(), 9),
        other => other.to_string(),
    };
    let changed: Vec<String> = changed
        .map(|(field, value)| {
            let new = after.get(field).unwrap_or(&Value::Null);
            format!("{} {} to {}", field.replace('_', " "), told(value), told(new))
        })
        .collect();
    if changed.is_empty() { String::new() } else { format!(": {}", changed.join(", ")) }
}

fn refused(after: &Value) -> String {
    let attempts = wording::count(after["attempts"].as_u64().unwrap_or(1), "attempt");
    let of = |field: &str| -> Vec<String> {
        let words = after[field].as_array().into_iter().flatten().filter_map(Value::as_str);
        words.map(wording::name).collect()
    };
    let (codes, keys, addresses) = (of("codes"), of("keys"), of("addresses"));
    let mut sentence = format!("{attempts} refused ({})", codes.join(", "));
    for (word, list) in [("with", keys), ("from", addresses)] {
        if !list.is_empty() {
            sentence = format!("{sentence} {word} {}", list.join(", "));
        }
    }
    sentence
}
