//! What goes on over one connection: whether a head has begun, whether requests are open, and whether answers are taken.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use axum::body::Body;
use tokio::time::{Instant, sleep_until};

use crate::wire::keeping::Keeping;

/// Shared by all that takes part in a connection. Plain numbers, which every request writes to and nobody is woken by:
/// who waits for nothing to happen looks now and then.
#[derive(Clone)]
pub struct Activity(Arc<Now>);

struct Now {
    began: Instant,
    /// When anything here changed last, in microseconds after `began`.
    changed_us: AtomicU64,
    /// When the first byte came of a head that is not there yet, in the same; [`NO_HEAD`] when none has.
    head_us: AtomicU64,
    open_requests: AtomicUsize,
    /// Those of them whose answers may lie there for long.
    patient_requests: AtomicUsize,
    /// Bodies of requests that are still being read.
    open_bodies: AtomicUsize,
    /// The body of the last request was given up before its end.
    has_unread: AtomicBool,
    /// Bytes that come between requests are the frames of HTTP/2, and begin no head.
    is_http2: AtomicBool,
    /// What was written last has to wait until the other side reads.
    is_blocked: AtomicBool,
}

const NO_HEAD: u64 = u64::MAX;

impl Now {
    fn now_us(&self) -> u64 {
        u64::try_from(self.began.elapsed().as_micros()).unwrap_or(u64::MAX)
    }

    fn changed(&self) {
        self.changed_us.store(self.now_us(), Relaxed);
    }

    fn at(&self, us: &AtomicU64) -> Instant {
        self.began + Duration::from_micros(us.load(Relaxed))
    }
}

/// How long a connection may do nothing.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// From the first byte of a head to its last.
    pub head: Duration,
    /// Without a request.
    pub idle: Duration,
    /// With an answer of which nothing is taken.
    pub untaken: Duration,
    /// The same where one of the answers may lie there for longer.
    pub untaken_of_api: Duration,
}

/// What has lasted too long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ceased {
    /// A head has begun and not come to its end.
    Head,
    /// There was no request, or nothing of an answer was taken.
    Idle,
}

impl Activity {
    /// Nothing yet.
    pub fn new() -> Self {
        Activity(Arc::new(Now {
            began: Instant::now(),
            changed_us: AtomicU64::new(0),
            head_us: AtomicU64::new(NO_HEAD),
            open_requests: AtomicUsize::new(0),
            patient_requests: AtomicUsize::new(0),
            open_bodies: AtomicUsize::new(0),
            has_unread: AtomicBool::new(false),
            is_http2: AtomicBool::new(false),
            is_blocked: AtomicBool::new(false),
        }))
    }

    /// A request has come; it is open until what is returned is dropped.
    pub fn open(&self, is_patient: bool) -> Open {
        self.0.head_us.store(NO_HEAD, Relaxed);
        self.0.has_unread.store(false, Relaxed);
        self.0.open_requests.fetch_add(1, Relaxed);
        self.0.patient_requests.fetch_add(usize::from(is_patient), Relaxed);
        self.0.changed();
        Open { activity: self.clone(), is_patient }
    }

    /// The body of a request is read until what is returned is dropped.
    pub fn read(&self) -> OpenBody {
        self.0.open_bodies.fetch_add(1, Relaxed);
        OpenBody { activity: self.clone(), is_whole: false }
    }

    /// Ends when something has lasted too long, and says what.
    pub async fn cease(&self, patience: Patience) -> Ceased {
        // Not later than anything that changes meanwhile can make it end.
        let soonest = patience.head.min(patience.idle).min(patience.untaken);
        loop {
            let now = Instant::now();
            let ceases = self.ceases(&patience);
            if let Some((at, ceased)) = ceases
                && now >= at
            {
                return ceased;
            }
            sleep_until(ceases.map_or(now + soonest, |(at, _)| at.min(now + soonest))).await;
        }
    }

    /// When what goes on now will have lasted too long; nothing while a request is being answered.
    fn ceases(&self, patience: &Patience) -> Option<(Instant, Ceased)> {
        let now = &self.0;
        let changed = now.at(&now.changed_us);
        if now.is_blocked.load(Relaxed) {
            let has_patient = now.patient_requests.load(Relaxed) > 0;
            let untaken = if has_patient { patience.untaken_of_api } else { patience.untaken };
            return Some((changed + untaken, Ceased::Idle));
        }
        if now.open_requests.load(Relaxed) > 0 {
            return None;
        }
        Some(match self.has_begun_head() {
            true => (now.at(&now.head_us) + patience.head, Ceased::Head),
            false => (changed + patience.idle, Ceased::Idle),
        })
    }

    fn has_begun_head(&self) -> bool {
        self.0.head_us.load(Relaxed) != NO_HEAD
    }

    /// The caller may be sending what nobody will read: the rest of a body, or of a head that was refused.
    pub fn has_unread(&self) -> bool {
        self.0.has_unread.load(Relaxed) || self.has_begun_head()
    }

    pub(super) fn note_http2(&self) {
        self.0.is_http2.store(true, Relaxed);
        self.0.head_us.store(NO_HEAD, Relaxed);
    }

    /// Bytes have come.
    pub(super) fn note_read(&self) {
        let now = &self.0;
        let begins_head = !now.is_http2.load(Relaxed)
            && now.open_requests.load(Relaxed) == 0
            && now.open_bodies.load(Relaxed) == 0
            && !self.has_begun_head();
        if begins_head {
            now.head_us.store(now.now_us(), Relaxed);
        }
    }

    pub(super) fn note_blocked(&self, is_blocked: bool) {
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
    pub fn answered_with(self, body: Body) -> OpenAnswer {
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
pub type OpenAnswer = Keeping<Body, Open>;

/// The body of a request that is being read.
pub struct OpenBody {
    activity: Activity,
    is_whole: bool,
}

impl OpenBody {
    /// All of it has come, or nothing more will.
    pub fn is_whole(&mut self) {
        self.is_whole = true;
    }
}

impl Drop for OpenBody {
    fn drop(&mut self) {
        let now = &self.activity.0;
        now.open_bodies.fetch_sub(1, Relaxed);
        if !self.is_whole && !now.is_http2.load(Relaxed) {
            now.has_unread.store(true, Relaxed);
        }
    }
}
