//! Instrumentation with `tracing`, behind the feature of that name.
//!
//! The guide's chapter on tracing documents every span, event and field, and a test compares them. No
//! message, body or key is among the fields: a message may quote the service.

#[cfg(feature = "tracing")]
pub(crate) use on::{
    in_current_span, log_retry, log_search, log_search_end, log_watch_end, start_attempt,
};

#[cfg(all(feature = "tracing", feature = "download"))]
pub(crate) use on::{log_download_end, log_interruption};

#[cfg(all(not(feature = "tracing"), feature = "download"))]
pub(crate) use off::{log_download_end, log_interruption};

#[cfg(not(feature = "tracing"))]
pub(crate) use off::{
    in_current_span, log_retry, log_search, log_search_end, log_watch_end, start_attempt,
};

#[cfg(feature = "tracing")]
mod on {
    use std::time::Duration;

    use tokio::time::Instant;
    use tracing::field::Empty;
    use tracing::instrument::{Instrument as _, Instrumented};
    use tracing::{Span, debug, debug_span, info, warn};

    use crate::ClipUuid;
    use crate::error::{Error, Result};
    use crate::retry::{Attempt, Operation};

    /// Runs another task in the current span.
    pub(crate) fn in_current_span<F: Future>(task: F) -> Instrumented<F> {
        task.in_current_span()
    }

    /// Span of one attempt.
    pub(crate) struct AttemptSpan {
        span: Span,
        started: Instant,
        /// Whether the operation is recorded.
        is_named: bool,
    }

    pub(crate) fn start_attempt(attempt: Attempt) -> AttemptSpan {
        let span = debug_span!(
            target: "rhombus_clips",
            "attempt",
            operation = attempt.operation.map(Operation::id),
            clip_uuid = attempt.clip_uuid.map(tracing::field::display),
            attempt = attempt.number,
            status = Empty,
            elapsed_ms = Empty,
            retry_after_ms = Empty,
            error_kind = Empty,
        );
        AttemptSpan {
            span,
            started: Instant::now(),
            is_named: attempt.operation.is_some(),
        }
    }

    impl AttemptSpan {
        /// Instruments the attempt's future. It returns a wrapper and is not `async`, because an `async`
        /// function would reserve space for the large future twice.
        pub(crate) fn instrument<F: Future>(&self, request: F) -> Instrumented<F> {
            request.instrument(self.span.clone())
        }

        /// Records the outcome, and the operation if it was not known before.
        pub(crate) fn finish<T>(self, operation: Option<&'static Operation>, result: &Result<T>) {
            let Self {
                span,
                started,
                is_named,
            } = self;
            if !is_named {
                span.record("operation", operation.map(Operation::id));
            }
            let elapsed_ms = ms(started.elapsed());
            span.record("elapsed_ms", elapsed_ms);
            let error = result.as_ref().err();
            let status = error.map_or(Some(200), Error::status);
            let retry_after_ms = error.and_then(Error::retry_after).map(ms);
            span.record("status", status);
            span.record("retry_after_ms", retry_after_ms);
            span.in_scope(|| match error {
                None => debug!(target: "rhombus_clips", status, elapsed_ms, "attempt succeeded"),
                Some(error) => {
                    span.record("error_kind", tracing::field::debug(error.kind()));
                    warn!(
                        target: "rhombus_clips",
                        status,
                        elapsed_ms,
                        retry_after_ms,
                        error_kind = ?error.kind(),
                        "attempt failed"
                    );
                }
            });
        }
    }

    /// Logs that a failed attempt will be retried.
    pub(crate) fn log_retry(attempt: Attempt, delay: Duration) {
        debug!(
            target: "rhombus_clips",
            operation = attempt.operation.map(Operation::id),
            clip_uuid = attempt.clip_uuid.map(tracing::field::display),
            attempt = attempt.number,
            delay_ms = ms(delay),
            "retrying"
        );
    }

    /// Logs the start of the search for the clip of a lost response, with the error of the request.
    pub(crate) fn log_search(lost: Option<&Error>) {
        warn!(
            target: "rhombus_clips",
            operation = "spliceV3",
            error_kind = lost.map(|error| tracing::field::debug(error.kind())),
            "searching for the clip"
        );
    }

    /// Logs the end of the search for the clip of a lost response.
    pub(crate) fn log_search_end(elapsed: Duration, error: Option<&Error>) {
        info!(
            target: "rhombus_clips",
            operation = "spliceV3",
            elapsed_ms = ms(elapsed),
            error_kind = error.map(|error| tracing::field::debug(error.kind())),
            "search ended"
        );
    }

    /// Logs the end of a watch.
    pub(crate) fn log_watch_end(
        uuid: ClipUuid,
        polls: u64,
        elapsed: Duration,
        error: Option<&Error>,
    ) {
        info!(
            target: "rhombus_clips",
            operation = "getClipWithProgress",
            clip_uuid = %uuid,
            polls,
            elapsed_ms = ms(elapsed),
            error_kind = error.map(|error| tracing::field::debug(error.kind())),
            "watch ended"
        );
    }

    /// Logs that the transfer of a file is interrupted after so many bytes.
    #[cfg(feature = "download")]
    pub(crate) fn log_interruption(uuid: ClipUuid, bytes: u64, error: &Error) {
        warn!(
            target: "rhombus_clips",
            clip_uuid = %uuid,
            bytes,
            status = error.status(),
            error_kind = ?error.kind(),
            "transfer interrupted"
        );
    }

    /// Logs the end of a download of so many bytes.
    #[cfg(feature = "download")]
    pub(crate) fn log_download_end(
        uuid: ClipUuid,
        bytes: u64,
        elapsed: Duration,
        error: Option<&Error>,
    ) {
        info!(
            target: "rhombus_clips",
            clip_uuid = %uuid,
            bytes,
            elapsed_ms = ms(elapsed),
            error_kind = error.map(|error| tracing::field::debug(error.kind())),
            "download ended"
        );
    }

    fn ms(duration: Duration) -> u64 {
        u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
    }
}

#[cfg(not(feature = "tracing"))]
mod off {
    use std::time::Duration;

    use crate::ClipUuid;
    use crate::error::{Error, Result};
    use crate::retry::{Attempt, Operation};

    pub(crate) fn in_current_span<F: Future>(task: F) -> F {
        task
    }

    pub(crate) struct AttemptSpan;

    pub(crate) fn start_attempt(_: Attempt) -> AttemptSpan {
        AttemptSpan
    }

    impl AttemptSpan {
        pub(crate) fn instrument<F: Future>(&self, request: F) -> F {
            request
        }

        pub(crate) fn finish<T>(self, _: Option<&'static Operation>, _: &Result<T>) {}
    }

    pub(crate) fn log_retry(_: Attempt, _: Duration) {}

    pub(crate) fn log_search(_: Option<&Error>) {}

    pub(crate) fn log_search_end(_: Duration, _: Option<&Error>) {}

    pub(crate) fn log_watch_end(_: ClipUuid, _: u64, _: Duration, _: Option<&Error>) {}

    #[cfg(feature = "download")]
    pub(crate) fn log_interruption(_: ClipUuid, _: u64, _: &Error) {}

    #[cfg(feature = "download")]
    pub(crate) fn log_download_end(_: ClipUuid, _: u64, _: Duration, _: Option<&Error>) {}
}
