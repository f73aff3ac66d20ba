//! The program: the server, with the browser bundle in it.

use std::process::ExitCode;

use clap::Parser;

#[tokio::main]
async fn main() -> ExitCode {
    match server::cli::Cli::parse().run(tacho::bundle()).await {
        Ok(code) => code,
        Err(error) => {
            server::cli::explain(&error);
            ExitCode::FAILURE
        }
    }
}
