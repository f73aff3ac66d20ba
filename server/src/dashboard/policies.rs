//! What the proxy's policies did.

use app::api::policies::{PoliciesQuestion, PolicyItem, PolicyReport};
use domain::time::rfc3339;
use vocabulary::{Filter, wording};

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

    /// The word of each policy, and what it did, in words: a browser that could make them would have to be sent that, too.
    pub(super) async fn answer_policies(
        &self,
        question: &PoliciesQuestion,
    ) -> Result<Vec<(String, String)>, StoreError> {
        let (from_ms, to_ms) = self.whole_bins(question.range);
        let PolicyReport { policies, .. } = self.read_policies(from_ms, to_ms, &question.filters).await?;
        Ok(policies.into_iter().map(|item| (item.policy.clone(), sentence(&item))).collect())
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

fn sentence(item: &PolicyItem) -> String {
    let mut parts = Vec::new();
    if let (Some(half), Some(most)) = (item.wait_p50_ms, item.wait_p99_ms) {
        let calls = wording::count(item.waited, "call");
        let (half, most) = (wording::span(half), wording::span(most));
        parts.push(format!("{calls} waited: half at most {half}, 99 % at most {most}"));
    }
    for (calls, what) in [
        (item.retries, "sent again"),
        (item.answered, "answered from the cache"),
        (item.refused, "refused"),
        (item.given_up, "given up by their callers"),
    ] {
        if calls > 0 {
            parts.push(format!("{} {what}", wording::exact(calls as f64)));
        }
    }
    parts.join(" · ")
}
