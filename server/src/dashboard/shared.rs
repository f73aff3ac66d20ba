//! Replies that many pages ask for at once: made once for each moment, and shared.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use app::api::{Question, Reply};
use tokio::sync::OnceCell;
use vocabulary::Problem;

/// Different questions whose replies are kept; more are asked of the store each by itself.
const MOST: usize = 256;

/// A moment: the recorder's revision, and the second. All that is answered in it is the same for everybody.
type Moment = (u64, i64);
type Shared = Arc<OnceCell<Result<Reply, Problem>>>;

/// The replies of one moment.
#[derive(Default)]
pub struct SharedReplies(Mutex<(Moment, HashMap<Question, Shared>)>);

impl SharedReplies {
    /// The reply to a question at a moment, made by whoever asks first, while all others wait for it. A question that is
    /// still being answered when a moment passes is answered as of then.
    pub async fn reply(
        &self,
        moment: Moment,
        question: Question,
        make: impl AsyncFnOnce(Question) -> Result<Reply, Problem>,
    ) -> Result<Reply, Problem> {
        match self.shared(moment, &question) {
            Some(shared) => shared.get_or_init(|| make(question)).await.clone(),
            None => make(question).await,
        }
    }

    fn shared(&self, moment: Moment, question: &Question) -> Option<Shared> {
        let mut kept = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (of, replies) = &mut *kept;
        if *of != moment {
            *of = moment;
            replies.clear();
        }
        match replies.get(question) {
            Some(shared) => Some(shared.clone()),
            None if replies.len() >= MOST => None,
            None => Some(replies.entry(question.clone()).or_default().clone()),
        }
    }
}
