//! Events as reported: written once, read for lists and for dimensions that rollups do not keep.

use std::sync::LazyLock;

use domain::rollup::ROLLED_DIMENSIONS;
use domain::usage::{
    ApiFailure, Dimensions, EndpointClass, Event, Handling, NanoUsd, Outcome, Remarks, ServiceTier, Usage,
};
use sqlx::sqlite::SqliteRow;
use sqlx::{AssertSqlSafe, QueryBuilder, Row, Sqlite, SqliteConnection, Transaction};

use super::SqliteStore;
use super::bulk::Bulk;
use super::query::{column, from_events, key_of};
use super::readers::{Question, Weight};
use super::series::Placed;
use crate::store::{Entry, EventQuery, LONG_MS, StoreError, StoredEvent};

const COLUMNS: [&str; 36] = [
    "at_ms",
    "event_key",
    "series_id",
    "tagset_id",
    "digest",
    "id",
    "received_at_ms",
    "at_assigned",
    "duration_ms",
    "ttft_ms",
    "endpoint",
    "stream",
    "status",
    "error_kind",
    "error_code",
    "stop_reason",
    "max_tokens",
    "attempt",
    "input_tokens",
    "cache_write_5m_tokens",
    "cache_write_1h_tokens",
    "cache_read_tokens",
    "output_tokens",
    "web_search_requests",
    "iterations",
    "service_tier",
    "fast",
    "geo_us",
    "cost_nano_usd",
    "outcome",
    "estimated",
    "policies",
    "waited_ms",
    "answered_here",
    "remarks",
    "endpoint_class",
];

/// Columns before `id` say where an event is stored; the rest say what it was.
const FIRST_FACT: usize = 5;

static INSERT: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::new(&format!("insert into event ({}) values", COLUMNS.join(", ")), COLUMNS.len(), "")
});

pub(super) async fn insert(
    transaction: &mut Transaction<'static, Sqlite>,
    fresh: &[&Entry],
    places: &[Placed],
) -> Result<(), StoreError> {
    let mut rows: Vec<(&Entry, &Placed)> = fresh.iter().copied().zip(places).collect();
    rows.sort_unstable_by_key(|(entry, _)| (entry.event.at_ms, entry.key));
    for (sql, piece) in INSERT.pieces(&rows) {
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for (entry, place) in piece {
            let Entry { event, key, digest, cost, .. } = entry;
            let Event { usage, failure, .. } = event;
            let iterations = (!event.iterations.is_empty()).then(|| serde_json::to_string(&event.iterations));
            let remarks = (!event.remarks.is_empty()).then(|| serde_json::to_string(&event.remarks));
            query = query
                .bind(event.at_ms)
                .bind(&key.0[..])
                .bind(place.series_id)
                .bind(place.tagset_id)
                .bind(i64::from_be_bytes(*digest))
                .bind(&event.id)
                .bind(event.received_at_ms)
                .bind(event.at_assigned)
                .bind(event.duration_ms.map(to_i64))
                .bind(event.ttft_ms.map(to_i64))
                .bind(&event.endpoint)
                .bind(event.stream)
                .bind(event.status.map(i64::from))
                .bind(failure.as_ref().map(|failure| &failure.kind))
                .bind(failure.as_ref().map(|failure| &failure.code))
                .bind(&event.stop_reason)
                .bind(event.max_tokens.map(to_i64))
                .bind(i64::from(event.attempt))
                .bind(usage.input_tokens.map(to_i64))
                .bind(usage.cache_write_5m_tokens.map(to_i64))
                .bind(usage.cache_write_1h_tokens.map(to_i64))
                .bind(usage.cache_read_tokens.map(to_i64))
                .bind(usage.output_tokens.map(to_i64))
                .bind(to_i64(usage.web_search_requests))
                .bind(iterations.and_then(Result::ok))
                .bind(event.service_tier as i64)
                .bind(event.fast)
                .bind(event.geo_us)
                .bind(cost.map(|cost| cost.0))
                .bind(event.outcome as i64)
                .bind(event.estimated)
                .bind(i64::from(event.handling.policy_bits()))
                .bind(event.handling.waited_ms.map(to_i64))
                .bind(event.handling.answered_here)
                .bind(remarks.and_then(Result::ok))
                .bind(event.endpoint_class as i64);
        }
        query.execute(&mut **transaction).await?;
    }
    Ok(())
}

fn to_i64(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

impl SqliteStore {
    pub(super) async fn read_events(&self, query: &EventQuery) -> Result<Vec<StoredEvent>, StoreError> {
        query.answer(&mut *self.readers.own.acquire().await?).await
    }

    pub(super) async fn read_earliest_event(&self) -> Result<Option<StoredEvent>, StoreError> {
        let mut sql = whole();
        from_events(&mut sql, "", i64::MIN, i64::MAX, &[]);
        sql.push(" order by e.at_ms, e.event_key limit 1");
        sql.build().fetch_optional(&self.readers.own).await?.as_ref().map(from_row).transpose()
    }
}

impl Question for EventQuery {
    type Answer = Vec<StoredEvent>;

    fn weight(&self) -> Weight {
        // Without filters it reads no more than it answers.
        if self.filters.is_empty() { Weight::Light } else { Weight::Heavy }
    }

    async fn answer(&self, connection: &mut SqliteConnection) -> Result<Vec<StoredEvent>, StoreError> {
        let mut sql = whole();
        let index = if self.only_long { "indexed by event_long" } else { "" };
        from_events(&mut sql, index, self.from_ms, self.to_ms, &self.filters);
        if self.only_long {
            // Written out: SQLite uses an index of some rows only when it can see that these are among them.
            sql.push(" and e.duration_ms >= ").push(LONG_MS);
        }
        if let Some((at_ms, key)) = self.before {
            sql.push(" and (e.at_ms, e.event_key) < (").push_bind(at_ms).push(", ");
            sql.push_bind(key.0.to_vec()).push(")");
        }
        sql.push(" order by e.at_ms desc, e.event_key desc limit ").push_bind(i64::from(self.limit));
        let rows = sql.build().fetch_all(connection).await?;
        rows.iter().map(from_row).collect()
    }
}

/// Begins a query for all that [`from_row`] reads.
pub(super) fn whole() -> QueryBuilder<Sqlite> {
    let mut sql = QueryBuilder::new("select e.event_key, e.at_ms");
    for name in &COLUMNS[FIRST_FACT..] {
        sql.push(", e.").push(name);
    }
    for name in ROLLED_DIMENSIONS.into_iter().filter_map(column) {
        sql.push(", s.").push(name);
    }
    sql.push(", t.session, t.labels");
    sql
}

pub(super) fn from_row(row: &SqliteRow) -> Result<StoredEvent, StoreError> {
    let count = |name: &str| -> Result<Option<u64>, StoreError> {
        Ok(row.try_get::<Option<i64>, _>(name)?.map(i64::unsigned_abs))
    };
    let mut dimensions = Dimensions {
        session: row.try_get::<Option<String>, _>("session")?.unwrap_or_default(),
        ..Dimensions::default()
    };
    for dimension in ROLLED_DIMENSIONS {
        if let Some(column) = column(dimension) {
            *dimensions.get_mut(dimension) = row.try_get(column)?;
        }
    }
    if let Some(labels) = row.try_get::<Option<&str>, _>("labels")? {
        dimensions.labels = serde_json::from_str(labels)
            .map_err(|error| StoreError::Unreadable { what: "labels", reason: error.to_string() })?;
    }
    let iterations = match row.try_get::<Option<&str>, _>("iterations")? {
        None => Vec::new(),
        Some(text) => serde_json::from_str(text)
            .map_err(|error| StoreError::Unreadable { what: "iterations", reason: error.to_string() })?,
    };
    let failure = match row.try_get::<Option<String>, _>("error_kind")? {
        None => None,
        Some(kind) => Some(ApiFailure {
            kind,
            code: row.try_get::<Option<String>, _>("error_code")?.unwrap_or_default(),
        }),
    };
    let event = Event {
        id: row.try_get("id")?,
        at_ms: row.try_get("at_ms")?,
        at_assigned: row.try_get("at_assigned")?,
        received_at_ms: row.try_get("received_at_ms")?,
        duration_ms: count("duration_ms")?,
        ttft_ms: count("ttft_ms")?,
        endpoint: row.try_get("endpoint")?,
        stream: row.try_get("stream")?,
        status: row.try_get::<Option<i64>, _>("status")?.and_then(|status| u16::try_from(status).ok()),
        failure,
        stop_reason: row.try_get("stop_reason")?,
        max_tokens: count("max_tokens")?,
        attempt: row.try_get::<i64, _>("attempt")?.try_into().unwrap_or(u32::MAX),
        usage: Usage {
            input_tokens: count("input_tokens")?,
            cache_write_5m_tokens: count("cache_write_5m_tokens")?,
            cache_write_1h_tokens: count("cache_write_1h_tokens")?,
            cache_read_tokens: count("cache_read_tokens")?,
            output_tokens: count("output_tokens")?,
            web_search_requests: count("web_search_requests")?.unwrap_or(0),
        },
        iterations,
        service_tier: match row.try_get::<i64, _>("service_tier")? {
            1 => ServiceTier::Priority,
            2 => ServiceTier::Batch,
            _ => ServiceTier::Standard,
        },
        endpoint_class: EndpointClass::stored(row.try_get("endpoint_class")?),
        fast: row.try_get("fast")?,
        geo_us: row.try_get("geo_us")?,
        outcome: stored_outcome(row.try_get("outcome")?),
        estimated: row.try_get("estimated")?,
        handling: Handling::stored(
            row.try_get("policies")?,
            count("waited_ms")?,
            row.try_get("answered_here")?,
        ),
        dimensions,
        remarks: match row.try_get::<Option<&str>, _>("remarks")? {
            None => Remarks::default(),
            Some(text) => serde_json::from_str(text)
                .map_err(|error| StoreError::Unreadable { what: "remarks", reason: error.to_string() })?,
        },
    };
    Ok(StoredEvent {
        key: key_of(&row.try_get::<Vec<u8>, _>("event_key")?)?,
        event,
        cost: row.try_get::<Option<i64>, _>("cost_nano_usd")?.map(NanoUsd),
    })
}

/// What a newer program stored that this one does not know is taken for an ordinary end.
fn stored_outcome(number: i64) -> Outcome {
    usize::try_from(number).ok().and_then(|index| Outcome::ALL.get(index)).copied().unwrap_or_default()
}
