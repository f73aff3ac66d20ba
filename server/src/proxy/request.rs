//! The request on its way to the API: the same bytes, while what it asks for is read.
//!
//! Its beginning is kept for a moment, in case the connection it is sent over turns out to have been closed.

use std::pin::Pin;
use std::sync::{Arc, LazyLock, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, ready};
use std::thread::available_parallelism;
use std::time::Duration;

use axum::body::Body;
use bytes::Bytes;
use domain::meter::{Known, RequestReader};
use http::HeaderMap;
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use tokio::sync::{Semaphore, SemaphorePermit};
use tokio::task::spawn_blocking;
use tokio::time::timeout;

use super::asks::{Asks, Written};
use super::guard::guarded;

/// What the body of a request says; shared by what sends it and what writes it down.
#[derive(Clone, Default)]
pub struct RequestFacts(Arc<Mutex<Facts>>);

#[derive(Default)]
#[expect(clippy::large_enum_variant, reason = "nearly all are the large one")]
enum Facts {
    /// Nothing is read, or could be.
    #[default]
    Nothing,
    /// It is read as it passes.
    Passing(RequestReader, Written),
    /// It was there, and has been read.
    Read(Asks),
}

/// A body that is plain and not larger is read where it comes, in bytes: that takes less than handing it over.
const READ_AT_ONCE_BYTES: usize = 64 << 10;
/// Others are read on half of the cores at most: the rest goes on with what else there is to do. Those that have to be
/// inflated wait for one another alone.
static READING: LazyLock<Arc<Semaphore>> = LazyLock::new(half_of_the_cores);
static INFLATING: LazyLock<Arc<Semaphore>> = LazyLock::new(half_of_the_cores);
/// How long a body waits until it is read. Where that takes longer, it is not known what it asks for.
const WAIT: Duration = Duration::from_secs(5);

fn half_of_the_cores() -> Arc<Semaphore> {
    let cores = available_parallelism().map_or(1, usize::from);
    Arc::new(Semaphore::new((cores / 2).max(1)))
}

impl RequestFacts {
    /// Of a request with these headers, as the API is to see them.
    pub fn new(headers: &HeaderMap) -> Self {
        let written = Written::of(headers);
        let facts = match &written.encoding {
            Some(encoding) => Facts::Passing(RequestReader::new(Some(encoding)), written),
            None => Facts::Nothing,
        };
        RequestFacts(Arc::new(Mutex::new(facts)))
    }

    /// Of a request that says nothing.
    pub fn none() -> Self {
        RequestFacts::default()
    }

    /// What is known so far.
    pub fn known(&self) -> Known {
        match &*self.facts() {
            Facts::Nothing => Known::default(),
            Facts::Passing(reader, _) => guarded(|| reader.known()).unwrap_or_default(),
            Facts::Read(asks) => asks.known.clone(),
        }
    }

    /// What a body that was read whole asks for; of any other, it is not known.
    pub fn asks(&self) -> Asks {
        if let Facts::Read(asks) = &*self.facts() { asks.clone() } else { Asks::default() }
    }

    /// The next bytes of the body. A reader that cannot go on is given up; the bytes go on.
    pub fn passed(&self, bytes: &[u8]) {
        let mut facts = self.facts();
        if let Facts::Passing(reader, _) = &mut *facts
            && guarded(|| reader.feed(bytes)).is_none()
        {
            *facts = Facts::Nothing;
        }
    }

    /// Reads a body that is there. One that is large, or has to be inflated, does not hold up what else there is to do.
    pub async fn read(&self, body: &Bytes) {
        let written = match &*self.facts() {
            Facts::Passing(_, written) => written.clone(),
            Facts::Nothing | Facts::Read(_) => return,
        };
        let body = body.clone();
        let lane = if written.is_plain() { &READING } else { &INFLATING };
        let is_small = written.is_plain() && body.len() <= READ_AT_ONCE_BYTES;
        let read = move || guarded(|| Asks::of(&body, &written)).unwrap_or_default();
        let asks = match is_small {
            true => read(),
            false => match timeout(WAIT, Arc::clone(lane).acquire_owned()).await {
                Err(_) => Asks::default(),
                Ok(permit) => {
                    let beside = spawn_blocking(move || {
                        let _permit = permit;
                        read()
                    });
                    beside.await.unwrap_or_default()
                }
            },
        };
        *self.facts() = Facts::Read(asks);
    }

    /// How many bytes may be looked at at once.
    fn step_bytes(&self) -> usize {
        match &*self.facts() {
            Facts::Passing(_, written) if !written.is_plain() => INFLATED_AT_ONCE_BYTES,
            _ => usize::MAX,
        }
    }

    fn facts(&self) -> MutexGuard<'_, Facts> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// So much of an encoded body is looked at before other work has its turn, in bytes: it may inflate to hundreds of times
/// as much.
const INFLATED_AT_ONCE_BYTES: usize = 1 << 10;

/// What is kept of one body while it may have to be sent again, in bytes, and what is kept of all of them.
const MOST_KEPT_BYTES: usize = 8 << 20;
static ALL_KEPT_BYTES: Semaphore = Semaphore::const_new(64 << 20);

/// The body of a request on its way.
pub struct SentBody {
    source: BodySource,
    /// Of the times the body is sent, which this is.
    turn: u32,
}

/// Where the body of a request comes from, each time it is sent. Only the last [`SentBody`] of it reads on.
#[derive(Clone)]
pub struct BodySource(Arc<Mutex<Flow>>);

impl SentBody {
    /// `body`, looked at as it is sent.
    pub fn new(body: Body, facts: RequestFacts) -> Self {
        BodySource::begin(Flow { body, facts: Some(facts), ..Flow::default() })
    }

    /// A body that has been looked at.
    pub fn known(body: Bytes) -> Self {
        let front = if body.is_empty() { Vec::new() } else { vec![body] };
        BodySource::begin(Flow { front, has_ended: true, ..Flow::default() })
    }

    /// Where it comes from.
    pub fn source(&self) -> BodySource {
        self.source.clone()
    }
}

impl BodySource {
    fn begin(flow: Flow) -> SentBody {
        SentBody { source: BodySource(Arc::new(Mutex::new(flow))), turn: 0 }
    }

    /// The same body from its beginning; nothing when that is not kept.
    pub fn again(&self) -> Option<SentBody> {
        let mut flow = self.flow();
        if flow.is_forgotten {
            return None;
        }
        flow.turn += 1;
        flow.next = 0;
        Some(SentBody { source: self.clone(), turn: flow.turn })
    }

    /// It will not be sent again.
    pub fn forget(&self) {
        self.flow().forget();
    }

    fn flow(&self) -> MutexGuard<'_, Flow> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A body, and what has been read of it.
#[derive(Default)]
struct Flow {
    body: Body,
    has_ended: bool,
    /// Nothing when they are known already.
    facts: Option<RequestFacts>,
    /// What was read and is kept, or is still to be sent.
    front: Vec<Bytes>,
    room: Option<SemaphorePermit<'static>>,
    /// The first of it that is still to be sent this time.
    next: usize,
    /// What has come and is still being looked at, and how far.
    looked_at: Option<(Bytes, usize)>,
    /// The front does not begin where the body does.
    is_forgotten: bool,
    turn: u32,
}

impl Flow {
    fn poll_frame(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        if let Some(bytes) = self.front.get(self.next) {
            self.next += 1;
            return Poll::Ready(Some(Ok(Frame::data(bytes.clone()))));
        }
        if self.has_ended {
            return Poll::Ready(None);
        }
        let (bytes, seen) = match self.looked_at.take() {
            Some(looked_at) => looked_at,
            None => match ready!(Pin::new(&mut self.body).poll_frame(context)) {
                None => {
                    self.has_ended = true;
                    return Poll::Ready(None);
                }
                Some(frame) => match frame.map(Frame::into_data) {
                    Ok(Ok(bytes)) => (bytes, 0),
                    Ok(Err(other)) => {
                        self.forget();
                        return Poll::Ready(Some(Ok(other)));
                    }
                    Err(error) => {
                        self.forget();
                        return Poll::Ready(Some(Err(error)));
                    }
                },
            },
        };
        if let Some(facts) = &self.facts {
            let end = seen.saturating_add(facts.step_bytes()).min(bytes.len());
            facts.passed(bytes.get(seen..end).unwrap_or_default());
            if end < bytes.len() {
                self.looked_at = Some((bytes, end));
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
        }
        self.keep(&bytes);
        Poll::Ready(Some(Ok(Frame::data(bytes))))
    }

    fn keep(&mut self, bytes: &Bytes) {
        if self.is_forgotten {
            return;
        }
        let kept = self.room.as_ref().map_or(0, SemaphorePermit::num_permits);
        let fits = kept + bytes.len() <= MOST_KEPT_BYTES;
        let room = u32::try_from(bytes.len()).ok().filter(|_| fits);
        match room.and_then(|room| ALL_KEPT_BYTES.try_acquire_many(room).ok()) {
            Some(more) => {
                match &mut self.room {
                    Some(room) => room.merge(more),
                    room => *room = Some(more),
                }
                self.front.push(bytes.clone());
                self.next = self.front.len();
            }
            None => self.forget(),
        }
    }

    /// What has been sent is kept no longer.
    fn forget(&mut self) {
        self.is_forgotten = true;
        self.front.drain(..self.next);
        self.next = 0;
        if self.front.is_empty() {
            self.room = None;
        }
    }
}

impl HttpBody for SentBody {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let mut flow = self.source.flow();
        if flow.turn != self.turn {
            return Poll::Ready(Some(Err(axum::Error::new("the request is sent over another connection"))));
        }
        flow.poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        let flow = self.source.flow();
        let is_sent = flow.next >= flow.front.len() && flow.looked_at.is_none();
        is_sent && (flow.has_ended || flow.body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        let flow = self.source.flow();
        let looked_at = flow.looked_at.as_ref().map_or(0, |(bytes, _)| bytes.len());
        let front = looked_at + flow.front[flow.next..].iter().map(Bytes::len).sum::<usize>();
        let rest = if flow.has_ended { SizeHint::with_exact(0) } else { flow.body.size_hint() };
        let mut hint = SizeHint::new();
        hint.set_lower(rest.lower() + front as u64);
        if let Some(upper) = rest.upper() {
            hint.set_upper(upper + front as u64);
        }
        hint
    }
}

#[cfg(test)]
mod tests {
    use std::convert::Infallible;

    use futures::stream;
    use http_body_util::BodyExt;

    use super::*;

    fn sent(pieces: &[Bytes]) -> SentBody {
        let pieces: Vec<_> = pieces.iter().cloned().map(Ok::<_, Infallible>).collect();
        SentBody::new(Body::from_stream(stream::iter(pieces)), RequestFacts::none())
    }

    async fn rest(sent: SentBody) -> Bytes {
        sent.collect().await.expect("a body").to_bytes()
    }

    proptest::proptest! {
        #[test]
        fn what_is_sent_again_is_the_same(
            pieces in proptest::collection::vec(proptest::collection::vec(0..=u8::MAX, 1..50), 0..20),
            read in 0..25_usize,
            forgets in proptest::bool::ANY,
        ) {
            let pieces: Vec<Bytes> = pieces.into_iter().map(Bytes::from).collect();
            let runtime = tokio::runtime::Builder::new_current_thread().build().expect("a runtime");
            runtime.block_on(async {
                for mut first in [sent(&pieces), SentBody::known(pieces.concat().into())] {
                    let source = first.source();
                    for _ in 0..read {
                        first.frame().await;
                    }
                    let mut again = source.again().expect("it is kept");
                    assert!(first.frame().await.expect("an end").is_err(), "taken back");
                    if forgets {
                        again.frame().await;
                        source.forget();
                        assert!(source.again().is_none());
                        let front = rest(again).await;
                        assert!(pieces.concat().ends_with(&front));
                    } else {
                        assert_eq!(rest(again).await, pieces.concat());
                    }
                }
            });
        }
    }

    #[tokio::test]
    async fn what_is_too_large_is_sent_once_and_whole() {
        let piece = Bytes::from(vec![b'x'; MOST_KEPT_BYTES / 2]);
        let pieces = [piece.clone(), piece.clone(), piece];
        let first = sent(&pieces);
        let source = first.source();
        assert_eq!(rest(first).await.len(), pieces.concat().len());
        assert!(source.again().is_none());
    }
}
