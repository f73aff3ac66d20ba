//! One usage out of the many a stream tells.

use crate::ingest::bounds::Bounds;
use crate::ingest::scan;
use crate::ingest::tokens::{Spent, known_fields, spent_of};

/// The most that is held of one field, in bytes of JSON.
const MOST_BYTES: usize = 64 << 10;

/// The fields of `usage` in a stream: each the last that was not null, for every event tells all there was so
/// far (claude-api: cumulative, to be overwritten and never added).
#[derive(Debug, Default)]
pub(super) struct Merged {
    /// Fields of the API's object by name, as raw JSON.
    fields: Vec<(&'static str, String)>,
    /// A `message_delta` told the output.
    has_output: bool,
    /// A `message_delta` told the iterations.
    has_iterations: bool,
    unreadable: bool,
}

impl Merged {
    /// The usage in `message_start`. Its output is a placeholder.
    pub fn start(&mut self, usage: &str) {
        self.overwrite(usage, false);
    }

    /// The usage in a `message_delta`.
    pub fn delta(&mut self, usage: &str) {
        self.overwrite(usage, true);
    }

    fn overwrite(&mut self, usage: &str, is_delta: bool) {
        let Ok(fields) = known_fields(usage, &Bounds::default()) else {
            self.unreadable = true;
            return;
        };
        for (name, value) in fields {
            match name {
                "output_tokens" if !is_delta => continue,
                "output_tokens" => self.has_output = true,
                "iterations" => self.has_iterations |= is_delta,
                _ => {}
            }
            self.set(name, value);
        }
    }

    fn set(&mut self, name: &'static str, value: String) {
        let Some((_, held)) = self.fields.iter_mut().find(|(known, _)| *known == name) else {
            self.fields.push((name, value));
            return;
        };
        match over(held, &value) {
            Some(both) if both.len() <= MOST_BYTES => *held = both,
            _ => self.unreadable = true,
        }
    }

    /// What all of it says; nothing when some of it could not be read. The output is known when a
    /// `message_delta` told it and generation had stopped: before that it is only what there was so far. Where
    /// iterations are what is billed, theirs is the output that counts.
    pub fn spent(&self, has_stopped: bool) -> Option<Spent> {
        if self.unreadable {
            return None;
        }
        let members: Vec<_> = self.fields.iter().map(|(name, value)| format!("\"{name}\":{value}")).collect();
        let mut spent = spent_of(&format!("{{{}}}", members.join(",")), &Bounds::default()).ok()?;
        let has_output = self.has_iterations || self.has_output && spent.iterations.is_empty();
        if !has_stopped || !has_output {
            spent.usage.output_tokens = None;
            for iteration in &mut spent.iterations {
                iteration.usage.output_tokens = None;
            }
        }
        Some(spent)
    }
}

/// `new` written over `old`: of two objects member by member, where null leaves what was there.
fn over(old: &str, new: &str) -> Option<String> {
    if !(old.starts_with('{') && new.starts_with('{')) {
        return Some(new.to_owned());
    }
    let depth = Bounds::default().depth;
    let mut members = scan::members(old, depth).ok()?;
    for (name, value) in scan::members(new, depth).ok()? {
        if value == "null" {
            continue;
        }
        members.retain(|(known, _)| *known != name);
        members.push((name, value));
    }
    let members: Vec<_> = members.iter().map(|(name, value)| format!("{name}:{value}")).collect();
    Some(format!("{{{}}}", members.join(",")))
}
