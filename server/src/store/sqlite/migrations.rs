//! The steps of the schema, in order. A new file of `migrations/` is listed here, and nowhere else.

use sqlx::SqlSafeStr;
use sqlx::migrate::{Migration, MigrationType, Migrator};

const STEPS: [(i64, &str, &str); 18] = [
    (1, "ledger", include_str!("../../../../migrations/0001_ledger.sql")),
    (2, "limits and alerts", include_str!("../../../../migrations/0002_limits_and_alerts.sql")),
    (3, "access", include_str!("../../../../migrations/0003_access.sql")),
    (4, "long requests", include_str!("../../../../migrations/0004_long_requests.sql")),
    (5, "failed attempts", include_str!("../../../../migrations/0005_failed_attempts.sql")),
    (6, "refused items", include_str!("../../../../migrations/0006_refused_items.sql")),
    (7, "calls", include_str!("../../../../migrations/0007_calls.sql")),
    (8, "learned limits", include_str!("../../../../migrations/0008_learned_limits.sql")),
    (9, "enforced limits", include_str!("../../../../migrations/0009_enforced_limits.sql")),
    (10, "remarks", include_str!("../../../../migrations/0010_remarks.sql")),
    (11, "endpoint classes", include_str!("../../../../migrations/0011_endpoint_classes.sql")),
    (12, "corrections", include_str!("../../../../migrations/0012_corrections.sql")),
    (13, "sealed secrets", include_str!("../../../../migrations/0013_sealed_secrets.sql")),
    (14, "learned sources", include_str!("../../../../migrations/0014_learned_sources.sql")),
    (15, "access", include_str!("../../../../migrations/0015_access.sql")),
    (16, "runs", include_str!("../../../../migrations/0016_runs.sql")),
    (17, "when alerts happened", include_str!("../../../../migrations/0017_when_alerts_happened.sql")),
    (18, "arrived messages", include_str!("../../../../migrations/0018_arrived_messages.sql")),
];

/// The newest step this program has.
pub(super) const NEWEST: i64 = STEPS[STEPS.len() - 1].0;

/// All steps. (The macro that collects a folder would compile SQLite a second time, for the build.)
pub(super) fn migrator() -> Migrator {
    let step = |(version, name, sql): (i64, &'static str, &'static str)| {
        Migration::new(version, name.into(), MigrationType::Simple, sql.into_sql_str(), false)
    };
    Migrator::with_migrations(STEPS.map(step).into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_is_a_step_and_steps_are_numbered_without_gaps() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../migrations");
        let files = std::fs::read_dir(folder).expect("the folder").flatten();
        let files = files.filter(|file| file.path().extension().is_some_and(|extension| extension == "sql"));
        assert_eq!(files.count(), STEPS.len());
        assert!(STEPS.iter().zip(1..).all(|(step, number)| step.0 == number));
    }
}
