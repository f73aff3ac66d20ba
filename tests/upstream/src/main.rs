//! The upstream as a program, for tests and benchmarks outside this workspace.

use std::io::Write;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Parser;
use tokio::signal::unix::{SignalKind, signal};
use upstream::{Terms, Upstream};

/// Serves a made-up Claude API until standard input ends or SIGTERM arrives.
#[derive(Debug, Parser)]
#[command(name = "upstream")]
struct Arguments {
    /// Where to listen; port 0 takes a free one.
    #[arg(long, default_value = "127.0.0.1:0")]
    listen: SocketAddr,
    /// Serve with TLS, and write the certificate that clients must trust to this file.
    #[arg(long, value_name = "FILE")]
    tls_ca: Option<PathBuf>,
    /// RPM of each pool of models.
    #[arg(long, default_value_t = Terms::default().requests_per_minute)]
    requests_per_minute: u64,
    /// ITPM of each pool of models.
    #[arg(long, default_value_t = Terms::default().input_tokens_per_minute)]
    input_tokens_per_minute: u64,
    /// OTPM of each pool of models.
    #[arg(long, default_value_t = Terms::default().output_tokens_per_minute)]
    output_tokens_per_minute: u64,
    /// Input tokens per minute of the workspace, cache reads too.
    #[arg(long)]
    workspace_input_tokens_per_minute: Option<u64>,
    /// RPM of token counting.
    #[arg(long, default_value_t = Terms::default().count_requests_per_minute)]
    count_requests_per_minute: u64,
    /// RPM of message batches.
    #[arg(long, default_value_t = Terms::default().batch_requests_per_minute)]
    batch_requests_per_minute: u64,
    /// How many requests may begin within a second, beyond which they are a ramp.
    #[arg(long)]
    ramp_requests_per_second: Option<u64>,
    /// How many exchanges to remember; 0 for benchmarks.
    #[arg(long, default_value_t = Terms::default().keep_exchanges)]
    keep_exchanges: usize,
    /// How many bytes of each body to remember.
    #[arg(long, default_value_t = Terms::default().keep_body_bytes)]
    keep_body_bytes: usize,
}

#[tokio::main]
async fn main() -> std::io::Result<()> {
    let arguments = Arguments::parse();
    let terms = Terms {
        requests_per_minute: arguments.requests_per_minute,
        input_tokens_per_minute: arguments.input_tokens_per_minute,
        output_tokens_per_minute: arguments.output_tokens_per_minute,
        workspace_input_tokens_per_minute: arguments.workspace_input_tokens_per_minute,
        count_requests_per_minute: arguments.count_requests_per_minute,
        batch_requests_per_minute: arguments.batch_requests_per_minute,
        ramp_requests_per_second: arguments.ramp_requests_per_second,
        keep_exchanges: arguments.keep_exchanges,
        keep_body_bytes: arguments.keep_body_bytes,
        ..Terms::default()
    };
    let upstream = match arguments.tls_ca {
        None => Upstream::on(arguments.listen, terms).await?,
        Some(file) => {
            let upstream = Upstream::on_tls(arguments.listen, terms).await?;
            std::fs::write(file, upstream.ca_pem().unwrap_or_default())?;
            upstream
        }
    };
    let mut output = std::io::stdout();
    writeln!(output, "listening on {}", upstream.base_url)?;
    output.flush()?;

    let mut terminated = signal(SignalKind::terminate())?;
    // A thread of its own reads: one of the runtime's would keep the program from ending.
    let (ended, end) = tokio::sync::oneshot::channel();
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut std::io::stdin().lock(), &mut std::io::sink());
        let _ = ended.send(());
    });
    tokio::select! {
        _ = terminated.recv() => {}
        _ = end => {}
    }
    Ok(())
}
