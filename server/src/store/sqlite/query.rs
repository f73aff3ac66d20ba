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
    push_filters(sql, filters);
}

/// Goes on with what filters ask of a series and its tags. Of one dimension and kind all values are one list.
pub(super) fn push_filters(sql: &mut QueryBuilder<Sqlite>, filters: &[Filter]) {
    let mut lists: BTreeMap<(Dimension, bool), Vec<&str>> = BTreeMap::new();
    for Filter { dimension, value, is_excluded } in filters {
        lists.entry((*dimension, *is_excluded)).or_default().push(value);
    }
    for ((dimension, is_excluded), values) in lists {
        sql.push(" and ").push(value_of(dimension)).push(if is_excluded { " not in (" } else { " in (" });
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

/// The key of an event, from its column.
pub(super) fn key_of(bytes: &[u8]) -> Result<EventKey, StoreError> {
    bytes.try_into().map(EventKey).map_err(|_| StoreError::Unreadable {
        what: "event key",
        reason: format!("{} bytes long", bytes.len()),
    })
}
