//! The log: on standard error, as standard output is for people. Every event is one line, whatever it tells.

use std::backtrace::{Backtrace, BacktraceStatus};
use std::io::{IsTerminal, Write};

use tracing_subscriber::EnvFilter;
use tracing_subscriber::field::MakeExt;
use tracing_subscriber::fmt::format;
use vocabulary::wording;

/// Begins to log what the filter lets through.
pub fn start(filter: &str) {
    let filter = EnvFilter::try_new(filter).unwrap_or_else(|_| EnvFilter::new("info"));
    // What a field or a message holds may have come from anybody. Nothing in it begins a line, or speaks to the terminal:
    // the only colours are those of the format.
    let fields = format::debug_fn(|writer, field, value| {
        let text = wording::line(&format!("{value:?}"));
        match field.name() {
            "message" => write!(writer, "{text}"),
            // The place of a record of the crate `log`, which the format tells already.
            name if name.starts_with("log.") => Ok(()),
            name => write!(writer, "{name}={text}"),
        }
    });
    let log = tracing_subscriber::fmt()
        .with_env_filter(filter)
        .fmt_fields(fields.delimited(" "))
        // It is told on standard error, too, where it would be a panic: on a full disk that would end Tacho.
        .log_internal_errors(false)
        .with_writer(std::io::stderr);
    let is_seen = std::io::stderr().is_terminal();
    // A second call, in a test, changes nothing.
    let _ = if is_seen { log.try_init() } else { log.with_ansi(false).try_init() };
    std::panic::set_hook(Box::new(|panic| {
        let message = panic.payload_as_str().unwrap_or("for an unknown reason");
        let place = panic.location().map(ToString::to_string).unwrap_or_default();
        tracing::error!("A mistake in Tacho, please report it: panicked at {place}: {message}");
        let backtrace = Backtrace::capture();
        if backtrace.status() == BacktraceStatus::Captured {
            // Where nothing can be written, nothing can be said.
            let _ = writeln!(std::io::stderr(), "{backtrace}");
        }
    }));
}
