//! One connection of a client.

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, ensure};
use bytes::Bytes;
use http_body_util::{BodyExt, Full};
use hyper::body::Incoming;
use hyper::client::conn::http1::{SendRequest, handshake};
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;

use crate::calls::Call;

/// A connection that is used for one call after the other.
pub struct Connection(SendRequest<Full<Bytes>>);

/// How long a call took, from before its first byte was sent.
#[derive(Debug, Clone, Copy)]
pub struct Times {
    /// Until the first byte of the answer's body.
    pub first_byte: Duration,
    /// Until the last one.
    pub whole: Duration,
}

impl Connection {
    /// Connects.
    pub async fn open(address: SocketAddr) -> Result<Self> {
        let tcp =
            TcpStream::connect(address).await.with_context(|| format!("cannot connect to {address}"))?;
        tcp.set_nodelay(true)?;
        let (sender, connection) = handshake(TokioIo::new(tcp)).await?;
        // When it breaks, the call that is under way says so.
        tokio::spawn(connection);
        Ok(Connection(sender))
    }

    /// Sends a call and reads its answer, which must be a good one.
    pub async fn call(&mut self, call: &Call) -> Result<Times> {
        self.0.ready().await?;
        let start = Instant::now();
        let mut body = self.send(call).await?;
        next(&mut body).await?.context("an answer without a body")?;
        let first_byte = start.elapsed();
        while next(&mut body).await?.is_some() {}
        Ok(Times { first_byte, whole: start.elapsed() })
    }

    /// Sends a call and waits until its answer has begun. The stream stays open until what is returned is dropped.
    pub async fn begin(mut self, call: &Call) -> Result<(Self, Incoming)> {
        let mut body = self.send(call).await?;
        next(&mut body).await?.context("an answer without a body")?;
        Ok((self, body))
    }

    async fn send(&mut self, call: &Call) -> Result<Incoming> {
        let answer = self.0.send_request(call.clone()).await?;
        let status = answer.status();
        ensure!(status == 200, "an answer with the status {status}");
        Ok(answer.into_body())
    }
}

/// The next bytes of a body; nothing at its end.
async fn next(body: &mut Incoming) -> Result<Option<Bytes>> {
    while let Some(frame) = body.frame().await {
        if let Ok(bytes) = frame?.into_data()
            && !bytes.is_empty()
        {
            return Ok(Some(bytes));
        }
    }
    Ok(None)
}
