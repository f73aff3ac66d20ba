//! The answer on its way to the caller: the same bytes in the same order, while the call looks on.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use domain::usage::Outcome;
use hyper::body::{Body, Frame, SizeHint};

use super::call::Call;
use super::policy::cache::CacheEntry;
use super::upstream::Coming;

/// The body of an answer. When it is dropped before its end, so is the connection or the stream it comes from: the
/// API hears at once that nobody listens any more.
pub struct AnswerBody {
    from: Coming,
    call: Call,
    /// Where a copy is kept.
    place: Option<CacheEntry>,
}

impl AnswerBody {
    /// The answer to `call`, a copy of which may have a place in a cache.
    pub fn new(from: Coming, call: Call, place: Option<CacheEntry>) -> Self {
        let mut answer = AnswerBody { from, call, place };
        if answer.has_come() {
            answer.is_whole();
        }
        answer
    }

    fn passed(&mut self, bytes: &[u8]) {
        self.call.passed(bytes);
        if self.place.as_mut().is_some_and(|place| !place.passed(bytes)) {
            self.place = None;
        }
    }

    /// All of it has passed. Over HTTP/2 the end may be said in a frame of its own, behind as many bytes as were
    /// announced: nobody asks for that one.
    fn has_come(&self) -> bool {
        self.from.is_end_stream() || self.from.size_hint().exact() == Some(0)
    }

    fn is_whole(&mut self) {
        let end_ms = self.call.ended(Outcome::Complete);
        if let Some(place) = self.place.take() {
            place.keep(end_ms);
        }
    }
}

impl Body for AnswerBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let polled = Pin::new(&mut self.from).poll_frame(context);
        match &polled {
            Poll::Ready(Some(Ok(frame))) => {
                if let Some(bytes) = frame.data_ref() {
                    self.passed(bytes);
                }
                // Who writes a body of known length does not ask for its end.
                if self.has_come() {
                    self.is_whole();
                }
            }
            Poll::Ready(None) => self.is_whole(),
            Poll::Ready(Some(Err(_))) => {
                self.call.ended(Outcome::Interrupted);
            }
            Poll::Pending => {}
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.from.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.from.size_hint()
    }
}
