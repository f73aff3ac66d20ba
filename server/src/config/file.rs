//! Settings from the file, checked by themselves, so that every mistake has a line.

use std::path::Path;

use serde::Deserialize;
use strsim::levenshtein;
use toml::de::{DeTable, DeValue, Deserializer, Error, ValueDeserializer};
use toml::map::Entry;
use toml::{Spanned, Table, Value};

use super::defaults;
use super::error::{ConfigError, one_line};
use super::nonsense::nonsense;
use super::{Config, DEFAULTS};
use crate::proxy::PolicyEntry;

/// What a file says in `[[brackets]]`, for which there are no defaults.
const LISTS: [&str; 2] = ["limits", "policies"];

/// What is wrong, and at which byte of the text.
struct Mistake {
    at: usize,
    problem: String,
}

impl From<Error> for Mistake {
    fn from(error: Error) -> Self {
        Mistake { at: error.span().map_or(0, |span| span.start), problem: one_line(error.message()) }
    }
}

/// The settings of the file, over the defaults, and `file, line N` of every limit.
pub(super) fn read(path: &Path) -> Result<(Table, Vec<String>), ConfigError> {
    let text = std::fs::read_to_string(path)
        .map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
    let line = |at: usize| text.bytes().take(at).filter(|byte| *byte == b'\n').count() + 1;
    let (settings, limits) = check(&text).map_err(|Mistake { at, problem }| ConfigError::File {
        path: path.to_owned(),
        line: line(at),
        problem,
    })?;
    Ok((settings, limits.into_iter().map(|at| format!("{}, line {}", path.display(), line(at))).collect()))
}

/// The settings of a text, over the defaults, and where its limits are.
fn check(text: &str) -> Result<(Table, Vec<usize>), Mistake> {
    let written = DeTable::parse(text)?.into_inner();
    let mut single = written.clone();
    for list in LISTS {
        single.remove(list);
    }
    if let Some(first) = misfits(&single, &defaults()).into_iter().min_by_key(|mistake| mistake.at) {
        return Err(first);
    }
    let mut whole = written.clone();
    fill(&mut whole, DeTable::parse(DEFAULTS)?.into_inner());
    let whole = || Deserializer::from(Spanned::new(0..text.len(), whole.clone()));
    // Now as a whole: what is left are values that have the right type and make no sense, and what is in brackets.
    let config =
        Config::deserialize(whole()).map_err(|error| in_policies(&written).unwrap_or(error.into()))?;
    if let Some((setting, problem)) = nonsense(&config) {
        return Err(Mistake { at: place(&written, setting).unwrap_or(0), problem });
    }
    let limits = written.get("limits").and_then(|limits| limits.get_ref().as_array());
    let limits = limits.into_iter().flatten().map(|limit| limit.span().start).collect();
    Ok((Table::deserialize(whole())?, limits))
}

/// Names that are no settings, and values of another type than the default has.
fn misfits(written: &DeTable, defaults: &Table) -> Vec<Mistake> {
    let mut found = Vec::new();
    for (name, value) in written {
        let (at, name) = (name.span().start, name.get_ref());
        match (value.get_ref(), defaults.get(name.as_ref())) {
            (_, None) => found.push(Mistake { at, problem: unknown(name, defaults.keys()) }),
            (DeValue::Table(section), Some(Value::Table(known))) => found.extend(misfits(section, known)),
            (value, Some(default)) if value.type_str() != default.type_str() => {
                found.push(Mistake { at, problem: mismatch(name, default) });
            }
            _ => {}
        }
    }
    found
}

/// Adds the defaults of what is not written.
fn fill<'i>(written: &mut DeTable<'i>, defaults: DeTable<'i>) {
    for (name, default) in defaults {
        match written.entry(name) {
            Entry::Vacant(place) => {
                place.insert(default);
            }
            Entry::Occupied(place) => {
                if let (DeValue::Table(section), DeValue::Table(known)) =
                    (place.into_mut().get_mut(), default.into_inner())
                {
                    fill(section, known);
                }
            }
        }
    }
}

fn place(written: &DeTable, (section, name): (&str, &str)) -> Option<usize> {
    let table = if section.is_empty() { written } else { written.get(section)?.get_ref().as_table()? };
    table.get_key_value(name).map(|(name, _)| name.span().start)
}

/// The first policy that is refused, and where in it. Which settings it may have hangs on its `policy`, so that it is
/// read without places: what is wrong is the setting that is refused in the same words when it stands there alone.
fn in_policies(written: &DeTable) -> Option<Mistake> {
    written.get("policies")?.get_ref().as_array()?.iter().find_map(|policy| {
        let settings = Table::deserialize(ValueDeserializer::from(policy.clone())).ok()?;
        let problem = PolicyEntry::try_from(settings.clone()).err()?;
        let is_refused_alone = |name: &&str| {
            let mut alone = settings.clone();
            alone.retain(|other, _| ["policy", name].contains(&other));
            PolicyEntry::try_from(alone).err().as_ref() == Some(&problem)
        };
        let names = settings.keys().map(String::as_str);
        let wrong = std::iter::once("policy").chain(names).find(is_refused_alone);
        let at = wrong.and_then(|name| place(policy.get_ref().as_table()?, ("", name)));
        Some(Mistake { at: at.unwrap_or(policy.span().start), problem: one_line(&problem) })
    })
}

fn unknown<'a>(name: &str, known: impl Iterator<Item = &'a String>) -> String {
    let nearest = known.map(|known| (levenshtein(name, known), known)).min();
    match nearest {
        Some((distance, nearest)) if distance <= 3 => {
            format!("unknown setting `{name}` (did you mean `{nearest}`?)")
        }
        _ => format!("unknown setting `{name}`"),
    }
}

fn mismatch(name: &str, default: &Value) -> String {
    let kind = match default {
        Value::Integer(_) => "a whole number",
        Value::Boolean(_) => "true or false",
        Value::Array(_) => "a list",
        Value::Table(_) => "a section in [brackets]",
        _ => "text in \"quotes\"",
    };
    format!("`{name}` must be {kind}, such as {default}")
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The line that is complained about, and what is said of it.
    fn complaint(file: &str) -> (usize, String) {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("tacho.toml");
        std::fs::write(&path, file).expect("a file");
        match read(&path) {
            Err(ConfigError::File { line, problem, .. }) => (line, problem),
            other => panic!("{file:?} gave {other:?}"),
        }
    }

    #[test]
    fn every_complaint_names_the_line() {
        for (file, line, expected) in [
            // The same name in an earlier section, in a comment, in text.
            ("[store]\nmax_bytes = 1\n[ingest]\nmax_bytes = 1\n", 4, "unknown setting `max_bytes`"),
            (
                "[proxy]\nspill_max_bytes = 1\n[store]\nspill_max_bytes = 1\n",
                4,
                "unknown setting `spill_max_bytes`",
            ),
            (
                "# idle_s = 1\nlog = \"\"\"\nidle_s = 1\n\"\"\"\n[http]\nidle_s = \"x\"\n",
                6,
                "`idle_s` must be a whole number",
            ),
            (
                "[[limits]]\nname = \"a\"\nkind = \"x\"\namount = 1\ntime_zone = \"UTC\"\n[http]\ntime_zone = 1\n",
                7,
                "unknown setting `time_zone`",
            ),
            // Of several the first.
            ("[webhooks]\nallow_cidr = []\n[alerts]\nkeep_firing = 1\n", 2, "did you mean `allow_cidrs`?"),
            (
                "[store]\nmax_series = true\nzero = 1\n[http]\nidle = 1\n",
                2,
                "`max_series` must be a whole number",
            ),
            // However a setting is written.
            ("\nhttp = { drain_s = 1, idle_s = \"x\" }\n", 2, "`idle_s`"),
            ("http.drain_s = 1\nhttp.idle = 1\n", 2, "did you mean `idle_s`?"),
            ("http . \"idle_s\" = true\n", 1, "`idle_s`"),
            ("log = \"info\"\n\"listen\" = 1\n", 2, "`listen` must be text"),
            ("[ 'http' ]\n\"idle\\u005fs\" = true\n", 2, "`idle_s`"),
            ("log = \"info\"\r\n\r\n[http]\r\nidle_s = true\r\n", 4, "`idle_s`"),
            ("log = \"info\"\n\n[listen]\nhost = \"x\"\n", 3, "`listen` must be text"),
            ("\n\n[http.idle_s]\n", 3, "`idle_s` must be a whole number"),
            ("\nhttp = 1\n", 2, "`http` must be a section"),
            ("[[http]]\nidle_s = 1\n", 1, "`http` must be a section"),
            ("\n[sotre]\nmax_bytes = 1\n", 2, "did you mean `store`?"),
            // What is wrong within the right type.
            ("[http]\ndrain_s = 1\nidle_s = 0\n", 3, "nonzero"),
            ("[ingest]\nmax_item_bytes = 1\nmax_items = -1\n", 3, "-1"),
            ("[store]\nmax_bytes = 99999999999999999999\n", 2, ""),
            ("[store]\nmax_series = 5\ndurability = \"some\"\n", 3, "`full` or `normal`"),
            ("[webhooks]\nallow_cidrs = [\n  \"10.0.0.0/8\",\n  \"10.0.0.0/99\",\n]\n", 4, ""),
            ("[http]\nallow_hosts = [\n  \"a\",\n  7,\n]\n", 4, "expected a string"),
            ("[http]\nallow_hosts = [\n  \"a b\",\n]\n[proxy]\n", 2, "`a b`"),
            ("[alerts]\n# hysteresis_points = 1\nhysteresis_points = 21\n", 3, "from 0 to 20"),
            ("\nlog = \"info,[\"\n", 2, "`log`"),
            // In brackets.
            (
                "[[limits]]\nname = \"a\"\nkind = \"x\"\namount = 1\n[[limits]]\nname = \"b\"\nkind = \"x\"\namount = \"1\"\n",
                8,
                "expected f64",
            ),
            (
                "[[limits]]\nname = \"a\"\nkind = \"x\"\namount = 1\n[[limits]]\nname = \"b\"\nkind = \"x\"\n",
                5,
                "missing field `amount`",
            ),
            (
                "[[limits]]\nname = \"a\"\nkind = \"x\"\namount = 1\nscope = { dimensio = \"user\" }\n",
                5,
                "unknown field `dimensio`",
            ),
            (
                "[[limits]]\nname = \"a\"\nkind = \"x\"\namount = 1\n[limits.scope]\ndimensio = \"user\"\n",
                6,
                "unknown field `dimensio`",
            ),
            (
                "limits = [\n  { name = \"a\", kind = \"x\", amount = 1 },\n  { name = \"b\", amount = 1 },\n]\n",
                3,
                "missing field `kind`",
            ),
            ("\nlimits = 5\n", 2, "expected a sequence"),
            ("[limits]\nname = \"a\"\n", 1, "expected a sequence"),
            (
                "[[policies]]\npolicy = \"queue\"\n\n[[policies]]\nproject = \"p\"\npolicy = \"quue\"\n",
                6,
                "there are: queue",
            ),
            ("[[policies]]\npolicy = \"queue\"\n\n[[policies]]\nproject = \"p\"\n", 4, "`policy` is ``"),
            (
                "[[policies]]\nmax_waiting = 1\nmax_wait = 1\npolicy = \"queue\"\n",
                3,
                "unknown field `max_wait`",
            ),
            (
                "[[policies]]\npolicy = \"cache\"\nttl_s = -1\nmax_bytes = true\n",
                4,
                "invalid type: boolean `true`",
            ),
            (
                "[[policies]]\npolicy = \"cache\"\n[[policies]]\npolicy = \"cache\"\nproject = 1\n",
                5,
                "`project` of a policy",
            ),
            ("\npolicies = [1]\n", 2, ""),
            // No TOML.
            ("log = \"info\"\nlisten = \"127.0.0.1:0\n[http]\n", 2, ""),
            ("[http]\nidle_s = 1\nidle_s = 2\n", 3, "duplicate key"),
        ] {
            let (found, problem) = complaint(file);
            assert!(found == line && problem.contains(expected), "{file:?} gave {found}: {problem}");
        }
    }

    #[test]
    fn limits_know_their_lines_however_they_are_written() {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("tacho.toml");
        let limit = "name = \"a\", kind = \"x\", amount = 1";
        let table = format!("\n[[ limits ]]\n{}\n", limit.replace(", ", "\n"));
        let inline = format!("limits = [\n{{ {limit} }},\n\n{{ {limit} }}]");
        for (file, lines) in [(format!("{table}{table}"), [2, 7]), (inline, [2, 4])] {
            std::fs::write(&path, &file).expect("a file");
            let (_, places) = read(&path).expect("settings");
            assert_eq!(places, lines.map(|line| format!("{}, line {line}", path.display())), "{file}");
        }
    }
}
