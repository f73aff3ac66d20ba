//! A connection to the API, and whether it is one that had been closed when a call was sent over it.
//!
//! Whoever keeps connections for later finds some of them closed, and may find out by sending a call: the API has closed
//! the connection while the call was on its way, or a machine between has forgotten it. Such a call was not refused, it
//! was not heard, and is sent again over a new connection. What tells it from a call that was heard:
//!
//! - the connection had been used before, so that it may have grown old (a new one that breaks says something else);
//! - not a byte came back over the connection since the call was sent, not even what HTTP/2 says of other things;
//! - that showed within [`STALE`], or within [`CLOSED`] where the connection came to an ordinary end: calls that break off
//!   later have been at work.
//!
//! For methods that are not idempotent RFC 9110 (section 9.2.2) asks for "some means to detect that the original request
//! was never applied". These are the means of browsers (Chromium, `HttpNetworkTransaction::ShouldResendRequest`: a
//! reused connection, and no head of an answer), with a shorter time. HTTP/2 says it outright: a stream that was refused,
//! or comes behind the last one that a GOAWAY names, was not processed (RFC 9113, sections 6.8 and 8.7).

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering::Relaxed};
use std::task::{Context, Poll, ready};
use std::time::Duration;

use http::Extensions;
use hyper_util::client::legacy::Error;
use hyper_util::client::legacy::connect::{Connected, Connection};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::Instant;

use super::no_answer::cause;

/// How long after it was sent a call may be found to have met a closed connection, where that shows by a reset: it answers
/// the bytes of the call, and may take some ways there and back, over the longest distances and with some of it lost.
pub const STALE: Duration = Duration::from_secs(2);
/// The same where the API ended the connection in good order: it did so before it got the call, so its word of it was
/// on the way already when the call was sent, and takes one way at most.
const CLOSED: Duration = Duration::from_millis(500);

/// Whether a call that was sent at `asked` and failed so was never heard, and may be sent again.
pub fn was_not_heard(error: &Error, asked: Instant) -> bool {
    if let Some(error) = cause::<h2::Error>(error) {
        let is_refused = error.is_reset() && error.reason() == Some(h2::Reason::REFUSED_STREAM);
        if error.is_remote() && (is_refused || error.is_go_away()) {
            return true;
        }
        // The API has answered this call, or Tacho cannot read what it says.
        if !error.is_io() {
            return false;
        }
    }
    let Some(connected) = error.connect_info() else { return false };
    let mut extras = Extensions::new();
    connected.get_extras(&mut extras);
    let Some(heard) = extras.get::<Heard>() else { return false };
    let within = if heard.0.was_reset.load(Relaxed) { STALE } else { CLOSED };
    heard.0.began < asked && heard.last() < asked && asked.elapsed() < within
}

/// When something came over a connection.
#[derive(Debug, Clone)]
struct Heard(Arc<Times>);

#[derive(Debug)]
struct Times {
    began: Instant,
    /// Of the last byte, in microseconds after `began`.
    last_us: AtomicU64,
    /// It broke, where others end in good order.
    was_reset: AtomicBool,
}

impl Heard {
    fn last(&self) -> Instant {
        self.0.began + Duration::from_micros(self.0.last_us.load(Relaxed))
    }
}

/// A connection, read and written as it is.
pub struct RawConnection<I> {
    io: I,
    heard: Heard,
}

impl<I> RawConnection<I> {
    /// A connection that stands from now on.
    pub fn new(io: I) -> Self {
        let (began, last_us, was_reset) = (Instant::now(), AtomicU64::new(0), AtomicBool::new(false));
        RawConnection { io, heard: Heard(Arc::new(Times { began, last_us, was_reset })) }
    }
}

impl<I: AsyncRead + Unpin> AsyncRead for RawConnection<I> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        if let Err(error) = ready!(Pin::new(&mut self.io).poll_read(context, buffer)) {
            // An end that TLS did not announce is an end.
            self.heard.0.was_reset.store(error.kind() != io::ErrorKind::UnexpectedEof, Relaxed);
            return Poll::Ready(Err(error));
        }
        if buffer.filled().len() > before {
            let us = self.heard.0.began.elapsed().as_micros();
            // Rather later than it was: what is not surely older than a call is taken for its answer.
            let us = u64::try_from(us).unwrap_or(u64::MAX - 1) + 1;
            self.heard.0.last_us.store(us, Relaxed);
        }
        Poll::Ready(Ok(()))
    }
}

impl<I: AsyncWrite + Unpin> AsyncWrite for RawConnection<I> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write(context, bytes)
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.io).poll_write_vectored(context, slices)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_shutdown(context)
    }
}

impl<I: Connection> Connection for RawConnection<I> {
    fn connected(&self) -> Connected {
        self.io.connected().extra(self.heard.clone())
    }
}
