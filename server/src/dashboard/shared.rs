//! Replies that many open pages ask for at once: made once for each moment, and shared. What takes long is shown as it was,
//! so that it holds up nothing else of its page.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use tokio::time::Instant;
use vocabulary::{Problem, ProblemKind};

/// How long a page waits for a reply, if it can be shown what was true before.
const PATIENCE: Duration = Duration::from_millis(250);
/// What was true before is shown for so long.
const LONGEST_OLD: Duration = Duration::from_secs(30);
/// Different questions whose replies are kept; others are asked of the store each by itself.
const MOST: usize = 256;

/// A moment: the recorder's revision, and the second. All that is answered in it is the same for everybody.
type Moment = (u64, i64);
type Made<A> = Result<A, Problem>;

/// The replies that open pages are given.
pub struct SharedReplies<Q, A>(Arc<Mutex<HashMap<Q, Kept<A>>>>);

impl<Q, A> Clone for SharedReplies<Q, A> {
    fn clone(&self) -> Self {
        SharedReplies(self.0.clone())
    }
}

impl<Q, A> Default for SharedReplies<Q, A> {
    fn default() -> Self {
        SharedReplies(Arc::default())
    }
}

/// What is kept of one question.
struct Kept<A> {
    /// The moment of the reply that is being made, or was made last.
    moment: Moment,
    /// That reply, once it is there.
    reply: watch::Receiver<Option<Made<A>>>,
    /// The latest that was no failure, and when it was there.
    before: Option<(A, Instant)>,
    asked: Instant,
}

impl<Q, A> SharedReplies<Q, A>
where
    Q: Clone + Eq + Hash + Send + 'static,
    A: Clone + Send + Sync + 'static,
{
    /// The reply to a question at a moment. Of each question one is made at a time, whoever asks and whoever goes.
    pub async fn reply<Making>(
        &self,
        moment: Moment,
        question: Q,
        make: impl Fn(Q) -> Making + Send + 'static,
    ) -> Made<A>
    where
        Making: Future<Output = Made<A>> + Send + 'static,
    {
        let asked = Instant::now();
        loop {
            let Some((of, mut reply)) = self.begun(moment, &question, &make) else {
                return make(question).await;
            };
            let made = async { reply.wait_for(Option::is_some).await.ok().and_then(|made| made.clone()) };
            let before = self.before(&question);
            let made = match &before {
                Some(before) => match tokio::time::timeout_at(asked + PATIENCE, made).await {
                    Ok(made) => made,
                    // Who asks next is told more.
                    Err(_) => return Ok(before.clone()),
                },
                None => made.await,
            };
            match made {
                // It was begun before what this page has heard of.
                Some(_) if !tells_all(of, moment) => {}
                Some(made) => return made,
                None => return Err(unmade()),
            }
        }
    }

    /// The reply that is being made to a question, and of which moment it is; it is begun now, unless another is.
    fn begun<Making>(
        &self,
        moment: Moment,
        question: &Q,
        make: &(impl Fn(Q) -> Making + Send + 'static),
    ) -> Option<(Moment, watch::Receiver<Option<Made<A>>>)>
    where
        Making: Future<Output = Made<A>> + Send + 'static,
    {
        let mut all = self.all();
        let now = Instant::now();
        if let Some(kept) = all.get_mut(question) {
            kept.asked = now;
            // One whose maker has failed will never be there.
            let is_over = kept.reply.borrow().is_some() || kept.reply.has_changed().is_err();
            if tells_all(kept.moment, moment) && kept.reply.borrow().is_some() || !is_over {
                return Some((kept.moment, kept.reply.clone()));
            }
        } else if all.len() >= MOST {
            all.retain(|_, kept| kept.asked.elapsed() < LONGEST_OLD);
            if all.len() >= MOST {
                return None;
            }
        }
        let (sender, reply) = watch::channel(None);
        let before = all.remove(question).and_then(|kept| kept.before);
        all.insert(question.clone(), Kept { moment, reply: reply.clone(), before, asked: now });
        drop(all);
        let (replies, making, question) = (self.clone(), make(question.clone()), question.clone());
        tokio::spawn(async move {
            let made = making.await;
            if let (Ok(made), Some(kept)) = (&made, replies.all().get_mut(&question)) {
                kept.before = Some((made.clone(), Instant::now()));
            }
            // Nobody may be waiting any more.
            let _ = sender.send(Some(made));
        });
        Some((moment, reply))
    }

    fn before(&self, question: &Q) -> Option<A> {
        let all = self.all();
        let (reply, there) = all.get(question)?.before.as_ref()?;
        (there.elapsed() < LONGEST_OLD).then(|| reply.clone())
    }

    fn all(&self) -> MutexGuard<'_, HashMap<Q, Kept<A>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a reply of one moment tells all that somebody has heard of who asks at another: of two who ask at once the one
/// may know of a revision that the other has not seen yet. A second that lies further ahead is of a clock that was set back.
fn tells_all(of: Moment, asked: Moment) -> bool {
    of.0 > asked.0 || of.0 == asked.0 && (asked.1..=asked.1 + 1).contains(&of.1)
}

/// Whoever was making it has failed, which the log tells.
fn unmade() -> Problem {
    Problem::new(ProblemKind::Internal, "unavailable", "Tacho could not answer this; see its log")
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU32, Ordering};

    use futures::future::join_all;

    use super::*;

    type Shared = SharedReplies<u32, u32>;

    const FEED: u32 = 1;
    const ROOM: u32 = 2;
    const NOW: Moment = (7, 1_000);
    const LATER: Moment = (8, 1_000);

    fn of(number: u32) -> Made<u32> {
        Ok(number)
    }

    /// Makes another reply each time, and takes as long for each.
    fn maker(
        after: Duration,
    ) -> impl Fn(u32) -> futures::future::BoxFuture<'static, Made<u32>> + Clone + Send {
        let made = Arc::new(AtomicU32::new(0));
        move |_| {
            let made = made.clone();
            Box::pin(async move {
                let number = made.fetch_add(1, Ordering::Relaxed);
                tokio::time::sleep(after).await;
                of(number)
            })
        }
    }

    #[tokio::test(start_paused = true)]
    async fn what_many_ask_at_one_moment_is_made_once() {
        let (shared, make) = (Shared::default(), maker(Duration::from_millis(10)));
        let replies = join_all((0..50).map(|_| shared.reply(NOW, FEED, make.clone()))).await;
        assert!(replies.iter().all(|reply| *reply == of(0)), "{replies:?}");
        // Another question, a later second, another revision: each is another reply.
        assert_eq!(shared.reply(NOW, ROOM, make.clone()).await, of(1));
        assert_eq!(shared.reply(NOW, FEED, make.clone()).await, of(0));
        assert_eq!(shared.reply((7, 1_001), FEED, make.clone()).await, of(2));
        assert_eq!(shared.reply(LATER, FEED, make.clone()).await, of(3));
        // Who has not heard of that yet is told it, too, and it stays.
        assert_eq!(shared.reply(NOW, FEED, make.clone()).await, of(3));
        assert_eq!(shared.reply(LATER, FEED, make.clone()).await, of(3));
        // The clock was set back.
        assert_eq!(shared.reply((8, 400), FEED, make.clone()).await, of(4));
    }

    #[tokio::test(start_paused = true)]
    async fn who_has_heard_of_more_is_not_told_what_was_begun_before() {
        let (shared, make) = (Shared::default(), maker(Duration::from_millis(20)));
        let first = tokio::spawn({
            let (shared, make) = (shared.clone(), make.clone());
            async move { shared.reply(NOW, FEED, make).await }
        });
        tokio::time::sleep(Duration::from_millis(10)).await;
        assert_eq!(shared.reply(LATER, FEED, make).await, of(1));
        assert_eq!(first.await.expect("a reply"), of(0));
    }

    #[tokio::test(start_paused = true)]
    async fn what_takes_long_is_shown_as_it_was_and_made_all_the_same() {
        let shared = Shared::default();
        assert_eq!(shared.reply(NOW, FEED, maker(Duration::ZERO)).await, of(0));
        let slow = maker(Duration::from_secs(3));
        let begun = Instant::now();
        assert_eq!(shared.reply(LATER, FEED, slow.clone()).await, of(0));
        assert_eq!(begun.elapsed(), PATIENCE);
        // Nobody waits for it, and it is there.
        tokio::time::sleep(Duration::from_secs(3)).await;
        let new = |_| async { Ok(9) };
        assert_eq!(shared.reply(LATER, FEED, new).await, of(0), "the first of the slow ones");
        // Nothing is shown that is older than half a minute: then it is waited for.
        tokio::time::sleep(LONGEST_OLD).await;
        let begun = Instant::now();
        assert_eq!(shared.reply((9, 1_040), FEED, slow).await, of(1));
        assert_eq!(begun.elapsed(), Duration::from_secs(3));
    }

    #[tokio::test(start_paused = true)]
    async fn what_fails_is_tried_again_at_the_next_moment_and_so_is_what_breaks_down() {
        let shared = Shared::default();
        let refused = |_| async { Err(Problem::new(ProblemKind::Crowded, "too_many_questions", "later")) };
        assert!(shared.reply(NOW, FEED, refused).await.is_err());
        assert_eq!(shared.reply(LATER, FEED, maker(Duration::ZERO)).await, of(0));
        let breaks = |_| async { panic!("a mistake") };
        let broken = shared.reply(NOW, ROOM, breaks).await.expect_err("it has broken down");
        assert_eq!(broken.kind, ProblemKind::Internal);
        assert_eq!(shared.reply(NOW, ROOM, maker(Duration::ZERO)).await, of(0));
    }

    #[tokio::test(start_paused = true)]
    async fn questions_beyond_those_that_are_kept_are_answered_all_the_same() {
        let (shared, make) = (Shared::default(), maker(Duration::ZERO));
        let ask = |number: usize| shared.reply(NOW, 1_000 + number as u32, make.clone());
        for number in 0..2 * MOST {
            assert_eq!(ask(number).await, of(u32::try_from(number).expect("a few")));
        }
        assert_eq!(shared.all().len(), MOST);
        // Those that nobody asks any more make room.
        tokio::time::sleep(LONGEST_OLD).await;
        let _ = ask(5_000).await;
        assert_eq!(shared.all().len(), 1);
    }
}
