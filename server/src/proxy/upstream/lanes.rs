//! Several clients side by side. Over HTTP/2 a client has one connection, on which servers allow about a hundred calls
//! at a time; the next would wait without a word. So each client, or lane, carries fewer than that, and calls take the
//! first lane that has room.

use std::array;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};
use std::time::Duration;

use http::{Request, Response, Uri};
use hyper::body::Incoming;
use hyper_rustls::MaybeHttpsStream;
use hyper_util::client::legacy::{Builder, Client, Error};
use hyper_util::rt::{TokioExecutor, TokioIo, TokioTimer};
use tokio::net::TcpStream;
use tower::BoxError;
use tower::util::BoxCloneSyncService;

use super::KEEP_ALIVE;
use super::line::RawConnection;
use super::read_on::ReadOn;
use crate::proxy::request::SentBody;
use crate::wire::head;
use crate::wire::keeping::Keeping;

/// Makes connections.
pub type Connector = BoxCloneSyncService<Uri, TokioIo<RawConnection<TokioIo<Secured>>>, BoxError>;
/// A connection with TLS or without.
pub type Secured = MaybeHttpsStream<TokioIo<ReadOn<TcpStream>>>;

/// With room for 4,096 calls, as many as there are connections to Tacho. Lanes that are not used hold nothing.
const LANES: usize = 64;
const CALLS_OF_A_LANE: usize = 64;
/// What the API may send of an answer ahead of its reader. A connection has room for that of every call on it, so that
/// a caller who does not read holds up no other.
const WINDOW_BYTES: u32 = 256 << 10;
/// How long a connection may lie idle: shorter than servers wait, so that none is used that they are closing.
const IDLE_TIMEOUT: Duration = Duration::from_secs(30);

/// The lanes; cheap to clone.
#[derive(Clone)]
pub struct Lanes(Arc<Road>);

struct Road {
    lanes: [Lane; LANES],
    /// Makes a connection for each call, and keeps none.
    fresh: Client<Connector, SentBody>,
}

struct Lane {
    client: Client<Connector, SentBody>,
    open_calls: AtomicUsize,
}

impl Lanes {
    /// Lanes whose connections `connector` makes.
    pub fn new(connector: &Connector) -> Self {
        let client = || builder().build(connector.clone());
        let lane = |_| Lane { client: client(), open_calls: AtomicUsize::new(0) };
        let fresh = builder().pool_max_idle_per_host(0).build(connector.clone());
        Lanes(Arc::new(Road { lanes: array::from_fn(lane), fresh }))
    }

    /// Sends a request and waits for the head of the answer.
    pub async fn send(&self, request: Request<SentBody>) -> Result<Response<Coming>, Error> {
        let place = self.place();
        let answer = self.0.lanes[place.lane].client.request(request).await?;
        Ok(answer.map(|body| Keeping::new(body, place)))
    }

    /// The same over a connection that nothing else was sent over.
    pub async fn send_fresh(&self, request: Request<SentBody>) -> Result<Response<Coming>, Error> {
        let place = self.place();
        let answer = self.0.fresh.request(request).await?;
        Ok(answer.map(|body| Keeping::new(body, place)))
    }

    /// A place on the first lane with room, or else on the one with the fewest calls.
    fn place(&self) -> LanePermit {
        let open = |lane: &Lane| lane.open_calls.load(Relaxed);
        let with_room = self.0.lanes.iter().position(|lane| open(lane) < CALLS_OF_A_LANE);
        let emptiest = || (0..LANES).min_by_key(|lane| open(&self.0.lanes[*lane])).unwrap_or(0);
        let lane = with_room.unwrap_or_else(emptiest);
        self.0.lanes[lane].open_calls.fetch_add(1, Relaxed);
        LanePermit { lanes: self.clone(), lane }
    }
}

fn builder() -> Builder {
    let mut builder = Client::builder(TokioExecutor::new());
    builder
        .timer(TokioTimer::new())
        .pool_timer(TokioTimer::new())
        .pool_idle_timeout(IDLE_TIMEOUT)
        // To be taken out before an answer goes on (RFC 9112, section 5.1).
        .http1_allow_spaces_after_header_name_in_responses(true)
        .http1_max_headers(head::READABLE_HEADERS)
        .http1_max_buf_size(head::READABLE_BYTES)
        .http2_max_header_list_size(head::READABLE_BYTES as u32)
        .http2_initial_stream_window_size(WINDOW_BYTES)
        .http2_initial_connection_window_size(WINDOW_BYTES * CALLS_OF_A_LANE as u32)
        .http2_keep_alive_interval(KEEP_ALIVE);
    builder
}

/// Held as long as a call is open.
pub struct LanePermit {
    lanes: Lanes,
    lane: usize,
}

impl Drop for LanePermit {
    fn drop(&mut self) {
        self.lanes.0.lanes[self.lane].open_calls.fetch_sub(1, Relaxed);
    }
}

/// The body of an answer, which keeps its place. When it is dropped before its end, so is the connection or the stream it
/// comes from.
pub type Coming = Keeping<Incoming, LanePermit>;
