//! How each of many clips is watched.

use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::super::checkpoint::Checkpoint;
use super::super::course::Course;
use super::super::progress::{Progress, Rules};
use crate::ClipUuid;
use crate::polling::PollPolicy;
use crate::retry::RetryPolicy;

/// Makes a poll policy, which takes up what a checkpoint kept, if there is one.
pub(super) type PolicyFactory = Box<dyn Fn(Option<&str>) -> Box<dyn PollPolicy> + Send>;

/// What all watches have in common.
pub(super) struct Plan {
    /// Of a watch that is new.
    rules: Arc<Rules>,
    /// Of the one that was resumed last: those that follow mostly have the same.
    resumed: Arc<Rules>,
    /// Set for those that are resumed too.
    pub(super) deadline: Option<Duration>,
    pub(super) grace: Option<Duration>,
    pub(super) policy: Arc<dyn RetryPolicy>,
    pub(super) poll_policy: PolicyFactory,
}

impl Plan {
    pub(super) fn new(
        policy: Arc<dyn RetryPolicy>,
        poll_policy: impl Fn(Option<&str>) -> Box<dyn PollPolicy> + Send + 'static,
    ) -> Self {
        let rules = Arc::new(Rules::new(policy.clone()));
        Self {
            resumed: rules.clone(),
            rules,
            deadline: None,
            grace: None,
            policy,
            poll_policy: Box::new(poll_policy),
        }
    }

    /// Nothing will be set any more.
    pub(super) fn settle(&mut self) {
        let defaults = Rules::new(self.policy.clone());
        self.rules = Arc::new(Rules {
            deadline: self.deadline.unwrap_or(defaults.deadline),
            grace: self.grace.unwrap_or(defaults.grace),
            ..defaults
        });
        self.resumed = self.rules.clone();
    }

    /// A watch that begins now.
    pub(super) fn begin(&self, uuid: ClipUuid) -> Course {
        let progress = Progress::new(uuid, (self.poll_policy)(None), self.rules.clone());
        begun(Course::new(progress, Duration::ZERO))
    }

    /// A watch that goes on now.
    pub(super) fn resume(&mut self, checkpoint: &Checkpoint) -> Course {
        let offset = checkpoint.elapsed_at(SystemTime::now());
        let mut rules = checkpoint.rules(self.policy.clone());
        if let Some(deadline) = self.deadline {
            rules.deadline = offset.saturating_add(deadline);
        }
        rules.grace = self.grace.unwrap_or(rules.grace);
        let is_same = rules.deadline == self.resumed.deadline && rules.grace == self.resumed.grace;
        if !is_same {
            self.resumed = Arc::new(rules);
        }
        let kept = checkpoint.standing.poll_policy.as_deref();
        let progress = Progress::resume(checkpoint, (self.poll_policy)(kept), self.resumed.clone());
        begun(Course::new(progress, offset))
    }
}

fn begun(course: Course) -> Course {
    course.lock().begin();
    course
}

impl fmt::Debug for Plan {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Plan")
            .field("deadline", &self.deadline)
            .field("grace", &self.grace)
            .field("retry", &self.policy)
            .finish_non_exhaustive()
    }
}
