//! Logging of `tracing` spans and events to standard error.
//!
//! Only `--verbose` enables it. Variables such as `RUST_LOG` are ignored, because they may be set for
//! another program. The libraries below log what they receive, so that each line is redacted.

use std::borrow::Cow;
use std::fmt::Result;
use std::io;
use std::sync::OnceLock;
use std::time::Instant;

use rhombus_clips_api::Credentials;
use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::report::{self, Verbosity};
use crate::text::sanitize_line;

/// Target of the library's spans and events.
const LIBRARY_TARGET: &str = "rhombus_clips";

/// Credentials with the API key that is replaced in the log.
static CREDENTIALS: OnceLock<Credentials> = OnceLock::new();

/// Replaces this API key in the log from now on. A process has one.
pub(crate) fn redact_api_key(key: &str) {
    // An API key that is invalid is never sent.
    if let Ok(credentials) = Credentials::api_token(key) {
        let _ = CREDENTIALS.set(credentials);
    }
}

/// Installs the subscriber if the verbosity requires one.
pub(crate) fn init(verbosity: Verbosity) {
    let targets = match verbosity {
        Verbosity::Quiet | Verbosity::Normal => return,
        Verbosity::Verbose => Targets::new().with_target(LIBRARY_TARGET, LevelFilter::DEBUG),
        // TRACE of the HTTP and TLS libraries is of use only to their developers.
        Verbosity::Debug => Targets::new().with_default(LevelFilter::DEBUG),
    };
    let layer = fmt::layer()
        .compact()
        .with_timer(Uptime(Instant::now()))
        .with_ansi(false)
        .with_target(verbosity == Verbosity::Debug)
        .with_writer(|| RedactedWriter);
    // Fails only if a subscriber is installed already; this is the only place that installs one.
    let _ = tracing_subscriber::registry()
        .with(targets)
        .with(layer)
        .try_init();
}

/// Timestamps in seconds since the start of the program.
struct Uptime(Instant);

impl FormatTime for Uptime {
    fn format_time(&self, writer: &mut Writer<'_>) -> Result {
        write!(writer, "{:7.3}s", self.0.elapsed().as_secs_f64())
    }
}

/// Standard error. A record, which is one call of `write`, is one line without the API key and without
/// characters that must not reach a terminal, whatever the libraries below quote.
struct RedactedWriter;

impl io::Write for RedactedWriter {
    fn write(&mut self, record: &[u8]) -> io::Result<usize> {
        report::eprintln_line(&format_line(record, CREDENTIALS.get()));
        Ok(record.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

fn format_line(record: &[u8], credentials: Option<&Credentials>) -> String {
    let text = String::from_utf8_lossy(record);
    let text = match credentials {
        Some(credentials) => Cow::Owned(credentials.redact(&text)),
        None => text,
    };
    sanitize_line(text.trim_end()).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_record_is_one_line_without_the_key_and_hidden_characters() {
        let credentials = Credentials::api_token("canary-key").unwrap();
        let record = "DEBUG h2: sent with canary&#45;key\u{1b}[2J\nand\u{202e} more\n";
        assert_eq!(
            format_line(record.as_bytes(), Some(&credentials)),
            "DEBUG h2: sent with [redacted]\u{fffd}[2J and\u{fffd} more"
        );
    }
}
