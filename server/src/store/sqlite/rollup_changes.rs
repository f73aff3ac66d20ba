//! Rollups of events that are deleted or put right: what they counted is taken out, and what they count now put in.
//!
//! That is exact, and costs the same however many events a bucket holds. Where it would not be exact, because a sum has
//! stopped at [`Sums::LARGEST`], the row is summed anew from the events.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use domain::rollup::{Grain, Shape, Sums};
use sqlx::{AssertSqlSafe, QueryBuilder, Row, Sqlite, Transaction};

use super::bulk::Bulk;
use super::query::{column, from_events};
use super::rollups::{table, write};
use super::series::{Placed, RowKey, shared};
use super::sum_columns::{self, SUM_COLUMNS, SumColumn, of_columns, to_columns};
use crate::store::{StoreError, StoredEvent};

const GRAINS: [Grain; 3] = [Grain::Minute, Grain::Hour, Grain::Day];
/// The list of rows stands in a select of its own: only then does SQLite look each up by the primary key.
const THESE: &str = "where (shape, bucket_ms, series_id) in (select column1, column2, column3 from (values";

static READ: LazyLock<[Bulk; 3]> = LazyLock::new(|| {
    GRAINS.map(|grain| {
        let sums = sum_columns::names();
        let head = format!("select shape, bucket_ms, series_id, {sums} from {} {THESE}", table(grain));
        Bulk::new(&head, 3, "))")
    })
});

static WRITE: LazyLock<[Bulk; 3]> = LazyLock::new(|| {
    GRAINS.map(|grain| {
        let sums = sum_columns::names();
        let head = format!("insert into {} (shape, bucket_ms, series_id, {sums}) values", table(grain));
        let sums = SUM_COLUMNS.map(|SumColumn { name, .. }| format!("{name} = excluded.{name}")).join(", ");
        let tail = format!("on conflict (shape, bucket_ms, series_id) do update set {sums}");
        Bulk::new(&head, 3 + SUM_COLUMNS.len(), &tail)
    })
});

static DELETE: LazyLock<[Bulk; 3]> = LazyLock::new(|| {
    GRAINS.map(|grain| Bulk::new(&format!("delete from {} {THESE}", table(grain)), 3, "))"))
});

/// What is taken out of rows and put in, by grain and row.
#[derive(Default)]
pub(super) struct RollupChanges(BTreeMap<(usize, RowKey), Change>);

#[derive(Default)]
struct Change {
    out: Sums,
    put: Sums,
}

impl RollupChanges {
    /// An event counts no more.
    pub(super) fn take_out(&mut self, stored: &StoredEvent, place: &Placed) {
        self.note(stored, place, |change, sums| change.out.add(sums));
    }

    /// An event counts from now on.
    pub(super) fn put_in(&mut self, stored: &StoredEvent, place: &Placed) {
        self.note(stored, place, |change, sums| change.put.add(sums));
    }

    fn note(&mut self, stored: &StoredEvent, place: &Placed, add: impl Fn(&mut Change, &Sums)) {
        // What Tacho has answered itself is kept, and counts nowhere.
        if stored.event.handling.answered_here {
            return;
        }
        let sums = Sums::of(&stored.event, stored.cost);
        for (index, grain) in GRAINS.into_iter().enumerate() {
            for row in place.rows(grain, stored.event.at_ms) {
                add(self.0.entry((index, row)).or_default(), &sums);
            }
        }
    }

    /// Writes the rows, once the events are as they shall be.
    pub(super) async fn write(
        self,
        transaction: &mut Transaction<'static, Sqlite>,
    ) -> Result<(), StoreError> {
        let mut changes = self.0;
        for (index, grain) in GRAINS.into_iter().enumerate() {
            let later = changes.split_off(&(index + 1, (0, i64::MIN, i64::MIN)));
            let changed: Vec<(RowKey, Change)> =
                std::mem::replace(&mut changes, later).into_iter().map(|((_, row), it)| (row, it)).collect();
            let stored = read(transaction, index, &changed).await?;
            let (mut kept, mut empty) = (Vec::new(), Vec::new());
            for (row, change) in changed {
                let before = stored.get(&row).copied().unwrap_or_default();
                let sums = match change.apply(&before) {
                    Some(sums) => sums,
                    None => anew(transaction, grain, row).await?,
                };
                if sums == Sums::default() {
                    empty.push(row);
                } else {
                    kept.push((row, sums));
                }
            }
            write(transaction, &WRITE[index], &kept).await?;
            delete(transaction, index, &empty).await?;
        }
        Ok(())
    }
}

impl Change {
    /// The sums of a row after the change; nothing where that cannot be told from the sums before.
    fn apply(&self, before: &Sums) -> Option<Sums> {
        let (before, out, put) = (to_columns(before), to_columns(&self.out), to_columns(&self.put));
        let mut after = [0; SUM_COLUMNS.len()];
        for (index, sum) in after.iter_mut().enumerate() {
            if [before[index], out[index], put[index]].contains(&Sums::LARGEST) {
                return None;
            }
            // Each is below 2^56, so that this cannot overflow.
            *sum = (before[index] + put[index] - out[index]).min(Sums::LARGEST);
            if *sum < 0 {
                return None;
            }
        }
        let after = of_columns(after);
        (after.requests > 0 || after == Sums::default()).then_some(after)
    }
}

async fn read(
    transaction: &mut Transaction<'static, Sqlite>,
    grain: usize,
    changed: &[(RowKey, Change)],
) -> Result<BTreeMap<RowKey, Sums>, StoreError> {
    let mut stored = BTreeMap::new();
    for (sql, piece) in READ[grain].pieces(changed) {
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for ((shape, bucket_ms, series_id), _) in piece {
            query = query.bind(i64::from(*shape)).bind(bucket_ms).bind(series_id);
        }
        for row in query.fetch_all(&mut **transaction).await? {
            let shape = row.try_get::<i64, _>(0)?.try_into().unwrap_or(u8::MAX);
            stored.insert((shape, row.try_get(1)?, row.try_get(2)?), sum_columns::from_row(&row, 3)?);
        }
    }
    Ok(stored)
}

async fn delete(
    transaction: &mut Transaction<'static, Sqlite>,
    grain: usize,
    rows: &[RowKey],
) -> Result<(), StoreError> {
    for (sql, piece) in DELETE[grain].pieces(rows) {
        let mut query = sqlx::query(AssertSqlSafe(sql));
        for (shape, bucket_ms, series_id) in piece {
            query = query.bind(i64::from(*shape)).bind(bucket_ms).bind(series_id);
        }
        query.execute(&mut **transaction).await?;
    }
    Ok(())
}

/// Sums a row from its events.
async fn anew(
    transaction: &mut Transaction<'static, Sqlite>,
    grain: Grain,
    (shape_code, bucket_ms, series_id): RowKey,
) -> Result<Sums, StoreError> {
    let mut sql = QueryBuilder::new("select ");
    sql.push(SUM_COLUMNS.map(|column| column.of_events()).join(", "));
    from_events(&mut sql, "", bucket_ms, bucket_ms.saturating_add(grain.length_ms()), &[]);
    sql.push(" and e.answered_here = 0");
    // Those of the series itself; where it is shared, those of all that lie beyond the cap.
    let shape = Shape::ALL.iter().copied().find(|shape| shape.code() == shape_code);
    match shape {
        Some(Shape::Cube) => {
            sql.push(" and (e.series_id = ").push_bind(series_id);
            sql.push(" or (s.overflow and ").push_bind(shared(Shape::Cube).0 == series_id).push("))");
        }
        Some(shape @ Shape::By(dimension)) if let Some(column) = column(dimension) => {
            sql.push(format!(" and (s.{column} = (select {column} from series where series_id = "));
            sql.push_bind(series_id);
            sql.push(format!(") or s.{column} in (select {column} from series where overflow and shape = "));
            sql.push_bind(i64::from(shape_code)).push(" and ").push_bind(shared(shape).0 == series_id);
            sql.push("))");
        }
        _ => {}
    }
    let row = sql.build().fetch_one(&mut **transaction).await?;
    // Without any event the sums of some columns are null.
    if row.try_get::<i64, _>(0)? == 0 { Ok(Sums::default()) } else { sum_columns::from_row(&row, 0) }
}
