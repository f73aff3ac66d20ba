//! Connections that only read, apart by whom they serve: nobody waits for what somebody else asks.
//!
//! Questions from outside have a budget of time. A light one begins on a lane for many; what is not answered there at
//! once, and what reads event by event, goes to the lane for heavy ones, where few are worked on at a time. When the time
//! is over, or whoever asked has gone, SQLite is told to stop (`sqlite3_progress_handler`), so that no work is done for
//! nobody.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use sqlx::sqlite::{SqliteConnectOptions, SqlitePool, SqlitePoolOptions};
use sqlx::{ConnectOptions, SqliteConnection};

use crate::store::StoreError;

/// A light question that is not answered so soon is a heavy one.
const LIGHT_MS: u64 = 300;
/// How long a question waits until one before it has been answered.
const WAIT: Duration = Duration::from_secs(10);
/// Heavy questions that are worked on at a time: the others' turn comes, and ingest goes on meanwhile.
const HEAVY_AT_A_TIME: u32 = 2;
const LIGHT_AT_A_TIME: u32 = 4;
/// A connection that nobody has asked anything of for so long is closed, and what it has remembered is given back.
const KEPT: Duration = Duration::from_secs(60);
/// How often SQLite asks whether to go on: some microseconds of work.
const OPERATIONS: i32 = 1_000;

/// A question from outside.
pub(super) trait Question: Sync {
    /// Its answer.
    type Answer: Send;

    /// Whether it is heavy from the start.
    fn weight(&self) -> Weight;

    /// Answers it, as often as it is asked.
    fn answer(
        &self,
        connection: &mut SqliteConnection,
    ) -> impl Future<Output = Result<Self::Answer, StoreError>> + Send;
}

/// How much work a question looks like.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Weight {
    /// It reads sums.
    Light,
    /// It reads event by event.
    Heavy,
}

/// The connections that only read.
pub(super) struct Readers {
    /// For what Tacho itself must know.
    pub(super) own: SqlitePool,
    /// For who is asking: keys and sessions.
    pub(super) access: SqlitePool,
    light: SqlitePool,
    heavy: SqlitePool,
    patience: Duration,
}

impl Readers {
    /// Connections with these options; a question from outside is worked on for `patience` at most.
    pub(super) async fn open(options: SqliteConnectOptions, patience: Duration) -> Result<Self, sqlx::Error> {
        let pool = |most: u32, cache: &'static str| {
            // Slow questions are bounded, and their SQL would fill the log.
            let options = options.clone().disable_statement_logging();
            let options = options.read_only(true).pragma("cache_size", cache).pragma("query_only", "1");
            let pool = SqlitePoolOptions::new().max_connections(most).acquire_timeout(WAIT);
            pool.idle_timeout(KEPT).connect_lazy_with(options)
        };
        let readers = Readers {
            own: pool(4, "-16384"),
            access: pool(2, "-2048"),
            light: pool(LIGHT_AT_A_TIME, "-16384"),
            heavy: pool(HEAVY_AT_A_TIME, "-16384"),
            patience,
        };
        // Now, rather than at the first question, is when to find out.
        readers.own.acquire().await?;
        Ok(readers)
    }

    /// Answers a question from outside, within its budget.
    pub(super) async fn ask<Q: Question>(&self, question: &Q) -> Result<Q::Answer, StoreError> {
        if question.weight() == Weight::Light {
            let patience = Duration::from_millis(LIGHT_MS).min(self.patience);
            match answer(&self.light, patience, question).await {
                Err(StoreError::OverBudget) => {}
                answered => return answered,
            }
        }
        answer(&self.heavy, self.patience, question).await
    }

    pub(super) fn set_patience(&mut self, patience: Duration) {
        self.patience = patience;
    }

    pub(super) async fn close(&self) {
        for pool in [&self.own, &self.access, &self.light, &self.heavy] {
            pool.close().await;
        }
    }
}

async fn answer<Q: Question>(
    lane: &SqlitePool,
    patience: Duration,
    question: &Q,
) -> Result<Q::Answer, StoreError> {
    let mut connection = lane.acquire().await.map_err(|error| match error {
        sqlx::Error::PoolTimedOut => StoreError::Crowded,
        error => error.into(),
    })?;
    let stop = Stop(Arc::default());
    let stopped = stop.0.clone();
    connection
        .lock_handle()
        .await?
        .set_progress_handler(OPERATIONS, move || !stopped.load(Ordering::Relaxed));
    let answered = tokio::time::timeout(patience, question.answer(&mut connection)).await;
    let Ok(answered) = answered else { return Err(StoreError::OverBudget) };
    connection.lock_handle().await?.remove_progress_handler();
    if question.weight() == Weight::Heavy {
        // What it was worked out in is of no use to the next.
        sqlx::query("pragma shrink_memory").execute(&mut *connection).await?;
    }
    answered
}

/// Tells SQLite to stop once it is dropped. The next question on the same connection takes another one.
struct Stop(Arc<AtomicBool>);

impl Drop for Stop {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Counts up to a number.
    struct Count {
        to: i64,
        weight: Weight,
    }

    impl Question for Count {
        type Answer = i64;

        fn weight(&self) -> Weight {
            self.weight
        }

        async fn answer(&self, connection: &mut SqliteConnection) -> Result<i64, StoreError> {
            let sql = "with recursive n (i) as (select 1 union all select i + 1 from n where i < ?) select max(i) from n";
            Ok(sqlx::query_scalar(sql).bind(self.to).fetch_one(connection).await?)
        }
    }

    const ENDLESS: i64 = i64::MAX;

    async fn readers(patience: Duration) -> (tempfile::TempDir, Readers) {
        let directory = tempfile::tempdir().expect("a directory");
        let path = directory.path().join("a.db");
        std::fs::write(&path, "").expect("a file");
        let readers = Readers::open(SqliteConnectOptions::new().filename(path), patience).await;
        (directory, readers.expect("connections"))
    }

    #[tokio::test]
    async fn a_question_ends_with_its_budget_and_leaves_its_place_to_the_next() {
        let (_directory, readers) = readers(Duration::from_millis(50)).await;
        for weight in [Weight::Light, Weight::Heavy] {
            // More of them than there are places.
            for _ in 0..5 {
                let answered = readers.ask(&Count { to: ENDLESS, weight }).await;
                assert!(matches!(answered, Err(StoreError::OverBudget)), "{answered:?}");
                assert_eq!(readers.ask(&Count { to: 5, weight }).await.expect("an answer"), 5);
            }
        }
    }

    #[tokio::test]
    async fn nobody_waits_for_what_is_asked_by_nobody_any_more() {
        let (_directory, readers) = readers(Duration::from_secs(3_600)).await;
        for _ in 0..5 {
            let endless = Count { to: ENDLESS, weight: Weight::Heavy };
            // Whoever asked goes away.
            let gone = tokio::time::timeout(Duration::from_millis(20), readers.ask(&endless)).await;
            assert!(gone.is_err());
        }
        assert_eq!(readers.ask(&Count { to: 5, weight: Weight::Heavy }).await.expect("an answer"), 5);
    }

    #[tokio::test]
    async fn what_is_not_answered_at_once_is_heavy() {
        let (_directory, readers) = readers(Duration::from_secs(60)).await;
        // On any machine longer than a light question may take, and shorter than a heavy one.
        let slow = Count { to: 20_000_000, weight: Weight::Light };
        assert_eq!(readers.ask(&slow).await.expect("an answer"), 20_000_000);
    }
}
