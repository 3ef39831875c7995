//! Ctrl-C.

use std::future::Future;

use crate::exit_code::ExitCode;
use crate::failure::Failure;

/// The work's end, or Ctrl-C before it.
pub(crate) async fn or(
    work: impl Future<Output = Result<ExitCode, Failure>>,
) -> Result<ExitCode, Failure> {
    tokio::select! {
        // Listening begins before the work does. Where the system does not allow it, Ctrl-C ends
        // the program as it ends any other.
        biased;
        Ok(()) = tokio::signal::ctrl_c() => Ok(ExitCode::Interrupted),
        result = work => result,
    }
}
