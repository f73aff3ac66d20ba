//! Putting stored events right, in one transaction: the event, its id, its rollups, and a note of it.

mod candidates;

use std::collections::BTreeSet;
use std::sync::LazyLock;

use async_trait::async_trait;
use domain::rollup::{Shape, series_id};
use domain::usage::EventKey;
use sqlx::{AssertSqlSafe, QueryBuilder, Row, Sqlite, Transaction};

use self::candidates::Candidates;
use super::bulk::Bulk;
use super::query::{from_events, key_of};
use super::rollup_changes::RollupChanges;
use super::series::{KnownSeries, Placed, shared};
use super::{SqliteStore, alerts, audit, events};
use crate::store::{
    Amended, Corrected, Correction, CorrectionJudge, Corrections, Entry, StoreError, StoredEvent,
};

static PLACES: LazyLock<Bulk> =
    LazyLock::new(|| Bulk::list("select event_key, at_ms from event_identity where event_key in", ""));

/// What the corrections of one transaction share.
struct Correcting<'a> {
    transaction: Transaction<'static, Sqlite>,
    known: &'a mut KnownSeries,
    rollups: RollupChanges,
    candidates: Candidates,
    /// Bytes of the notes that are written.
    noted_bytes: usize,
    /// How many these are.
    notes: i64,
    judge: &'a mut dyn CorrectionJudge,
}

#[async_trait]
impl Corrections for SqliteStore {
    async fn correct(
        &self,
        corrections: &[Correction],
        judge: &mut dyn CorrectionJudge,
    ) -> Result<Vec<Corrected>, StoreError> {
        let mut known = self.known_series.lock().await;
        known.reload_if_doubtful(&self.readers.own).await?;
        let transaction = self.begin().await?;
        let rollups = RollupChanges::default();
        let mut correcting = Correcting {
            transaction,
            known: &mut known,
            rollups,
            candidates: Candidates::default(),
            noted_bytes: 0,
            notes: 0,
            judge,
        };
        let written = async {
            correcting.look_up(corrections).await?;
            let mut fates = Vec::with_capacity(corrections.len());
            for correction in corrections {
                fates.push(correcting.correct(correction).await?);
            }
            correcting.end().await?;
            Ok(fates)
        };
        let written = written.await;
        if written.is_err() {
            known.doubt();
        }
        written
    }
}

impl Correcting<'_> {
    async fn correct(&mut self, correction: &Correction) -> Result<Corrected, StoreError> {
        let Some(mut found) = self.find(&correction.id, &correction.whose).await? else {
            return Ok(Corrected::Anywhere);
        };
        let Some(before) = found.pop() else { return Ok(Corrected::NotFound) };
        if !found.is_empty() {
            found.push(before);
            let projects = found.into_iter().map(|stored| stored.event.dimensions.project);
            return Ok(Corrected::Ambiguous(projects.collect::<BTreeSet<_>>().into_iter().collect()));
        }
        let after = (correction.amend)(&before);
        if let Some(entry) = &after {
            if entry.event == before.event {
                return Ok(Corrected::Unchanged);
            }
            if entry.key != before.key && !self.at(&[entry.key]).await?.is_empty() {
                return Ok(Corrected::Taken);
            }
        }
        self.remove(&before).await?;
        let after = match after {
            Some(entry) => Some(self.insert(entry).await?),
            None => None,
        };
        let note = self.judge.note(Amended { before, after });
        self.noted_bytes += note.bytes();
        self.notes += 1;
        audit::write(&mut self.transaction, &note).await?;
        Ok(Corrected::Changed)
    }

    /// The events with these keys.
    async fn at(&mut self, keys: &[EventKey]) -> Result<Vec<StoredEvent>, StoreError> {
        let mut places: Vec<(EventKey, i64)> = Vec::new();
        for (sql, piece) in PLACES.pieces(keys) {
            let mut query = sqlx::query(AssertSqlSafe(sql));
            for key in piece {
                query = query.bind(&key.0[..]);
            }
            for row in query.fetch_all(&mut *self.transaction).await? {
                places.push((key_of(&row.try_get::<Vec<u8>, _>(0)?)?, row.try_get(1)?));
            }
        }
        let mut found = Vec::new();
        for (key, at_ms) in places {
            let mut sql = events::whole();
            from_events(&mut sql, "", at_ms, at_ms.saturating_add(1), &[]);
            sql.push(" and e.event_key = ").push_bind(key.0.to_vec());
            let row = sql.build().fetch_optional(&mut *self.transaction).await?;
            found.extend(row.as_ref().map(events::from_row).transpose()?);
        }
        Ok(found)
    }

    /// Takes an event out. Its id stays known, and what was said first is remembered.
    async fn remove(&mut self, stored: &StoredEvent) -> Result<(), StoreError> {
        let (key, at_ms) = (&stored.key.0[..], stored.event.at_ms);
        sqlx::query(
            "update event_identity set first_digest = coalesce(first_digest, \
             (select digest from event where at_ms = ?1 and event_key = ?2)) where event_key = ?2",
        )
        .bind(at_ms)
        .bind(key)
        .execute(&mut *self.transaction)
        .await?;
        sqlx::query("delete from event where at_ms = ? and event_key = ?")
            .bind(at_ms)
            .bind(key)
            .execute(&mut *self.transaction)
            .await?;
        let place = self.place_of(stored).await?;
        self.rollups.take_out(stored, &place);
        Ok(())
    }

    /// Puts an event in whose id is known, or becomes so.
    async fn insert(&mut self, entry: Entry) -> Result<StoredEvent, StoreError> {
        sqlx::query(
            "insert into event_identity (event_key, at_ms) values (?, ?) \
             on conflict (event_key) do update set at_ms = excluded.at_ms",
        )
        .bind(&entry.key.0[..])
        .bind(entry.event.at_ms)
        .execute(&mut *self.transaction)
        .await?;
        let places = self.known.place(&mut self.transaction, &[&entry]).await?;
        events::insert(&mut self.transaction, &[&entry], &places).await?;
        let Entry { event, key, cost, .. } = entry;
        let stored = StoredEvent { key, event, cost };
        for place in &places {
            self.rollups.put_in(&stored, place);
        }
        self.candidates.add(&stored);
        Ok(stored)
    }

    /// Where a stored event is rolled up: the database says so, as others may have written beside this program.
    async fn place_of(&mut self, stored: &StoredEvent) -> Result<Placed, StoreError> {
        let own = |shape: Shape| series_id(shape, &stored.event.dimensions);
        let mut sql = QueryBuilder::new("select series_id from series where overflow and series_id in (");
        let mut list = sql.separated(", ");
        for shape in Shape::ALL {
            list.push_bind(own(*shape));
        }
        sql.push(")");
        let beyond: Vec<i64> = sql.build_query_scalar().fetch_all(&mut *self.transaction).await?;
        let rolled = Shape::ALL.iter().map(|shape| {
            let id = own(*shape);
            (*shape, if beyond.contains(&id) { shared(*shape).0 } else { id })
        });
        Ok(Placed { series_id: own(Shape::Cube), tagset_id: 0, rolled: rolled.collect() })
    }

    async fn end(mut self) -> Result<(), StoreError> {
        self.rollups.write(&mut self.transaction).await?;
        audit::prune(&mut self.transaction, self.notes, self.noted_bytes).await?;
        if self.notes > 0 {
            alerts::write(&mut self.transaction, &self.judge.alerts()).await?;
        }
        Ok(self.transaction.commit().await?)
    }
}
