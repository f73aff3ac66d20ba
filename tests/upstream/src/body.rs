//! The body of an answer on its way out. It is a state machine without a task of its own, so that it is dropped,
//! and its exchange ends, the moment the connection goes.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Frame, SizeHint};
use serde_json::Value;
use tokio::time::Sleep;

use crate::answer::{Answer, Cut, Step};
use crate::encoding::{Encoder, Encoding};
use crate::exchange::{Outcome, Recording};
use crate::state::State;

/// More is sent in pieces, so that a client that goes amid a large answer is noticed.
const PIECE: usize = 16 << 10;

/// Sends the steps of an answer.
pub(crate) struct Body {
    state: Arc<State>,
    answer: Answer,
    /// Nothing once the encoding has ended.
    encoder: Option<Encoder>,
    identity: bool,
    /// Encoded and not sent yet.
    ready: Bytes,
    /// Complete once `ready` is sent.
    usage: Option<Value>,
    sent: usize,
    wait: Option<Pin<Box<Sleep>>>,
    /// Gives the connection one turn to write what it holds before it breaks.
    turned: bool,
    recording: Option<Recording>,
    /// Tells the socket to reset the connection.
    reset: Arc<AtomicBool>,
}

impl Body {
    pub fn new(
        state: Arc<State>,
        answer: Answer,
        encoding: Encoding,
        recording: Option<Recording>,
        reset: Arc<AtomicBool>,
    ) -> Self {
        let encoder = (!answer.steps.is_empty()).then(|| encoding.encoder());
        let mut body = Body {
            state,
            answer,
            encoder,
            identity: encoding == Encoding::Identity,
            ready: Bytes::new(),
            usage: None,
            sent: 0,
            wait: None,
            turned: false,
            recording,
            reset,
        };
        body.end_if_done();
        body
    }

    fn done(&self) -> bool {
        self.ready.is_empty() && self.encoder.is_none()
    }

    /// An answer without a body is never asked for one.
    fn end_if_done(&mut self) {
        if self.done() {
            self.end(Outcome::Complete);
        }
    }

    fn end(&mut self, outcome: Outcome) {
        if let Some(recording) = &mut self.recording {
            recording.end(outcome);
        }
    }

    /// How many bytes may still be sent before the connection breaks.
    fn cut_in(&self) -> Option<usize> {
        self.answer.cut.map(|cut: Cut| cut.after.saturating_sub(self.sent))
    }

    /// Sends a piece of what is ready.
    fn piece(&mut self) -> Bytes {
        let most = self.cut_in().unwrap_or(PIECE).min(PIECE).min(self.ready.len());
        let piece = self.ready.split_to(most);
        self.sent += piece.len();
        if let Some(recording) = &mut self.recording {
            recording.sent(&piece);
            if self.ready.is_empty()
                && let Some(usage) = self.usage.take()
            {
                recording.note(|exchange| exchange.usage = Some(usage));
            }
        }
        self.end_if_done();
        piece
    }

    /// Encodes the bytes of a step; the last step ends the encoding.
    fn encode(&mut self, bytes: &Bytes) -> io::Result<()> {
        if self.identity {
            self.ready = bytes.clone();
            if self.answer.steps.is_empty() {
                self.encoder = None;
            }
        } else if self.answer.steps.is_empty() {
            let encoder = self.encoder.take();
            self.ready = encoder.map_or(Ok(Vec::new()), |encoder| encoder.finish(bytes))?.into();
        } else if let Some(encoder) = &mut self.encoder {
            self.ready = encoder.flush(bytes)?.into();
        }
        Ok(())
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<io::Result<Bytes>>> {
        loop {
            if self.cut_in() == Some(0) && !self.done() {
                if !self.turned {
                    self.turned = true;
                    context.waker().wake_by_ref();
                    return Poll::Pending;
                }
                self.end(Outcome::Cut);
                if self.answer.cut.is_some_and(|cut| cut.reset) {
                    self.reset.store(true, Ordering::SeqCst);
                }
                return Poll::Ready(Some(Err(io::ErrorKind::ConnectionAborted.into())));
            }
            if !self.ready.is_empty() {
                return Poll::Ready(Some(Ok(self.piece())));
            }
            if let Some(wait) = &mut self.wait {
                std::task::ready!(wait.as_mut().poll(context));
                self.wait = None;
            }
            match self.answer.steps.pop_front() {
                Some(Step::Send { bytes, output_tokens, usage }) => {
                    for pool in &self.answer.pools {
                        self.state.limits().generated(pool, output_tokens);
                    }
                    self.usage = usage.or(self.usage.take());
                    self.encode(&bytes)?;
                }
                Some(Step::Wait(pause)) => self.wait = Some(Box::pin(tokio::time::sleep(pause))),
                Some(Step::Silence) => {
                    self.answer.steps.push_front(Step::Silence);
                    return Poll::Pending;
                }
                None if self.answer.never_ends => return Poll::Pending,
                None if self.encoder.is_some() => self.encode(&Bytes::new())?,
                None => {
                    self.end(Outcome::Complete);
                    return Poll::Ready(None);
                }
            }
        }
    }
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        let polled = std::task::ready!(self.get_mut().poll(context));
        Poll::Ready(polled.map(|bytes| bytes.map(Frame::data)))
    }

    fn is_end_stream(&self) -> bool {
        self.done() && !self.answer.never_ends
    }

    /// Exact for an answer that is one piece and not encoded, so that it has a `content-length`.
    fn size_hint(&self) -> SizeHint {
        let waiting = match self.answer.steps.front() {
            None => 0,
            Some(Step::Send { bytes, .. }) if self.identity && self.answer.steps.len() == 1 => bytes.len(),
            Some(_) => return SizeHint::default(),
        };
        if !self.identity && self.encoder.is_some() {
            return SizeHint::default();
        }
        SizeHint::with_exact((self.ready.len() + waiting) as u64)
    }
}
