//! What goes on over one connection: whether requests are open, and whether answers are taken.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::Body;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::{Instant, sleep_until};

use crate::http::keeping::Keeping;

/// Shared by all that takes part in a connection. Plain numbers, which every request writes to and nobody is woken by:
/// who waits for nothing to happen looks now and then.
#[derive(Clone)]
pub struct Activity(Arc<Now>);

struct Now {
    began: Instant,
    /// When anything here changed last, in microseconds after `began`.
    changed_us: AtomicU64,
    /// There has been a request.
    has_begun: AtomicBool,
    open_requests: AtomicUsize,
    /// Those of them whose answers may lie there for long.
    patient_requests: AtomicUsize,
    /// What was written last has to wait until the other side reads.
    is_blocked: AtomicBool,
}

impl Now {
    fn changed(&self) {
        let us = u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX);
        self.changed_us.store(us, Relaxed);
    }
}

impl Activity {
    /// Nothing yet.
    pub fn new() -> Self {
        Activity(Arc::new(Now {
            began: Instant::now(),
            changed_us: AtomicU64::new(0),
            has_begun: AtomicBool::new(false),
            open_requests: AtomicUsize::new(0),
            patient_requests: AtomicUsize::new(0),
            is_blocked: AtomicBool::new(false),
        }))
    }

    /// A request has come; it is open until what is returned is dropped.
    pub fn open(&self, is_patient: bool) -> Open {
        self.0.has_begun.store(true, Relaxed);
        self.0.open_requests.fetch_add(1, Relaxed);
        self.0.patient_requests.fetch_add(usize::from(is_patient), Relaxed);
        self.0.changed();
        Open { activity: self.clone(), is_patient }
    }

    /// Ends when for `later` there was no request, or nothing of an answer was taken, or for `patient` where one of
    /// the answers may take that long. The first request has less time, `first`: hyper's own timeout begins once it
    /// knows which version of HTTP is spoken, which a client may never let it find out.
    pub async fn cease(&self, first: Duration, later: Duration, patient: Duration) {
        loop {
            let has_patient = self.0.patient_requests.load(Relaxed) > 0;
            let patience = match self.0.has_begun.load(Relaxed) {
                false => first,
                true if has_patient => patient,
                true => later,
            };
            let now = Instant::now();
            let is_busy = self.0.open_requests.load(Relaxed) > 0 && !self.0.is_blocked.load(Relaxed);
            let changed = self.0.began + Duration::from_micros(self.0.changed_us.load(Relaxed));
            let ceased = if is_busy { now + patience } else { changed + patience };
            if now >= ceased {
                return;
            }
            // Not later than anything that has changed meanwhile can make it end.
            sleep_until(ceased.min(now + later)).await;
        }
    }

    fn note_blocked(&self, is_blocked: bool) {
        if self.0.is_blocked.load(Relaxed) != is_blocked {
            self.0.is_blocked.store(is_blocked, Relaxed);
            self.0.changed();
        }
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
        Keeping::new(body, self)
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        let now = &self.activity.0;
        now.open_requests.fetch_sub(1, Relaxed);
        now.patient_requests.fetch_sub(usize::from(self.is_patient), Relaxed);
        now.changed();
    }
}

/// The body of an answer, which keeps its request open.
pub type Answer = Keeping<Body, Open>;

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
