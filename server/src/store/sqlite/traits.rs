//! The store's traits, answered by the functions of the sibling files.

use std::collections::HashMap;

use async_trait::async_trait;
use domain::alert::machine::Instance;
use domain::limits::Limit;
use domain::limits::learned::{Change, Seen};
use domain::rollup::Grain;
use domain::usage::EventKey;
use sqlx::Row;
use vocabulary::{Filter, Measure, Severity};

use super::SqliteStore;
use super::busiest::BusiestWindows;
use super::policies::Done;
use super::remarks::RemarkedSince;
use super::runs::Gaps;
use super::throttled::LastThrottled;
use super::top::Top;
use crate::alert::outbox::Channel;
use crate::store::{
    AlertChanges, Alerts, Answers, Busiest, ChannelChange, ChannelRecord, CheckReport, DeliveryRecord, Entry,
    EventQuery, Fate, Judge, KEPT_REFUSALS, Ledger, Most, OutgoingMessage, PolicyActions, RefusalRecord,
    Registry, Remarked, SeriesQuery, SeriesRow, StoreError, StoredEvent, Throttled, ToldTransition,
    TopSeries, TransitionRecord,
};

#[async_trait]
impl Ledger for SqliteStore {
    async fn ingest(&self, batch: &[Entry], judge: &mut Judge<'_>) -> Result<Vec<Fate>, StoreError> {
        self.ingest_batch(batch, judge).await
    }

    async fn series(&self, query: &SeriesQuery) -> Result<Vec<SeriesRow>, StoreError> {
        self.read_series(query).await
    }

    async fn events(&self, query: &EventQuery) -> Result<Vec<StoredEvent>, StoreError> {
        self.read_events(query).await
    }

    async fn has_events(&self) -> Result<bool, StoreError> {
        let row = sqlx::query("select exists (select 1 from event)").fetch_one(&self.readers.own).await?;
        Ok(row.try_get(0)?)
    }

    async fn received_at_ms(&self, key: EventKey) -> Result<Option<i64>, StoreError> {
        let sql = "select e.received_at_ms from event_identity i \
                   join event e on e.at_ms = i.at_ms and e.event_key = i.event_key where i.event_key = ?";
        let row = sqlx::query(sql).bind(&key.0[..]).fetch_optional(&self.readers.own).await?;
        Ok(row.map(|row| row.try_get(0)).transpose()?)
    }

    async fn earliest_event(&self) -> Result<Option<StoredEvent>, StoreError> {
        self.read_earliest_event().await
    }

    async fn record_refusals(&self, refusals: &[RefusalRecord]) -> Result<(), StoreError> {
        let mut transaction = self.begin().await?;
        for refusal in refusals {
            sqlx::query(
                "insert into refusal (received_at_ms, api_key_public, code, message, items) values (?, ?, ?, ?, ?)",
            )
            .bind(refusal.received_at_ms)
            .bind(&refusal.api_key_public)
            .bind(&refusal.code)
            .bind(&refusal.message)
            .bind(i64::try_from(refusal.items).unwrap_or(i64::MAX))
            .execute(&mut *transaction)
            .await?;
        }
        sqlx::query("delete from refusal where refusal_id <= (select max(refusal_id) from refusal) - ?")
            .bind(KEPT_REFUSALS as i64)
            .execute(&mut *transaction)
            .await?;
        Ok(transaction.commit().await?)
    }

    async fn refusals(&self, since_ms: i64) -> Result<Vec<RefusalRecord>, StoreError> {
        let rows = sqlx::query(
            "select received_at_ms, api_key_public, code, message, items from refusal where received_at_ms >= ? \
             order by refusal_id desc",
        )
        .bind(since_ms)
        .fetch_all(&self.readers.own)
        .await?;
        rows.iter()
            .map(|row| {
                Ok(RefusalRecord {
                    received_at_ms: row.try_get(0)?,
                    api_key_public: row.try_get(1)?,
                    code: row.try_get(2)?,
                    message: row.try_get(3)?,
                    items: row.try_get::<i64, _>(4)?.unsigned_abs(),
                })
            })
            .collect()
    }

    async fn note_run(&self, from_ms: i64, to_ms: i64) -> Result<(), StoreError> {
        self.write_run(from_ms, to_ms).await
    }

    async fn check(&self) -> Result<CheckReport, StoreError> {
        self.run_check().await
    }

    async fn probe(&self) -> Result<(), StoreError> {
        self.write_probe().await
    }

    async fn foreign_writes(&self) -> Result<u64, StoreError> {
        // Changes when another connection than the writer has committed, and only then.
        let mut connection = self.write_connection().await?;
        let row = sqlx::query("pragma data_version").fetch_one(&mut *connection).await?;
        Ok(row.try_get::<i64, _>(0)?.unsigned_abs())
    }
}

#[async_trait]
impl Answers for SqliteStore {
    async fn top_series(&self, query: &SeriesQuery, most: Most) -> Result<TopSeries, StoreError> {
        self.readers.ask(&Top(query, most)).await
    }

    async fn busiest(
        &self,
        query: &SeriesQuery,
        window: Grain,
        of: &[Measure],
    ) -> Result<Vec<Busiest>, StoreError> {
        self.readers.ask(&BusiestWindows::new(query, window, of)).await
    }

    async fn last_throttled(
        &self,
        from_ms: i64,
        to_ms: i64,
        filters: &[Filter],
    ) -> Result<Option<Throttled>, StoreError> {
        self.readers.ask(&LastThrottled { from_ms, to_ms, filters }).await
    }

    async fn gaps(&self, from_ms: i64, to_ms: i64) -> Result<Vec<(i64, i64)>, StoreError> {
        self.readers.ask(&Gaps { from_ms, to_ms }).await
    }

    async fn page_of_events(&self, query: &EventQuery) -> Result<Vec<StoredEvent>, StoreError> {
        self.readers.ask(query).await
    }

    async fn policy_actions(
        &self,
        from_ms: i64,
        to_ms: i64,
        filters: &[Filter],
    ) -> Result<Vec<PolicyActions>, StoreError> {
        self.readers.ask(&Done { from_ms, to_ms, filters }).await
    }

    async fn remarked(&self, since_ms: i64) -> Result<Vec<Remarked>, StoreError> {
        self.readers.ask(&RemarkedSince(since_ms)).await
    }
}

#[async_trait]
impl Alerts for SqliteStore {
    async fn change_alerts(&self, changes: AlertChanges) -> Result<(), StoreError> {
        self.write_changes(&changes).await
    }

    async fn open_instances(&self) -> Result<Vec<Instance>, StoreError> {
        self.read_open_instances().await
    }

    async fn closed_instances(&self, now_ms: i64) -> Result<Vec<Instance>, StoreError> {
        self.read_closed_instances(now_ms).await
    }

    async fn transitions(
        &self,
        limit: u32,
        state: Option<Severity>,
    ) -> Result<Vec<ToldTransition>, StoreError> {
        self.read_transitions(limit, state).await
    }

    async fn transitions_until(&self, until_ms: i64, limit: u32) -> Result<Vec<ToldTransition>, StoreError> {
        self.read_transitions_until(until_ms, limit).await
    }

    async fn last_transition(&self, instance: &Instance) -> Result<Option<TransitionRecord>, StoreError> {
        self.read_last_transition(instance).await
    }

    async fn deliveries(&self, limit: u32) -> Result<Vec<DeliveryRecord>, StoreError> {
        self.read_deliveries(limit).await
    }

    async fn last_arrival_ms(&self) -> Result<Option<i64>, StoreError> {
        self.read_last_arrival_ms().await
    }

    async fn send_to(&self, channel_id: &str, message: OutgoingMessage) -> Result<(), StoreError> {
        self.write_message(channel_id, &message).await
    }

    async fn redeliver(&self, delivery_id: &str, new_id: &str, now_ms: i64) -> Result<bool, StoreError> {
        self.write_redelivery(delivery_id, new_id, now_ms).await
    }
}

#[async_trait]
impl Registry for SqliteStore {
    async fn limits(&self) -> Result<Vec<Limit>, StoreError> {
        self.read_limits().await
    }

    async fn put_limit(&self, limit: &Limit, now_ms: i64) -> Result<(), StoreError> {
        self.write_limit(limit, now_ms).await
    }

    async fn delete_limit(&self, id: &str) -> Result<bool, StoreError> {
        self.remove_limit(id).await
    }

    async fn learned(&self) -> Result<Vec<Seen>, StoreError> {
        self.read_learned().await
    }

    async fn limit_history(&self, limit_id: &str, most: usize) -> Result<Vec<Change>, StoreError> {
        self.read_limit_history(limit_id, most).await
    }

    async fn limit_histories(
        &self,
        limit_ids: &[&str],
        most: usize,
    ) -> Result<HashMap<String, Vec<Change>>, StoreError> {
        self.read_limit_histories(limit_ids, most).await
    }

    async fn channels(&self) -> Result<Vec<ChannelRecord>, StoreError> {
        self.read_channels().await
    }

    async fn put_channel(&self, channel: &Channel) -> Result<(), StoreError> {
        self.write_channel(channel).await
    }

    async fn change_channel(&self, id: &str, change: &ChannelChange) -> Result<bool, StoreError> {
        self.update_channel(id, change).await
    }

    async fn delete_channel(&self, id: &str) -> Result<bool, StoreError> {
        self.remove_channel(id).await
    }
}
