//! What the benchmarks share.

mod report;
mod simulated;

pub(crate) use report::Report;
pub(crate) use simulated::{Simulated, serve_if_asked};

/// What a benchmark comes to.
pub(crate) type Outcome<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;
