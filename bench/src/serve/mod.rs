//! Servers that take part, each a process of its own: `bench serve <word>`. A new one is listed here, and nowhere else.

mod api;
mod lean;
mod tee;

use std::error::Error;
use std::net::SocketAddr;
use std::process::Command;
use std::{env, io, thread};

use anyhow::Result;
use bytes::Bytes;
use clap::Subcommand;
use http::{Request, Response};
use hyper::body::{Body, Incoming};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;
use tokio::sync::oneshot;

/// The servers. Each says where it listens, and ends with its standard input.
#[derive(Debug, Subcommand)]
pub enum Serve {
    /// The made-up Claude API of the tests
    Api(api::Api),
    /// An API that answers the same each time, as fast as it can
    Lean,
    /// A proxy that does the least a proxy can do that looks at what passes
    Tee(tee::Tee),
}

impl Serve {
    /// Serves.
    pub async fn run(self) -> Result<()> {
        match self {
            Serve::Api(api) => api.run().await,
            Serve::Lean => lean::run().await,
            Serve::Tee(tee) => tee.run().await,
        }
    }
}

/// How to start one of them.
pub fn command(word: &str) -> Result<Command> {
    let mut command = Command::new(env::current_exe()?);
    command.args(["serve", word]);
    Ok(command)
}

/// Serves HTTP/1.1 on a free port until standard input ends, which is when the benchmark has ended.
async fn serve<F, A, B>(answer: F) -> Result<()>
where
    F: Fn(Request<Incoming>) -> A + Clone + Send + 'static,
    A: Future<Output = Result<Response<B>>> + Send + 'static,
    B: Body<Data = Bytes, Error: Into<Box<dyn Error + Send + Sync>>> + Send + 'static,
{
    let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
    let accepting = async {
        loop {
            let (tcp, _) = listener.accept().await?;
            tcp.set_nodelay(true)?;
            let connection =
                http1::Builder::new().serve_connection(TokioIo::new(tcp), service_fn(answer.clone()));
            tokio::spawn(connection);
        }
    };
    until_the_end(listener.local_addr()?, accepting).await
}

/// Says where a server listens, and lets it work until standard input ends.
async fn until_the_end(listening: SocketAddr, work: impl Future<Output = Result<()>>) -> Result<()> {
    let (ended, end) = oneshot::channel();
    // A thread of its own reads: one of the runtime's would keep the program from ending.
    thread::spawn(move || {
        let _ = io::copy(&mut io::stdin().lock(), &mut io::sink());
        let _ = ended.send(());
    });
    println!("listening on http://{listening}");
    tokio::select! {
        worked = work => worked,
        _ = end => Ok(()),
    }
}
