//! One look of a watch.

use std::time::Duration;

use super::course::Course;
use super::progress::{Chance, Verdict};
use crate::looker::Looker;
use crate::{Clip, trace};

/// What came of a look.
pub(super) struct Look {
    pub(super) verdict: Verdict,
    /// The clip that it saw.
    pub(super) clip: Option<Clip>,
    /// How long the watch had lasted then: it may be told later.
    pub(super) elapsed: Duration,
}

/// Waits until a request may be sent, looks, and judges.
pub(super) async fn look<L: Looker>(looker: &L, course: &Course) -> Look {
    let patience = course.lock().patience();
    if let Err(error) = looker.admit(patience).await {
        return course.lock().miss_deadline(error);
    }
    let attempt = course.lock().begin_look();
    let outcome = looker.look(attempt).await;
    let chance = Chance {
        random: fastrand::f64(),
        withdraw: &|| looker.withdraw(),
    };
    let look = course.lock().judge(outcome, chance);
    if let Verdict::LookAgain {
        wait,
        failure: Some(_),
    } = &look.verdict
    {
        trace::waits(attempt, *wait);
    }
    look
}
