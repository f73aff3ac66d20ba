//! A proxy that does the least a proxy can do that looks at what passes: it sends requests on over connections that
//! are used again, hands each frame of an answer on as it comes, and keeps a copy that nobody reads. What Tacho takes
//! beyond that is what Tacho costs; both stand on the same libraries.

use std::hint::black_box;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll, ready};

use anyhow::Result;
use bytes::Bytes;
use clap::Args;
use http::uri::{Authority, Scheme};
use http::{Request, Response, Uri, header};
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;

use super::serve;

#[derive(Debug, Args)]
pub struct Tee {
    /// Where calls go on to
    #[arg(long)]
    upstream: SocketAddr,
}

impl Tee {
    /// Serves.
    pub async fn run(self) -> Result<()> {
        let mut tcp = HttpConnector::new();
        tcp.set_nodelay(true);
        let client = Client::builder(TokioExecutor::new()).build(tcp);
        let authority: Authority = self.upstream.to_string().parse()?;
        serve(move |request| forward(client.clone(), authority.clone(), request)).await
    }
}

async fn forward(
    client: Client<HttpConnector, Incoming>,
    authority: Authority,
    mut request: Request<Incoming>,
) -> Result<Response<Copied>> {
    let mut parts = request.uri().clone().into_parts();
    parts.scheme = Some(Scheme::HTTP);
    parts.authority = Some(authority);
    *request.uri_mut() = Uri::from_parts(parts)?;
    // What the connection to the client is like says nothing about the one to the API.
    request.headers_mut().remove(header::CONNECTION);
    let answer = client.request(request).await?;
    Ok(answer.map(|body| Copied { body, copy: Vec::new() }))
}

/// A body, copied as it passes.
struct Copied {
    body: Incoming,
    copy: Vec<u8>,
}

impl Body for Copied {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<hyper::Result<Frame<Bytes>>>> {
        let frame = ready!(Pin::new(&mut self.body).poll_frame(context));
        if let Some(Ok(frame)) = &frame
            && let Some(bytes) = frame.data_ref()
        {
            self.copy.extend_from_slice(bytes);
        }
        Poll::Ready(frame)
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}

impl Drop for Copied {
    fn drop(&mut self) {
        // The compiler may not leave the copy out.
        black_box(&self.copy);
    }
}
