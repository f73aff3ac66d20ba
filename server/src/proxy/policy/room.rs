//! Room for the bodies of calls that are read whole: bounded together, since many of them may wait at once.
//!
//! Room is taken for what has come, not for what is announced, and given back by whoever stops sending.

use std::sync::Arc;
use std::time::Duration;

use axum::body::{Body, HttpBody};
use bytes::{Bytes, BytesMut};
use futures::{StreamExt, stream};
use http_body_util::BodyExt;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tokio::time::{Instant, timeout_at};
use tower_http::timeout::TimeoutBody;

/// Calls up to this size are read whole, in bytes: as large as the API takes messages.
const MOST_BYTES: u64 = 32 << 20;
/// What all of them may take together, in bytes.
const ALL_BYTES: usize = 256 << 20;
/// How long nothing of a body may come; and the time in which, until its end, a least of it has to.
const IDLE: Duration = Duration::from_secs(30);
/// That least, in bytes: 17 kbit/s. So no body keeps its room for longer than it takes to fill it at that pace.
const LEAST_BYTES: u64 = 64 << 10;

/// Room that is left.
pub struct BodyRoom(Arc<Semaphore>);

/// A body that has been read whole.
#[derive(Debug)]
pub struct Whole {
    pub body: Bytes,
    /// The room it takes, for as long as it is kept.
    pub room: Option<Arc<OwnedSemaphorePermit>>,
}

/// What has become of a body.
pub enum Collected {
    Whole(Whole),
    /// It is too large, or there is no room for it, or it breaks off: it passes as it comes, from its beginning.
    Passing(Body),
    /// It comes so slowly that it is given up.
    GivenUp,
}

impl Default for BodyRoom {
    fn default() -> Self {
        BodyRoom(Arc::new(Semaphore::new(ALL_BYTES)))
    }
}

impl BodyRoom {
    /// Reads a body whole, if it can.
    pub async fn collect(&self, mut body: Body) -> Collected {
        let Some(mut room) = self.take(0).filter(|_| body.size_hint().lower() <= MOST_BYTES) else {
            return passing(Read::default(), None, Ok(body));
        };
        let mut read = Read::default();
        let (mut since, mut before) = (Instant::now(), 0);
        loop {
            let next = timeout_at((since + IDLE).min(read.last + IDLE), body.frame()).await;
            let now = Instant::now();
            match next {
                Err(_) if now - read.last >= IDLE || read.length - before < LEAST_BYTES => {
                    return Collected::GivenUp;
                }
                Err(_) => (since, before) = (now, read.length),
                Ok(None) => {
                    return Collected::Whole(Whole { body: read.whole(), room: Some(Arc::new(room)) });
                }
                Ok(Some(Ok(frame))) => {
                    read.last = now;
                    let Ok(data) = frame.into_data() else { continue };
                    let more = self.take(data.len() as u64);
                    read.add(data);
                    match more.filter(|_| read.length <= MOST_BYTES) {
                        Some(more) => room.merge(more),
                        None => return passing(read, Some(room), Ok(body)),
                    }
                }
                // Who sends it has gone, or will hear of it from the API.
                Ok(Some(Err(error))) => return passing(read, Some(room), Err(error)),
            }
        }
    }

    fn take(&self, bytes: u64) -> Option<OwnedSemaphorePermit> {
        self.0.clone().try_acquire_many_owned(u32::try_from(bytes).ok()?).ok()
    }
}

/// A body with what was read of it at its front. Its room is given back when that has been sent on; and who then stops
/// sending is not waited for, since limits may be holding a place for the call.
fn passing(mut read: Read, room: Option<OwnedSemaphorePermit>, rest: Result<Body, axum::Error>) -> Collected {
    let rest = rest.map(|body| Body::new(TimeoutBody::new(IDLE, body)));
    let (rest, room) = match (rest, room) {
        (Ok(body), _) if read.length == 0 => return Collected::Passing(body),
        other => other,
    };
    let front = stream::iter([Ok(read.whole())]);
    let given_back = stream::iter(room).filter_map(|room| async move {
        drop(room);
        None
    });
    let rest = match rest {
        Ok(body) => body.into_data_stream().left_stream(),
        Err(error) => stream::iter([Err(error)]).right_stream(),
    };
    Collected::Passing(Body::from_stream(front.chain(given_back).chain(rest)))
}

/// What has come of a body. Most come in one piece, which is not copied.
struct Read {
    first: Bytes,
    all: BytesMut,
    length: u64,
    /// When the last of it came.
    last: Instant,
}

impl Default for Read {
    fn default() -> Self {
        Read { first: Bytes::new(), all: BytesMut::new(), length: 0, last: Instant::now() }
    }
}

impl Read {
    fn add(&mut self, data: Bytes) {
        self.length += data.len() as u64;
        if self.first.is_empty() && self.all.is_empty() {
            self.first = data;
            return;
        }
        let first = std::mem::take(&mut self.first);
        self.all.extend_from_slice(&first);
        self.all.extend_from_slice(&data);
    }

    fn whole(&mut self) -> Bytes {
        match self.all.is_empty() {
            true => std::mem::take(&mut self.first),
            false => std::mem::take(&mut self.all).freeze(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chunks(count: usize, bytes: usize) -> Body {
        let chunk = Bytes::from(vec![b'x'; bytes]);
        Body::from_stream(stream::iter((0..count).map(move |_| Ok::<_, std::io::Error>(chunk.clone()))))
    }

    async fn whole(room: &BodyRoom, body: Body) -> Whole {
        match room.collect(body).await {
            Collected::Whole(whole) => whole,
            Collected::Passing(_) => panic!("it passes"),
            Collected::GivenUp => panic!("it is given up"),
        }
    }

    async fn passes_whole(room: &BodyRoom, body: Body, bytes: usize) {
        let Collected::Passing(large) = room.collect(body).await else { panic!("it was read") };
        assert_eq!(large.collect().await.expect("all").to_bytes().len(), bytes);
    }

    #[tokio::test]
    async fn one_piece_is_not_copied_and_several_are_put_together() {
        let room = BodyRoom::default();
        let hello = Bytes::from(b"hello".to_vec());
        assert_eq!(whole(&room, Body::from(hello.clone())).await.body.as_ptr(), hello.as_ptr());
        assert_eq!(whole(&room, chunks(3, 5)).await.body, vec![b'x'; 15]);
        assert!(whole(&room, Body::empty()).await.body.is_empty());
    }

    #[tokio::test]
    async fn what_is_too_large_is_passed_on_whole() {
        let room = BodyRoom::default();
        passes_whole(&room, chunks(9, 5 << 20), 45 << 20).await;
        passes_whole(&room, Body::from(vec![b'x'; 33 << 20]), 33 << 20).await;
        assert_eq!(room.0.available_permits(), ALL_BYTES);
    }

    #[tokio::test]
    async fn bodies_take_no_more_than_there_is_room_for_and_give_it_back() {
        let room = BodyRoom::default();
        let mut kept = Vec::new();
        for _ in 0..8 {
            kept.push(whole(&room, Body::from(vec![b'x'; 32 << 20])).await);
        }
        assert_eq!(room.0.available_permits(), 0);
        passes_whole(&room, Body::from("hello"), 5).await;
        passes_whole(&room, chunks(2, 5), 10).await;
        kept.pop();
        assert_eq!(whole(&room, chunks(2, 5)).await.body.len(), 10);
    }

    /// So many bytes each so many seconds, for as many times.
    fn dripping(times: u32, every_s: u64, bytes: usize) -> Body {
        let chunk = Bytes::from(vec![b'x'; bytes]);
        Body::from_stream(stream::unfold((times, chunk), move |(left, chunk)| async move {
            tokio::time::sleep(Duration::from_secs(every_s)).await;
            let left = left.checked_sub(1)?;
            Some((Ok::<_, std::io::Error>(chunk.clone()), (left, chunk)))
        }))
    }

    #[tokio::test(start_paused = true)]
    async fn who_stops_sending_or_only_drips_is_given_up_and_takes_no_room() {
        let room = BodyRoom::default();
        let large = 8 << 20;
        for (body, given_up_s) in [
            (dripping(1, 31, 1), 30),
            (dripping(9, 29, 1), 30),
            // Much at first, and little then.
            (
                Body::from_stream(
                    chunks(1, large).into_data_stream().chain(dripping(99, 10, 1_000).into_data_stream()),
                ),
                60,
            ),
        ] {
            let began = Instant::now();
            assert!(matches!(room.collect(body).await, Collected::GivenUp));
            assert_eq!(began.elapsed().as_secs(), given_up_s);
            assert_eq!(room.0.available_permits(), ALL_BYTES);
        }
        // A slow line brings 20 MiB all the same.
        assert_eq!(whole(&room, dripping(160, 10, 128 << 10)).await.body.len(), 20 << 20);
        // Nothing is set aside for what was only announced.
        let mut waiting = Box::pin(room.collect(dripping(1, 20, 32 << 20)));
        assert!(futures::poll!(waiting.as_mut()).is_pending());
        assert_eq!(room.0.available_permits(), ALL_BYTES);
    }
}
