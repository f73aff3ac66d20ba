//! What the proxy's policies did.

use app::api::policies::{PolicyItem, PolicyReport};
use domain::time::rfc3339;
use vocabulary::Filter;

use super::Dashboard;
use crate::store::{PolicyActions, StoreError};

impl Dashboard {
    /// What policies did from one time to another.
    pub async fn read_policies(
        &self,
        from_ms: i64,
        to_ms: i64,
        filters: &[Filter],
    ) -> Result<PolicyReport, StoreError> {
        let actions = self.store().policy_actions(from_ms, to_ms, filters).await?;
        let policies = actions.into_iter().map(item).collect();
        Ok(PolicyReport { from: rfc3339(from_ms), to: rfc3339(to_ms), policies })
    }
}

fn item(actions: PolicyActions) -> PolicyItem {
    let PolicyActions { policy, retries, answered, refused, given_up, waited, wait_p50_ms, wait_p99_ms } =
        actions;
    PolicyItem {
        policy: policy.word().to_owned(),
        retries,
        answered,
        refused,
        given_up,
        waited,
        wait_p50_ms,
        wait_p99_ms,
    }
}
