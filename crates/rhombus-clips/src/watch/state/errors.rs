//! Errors that a watch ends with.

use std::time::Duration;

use super::progress::WatchProgress;
use crate::text::sanitize_line;
use crate::types::ClipStatus;
use crate::{Clip, Error, ErrorKind, Hint};

/// Error of a watch whose deadline passed, with the last failure as the cause.
pub(super) fn deadline_exceeded(
    progress: &WatchProgress,
    timeout: Duration,
    cause: Option<Error>,
    known: Option<&Clip>,
) -> Error {
    let last_status = match &progress.last_status {
        Some(last_status) => format!("last status {last_status}"),
        None if progress.is_reached => "no record of the clip so far".to_owned(),
        None => "no response from the service so far".to_owned(),
    };
    let final_poll = match progress.is_final_poll {
        true => "",
        false => ", without a final poll",
    };
    let message = format!(
        "watch timed out after {}{final_poll}; {last_status}",
        seconds(timeout)
    );
    let error = Error::new(ErrorKind::DeadlineExceeded, message);
    let error = match known.is_some_and(Clip::is_placeholder) {
        true => error.with_hint(Hint::WatchParts),
        false => error,
    };
    let error = error
        .with_hint(Hint::ResumeWatch)
        .with_hint(Hint::ExtendTimeout);
    match cause {
        Some(cause) => error.with_source(cause),
        None => error,
    }
}

/// Error of a watch whose clip had no record for the grace period.
pub(super) fn not_found(progress: &WatchProgress, grace_period: Duration) -> Error {
    let grace_period = seconds(grace_period);
    match &progress.last_status {
        Some(last_status) => {
            let message = format!(
                "clip not found any more: no record of it for {grace_period}; last status {last_status}"
            );
            Error::new(ErrorKind::NotFound, message)
                .with_hint(Hint::CheckOrganization)
                .with_hint(Hint::ResumeWatch)
        }
        None => {
            let message = format!("clip not found: no record of it for {grace_period}");
            Error::new(ErrorKind::NotFound, message)
                .with_hint(Hint::CheckClipUuid)
                .with_hint(Hint::ExtendNotFoundGracePeriod)
        }
    }
}

/// The operation of a failed clip is the reason of the failure; that of a deleted one has no meaning.
pub(super) fn clip_failed(clip: &Clip) -> Error {
    let message = match (clip.status(), clip.operation()) {
        (ClipStatus::Deleted, _) => "clip deleted".to_owned(),
        (_, Some(reason)) => format!("clip failed: {}", sanitize_line(reason)),
        (_, None) => "clip failed".to_owned(),
    };
    Error::new(ErrorKind::ClipFailed, message)
}

fn seconds(duration: Duration) -> String {
    format!("{} s", duration.as_secs_f64())
}
