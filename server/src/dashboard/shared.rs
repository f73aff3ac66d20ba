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

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use futures::future::{join_all, pending};
    use vocabulary::ProblemKind;

    use super::*;

    const NOW: Moment = (7, 1_000);

    fn of(number: u32) -> Result<Reply, Problem> {
        Ok(Reply::Policies(vec![("made".to_owned(), number.to_string())]))
    }

    #[tokio::test]
    async fn what_many_ask_at_one_moment_is_made_once() {
        let (shared, made) = (SharedReplies::default(), AtomicU32::new(0));
        let ask = async |moment, question| {
            let make = async |_| {
                let number = made.fetch_add(1, Ordering::Relaxed);
                tokio::task::yield_now().await;
                of(number)
            };
            shared.reply(moment, question, make).await
        };
        let replies = join_all((0..50).map(|_| ask(NOW, Question::Feed))).await;
        assert!(replies.iter().all(|reply| *reply == of(0)), "{replies:?}");
        // Another question, a later second, another revision: each is another reply.
        assert_eq!(ask(NOW, Question::Room).await, of(1));
        assert_eq!(ask(NOW, Question::Feed).await, of(0));
        assert_eq!(ask((7, 1_001), Question::Feed).await, of(2));
        assert_eq!(ask((8, 1_001), Question::Feed).await, of(3));
        assert_eq!(ask((8, 1_001), Question::Room).await, of(4));
    }

    #[tokio::test]
    async fn what_fails_is_tried_again_at_the_next_moment() {
        let shared = SharedReplies::default();
        let refused = async |_| Err(Problem::new(ProblemKind::Crowded, "too_many_questions", "later"));
        assert!(shared.reply(NOW, Question::Feed, refused).await.is_err());
        assert_eq!(shared.reply((7, 1_001), Question::Feed, async |_| of(1)).await, of(1));
    }

    #[tokio::test]
    async fn who_waits_takes_over_from_who_has_gone() {
        let shared = Arc::new(SharedReplies::default());
        let first = tokio::spawn({
            let shared = shared.clone();
            async move { shared.reply(NOW, Question::Feed, async |_| pending().await).await }
        });
        tokio::task::yield_now().await;
        let second = tokio::spawn({
            let shared = shared.clone();
            async move { shared.reply(NOW, Question::Feed, async |_| of(2)).await }
        });
        tokio::task::yield_now().await;
        assert!(!second.is_finished());
        first.abort();
        assert_eq!(second.await.expect("a reply"), of(2));
    }

    #[tokio::test]
    async fn questions_beyond_those_that_are_kept_are_answered_all_the_same() {
        let shared = SharedReplies::default();
        for number in 0..2 * u32::try_from(MOST).expect("a few") {
            let question = Question::Secret(Some(number.to_string()));
            assert_eq!(shared.reply(NOW, question, async |_| of(number)).await, of(number));
        }
        assert_eq!(shared.0.lock().expect("nobody has panicked").1.len(), MOST);
    }
}
