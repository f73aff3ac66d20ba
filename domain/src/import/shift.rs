//! Moving a recording in time, so that its newest event is now.
//!
//! The file is read twice: first for [`newest_ms`], then as ever with [`offset_ms`] in the
//! [`Context`](crate::read::context::Context).

use std::io;

use super::file::FileItem;
use crate::read::{scan, time};

/// The newest time in a file, Unix milliseconds; nothing when no item gives one.
pub fn newest_ms(items: impl Iterator<Item = io::Result<FileItem>>) -> io::Result<Option<i64>> {
    let mut newest = None;
    for item in items {
        newest = newest.max(item?.json.ok().as_deref().and_then(at_ms));
    }
    Ok(newest)
}

/// What to add to every time for the newest to be now, in milliseconds.
pub fn offset_ms(newest_ms: Option<i64>, now_ms: i64) -> i64 {
    newest_ms.map_or(0, |newest_ms| now_ms.saturating_sub(newest_ms))
}

fn at_ms(item: &str) -> Option<i64> {
    let members = scan::members(item, usize::MAX).ok()?;
    let (_, raw) = members.into_iter().find(|(name, _)| *name == "\"at\"")?;
    time::of_json(raw)
}
