//! Shared by the benchmarks: the simulated service and the report.

mod report;
mod simulated_service;

pub(crate) use report::BenchReport;
pub(crate) use simulated_service::{SimulatedService, serve_if_requested};

/// Result of a benchmark step.
pub(crate) type BenchResult<T> = Result<T, Box<dyn std::error::Error + Send + Sync>>;
