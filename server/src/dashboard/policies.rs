//! What the proxy's policies did.

use app::api::policies::{Policies, PoliciesQuestion, PolicyItem};
use app::api::vocabulary::Filter;

use super::{Dashboard, rfc3339};
use crate::store::{PolicyActions, StoreError};

impl Dashboard {
    /// What policies did from one time to another.
    pub async fn read_policies(
        &self,
        from_ms: i64,
        to_ms: i64,
        filters: &[Filter],
    ) -> Result<Policies, StoreError> {
        let actions = self.store().policy_actions(from_ms, to_ms, filters).await?;
        let policies = actions.into_iter().map(item).collect();
        Ok(Policies { from: rfc3339(from_ms), to: rfc3339(to_ms), policies })
    }

    pub(super) async fn answer_policies(&self, question: &PoliciesQuestion) -> Result<Policies, StoreError> {
        let (from_ms, to_ms) = self.whole_bins(question.range);
        self.read_policies(from_ms, to_ms, &question.filters).await
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
