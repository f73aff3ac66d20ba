//! The body of a request on its way in.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::body::Body;
use bytes::Bytes;
use http::Request;
use hyper::body::{Body as HttpBody, Frame, Incoming, SizeHint};

use super::activity::{Activity, OpenBody};

/// A request whose body is noted while it is read.
pub fn noted(request: Request<Incoming>, activity: &Activity) -> Request<Body> {
    request.map(|body| match body.is_end_stream() {
        true => Body::new(body),
        false => Body::new(NotedBody { body, open: activity.read() }),
    })
}

/// A body, passed on as it is.
struct NotedBody {
    body: Incoming,
    open: OpenBody,
}

impl HttpBody for NotedBody {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, hyper::Error>>> {
        let polled = Pin::new(&mut self.body).poll_frame(context);
        if matches!(polled, Poll::Ready(None | Some(Err(_)))) || self.body.is_end_stream() {
            self.open.is_whole();
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
