//! Settings from the environment: each has a variable, `TACHO_` and its name with that of its section.

use std::collections::BTreeMap;

use toml::{Table, Value};

use super::Config;
use super::defaults;
use super::error::{ConfigError, one_line};
use super::nonsense::nonsense;
use crate::secrets::without_credentials;

/// Variables that are no settings; the last one is set by `cargo run`.
const OTHER_VARIABLES: [&str; 4] = ["TACHO_CONFIG", "TACHO_KEY", "TACHO_SKIP_WEB", "TACHO_WEB_NAME"];

/// Lays the environment over the settings; answers a warning for each variable that names no setting.
pub(super) fn lay_over(
    settings: &mut Table,
    environment: &BTreeMap<String, String>,
) -> Result<Vec<String>, ConfigError> {
    let known = variables();
    for (name, text) in environment {
        let Some(path) = known.get(name) else { continue };
        let Some(place) = setting(settings, path) else { continue };
        let wrong = |problem| ConfigError::Environment { name: name.clone(), problem };
        *place = parse(text, place).map_err(wrong)?;
        let problem = match Value::Table(settings.clone()).try_into::<Config>() {
            Err(error) => Some(one_line(error.message())),
            Ok(config) => nonsense(&config).map(|(_, problem)| problem),
        };
        if let Some(problem) = problem {
            return Err(wrong(problem));
        }
    }
    let ours = |name: &&String| name.starts_with("TACHO_") && !name.starts_with("TACHO_TEST_");
    Ok(environment
        .keys()
        .filter(ours)
        .filter(|name| !known.contains_key(*name) && !OTHER_VARIABLES.contains(&name.as_str()))
        .map(|name| {
            format!("{name} names no setting; `tacho check-config --print-defaults` shows those there are")
        })
        .collect())
}

/// The variable of every setting, and the names that lead to the setting.
pub(super) fn variables() -> BTreeMap<String, Vec<String>> {
    let paths = defaults().into_iter().flat_map(|(name, value)| match value {
        Value::Table(section) => section.keys().map(|inner| vec![name.clone(), inner.clone()]).collect(),
        _ => vec![vec![name]],
    });
    paths.map(|path| (format!("TACHO_{}", path.join("_").to_ascii_uppercase()), path)).collect()
}

fn setting<'a>(settings: &'a mut Table, path: &[String]) -> Option<&'a mut Value> {
    let (first, rest) = path.split_first()?;
    let value = settings.get_mut(first)?;
    rest.iter().try_fold(value, |value, name| value.as_table_mut()?.get_mut(name))
}

/// Reads a variable as the type its setting has.
fn parse(text: &str, like: &Value) -> Result<Value, String> {
    let text = text.trim();
    Ok(match like {
        Value::Integer(_) => Value::Integer(
            text.replace('_', "")
                .parse()
                .map_err(|_| format!("`{}` is not a whole number", without_credentials(text)))?,
        ),
        Value::Boolean(_) => Value::Boolean(match text {
            "true" | "1" | "yes" => true,
            "false" | "0" | "no" | "" => false,
            _ => return Err(format!("`{}` is neither true nor false", without_credentials(text))),
        }),
        Value::Array(_) => Value::Array(
            text.split(',').map(str::trim).filter(|part| !part.is_empty()).map(Value::from).collect(),
        ),
        _ => Value::from(text),
    })
}
