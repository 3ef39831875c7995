//! One look of a watch.

use super::course::Course;
use super::progress::{Chance, Verdict};
use crate::looker::Looker;
use crate::{Clip, trace};

/// What came of a look.
pub(super) struct Look {
    pub(super) verdict: Verdict,
    /// The clip that it saw.
    pub(super) clip: Option<Clip>,
}

/// Waits until a request may be sent, looks, and judges.
pub(super) async fn look<L: Looker>(looker: &L, course: &Course) -> Look {
    let patience = course.lock().patience();
    if let Err(error) = looker.admit(patience).await {
        let verdict = course.lock().miss_deadline(error);
        return Look {
            verdict,
            clip: None,
        };
    }
    let attempt = course.lock().begin_look();
    let outcome = looker.look(attempt).await;
    let chance = Chance {
        random: fastrand::f64(),
        withdraw: &|| looker.withdraw(),
    };
    let clip = outcome.as_ref().ok().cloned().flatten();
    let verdict = course.lock().judge(outcome, chance);
    if let Verdict::LookAgain {
        wait,
        failure: Some(_),
    } = &verdict
    {
        trace::waits(attempt, *wait);
    }
    Look { verdict, clip }
}
