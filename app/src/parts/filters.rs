//! What filters are called.

use vocabulary::{Filter, wording};

use super::value_name;
use crate::reader::Reader;

/// What a filter lets through, or keeps out.
pub fn filter_name(reader: &Reader, filter: &Filter) -> String {
    let words = &reader.text().words;
    let value = value_name(reader, &wording::name(&filter.value));
    let name = words.dimension(filter.dimension);
    if filter.is_excluded {
        (reader.text().now.filter_without)(name, &value)
    } else {
        format!("{name}: {value}")
    }
}
