//! What policies did: counted from an index of the events that they did something with, which are few.

use domain::usage::{Handling, Policy};
use sqlx::{QueryBuilder, Row, SqliteConnection};
use vocabulary::Filter;

use super::query::from_events;
use super::readers::{Question, Weight};
use crate::store::{PolicyActions, StoreError};

const INDEX: &str = "indexed by event_policy";
/// Written out: SQLite uses an index of some rows only when it can see that these are among them.
const INDEXED: &str = " and e.policies > 0 and (e.policies <> 1 or e.waited_ms > 0 or e.answered_here = 1)";

/// A question for what policies did.
pub(super) struct Done<'a> {
    pub from_ms: i64,
    pub to_ms: i64,
    pub filters: &'a [Filter],
}

impl Question for Done<'_> {
    type Answer = Vec<PolicyActions>;

    fn weight(&self) -> Weight {
        Weight::Light
    }

    async fn answer(&self, connection: &mut SqliteConnection) -> Result<Vec<PolicyActions>, StoreError> {
        let mut all = Policy::ALL.map(PolicyActions::none);
        let mut sql = QueryBuilder::new("select e.policies, e.answered_here, e.status >= 400, count(*)");
        from_events(&mut sql, INDEX, self.from_ms, self.to_ms, self.filters);
        sql.push(INDEXED).push(" group by 1, 2, 3");
        for row in sql.build().fetch_all(&mut *connection).await? {
            let handling = Handling::stored(row.try_get(0)?, None, row.try_get(1)?);
            let is_refused: Option<bool> = row.try_get(2)?;
            let calls = row.try_get::<i64, _>(3)?.unsigned_abs();
            for policy in handling.policies() {
                let actions = &mut all[policy as usize];
                match (handling.answered_here, is_refused, policy) {
                    (false, _, Policy::Retry) => actions.retries += calls,
                    (true, Some(false), Policy::Cache) => actions.answered += calls,
                    (true, Some(true), policy) if policy.may_refuse() => actions.refused += calls,
                    (true, None, Policy::Queue) => actions.given_up += calls,
                    // A wait, which is read below, or another policy's doing.
                    _ => {}
                }
            }
        }
        let queue = &mut all[Policy::Queue as usize];
        (queue.waited, queue.wait_p50_ms, queue.wait_p99_ms) = self.waits(connection).await?;
        Ok(all.into_iter().filter(|actions| !actions.is_none()).collect())
    }
}

impl Done<'_> {
    /// How many calls waited, and what half and 99 of 100 of them waited at most, in milliseconds.
    async fn waits(
        &self,
        connection: &mut SqliteConnection,
    ) -> Result<(u64, Option<u64>, Option<u64>), StoreError> {
        let mut sql = QueryBuilder::new(
            "select count(*), min(wait_ms) filter (where place * 100 >= waits * 50), \
             min(wait_ms) filter (where place * 100 >= waits * 99) from (select e.waited_ms as wait_ms, \
             row_number() over (order by e.waited_ms) as place, count(*) over () as waits",
        );
        from_events(&mut sql, INDEX, self.from_ms, self.to_ms, self.filters);
        let mut queued = Handling::default();
        queued.note(Policy::Queue);
        sql.push(INDEXED).push(" and e.waited_ms > 0 and e.answered_here = 0 and e.policies & ");
        sql.push_bind(i64::from(queued.policy_bits())).push(" <> 0)");
        let row = sql.build().fetch_one(connection).await?;
        let wait = |index| -> Result<Option<u64>, StoreError> {
            Ok(row.try_get::<Option<i64>, _>(index)?.map(i64::unsigned_abs))
        };
        Ok((row.try_get::<i64, _>(0)?.unsigned_abs(), wait(1)?, wait(2)?))
    }
}
