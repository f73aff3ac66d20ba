//! A connection that is read to its end, whatever becomes of what is written.
//!
//! An API may answer before a request has come to its end, because it is too large or not allowed, and close. What is
//! still sent then fails, and who gives up at that never reads the answer that is already there (RFC 9112, section 9.5:
//! a client should look for one while it sends). So a failure to write is kept from hyper: what it writes goes nowhere,
//! until it has read the answer, or that there is none.

use std::io;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use hyper_util::client::legacy::connect::{Connected, Connection};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// A stream whose writing never fails.
pub struct ReadOn<I> {
    io: I,
    /// Nothing that is written arrives any more.
    is_deaf: bool,
}

impl<I> ReadOn<I> {
    /// `io`, read to its end.
    pub fn new(io: I) -> Self {
        ReadOn { io, is_deaf: false }
    }

    fn or_nowhere<T>(&mut self, written: io::Result<T>, nowhere: T) -> Poll<io::Result<T>> {
        Poll::Ready(Ok(written.unwrap_or_else(|error| {
            tracing::debug!(error = %error, "The API takes no more of a request");
            self.is_deaf = true;
            nowhere
        })))
    }
}

impl<I: AsyncRead + Unpin> AsyncRead for ReadOn<I> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(context, buffer)
    }
}

impl<I: AsyncWrite + Unpin> AsyncWrite for ReadOn<I> {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        if self.is_deaf {
            return Poll::Ready(Ok(bytes.len()));
        }
        let written = ready!(Pin::new(&mut self.io).poll_write(context, bytes));
        self.or_nowhere(written, bytes.len())
    }

    fn poll_write_vectored(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        slices: &[io::IoSlice<'_>],
    ) -> Poll<io::Result<usize>> {
        let all = slices.iter().map(|slice| slice.len()).sum();
        if self.is_deaf {
            return Poll::Ready(Ok(all));
        }
        let written = ready!(Pin::new(&mut self.io).poll_write_vectored(context, slices));
        self.or_nowhere(written, all)
    }

    fn is_write_vectored(&self) -> bool {
        self.io.is_write_vectored()
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        if self.is_deaf {
            return Poll::Ready(Ok(()));
        }
        let flushed = ready!(Pin::new(&mut self.io).poll_flush(context));
        self.or_nowhere(flushed, ())
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let shut = ready!(Pin::new(&mut self.io).poll_shutdown(context));
        self.or_nowhere(shut, ())
    }
}

impl<I: Connection> Connection for ReadOn<I> {
    fn connected(&self) -> Connected {
        self.io.connected()
    }
}
