//! The program: the server, with the browser bundle in it.

use std::process::ExitCode;

use clap::Parser;

#[tokio::main]
async fn main() -> ExitCode {
    let cli = match server::cli::Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => return server::cli::answer(&error),
    };
    match cli.run(tacho::bundle()).await {
        Ok(code) => code,
        Err(error) => {
            server::cli::explain(&error);
            ExitCode::FAILURE
        }
    }
}
