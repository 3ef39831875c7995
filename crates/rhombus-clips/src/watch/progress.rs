//! What a look means for a watch. Pure: time is what the caller says it is.

use std::time::Duration;

use super::pacing::Pacing;
use crate::lifecycle::Lifecycle;
use crate::{Clip, Error, ErrorKind, Result};

/// How long a watch waits for what.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Limits {
    pub(crate) deadline: Duration,
    pub(crate) grace: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            deadline: Duration::from_secs(30 * 60),
            grace: Duration::from_secs(60),
        }
    }
}

/// What to do after a look.
#[derive(Debug)]
pub(crate) enum Verdict {
    /// Look again after this wait.
    LookAgain {
        wait: Duration,
        /// Why this look failed, if it did.
        failure: Option<Error>,
    },
    /// The clip is complete.
    Complete,
    /// The watch ends with an error.
    Fail(Error),
}

/// How far a watch has come.
pub(crate) struct Progress {
    limits: Limits,
    pacing: Box<dyn Pacing>,
    polls: u64,
    /// When the latest look began.
    begun: Duration,
    clip: Option<Clip>,
    missing_since: Option<Duration>,
}

impl Progress {
    pub(crate) fn new(limits: Limits, pacing: Box<dyn Pacing>) -> Self {
        Self {
            limits,
            pacing,
            polls: 0,
            begun: Duration::ZERO,
            clip: None,
            missing_since: None,
        }
    }

    /// How many looks were begun.
    pub(crate) fn polls(&self) -> u64 {
        self.polls
    }

    /// The clip as it was last seen.
    pub(crate) fn clip(&self) -> Option<&Clip> {
        self.clip.as_ref()
    }

    /// A look begins, `elapsed` after the watch did.
    pub(crate) fn begin_look(&mut self, elapsed: Duration) {
        self.polls += 1;
        self.begun = elapsed;
    }

    /// A look ended `elapsed` after the watch began.
    pub(crate) fn judge(&mut self, elapsed: Duration, outcome: Result<Option<Clip>>) -> Verdict {
        let mut found = None;
        let mut failure = None;
        match outcome {
            Ok(Some(clip)) => {
                self.missing_since = None;
                self.clip = Some(clip.clone());
                match Lifecycle::of(clip.record()) {
                    Lifecycle::Complete => return Verdict::Complete,
                    Lifecycle::Failed => return self.fail(elapsed, clip_failed(&clip)),
                    Lifecycle::Pending => found = Some(clip),
                }
            }
            Ok(None) => {
                let since = *self.missing_since.get_or_insert(elapsed);
                if elapsed.saturating_sub(since) >= self.limits.grace {
                    return self.fail(elapsed, not_found(self.limits.grace));
                }
            }
            Err(error) if error.is_transient() => failure = Some(error),
            Err(error) => return self.fail(elapsed, error),
        }
        let left = self.limits.deadline.saturating_sub(elapsed);
        if left.is_zero() {
            if self.begun < self.limits.deadline {
                // This look began too early to say how the clip was at the deadline.
                let wait = Duration::ZERO;
                return Verdict::LookAgain { wait, failure };
            }
            let exceeded = self.deadline_exceeded();
            return self.fail(
                elapsed,
                match failure {
                    Some(failure) => exceeded.with_source(failure),
                    None => exceeded,
                },
            );
        }
        let mut wait = self.pacing.wait(elapsed, found.as_ref());
        if let Some(since) = self.missing_since {
            // What decides is whether the record is there at the end of the grace period.
            let end = since.saturating_add(self.limits.grace);
            if end > elapsed {
                wait = wait.min(end - elapsed);
            }
        }
        let asked = failure
            .as_ref()
            .and_then(Error::retry_after)
            .unwrap_or_default();
        Verdict::LookAgain {
            wait: wait.max(asked).min(left),
            failure,
        }
    }

    fn deadline_exceeded(&self) -> Error {
        let seen = match &self.clip {
            Some(clip) => format!("last seen {}", describe(clip)),
            None => "never seen".to_owned(),
        };
        let message = format!(
            "the deadline of {} passed (watch again, or set a later one): the clip was {seen}",
            seconds(self.limits.deadline)
        );
        Error::new(ErrorKind::DeadlineExceeded, message)
    }

    fn fail(&self, elapsed: Duration, error: Error) -> Verdict {
        let clip = error.clip().or(self.clip.as_ref()).cloned();
        Verdict::Fail(error.with_clip(clip).with_effort(self.polls, elapsed))
    }
}

fn clip_failed(clip: &Clip) -> Error {
    Error::new(
        ErrorKind::ClipFailed,
        format!("the clip will not be done: {}", describe(clip)),
    )
}

fn not_found(grace: Duration) -> Error {
    let message = format!(
        "the service has no such clip, and had none for {}: check the identifier, or set a longer grace period",
        seconds(grace)
    );
    Error::new(ErrorKind::NotFound, message)
}

fn describe(clip: &Clip) -> String {
    let mut text = clip.status().to_string();
    if let Some(percent) = clip.percent() {
        text.push_str(&format!(", {percent} percent"));
    }
    if let Some(operation) = clip.operation() {
        text.push_str(&format!(" of {operation:?}"));
    }
    text
}

fn seconds(duration: Duration) -> String {
    format!("{} s", duration.as_secs_f64())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::watch::pacing::FixedInterval;
    use rhombus_clips_api::types::ClipStatus;

    const SEC: Duration = Duration::from_secs(1);

    fn progress(deadline: Duration, grace: Duration) -> Progress {
        Progress::new(
            Limits { deadline, grace },
            Box::new(FixedInterval::new(2 * SEC)),
        )
    }

    fn clip(status: ClipStatus) -> Result<Option<Clip>> {
        Ok(Some(Clip::of_status(status)))
    }

    fn rate_limited(retry_after: Duration) -> Result<Option<Clip>> {
        Err(Error::new(ErrorKind::RateLimited, "").with_retry_after(Some(retry_after)))
    }

    /// A look that begins and ends at once.
    fn look(progress: &mut Progress, at: Duration, outcome: Result<Option<Clip>>) -> Verdict {
        progress.begin_look(at);
        progress.judge(at, outcome)
    }

    fn wait(verdict: Verdict) -> Duration {
        match verdict {
            Verdict::LookAgain { wait, .. } => wait,
            other => panic!("{other:?}"),
        }
    }

    fn failure(verdict: Verdict) -> Error {
        match verdict {
            Verdict::Fail(error) => error,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn the_last_wait_is_cut_to_the_deadline_and_one_last_look_decides() {
        let mut progress = progress(5 * SEC, SEC);
        assert_eq!(
            wait(look(&mut progress, 2 * SEC, clip(ClipStatus::Rendering))),
            2 * SEC
        );
        assert_eq!(
            wait(look(&mut progress, 4 * SEC, clip(ClipStatus::Rendering))),
            SEC
        );
        let error = failure(look(&mut progress, 5 * SEC, clip(ClipStatus::Rendering)));
        assert!(error.is_deadline_exceeded());
        assert_eq!(error.elapsed(), Some(5 * SEC));
        assert_eq!(
            error.clip().map(|clip| clip.status().clone()),
            Some(ClipStatus::Rendering)
        );
    }

    #[test]
    fn a_clip_that_is_done_at_the_deadline_is_done() {
        let mut progress = progress(5 * SEC, SEC);
        assert!(matches!(
            look(&mut progress, 6 * SEC, clip(ClipStatus::Complete)),
            Verdict::Complete
        ));
    }

    #[test]
    fn a_missing_record_is_tolerated_for_the_grace_period() {
        let mut progress = progress(60 * SEC, 3 * SEC);
        assert_eq!(wait(look(&mut progress, SEC, Ok(None))), 2 * SEC);
        assert_eq!(wait(look(&mut progress, 3 * SEC, Ok(None))), SEC);
        assert!(failure(look(&mut progress, 4 * SEC, Ok(None))).is_not_found());
    }

    #[test]
    fn a_failure_after_the_grace_period_waits_as_any_other() {
        let mut progress = progress(60 * SEC, 3 * SEC);
        wait(look(&mut progress, SEC, Ok(None)));
        for at in [4 * SEC, 6 * SEC] {
            assert_eq!(wait(look(&mut progress, at, rate_limited(SEC))), 2 * SEC);
        }
        assert!(failure(look(&mut progress, 8 * SEC, Ok(None))).is_not_found());
    }

    #[test]
    fn a_look_across_the_deadline_is_not_the_last() {
        let mut progress = progress(5 * SEC, SEC);
        progress.begin_look(4 * SEC);
        let verdict = progress.judge(14 * SEC, clip(ClipStatus::Rendering));
        assert_eq!(wait(verdict), Duration::ZERO);
        let verdict = look(&mut progress, 14 * SEC, clip(ClipStatus::Complete));
        assert!(matches!(verdict, Verdict::Complete));
    }

    #[test]
    fn a_record_that_comes_back_starts_the_grace_period_anew() {
        let mut progress = progress(60 * SEC, 3 * SEC);
        wait(look(&mut progress, SEC, Ok(None)));
        wait(look(&mut progress, 3 * SEC, clip(ClipStatus::Initiating)));
        wait(look(&mut progress, 5 * SEC, Ok(None)));
        wait(look(&mut progress, 7 * SEC, Ok(None)));
        let error = failure(look(&mut progress, 8 * SEC, Ok(None)));
        assert!(error.is_not_found());
        assert!(error.clip().is_some());
    }

    #[test]
    fn limits_without_end_are_limits() {
        let mut progress = progress(Duration::MAX, Duration::MAX);
        assert_eq!(wait(look(&mut progress, SEC, Ok(None))), 2 * SEC);
        assert_eq!(
            wait(look(&mut progress, SEC, rate_limited(Duration::MAX))),
            Duration::MAX - SEC
        );
    }

    #[test]
    fn offline_and_unknown_states_go_on() {
        let mut progress = progress(60 * SEC, SEC);
        for status in [
            ClipStatus::Offline,
            ClipStatus::Unknown,
            ClipStatus::from("PAUSED"),
        ] {
            wait(look(&mut progress, SEC, clip(status)));
        }
    }

    #[test]
    fn a_failed_clip_ends_the_watch_with_the_clip() {
        for status in [ClipStatus::Failed, ClipStatus::Deleted] {
            let error = failure(look(
                &mut progress(60 * SEC, SEC),
                SEC,
                clip(status.clone()),
            ));
            assert!(error.is_clip_failed());
            assert_eq!(error.clip().map(Clip::status), Some(&status));
        }
    }

    #[test]
    fn the_service_decides_the_wait_up_to_the_deadline() {
        let mut progress = progress(60 * SEC, SEC);
        assert_eq!(wait(look(&mut progress, SEC, rate_limited(SEC))), 2 * SEC);
        assert_eq!(
            wait(look(&mut progress, SEC, rate_limited(30 * SEC))),
            30 * SEC
        );
        assert_eq!(
            wait(look(&mut progress, SEC, rate_limited(3600 * SEC))),
            59 * SEC
        );
    }

    #[test]
    fn a_permanent_failure_ends_the_watch_and_keeps_its_kind() {
        let denied = Err(Error::new(ErrorKind::Authentication, "denied").with_status(403));
        let error = failure(look(&mut progress(60 * SEC, SEC), SEC, denied));
        assert!(error.is_auth());
        assert_eq!(error.status(), Some(403));
    }

    #[test]
    fn the_last_failure_is_the_source_of_the_missed_deadline() {
        let error = failure(look(&mut progress(SEC, SEC), SEC, rate_limited(SEC)));
        let source = std::error::Error::source(&error).unwrap();
        assert!(source.downcast_ref::<Error>().unwrap().is_rate_limited());
    }
}
