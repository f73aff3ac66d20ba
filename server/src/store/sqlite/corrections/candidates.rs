//! Which events an id may mean whose project nobody says.
//!
//! An id is unique within a project, so it is looked for in each. All ids of a body are looked up at once, in
//! statements of many keys: one by one, thousands of ids in thousands of projects held up everybody for a minute.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use domain::usage::EventKey;
use sqlx::AssertSqlSafe;

use super::Correcting;
use crate::store::sqlite::bulk::Bulk;
use crate::store::sqlite::query::key_of;
use crate::store::{Correction, MOST_LOOKED_THROUGH, StoreError, StoredEvent, Whose};

static STORED: LazyLock<Bulk> = LazyLock::new(|| {
    Bulk::list(
        "select e.event_key from event_identity i \
         join event e on e.at_ms = i.at_ms and e.event_key = i.event_key where i.event_key in",
        "",
    )
});

/// What was found of the ids of one transaction.
#[derive(Default)]
pub(super) struct Candidates {
    /// The keys of the events with each id, in whatever project; of those deleted meanwhile, too.
    keys: BTreeMap<String, BTreeSet<EventKey>>,
    /// There are too many projects for so many ids.
    too_many: bool,
}

impl Candidates {
    /// An event is stored meanwhile, which a later item may mean.
    pub fn add(&mut self, stored: &StoredEvent) {
        if let Some(keys) = self.keys.get_mut(&stored.event.id) {
            keys.insert(stored.key);
        }
    }
}

/// The only key there is for an id of the API, or one that Tacho has assigned: the same in every project.
fn own_key(id: &str) -> Option<EventKey> {
    let key = EventKey::new("", id);
    (key == EventKey::new("any", id)).then_some(key)
}

impl Correcting<'_> {
    /// Looks up the ids that may mean events of any project.
    pub(super) async fn look_up(&mut self, corrections: &[Correction]) -> Result<(), StoreError> {
        let own = |correction: &Correction| match &correction.whose {
            Whose::RatherOf(project) => Some(EventKey::new(project, &correction.id)),
            Whose::Of(_) | Whose::Any => None,
        };
        let own_keys: Vec<EventKey> = corrections.iter().filter_map(own).collect();
        let in_own: BTreeSet<EventKey> = self.stored(&own_keys).await?.into_iter().collect();
        let is_open = |correction: &&Correction| match correction.whose {
            Whose::Of(_) => false,
            Whose::RatherOf(_) => own(correction).is_some_and(|key| !in_own.contains(&key)),
            Whose::Any => true,
        };
        let open = corrections.iter().filter(is_open).map(|correction| correction.id.as_str());
        self.look_everywhere(open.filter(|id| own_key(id).is_none()).collect()).await
    }

    async fn look_everywhere(&mut self, ids: BTreeSet<&str>) -> Result<(), StoreError> {
        if ids.is_empty() {
            return Ok(());
        }
        // Written out: SQLite uses an index of some rows only when it can see that these are among them.
        let projects: BTreeSet<String> = sqlx::query_scalar("select project from series where shape = 3")
            .fetch_all(&mut *self.transaction)
            .await?
            .into_iter()
            .collect();
        if projects.len().saturating_mul(ids.len()) > MOST_LOOKED_THROUGH {
            self.candidates.too_many = true;
            return Ok(());
        }
        let mut ids_of: BTreeMap<EventKey, &str> = BTreeMap::new();
        for project in &projects {
            ids_of.extend(ids.iter().map(|id| (EventKey::new(project, id), *id)));
        }
        self.candidates.keys.extend(ids.iter().map(|id| ((*id).to_owned(), BTreeSet::new())));
        let keys: Vec<EventKey> = ids_of.keys().copied().collect();
        for key in self.stored(&keys).await? {
            if let Some(keys) = ids_of.get(&key).and_then(|id| self.candidates.keys.get_mut(*id)) {
                keys.insert(key);
            }
        }
        Ok(())
    }

    /// The events that may be meant, more than one where the id alone does not tell; nothing if that would have to be
    /// looked for in too many projects.
    pub(super) async fn find(
        &mut self,
        id: &str,
        whose: &Whose,
    ) -> Result<Option<Vec<StoredEvent>>, StoreError> {
        if let Whose::Of(project) | Whose::RatherOf(project) = whose {
            let mut found = self.at(&[EventKey::new(project, id)]).await?;
            found.retain(|stored| stored.event.id == id && stored.event.dimensions.project == *project);
            if !found.is_empty() || matches!(whose, Whose::Of(_)) {
                return Ok(Some(found));
            }
        }
        if own_key(id).is_none() && !self.candidates.keys.contains_key(id) {
            if self.candidates.too_many {
                return Ok(None);
            }
            // It was in the project that was said until an item before this one.
            self.look_everywhere(BTreeSet::from([id])).await?;
        }
        let keys: Vec<EventKey> = match own_key(id) {
            Some(key) => vec![key],
            None => self.candidates.keys.get(id).into_iter().flatten().copied().collect(),
        };
        let mut found = self.at(&keys).await?;
        found.retain(|stored| stored.event.id == id);
        Ok(Some(found))
    }

    /// Those of the keys that an event has.
    async fn stored(&mut self, keys: &[EventKey]) -> Result<Vec<EventKey>, StoreError> {
        let mut stored = Vec::new();
        for (sql, piece) in STORED.pieces(keys) {
            let mut query = sqlx::query_scalar::<_, Vec<u8>>(AssertSqlSafe(sql));
            for key in piece {
                query = query.bind(&key.0[..]);
            }
            for key in query.fetch_all(&mut *self.transaction).await? {
                stored.push(key_of(&key)?);
            }
        }
        Ok(stored)
    }
}
