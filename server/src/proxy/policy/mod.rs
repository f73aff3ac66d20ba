//! What the proxy may do beyond passing calls on. Each policy is off until the configuration asks for it, for all
//! calls or for those of a project or a pool ([`enforce`]: until a limit is marked), and names itself in the header
//! `x-tacho-policy` of the answer.
//!
//! They act in this order: [`enforce`] and [`cooldown`] may refuse, [`cache`] may answer, [`queue`] may let the call
//! wait, and [`retry`] may send it again. A call that any of them looks after is read whole before it is sent, since
//! it may have to be sent twice. One that is too large for that, or comes while as many bytes are kept as may be
//! ([`room`]), passes as it comes: it is answered from no cache and sent once. Its model is then not known, so that it is
//! held against the limits on every model and the cooldown of every pool; a body is no way around either. Limits hold for
//! whatever may generate, such as the creation of a batch; the other policies look after what generates itself.
//!
//! To add a policy: a file here, its word in [`domain::usage::Policy`], and its place in [`Policies`].

pub mod asked;
pub mod cache;
pub mod cooldown;
pub mod credential;
pub mod enforce;
pub mod queue;
pub mod retry;
pub mod room;
pub mod rules;

use asked::PolicedCall;
use cache::Cache;
use cooldown::Cooldown;
use credential::{Credential, Credentials};
use enforce::Enforce;
use http::HeaderMap;
use queue::Queue;
use retry::Retry;
use room::BodyRoom;

use self::rules::{PolicyEntry, PolicyRule};

/// Every policy of the configuration.
#[derive(Default)]
pub struct Policies {
    credentials: Credentials,
    /// What limits that are enforced are told of calls that are open.
    pub enforce: Enforce,
    /// For bodies that are read whole.
    pub room: BodyRoom,
    cooldown: Vec<(Where, Cooldown)>,
    cache: Vec<(Where, Cache)>,
    queue: Vec<(Where, Queue)>,
    retry: Vec<(Where, Retry)>,
}

/// Which calls a policy looks after.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Where {
    /// The project; nothing for all.
    pub project: Option<String>,
    /// The pool; nothing for all.
    pub pool: Option<String>,
}

impl Where {
    fn covers(&self, asked: &PolicedCall) -> bool {
        let is_pool = |pool: &String| asked.pool.as_ref().is_none_or(|of_call| of_call == pool);
        asked.generates && self.is_for(&asked.project) && self.pool.as_ref().is_none_or(is_pool)
    }

    fn is_for(&self, project: &str) -> bool {
        self.project.as_ref().is_none_or(|wanted| wanted == project)
    }
}

impl Policies {
    /// The policies of a configuration.
    pub fn new(entries: &[PolicyEntry]) -> Self {
        let mut policies = Policies::default();
        for PolicyEntry { project, pool, rule, .. } in entries {
            let place = Where { project: project.clone(), pool: pool.clone() };
            match rule {
                PolicyRule::Cooldown(rule) => policies.cooldown.push((place, Cooldown::new(rule))),
                PolicyRule::Cache(rule) => policies.cache.push((place, Cache::new(rule))),
                PolicyRule::Queue(rule) => policies.queue.push((place, Queue::new(rule))),
                PolicyRule::Retry(rule) => policies.retry.push((place, Retry::new(rule))),
            }
        }
        policies
    }

    /// Whether any policy may look after a call of this project.
    pub fn may_cover(&self, project: &str) -> bool {
        let mut places = self
            .cooldown
            .iter()
            .map(|(place, _)| place)
            .chain(self.cache.iter().map(|(place, _)| place))
            .chain(self.queue.iter().map(|(place, _)| place))
            .chain(self.retry.iter().map(|(place, _)| place));
        places.any(|place| place.is_for(project))
    }

    /// Whose call it is, for what policies remember.
    pub fn credential(&self, headers: &HeaderMap) -> Option<Credential> {
        self.credentials.of(headers)
    }

    /// The cooldowns that a call keeps: the first that covers it, or where its pool is not known, each that may.
    pub fn cooldowns(&self, asked: &PolicedCall) -> impl Iterator<Item = &Cooldown> {
        let most = if asked.pool.is_some() { 1 } else { usize::MAX };
        let covering = self.cooldown.iter().filter(|(place, _)| place.covers(asked));
        covering.map(|(_, cooldown)| cooldown).take(most)
    }

    /// The cache for a call.
    pub fn cache(&self, asked: &PolicedCall) -> Option<&Cache> {
        first(&self.cache, asked)
    }

    /// The queue of a call.
    pub fn queue(&self, asked: &PolicedCall) -> Option<&Queue> {
        first(&self.queue, asked)
    }

    /// How a call is sent again.
    pub fn retry(&self, asked: &PolicedCall) -> Option<&Retry> {
        first(&self.retry, asked)
    }
}

/// The first of a kind that covers a call.
fn first<'a, T>(policies: &'a [(Where, T)], asked: &PolicedCall) -> Option<&'a T> {
    policies.iter().find(|(place, _)| place.covers(asked)).map(|(_, policy)| policy)
}
