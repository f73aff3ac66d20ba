//! The command line of Tacho.

use std::process::ExitCode;

use clap::Parser;

#[tokio::main]
async fn main() -> ExitCode {
    match server::cli::Cli::parse().run().await {
        Ok(code) => code,
        Err(error) => {
            eprintln!("tacho: {error}");
            ExitCode::FAILURE
        }
    }
}
