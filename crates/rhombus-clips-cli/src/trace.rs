//! What the program and the libraries below it say of what they do, on standard error.

use std::fmt::Result;
use std::io;
use std::time::Instant;

use tracing_subscriber::filter::{LevelFilter, Targets};
use tracing_subscriber::fmt;
use tracing_subscriber::fmt::format::Writer;
use tracing_subscriber::fmt::time::FormatTime;
use tracing_subscriber::layer::SubscriberExt as _;
use tracing_subscriber::util::SubscriberInitExt as _;

use crate::messages::Verbosity;

/// The target of the library's own spans and events.
const OWN: &str = "rhombus_clips";

/// Begins to tell, if it was asked for. No variable counts: it could be set for something else.
pub(crate) fn start(verbosity: Verbosity) {
    let targets = match verbosity {
        Verbosity::Quiet | Verbosity::Normal => return,
        Verbosity::Verbose => Targets::new().with_target(OWN, LevelFilter::DEBUG),
        // What is below that helps their own authors.
        Verbosity::Debug => Targets::new().with_default(LevelFilter::DEBUG),
    };
    let lines = fmt::layer()
        .compact()
        .with_timer(Uptime(Instant::now()))
        .with_ansi(false)
        .with_target(verbosity == Verbosity::Debug)
        .with_writer(io::stderr);
    // Nobody else is told, so that this is the first.
    let _ = tracing_subscriber::registry()
        .with(targets)
        .with(lines)
        .try_init();
}

/// The seconds since the program began.
struct Uptime(Instant);

impl FormatTime for Uptime {
    fn format_time(&self, writer: &mut Writer<'_>) -> Result {
        write!(writer, "{:7.3}s", self.0.elapsed().as_secs_f64())
    }
}
