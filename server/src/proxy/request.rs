//! The request on its way to the API: the same bytes, while what it asks for is read.
//!
//! Its beginning is kept for a moment, in case the connection it is sent over turns out to have been closed.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, Method, header};
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use tokio::sync::{Semaphore, SemaphorePermit};

use super::guard::guarded;
use super::meter::{Known, RequestReader};

/// What the body of a request says; shared by what sends it and what writes it down.
#[derive(Clone)]
pub struct RequestFacts(Arc<Mutex<Option<RequestReader>>>);

impl RequestFacts {
    /// Of a request with this head: only JSON that is sent says anything.
    pub fn new(method: &Method, headers: &HeaderMap) -> Self {
        let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
        let is_json = text(header::CONTENT_TYPE).is_some_and(|kind| kind.starts_with("application/json"));
        let reader =
            (method == Method::POST && is_json).then(|| RequestReader::new(text(header::CONTENT_ENCODING)));
        RequestFacts(Arc::new(Mutex::new(reader)))
    }

    /// Of a request that says nothing.
    pub fn none() -> Self {
        RequestFacts(Arc::default())
    }

    /// What is known so far.
    pub fn known(&self) -> Known {
        self.reader().as_ref().and_then(|reader| guarded(|| reader.known())).unwrap_or_default()
    }

    /// The next bytes of the body. A reader that cannot go on is given up; the bytes go on.
    pub fn passed(&self, bytes: &[u8]) {
        let mut place = self.reader();
        if let Some(reader) = &mut *place
            && guarded(|| reader.feed(bytes)).is_none()
        {
            *place = None;
        }
    }

    fn reader(&self) -> MutexGuard<'_, Option<RequestReader>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is kept of one body while it may have to be sent again, in bytes, and what is kept of all of them.
const MOST_KEPT_BYTES: usize = 8 << 20;
static ALL_KEPT_BYTES: Semaphore = Semaphore::const_new(64 << 20);

/// The body of a request on its way.
pub struct Sent {
    source: Source,
    /// Of the times the body is sent, which this is.
    turn: u32,
}

/// Where the body of a request comes from, each time it is sent. Only the last [`Sent`] of it reads on.
#[derive(Clone)]
pub struct Source(Arc<Mutex<Flow>>);

impl Sent {
    /// `body`, looked at as it is sent.
    pub fn new(body: Body, facts: RequestFacts) -> Self {
        Source::begin(Flow { body, facts: Some(facts), ..Flow::default() })
    }

    /// A body that has been looked at.
    pub fn known(body: Bytes) -> Self {
        let front = if body.is_empty() { Vec::new() } else { vec![body] };
        Source::begin(Flow { front, has_ended: true, ..Flow::default() })
    }

    /// Where it comes from.
    pub fn source(&self) -> Source {
        self.source.clone()
    }
}

impl Source {
    fn begin(flow: Flow) -> Sent {
        Sent { source: Source(Arc::new(Mutex::new(flow))), turn: 0 }
    }

    /// The same body from its beginning; nothing when that is not kept.
    pub fn again(&self) -> Option<Sent> {
        let mut flow = self.flow();
        if flow.is_forgotten {
            return None;
        }
        flow.turn += 1;
        flow.next = 0;
        Some(Sent { source: self.clone(), turn: flow.turn })
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
    /// The room that takes.
    room: Option<SemaphorePermit<'static>>,
    /// The first of it that is still to be sent this time.
    next: usize,
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
        let polled = Pin::new(&mut self.body).poll_frame(context);
        match &polled {
            Poll::Ready(Some(Ok(frame))) => match frame.data_ref() {
                Some(bytes) => {
                    if let Some(facts) = &self.facts {
                        facts.passed(bytes);
                    }
                    self.keep(bytes);
                }
                None => self.forget(),
            },
            Poll::Ready(Some(Err(_))) => self.forget(),
            Poll::Ready(None) => self.has_ended = true,
            Poll::Pending => {}
        }
        polled
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

impl HttpBody for Sent {
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
        flow.next >= flow.front.len() && (flow.has_ended || flow.body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        let flow = self.source.flow();
        let front: usize = flow.front[flow.next..].iter().map(Bytes::len).sum();
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

    fn sent(pieces: &[Bytes]) -> Sent {
        let pieces: Vec<_> = pieces.iter().cloned().map(Ok::<_, Infallible>).collect();
        Sent::new(Body::from_stream(stream::iter(pieces)), RequestFacts::none())
    }

    async fn rest(sent: Sent) -> Bytes {
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
                for mut first in [sent(&pieces), Sent::known(pieces.concat().into())] {
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
