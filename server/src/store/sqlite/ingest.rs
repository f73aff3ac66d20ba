//! Storing a batch: which events are new, their facts, their rollups, and what they change about alerts, all
//! in one transaction.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use domain::usage::EventKey;
use sqlx::{AssertSqlSafe, Row, Sqlite, Transaction};

use super::bulk::Bulk;
use super::query::key_of;
use super::{SqliteStore, alerts, events, rollups};
use crate::store::{Entry, Fate, Judge, Remembered, StoreError};

static CLAIM: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::new(
        "insert into event_identity (event_key, at_ms) values",
        2,
        "on conflict (event_key) do nothing returning event_key",
    )
});

static DIGESTS: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::list(
        "select i.event_key, e.digest, i.first_digest from event_identity i \
         left join event e on e.at_ms = i.at_ms and e.event_key = i.event_key where i.event_key in",
        "",
    )
});

impl SqliteStore {
    pub(super) async fn ingest_batch(
        &self,
        batch: &[Entry],
        judge: &mut Judge<'_>,
    ) -> Result<Vec<Fate>, StoreError> {
        let mut known = self.known_series.lock().await;
        known.reload_if_doubtful(&self.readers.own).await?;
        let mut transaction = self.begin().await?;

        let (fates, fresh) = claim(&mut transaction, batch).await?;
        if !fresh.is_empty() {
            let written = async {
                let places = known.place(&mut transaction, &fresh).await?;
                events::insert(&mut transaction, &fresh, &places).await?;
                // What Tacho has answered itself is kept, and counts nowhere.
                let counted = fresh.iter().copied().zip(places);
                let (counted, places): (Vec<&Entry>, Vec<_>) =
                    counted.filter(|(entry, _)| !entry.event.handling.answered_here).unzip();
                rollups::add(&mut transaction, &counted, &places).await?;
                let changes = judge(&counted);
                alerts::write(&mut transaction, &changes).await?;
                Ok(transaction.commit().await?)
            };
            if let Err(error) = written.await {
                known.doubt();
                return Err(error);
            }
        }
        Ok(fates)
    }
}

/// Claims the ids of a batch: the fate of every entry, and the entries that are new.
async fn claim<'a>(
    transaction: &mut Transaction<'static, Sqlite>,
    batch: &'a [Entry],
) -> Result<(Vec<Fate>, Vec<&'a Entry>), StoreError> {
    // Within a batch the first entry of an id counts.
    let mut first_of: HashMap<EventKey, usize> = HashMap::with_capacity(batch.len());
    for (index, entry) in batch.iter().enumerate() {
        first_of.entry(entry.key).or_insert(index);
    }
    let mut firsts: Vec<&Entry> = first_of.values().map(|index| &batch[*index]).collect();
    firsts.sort_unstable_by_key(|entry| entry.key);

    let mut claimed: HashSet<EventKey> = HashSet::with_capacity(firsts.len());
    for (sql, piece) in CLAIM.pieces(&firsts) {
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for entry in piece {
            query = query.bind(&entry.key.0[..]).bind(entry.event.at_ms);
        }
        for row in query.fetch_all(&mut **transaction).await? {
            claimed.insert(key_of(&row.try_get::<Vec<u8>, _>(0)?)?);
        }
    }

    let known: Vec<EventKey> =
        firsts.iter().map(|entry| entry.key).filter(|key| !claimed.contains(key)).collect();
    let mut remembered: HashMap<EventKey, Remembered> = HashMap::with_capacity(known.len());
    for (sql, piece) in DIGESTS.pieces(&known) {
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for key in piece {
            query = query.bind(&key.0[..]);
        }
        for row in query.fetch_all(&mut **transaction).await? {
            let digest = |index| row.try_get::<Option<i64>, _>(index).map(|it| it.map(i64::to_be_bytes));
            let said = Remembered { stored: digest(1)?, first: digest(2)? };
            remembered.insert(key_of(&row.try_get::<Vec<u8>, _>(0)?)?, said);
        }
    }

    let mut fates = Vec::with_capacity(batch.len());
    let mut fresh = Vec::with_capacity(claimed.len());
    for (index, entry) in batch.iter().enumerate() {
        let first = first_of[&entry.key];
        fates.push(if claimed.contains(&entry.key) {
            if first == index {
                fresh.push(entry);
                Fate::Accepted
            } else {
                Remembered::now(batch[first].digest).fate(entry.digest)
            }
        } else {
            remembered.get(&entry.key).copied().unwrap_or_default().fate(entry.digest)
        });
    }
    Ok((fates, fresh))
}
