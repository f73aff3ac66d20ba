//! Pieces of SQL that many questions share: what the columns of dimensions are called, and where events are read from.

use std::collections::BTreeMap;

use domain::usage::EventKey;
use sqlx::{QueryBuilder, Sqlite};
use vocabulary::{Dimension, Filter};

use crate::store::StoreError;

/// Column of a dimension in `series`; nothing for the session, which only events carry.
pub(super) fn column(dimension: Dimension) -> Option<&'static str> {
    match dimension {
        Dimension::Model => Some("model"),
        Dimension::Project => Some("project"),
        Dimension::Feature => Some("feature"),
        Dimension::User => Some("app_user"),
        Dimension::ApiKey => Some("api_key"),
        Dimension::Workspace => Some("workspace"),
        Dimension::Organization => Some("organization"),
        Dimension::Session => None,
    }
}

/// Goes on with the events of a stretch of time, by this index if it says one.
pub(super) fn from_events(
    sql: &mut QueryBuilder<Sqlite>,
    index: &str,
    from_ms: i64,
    to_ms: i64,
    filters: &[Filter],
) {
    sql.push(" from event e ").push(index).push(
        " join series s on s.series_id = e.series_id \
         left join tagset t on t.tagset_id = e.tagset_id where e.at_ms >= ",
    );
    sql.push_bind(from_ms).push(" and e.at_ms < ").push_bind(to_ms);
    for (dimension, values) in by_dimension(filters) {
        sql.push(" and ").push(value_of(dimension)).push(" in (");
        let mut list = sql.separated(", ");
        for value in values {
            list.push_bind(value.to_owned());
        }
        sql.push(")");
    }
}

/// SQL for the value of a dimension.
pub(super) fn value_of(dimension: Dimension) -> String {
    match column(dimension) {
        Some(column) => format!("s.{column}"),
        None => "coalesce(t.session, '')".to_owned(),
    }
}

fn by_dimension(filters: &[Filter]) -> BTreeMap<Dimension, Vec<&str>> {
    let mut values: BTreeMap<Dimension, Vec<&str>> = BTreeMap::new();
    for filter in filters {
        values.entry(filter.dimension).or_default().push(&filter.value);
    }
    values
}

/// The values a rollup is filtered by, per column of `series`.
pub(super) fn by_column(filters: &[Filter]) -> impl Iterator<Item = (&'static str, Vec<String>)> {
    by_dimension(filters).into_iter().filter_map(|(dimension, values)| {
        Some((column(dimension)?, values.into_iter().map(str::to_owned).collect()))
    })
}

/// The key of an event, from its column.
pub(super) fn key_of(bytes: &[u8]) -> Result<EventKey, StoreError> {
    bytes.try_into().map(EventKey).map_err(|_| StoreError::Unreadable {
        what: "event key",
        reason: format!("{} bytes long", bytes.len()),
    })
}
