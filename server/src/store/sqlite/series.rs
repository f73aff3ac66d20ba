//! The dictionary of series and tag sets, and the cap on series.

use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

use domain::rollup::{Grain, ROLLED_DIMENSIONS, Shape, series_id};
use domain::usage::Dimensions;
use sha2::{Digest, Sha256};
use sqlx::sqlite::SqlitePool;
use sqlx::{AssertSqlSafe, Row, Sqlite, Transaction};

use super::bulk::Bulk;
use crate::store::{Entry, OVERFLOW, StoreError};

static SERIES: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::new(
        "insert into series (series_id, shape, overflow, model, project, feature, app_user, api_key, workspace, \
         organization) values",
        10,
        "on conflict (series_id) do nothing",
    )
});

static TAGSETS: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::new(
        "insert into tagset (tagset_id, session, labels) values",
        3,
        "on conflict (tagset_id) do nothing",
    )
});

/// Tag sets remembered so that they are not offered to the database again; the set starts anew when full.
const REMEMBERED_TAGSETS: usize = 20_000;

/// Shape, bucket and series of a row of a rollup.
pub(super) type RowKey = (u8, i64, i64);

/// Where one event is stored.
#[derive(Clone)]
pub(super) struct Placed {
    /// Series of the event itself.
    pub series_id: i64,
    /// Its tag set.
    pub tagset_id: i64,
    /// Series it is rolled up in, one per shape.
    pub rolled: Vec<(Shape, i64)>,
}

impl Placed {
    /// The rows of a grain's rollup that it is summed in.
    pub(super) fn rows(&self, grain: Grain, at_ms: i64) -> impl Iterator<Item = RowKey> {
        let bucket_ms = grain.bucket_start(at_ms);
        self.rolled.iter().map(move |(shape, series_id)| (shape.code(), bucket_ms, *series_id))
    }
}

/// Which series exist, so that each is offered to the database once.
pub(super) struct KnownSeries {
    /// Series id to whether it lies beyond the cap.
    overflow_of: HashMap<i64, bool>,
    /// Series that have rollups of their own.
    counted: usize,
    max_series: usize,
    tagsets: HashSet<i64>,
    doubtful: bool,
}

impl KnownSeries {
    pub(super) async fn load(pool: &SqlitePool, max_series: usize) -> Result<Self, StoreError> {
        let rows = sqlx::query("select series_id, overflow from series").fetch_all(pool).await?;
        let mut overflow_of: HashMap<i64, bool> = HashMap::with_capacity(rows.len());
        for row in rows {
            overflow_of.insert(row.try_get(0)?, row.try_get(1)?);
        }
        let counted = overflow_of.values().filter(|overflow| !**overflow).count();
        Ok(KnownSeries { overflow_of, counted, max_series, tagsets: HashSet::new(), doubtful: false })
    }

    /// Finds or makes the series and tag sets of new events.
    pub(super) async fn place(
        &mut self,
        transaction: &mut Transaction<'static, Sqlite>,
        fresh: &[&Entry],
    ) -> Result<Vec<Placed>, StoreError> {
        let mut new_series = Vec::new();
        let mut new_tagsets = Vec::new();
        // Events of a batch share their combinations: hash each once.
        let mut seen: HashMap<&Dimensions, Placed> = HashMap::new();
        let mut places = Vec::with_capacity(fresh.len());
        for entry in fresh {
            let dimensions = &entry.event.dimensions;
            if !seen.contains_key(dimensions) {
                let rolled = Shape::ALL
                    .iter()
                    .map(|shape| (*shape, self.rolled_in(*shape, dimensions, &mut new_series)))
                    .collect();
                let tagset_id = self.tagset(dimensions, &mut new_tagsets);
                let series_id = series_id(Shape::Cube, dimensions);
                seen.insert(dimensions, Placed { series_id, tagset_id, rolled });
            }
            places.push(seen[dimensions].clone());
        }
        write(transaction, &new_series, &new_tagsets).await?;
        Ok(places)
    }

    /// A transaction stored nothing: the series that were new in it do not exist after all.
    pub(super) fn doubt(&mut self) {
        self.doubtful = true;
    }

    /// Starts anew from what is stored, if that is in doubt.
    pub(super) async fn reload_if_doubtful(&mut self, pool: &SqlitePool) -> Result<(), StoreError> {
        if self.doubtful {
            *self = Self::load(pool, self.max_series).await?;
        }
        Ok(())
    }

    fn rolled_in(&mut self, shape: Shape, dimensions: &Dimensions, new: &mut Vec<NewSeries>) -> i64 {
        let kept = shape.keep(dimensions);
        let id = series_id(shape, dimensions);
        let overflow = match self.overflow_of.get(&id) {
            Some(overflow) => *overflow,
            None => {
                let overflow = self.counted >= self.max_series;
                self.learn(NewSeries { id, shape, overflow, values: kept }, new);
                overflow
            }
        };
        if !overflow {
            return id;
        }
        let (shared_id, values) = shared(shape);
        if !self.overflow_of.contains_key(&shared_id) {
            self.learn(NewSeries { id: shared_id, shape, overflow: false, values }, new);
        }
        shared_id
    }

    fn learn(&mut self, series: NewSeries, new: &mut Vec<NewSeries>) {
        self.overflow_of.insert(series.id, series.overflow);
        if !series.overflow {
            self.counted += 1;
        }
        new.push(series);
    }

    fn tagset(&mut self, dimensions: &Dimensions, new: &mut Vec<NewTagset>) -> i64 {
        if dimensions.session.is_empty() && dimensions.labels.is_empty() {
            return 0;
        }
        let labels = serde_json::to_string(&dimensions.labels).unwrap_or_default();
        let mut hash = Sha256::new();
        hash.update((dimensions.session.len() as u64).to_be_bytes());
        hash.update(&dimensions.session);
        hash.update(&labels);
        let mut first = [0; 8];
        first.copy_from_slice(&hash.finalize()[..8]);
        let id = i64::from_be_bytes(first) & i64::MAX;
        if self.tagsets.len() >= REMEMBERED_TAGSETS {
            self.tagsets.clear();
        }
        if self.tagsets.insert(id) {
            new.push(NewTagset { id, session: dimensions.session.clone(), labels });
        }
        id
    }
}

/// The series that sums what lies beyond the cap, and its values.
pub(super) fn shared(shape: Shape) -> (i64, Dimensions) {
    let mut shared = Dimensions::default();
    for dimension in ROLLED_DIMENSIONS {
        OVERFLOW.clone_into(shared.get_mut(dimension));
    }
    let values = shape.keep(&shared);
    (series_id(shape, &values), values)
}

struct NewSeries {
    id: i64,
    shape: Shape,
    overflow: bool,
    values: Dimensions,
}

struct NewTagset {
    id: i64,
    session: String,
    labels: String,
}

async fn write(
    transaction: &mut Transaction<'static, Sqlite>,
    series: &[NewSeries],
    tagsets: &[NewTagset],
) -> Result<(), StoreError> {
    for (sql, piece) in SERIES.pieces(series) {
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for new in piece {
            query = query.bind(new.id).bind(i64::from(new.shape.code())).bind(new.overflow);
            for dimension in ROLLED_DIMENSIONS {
                query = query.bind(new.values.get(dimension));
            }
        }
        query.execute(&mut **transaction).await?;
    }
    for (sql, piece) in TAGSETS.pieces(tagsets) {
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for new in piece {
            query = query.bind(new.id).bind(&new.session).bind(&new.labels);
        }
        query.execute(&mut **transaction).await?;
    }
    Ok(())
}
