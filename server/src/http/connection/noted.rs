//! The bytes of a connection, as they come and go.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, Sleep, sleep_until};

use super::activity::Activity;

/// What a connection begins with over which HTTP/2 is spoken (RFC 9113, section 3.4).
const PREFACE: &[u8] = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n";
/// How long what nobody reads is taken after the last answer: in all, and without any of it coming. As nginx does
/// (`lingering_time`, `lingering_timeout`).
pub(super) const LINGER: Duration = Duration::from_secs(30);
pub(super) const LINGER_QUIET: Duration = Duration::from_secs(5);

/// A stream that notes when something comes, and when the other side does not read.
///
/// It also closes as RFC 9112 (section 9.6) asks for: a system answers with a reset what comes over a connection that was
/// closed, and a reset takes with it what the other side has not read yet. So where the caller is still sending, the
/// answer is followed by its end, and what comes is taken until the caller has seen that.
pub struct Noted<I> {
    io: I,
    activity: Activity,
    /// How much of the preface has come; nothing once that is decided.
    preface: Option<usize>,
    linger: Option<Linger>,
}

struct Linger {
    end: Instant,
    quiet: Pin<Box<Sleep>>,
}

impl<I> Noted<I> {
    /// `io`, and who is told of it.
    pub fn new(io: I, activity: Activity) -> Self {
        Noted { io, activity, preface: Some(0), linger: None }
    }

    fn has_come(&mut self, bytes: &[u8]) {
        if bytes.is_empty() {
            return;
        }
        // Empty lines before a head belong to none (RFC 9112, section 2.2).
        if !bytes.iter().all(|byte| matches!(byte, b'\r' | b'\n')) {
            self.activity.note_read();
        }
        let Some(seen) = self.preface else { return };
        let rest = &PREFACE[seen..];
        let common = rest.len().min(bytes.len());
        self.preface = (rest[..common] == bytes[..common]).then_some(seen + common);
        if self.preface == Some(PREFACE.len()) {
            self.activity.note_http2();
            self.preface = None;
        }
    }
}

impl<I: AsyncRead + Unpin> AsyncRead for Noted<I> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.io).poll_read(context, buffer))?;
        self.has_come(&buffer.filled()[before..]);
        Poll::Ready(Ok(()))
    }
}

impl<I: AsyncRead + Unpin> Noted<I> {
    /// Takes what comes until nothing more does.
    fn poll_linger(&mut self, context: &mut Context<'_>) -> Poll<()> {
        let linger = self.linger.get_or_insert_with(|| {
            let now = Instant::now();
            Linger { end: now + LINGER, quiet: Box::pin(sleep_until(now + LINGER_QUIET)) }
        });
        let mut space = [std::mem::MaybeUninit::uninit(); 8 << 10];
        loop {
            let mut buffer = ReadBuf::uninit(&mut space);
            match Pin::new(&mut self.io).poll_read(context, &mut buffer) {
                Poll::Ready(Ok(())) if !buffer.filled().is_empty() => {
                    linger.quiet.as_mut().reset(linger.end.min(Instant::now() + LINGER_QUIET));
                }
                Poll::Ready(_) => return Poll::Ready(()),
                Poll::Pending => return linger.quiet.as_mut().poll(context),
            }
        }
    }
}

impl<I: AsyncRead + AsyncWrite + Unpin> AsyncWrite for Noted<I> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write(context, bytes);
        self.activity.note_blocked(written.is_pending());
        written
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let written = Pin::new(&mut self.io).poll_write_vectored(context, slices);
        self.activity.note_blocked(written.is_pending());
        written
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.linger.is_none() {
            ready!(Pin::new(&mut self.io).poll_shutdown(context))?;
            if !self.activity.has_unread() {
                return Poll::Ready(Ok(()));
            }
        }
        self.poll_linger(context).map(Ok)
    }
}
