//! The request on its way to the API: the same bytes, while what it asks for is read.

use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll};

use axum::body::Body;
use bytes::Bytes;
use http::{HeaderMap, Method, header};
use hyper::body::{Body as HttpBody, Frame, SizeHint};

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

/// The body of a request.
pub struct Sent {
    body: Body,
    /// Nothing when they are known already.
    facts: Option<RequestFacts>,
}

impl Sent {
    /// `body`, looked at as it is sent.
    pub fn new(body: Body, facts: RequestFacts) -> Self {
        Sent { body, facts: Some(facts) }
    }

    /// A body that has been looked at.
    pub fn known(body: Bytes) -> Self {
        Sent { body: Body::from(body), facts: None }
    }
}

impl HttpBody for Sent {
    type Data = Bytes;
    type Error = axum::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, axum::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if let Poll::Ready(Some(Ok(frame))) = &polled
            && let (Some(facts), Some(bytes)) = (&self.facts, frame.data_ref())
        {
            facts.passed(bytes);
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
