//! The form that adds or changes a limit: text from a person, read and told apart.

use app::api::limits::LimitForm;
use vocabulary::Problem;

use super::Commands;
use super::limits::{LimitEdit, NewLimit, ScopeField, WindowField, default_critical, default_warn};
use crate::store::Author;

impl Commands {
    /// Adds or changes a limit as a person has written it.
    pub async fn take_limit_form(&self, form: LimitForm, by: Author) -> Result<(), Problem> {
        let percent = |name: &str, text: &str, default: u32| -> Result<u32, Problem> {
            match text.trim() {
                "" => Ok(default),
                text => text.parse().map_err(|_| {
                    Problem::invalid(
                        "invalid_threshold",
                        format!("the {name} threshold is a whole number of percent"),
                    )
                }),
            }
        };
        let amount = written_amount(&form.amount).ok_or_else(|| {
            let message =
                "the amount is a number such as 1000, 1,000,000 or 12.50, with a point before decimals";
            Problem::invalid("invalid_amount", message)
        })?;
        let warn_percent = percent("warning", &form.warn_percent, default_warn())?;
        let critical_percent = percent("critical", &form.critical_percent, default_critical())?;
        let time_zone = filled(form.time_zone);
        if form.id.is_empty() {
            let scope =
                ScopeField { dimension: filled(form.scope_dimension), value: filled(form.scope_value) };
            let window = WindowField { tz: time_zone };
            let new = NewLimit {
                name: form.name,
                kind: form.kind,
                amount,
                scope,
                window,
                warn_percent,
                critical_percent,
                enforce: !form.enforce.is_empty(),
                endpoints: endpoints_of(&form.endpoints),
            };
            self.add_limit(new, by).await?;
        } else {
            let change = LimitEdit {
                revision: form.revision.parse().ok(),
                name: Some(form.name),
                amount: Some(amount),
                window: Some(WindowField { tz: time_zone }),
                warn_percent: Some(warn_percent),
                critical_percent: Some(critical_percent),
                enforce: Some(!form.enforce.is_empty()),
                endpoints: endpoints_of(&form.endpoints),
                ..LimitEdit::default()
            };
            self.change_limit(&form.id, change, by).await?;
        }
        Ok(())
    }
}

/// The endpoints that were chosen; nothing where nothing was.
fn endpoints_of(chosen: &str) -> Option<Vec<String>> {
    filled(chosen.to_owned()).map(|chosen| chosen.split(',').map(str::to_owned).collect())
}

fn filled(text: String) -> Option<String> {
    let text = text.trim();
    (!text.is_empty()).then(|| text.to_owned())
}

/// A number as people write it, with a point before decimals: `1000`, `1,000,000`, `1_000`, `12.50`. A comma
/// that does not part thousands may be meant as a point, so it is not guessed at.
fn written_amount(text: &str) -> Option<f64> {
    let text = text.trim();
    let (whole, decimals) =
        text.split_once('.').map_or((text, None), |(whole, decimals)| (whole, Some(decimals)));
    let mut digits = String::new();
    for (index, group) in whole.split([',', ' ', '_']).enumerate() {
        let parted = index > 0;
        if !group.bytes().all(|byte| byte.is_ascii_digit()) || (parted && group.len() != 3) {
            return None;
        }
        digits += group;
    }
    if let Some(decimals) = decimals {
        if !decimals.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        digits = digits + "." + decimals;
    }
    digits.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::written_amount;

    #[test]
    fn thousands_may_be_parted() {
        for (text, amount) in [
            ("1000", 1_000.0),
            (" 1,000,000 ", 1_000_000.0),
            ("1_000", 1_000.0),
            ("1 000.5", 1_000.5),
            ("12.50", 12.5),
            (".5", 0.5),
        ] {
            assert_eq!(written_amount(text), Some(amount), "{text}");
        }
    }

    #[test]
    fn a_decimal_comma_is_not_taken_for_thousands() {
        for text in ["12,50", "1,5", "1.000,50", "1,0000", "", ".", "-5", "1e3", "NaN", "ten"] {
            assert_eq!(written_amount(text), None, "{text}");
        }
    }
}
