//! Which bucket or window of the provider a learned limit is of.

use sha2::{Digest, Sha256};

use super::limiter::Limiter;
use crate::limits::limit::LONGEST_NAME;
use crate::limits::pools::{Pools, SUBSCRIPTION};
use crate::limits::{Limit, Scope, Source};
use crate::usage::{Endpoints, Event};

/// Which bucket or window of the provider.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Place {
    /// The organization; empty when nothing tells.
    pub organization: String,
    /// The workspace; empty when nothing tells.
    pub workspace: String,
    /// What shares it.
    pub pool: String,
    pub limiter: Limiter,
}

/// What the ids of learned limits begin with.
const ID: &str = "lim_learned_";

impl Place {
    /// The one that a response to an event speaks of.
    pub(super) fn of(event: &Event, pools: &Pools, limiter: &Limiter) -> Self {
        Place {
            organization: event.dimensions.organization.clone(),
            workspace: event.dimensions.workspace.clone(),
            pool: match limiter {
                Limiter::Bucket(family) => pools.name(family.tier),
                Limiter::Window(_) => SUBSCRIPTION.to_owned(),
            },
            limiter: limiter.clone(),
        }
    }

    /// The id of its limit: the same on every machine and after every restart.
    pub fn limit_id(&self) -> String {
        let mut hash = Sha256::new();
        for part in [&self.organization, &self.workspace, &self.pool, &self.limiter.word()] {
            hash.update(part);
            hash.update([0]);
        }
        let hex: String = hash.finalize()[..10].iter().map(|byte| format!("{byte:02x}")).collect();
        format!("{ID}{hex}")
    }

    /// Whether an id is that of a limit that was learned.
    pub fn has_limit_id(limit_id: &str) -> bool {
        limit_id.starts_with(ID)
    }

    /// Its limit, as it is when it is met.
    pub(super) fn limit(&self, amount: i64) -> Limit {
        let kind = self.limiter.kind();
        let what = match &self.limiter {
            Limiter::Bucket(_) => kind.label.to_lowercase(),
            Limiter::Window(name) => format!("{} window", name.replace('_', " ")),
        };
        let mut name = format!("{}: {what}", self.pool);
        while name.len() > LONGEST_NAME {
            name.pop();
        }
        Limit {
            id: self.limit_id(),
            name,
            kind,
            amount,
            scope: Scope::Pool {
                organization: self.organization.clone(),
                workspace: self.workspace.clone(),
                pool: self.pool.clone(),
            },
            time_zone: None,
            warn_percent: 80,
            critical_percent: 100,
            source: Source::Learned,
            enabled: true,
            enforce: false,
            endpoints: Endpoints::default(),
            revision: 1,
        }
    }
}
