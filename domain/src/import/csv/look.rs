//! Looking a table through before it is read.

use vocabulary::wording;

use super::head::{Head, list};
use super::numbers::{self, Marks};
use super::records::{Broken, Record};
use super::rows::{Column, Rows, cell};
use super::times::{How, Times};
use crate::import::file::{FileOptions, ImportError, Reopen, Survey};
use crate::import::mapping::{FieldKind, is_field, kind};
use crate::import::notation::Decimal;
use crate::read::bounds::Bounds;

/// Clocks of senders may be this far ahead.
const AHEAD_MS: i64 = 86_400_000;
/// Rows that are looked at to find a column of times to suggest.
const SUGGESTED_FROM_ROWS: usize = 1_000;
/// Columns that are named because nobody reads them.
const MOST_NAMED: usize = 8;
/// Columns to try that are named.
const MOST_SUGGESTED: usize = 4;

/// Looks a table through: once to its end, holding one row at a time.
pub(super) fn survey(open: &Reopen, told: &FileOptions, bounds: &Bounds) -> Result<Survey, ImportError> {
    let head = Head::read(open()?, told.delimiter, &told.mapping)?;
    let columns = columns(&head, told, open)?;
    let mut marks = Marks::default();
    let mut times = Times::new(told.time_format.as_ref(), told.now_ms.saturating_add(AHEAD_MS));
    look(&head, &columns, open, |column, text, line| match column.kind {
        FieldKind::Time => times.add(text, line),
        FieldKind::Number | FieldKind::Duration => marks.add(text, line, &column.name),
        FieldKind::Text => {}
    })?;
    let at = columns.iter().find(|column| column.kind == FieldKind::Time);
    let how = match at {
        Some(at) => times.decide().map_err(|doubt| ambiguous_times(&at.name, doubt))?,
        None => How::default(),
    };
    let decimal = match told.decimal {
        Some(decimal) => Some(decimal),
        None => marks.decide().map_err(ambiguous_numbers)?,
    };
    let mut notes = vec![format!(
        "columns are separated by {}{}",
        head.delimiter.word(),
        decimal.map_or_else(String::new, |decimal| format!(", numbers have a {}", decimal.word()))
    )];
    notes.extend(at.map(|at| format!("column `{}`: {}", wording::name(&at.name), times.said(&how))));
    let counts = |field: &str| field.ends_with("_tokens");
    if !columns.iter().any(|column| counts(&column.field))
        && !told.mapping.set.iter().any(|(field, _)| counts(field))
    {
        notes.push(
            "no column holds token counts, so they are unknown; name some with --map input_tokens=COLUMN"
                .to_owned(),
        );
    }
    notes.extend(left_out(&head, &columns));
    let rows = Rows::new(head, columns, told.mapping.clone(), how, decimal.unwrap_or(Decimal::Point), bounds);
    Ok(Survey { notes, items: Box::new(move |input| Ok(Box::new(rows.clone().of(input)?))) })
}

/// The columns to read: those the mapping names, and those that are called like a field.
fn columns(head: &Head, told: &FileOptions, open: &Reopen) -> Result<Vec<Column>, ImportError> {
    let mapping = &told.mapping;
    let column = |field: &str, name: &str| {
        let place = head.place(field, name)?;
        Ok::<_, ImportError>(Column {
            field: field.to_owned(),
            name: name.to_owned(),
            place,
            kind: kind(field),
        })
    };
    let mut columns: Vec<Column> =
        mapping.columns.iter().map(|(field, name)| column(field, name)).collect::<Result<_, _>>()?;
    for name in head.names.iter().filter(|name| is_field(name)) {
        if !mapping.names(name) && !columns.iter().any(|column| column.field == *name) {
            columns.push(column(name, name)?);
        }
    }
    let reads = |field: &str| mapping.names(field) || columns.iter().any(|column| column.field == field);
    if !reads("model") {
        let like = head.names.iter().filter(|name| name.to_ascii_lowercase().contains("model"));
        return Err(ImportError::NoModel { columns: head.listed(), try_this: suggestion("model", like) });
    }
    if !reads("at") && mapping.at.is_none() {
        let like = times_among(head, told, open)?;
        return Err(ImportError::NoTimes { columns: head.listed(), try_this: suggestion("at", &like) });
    }
    Ok(columns)
}

/// What to type for the columns that may hold `field`; empty when there is none.
fn suggestion<'a>(field: &str, columns: impl IntoIterator<Item = &'a String>) -> String {
    // A line break, or what is not seen, cannot be typed as it is shown.
    let can_be_typed =
        |column: &&String| wording::visible(column) == column.as_str() && !column.contains(['"', '\\']);
    let quote = |column: &String| {
        let plain = column.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"_.-:/".contains(&byte));
        if plain { format!("--map {field}={column}") } else { format!("--map \"{field}={column}\"") }
    };
    let columns = columns.into_iter().filter(can_be_typed);
    let typed: Vec<_> = columns.take(MOST_SUGGESTED).map(quote).collect();
    if typed.is_empty() { String::new() } else { format!(", such as {}", typed.join(" or ")) }
}

/// The columns whose cells look like times, those called like one first.
fn times_among(head: &Head, told: &FileOptions, open: &Reopen) -> Result<Vec<String>, ImportError> {
    let column =
        |place| Column { field: String::new(), name: head.called(place), place, kind: FieldKind::Time };
    let columns: Vec<_> = (0..head.names.len()).map(column).collect();
    let latest_ms = told.now_ms.saturating_add(AHEAD_MS);
    let mut times: Vec<_> =
        columns.iter().map(|_| Times::new(told.time_format.as_ref(), latest_ms)).collect();
    let wanted = vec![true; columns.len()];
    let (mut rows, mut record) = (head.rows(open()?)?, Record::default());
    for _ in 0..SUGGESTED_FROM_ROWS {
        if !rows.read(&mut record, &wanted)? {
            break;
        }
        for column in &columns {
            if let Some(text) = cell(&record, column) {
                times[column.place].add(text, record.line);
            }
        }
    }
    let mut like: Vec<_> = columns
        .into_iter()
        .filter(|column| times[column.place].looks_like_times())
        .map(|column| column.name)
        .collect();
    like.sort_by_key(|name| {
        let name = name.to_ascii_lowercase();
        !["time", "date", "start", "created"].iter().any(|word| name.contains(word))
    });
    Ok(like)
}

/// Shows every cell that is read, and says something, to `see`. Rows that do not match the head are left to be
/// refused when they are read.
fn look(
    head: &Head,
    columns: &[Column],
    open: &Reopen,
    mut see: impl FnMut(&Column, &str, u64),
) -> Result<(), ImportError> {
    let wanted = super::rows::wanted(head, columns);
    let (mut rows, mut record) = (head.rows(open()?)?, Record::default());
    while rows.read(&mut record, &wanted)? {
        if record.filled > head.names.len() || record.width < head.width() {
            continue;
        }
        for column in columns {
            if let Some(text) = cell(&record, column) {
                see(column, text, record.line);
            }
        }
    }
    Ok(())
}

/// What is in the file and not read, for the summary.
fn left_out(head: &Head, columns: &[Column]) -> Option<String> {
    let unread: Vec<_> = (head.names.iter().enumerate())
        .filter(|(place, name)| !name.is_empty() && !columns.iter().any(|column| column.place == *place))
        .map(|(_, name)| name)
        .collect();
    let named = list(unread.iter().copied().take(MOST_NAMED));
    match unread.len() {
        0 => None,
        count if count > MOST_NAMED => {
            Some(format!("not read: {named}, and {} more columns", count - MOST_NAMED))
        }
        _ => Some(format!("not read: {named}")),
    }
}

impl From<Broken> for ImportError {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::Read(error) => ImportError::Read(error),
            Broken::Quotes(damage) => ImportError::OpenQuote { line: damage.opened, closed: damage.closed },
        }
    }
}

fn ambiguous_times(column: &str, doubt: super::times::Doubt) -> ImportError {
    let found = doubt.found.iter().map(|(what, line)| format!("{what} (line {line})"));
    ImportError::AmbiguousTimes {
        column: wording::name(column),
        found: found.collect::<Vec<_>>().join(", "),
        choices: doubt.choices,
    }
}

fn ambiguous_numbers(doubt: numbers::Doubt) -> ImportError {
    let found = match doubt {
        numbers::Doubt::Either { line, column } => {
            let column = wording::name(&column);
            format!(
                "a number in column `{column}` (line {line}) has a mark that may part thousands or begin a fraction"
            )
        }
        numbers::Doubt::Both { point, comma } => {
            format!("numbers have a decimal point (line {point}) and a decimal comma (line {comma})")
        }
    };
    ImportError::AmbiguousNumbers { found }
}
