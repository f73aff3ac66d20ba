//! What goes on over one connection: whether requests are open, and whether answers are taken.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use hyper::body::{Body as HttpBody, Frame, SizeHint};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::sync::watch;

/// Shared by all that takes part in a connection.
#[derive(Clone)]
pub struct Activity(Arc<watch::Sender<Now>>);

#[derive(Debug, Clone, Copy, Default)]
struct Now {
    /// There has been a request.
    has_begun: bool,
    open_requests: usize,
    /// Those of them whose answers may lie there for long.
    patient_requests: usize,
    /// What was written last has to wait until the other side reads.
    is_blocked: bool,
}

impl Activity {
    /// Nothing yet.
    pub fn new() -> Self {
        Activity(Arc::new(watch::Sender::default()))
    }

    /// A request has come; it is open until what is returned is dropped.
    pub fn open(&self, is_patient: bool) -> Open {
        self.0.send_modify(|now| {
            now.has_begun = true;
            now.open_requests += 1;
            now.patient_requests += usize::from(is_patient);
        });
        Open { activity: self.clone(), is_patient }
    }

    /// Ends when for `later` there was no request, or nothing of an answer was taken, or for `patient` where one of
    /// the answers may take that long. The first request has less time, `first`: hyper's own timeout begins once it
    /// knows which version of HTTP is spoken, which a client may never let it find out.
    pub async fn cease(&self, first: Duration, later: Duration, patient: Duration) {
        let mut now = self.0.subscribe();
        loop {
            let Now { has_begun, open_requests, patient_requests, is_blocked } = *now.borrow_and_update();
            let patience = match (has_begun, patient_requests) {
                (false, _) => first,
                (true, 0) => later,
                (true, _) => patient,
            };
            if open_requests > 0 && !is_blocked {
                let _ = now.changed().await;
            } else if tokio::time::timeout(patience, now.changed()).await.is_err() {
                return;
            }
        }
    }

    fn note_blocked(&self, is_blocked: bool) {
        self.0.send_if_modified(|now| std::mem::replace(&mut now.is_blocked, is_blocked) != is_blocked);
    }
}

/// An open request.
pub struct Open {
    activity: Activity,
    is_patient: bool,
}

impl Open {
    /// The body of its answer, which keeps it open until all is on its way.
    pub fn answered_with(self, body: Body) -> Answer {
        Answer { body, _open: self }
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        self.activity.0.send_modify(|now| {
            now.open_requests -= 1;
            now.patient_requests -= usize::from(self.is_patient);
        });
    }
}

/// The body of an answer.
pub struct Answer {
    body: Body,
    _open: Open,
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        Pin::new(&mut self.body).poll_frame(context)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

/// A stream that notes when the other side does not read.
pub struct Noted<I> {
    pub io: I,
    pub activity: Activity,
}

impl<I: AsyncRead + Unpin> AsyncRead for Noted<I> {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        Pin::new(&mut self.io).poll_read(context, buffer)
    }
}

impl<I: AsyncWrite + Unpin> AsyncWrite for Noted<I> {
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
        Pin::new(&mut self.io).poll_shutdown(context)
    }
}
