//! Looks where they are worth most.

mod course;
mod forecast;
mod history;
mod math;
mod phase;
mod placement;

pub use history::History;

use std::sync::Arc;
use std::time::Duration;

use rhombus_clips_api::types::ClipStatus;

use super::{Estimate, Observation, Pacing};
use course::{Course, Look};

/// Looks where they are worth most, as the clip's own progress says.
#[derive(Clone, Debug)]
pub struct Adaptive {
    settings: Arc<Settings>,
    course: Course,
    /// The 0.5, 0.1 and 0.9 quantiles of the time left, in seconds.
    estimate: Option<[f32; 3]>,
}

/// What the copies of a pacing share: a client may watch a hundred thousand clips.
#[derive(Clone, Debug)]
struct Settings {
    history: History,
    shortest: Duration,
    longest: Duration,
    jitter: f64,
}

impl Adaptive {
    /// The shortest wait unless another is set: 250 ms.
    pub const SHORTEST: Duration = Duration::from_millis(250);

    /// The longest wait unless another is set: 2 minutes.
    pub const LONGEST: Duration = Duration::from_secs(120);

    /// Learns from and for the watches that share this history.
    pub fn new(history: &History) -> Self {
        Self {
            settings: Arc::new(Settings {
                history: history.clone(),
                shortest: Self::SHORTEST,
                longest: Self::LONGEST,
                jitter: 0.0,
            }),
            course: Course::default(),
            estimate: None,
        }
    }

    /// No wait is shorter: [`SHORTEST`](Self::SHORTEST) unless set; less than a millisecond is
    /// taken as one.
    #[must_use]
    pub fn shortest(mut self, wait: Duration) -> Self {
        self.settings_mut().shortest = wait.max(Duration::from_millis(1));
        self
    }

    /// No wait is longer, except one that would be shorter than the [shortest](Self::shortest):
    /// [`LONGEST`](Self::LONGEST) unless set.
    #[must_use]
    pub fn longest(mut self, wait: Duration) -> Self {
        self.settings_mut().longest = wait;
        self
    }

    /// Makes each wait shorter by a random part of it, of at most so much: 0 (not at all, unless
    /// set) to 1.
    #[must_use]
    pub fn jitter(mut self, jitter: f64) -> Self {
        self.settings_mut().jitter = jitter.clamp(0.0, 1.0);
        self
    }

    fn settings_mut(&mut self) -> &mut Settings {
        Arc::make_mut(&mut self.settings)
    }
}

impl Pacing for Adaptive {
    fn next_look(&mut self, seen: &Observation<'_>) -> Duration {
        let look = Look {
            at: seen.elapsed().as_secs_f64(),
            status: seen.status(),
            percent: seen.percent(),
            operation: seen.operation(),
            clip_length: seen.clip_length().map(|length| length.as_secs_f64()),
        };
        let settings = &*self.settings;
        let mut learned = settings.history.lock();
        self.course.see(&look, &mut learned);
        let forecast = self.course.forecast(&learned);
        let wait = self
            .course
            .wait(&forecast, settings.shortest.as_secs_f64(), &learned);
        drop(learned);
        self.estimate = Some([0.5, 0.1, 0.9].map(|part| forecast.quantile(part) as f32));
        let wait = wait * (1.0 - settings.jitter * seen.random());
        seconds(wait).min(settings.longest).max(settings.shortest)
    }

    fn complete(&mut self, elapsed: Duration) {
        self.course
            .complete(elapsed.as_secs_f64(), &mut self.settings.history.lock());
    }

    fn estimate(&self) -> Option<Estimate> {
        let [remaining, at_least, at_most] = self.estimate?.map(|time| seconds(time.into()));
        Some(Estimate {
            remaining,
            at_least,
            at_most,
        })
    }

    fn save(&self) -> Option<String> {
        let course = serde_json::to_string(&self.course).ok()?;
        Some(format!("adaptive {course}"))
    }

    fn restore(&mut self, saved: &str) {
        let course = saved.strip_prefix("adaptive ").map(serde_json::from_str);
        if let Some(Ok(course)) = course {
            self.course = course;
        }
    }
}

fn seconds(seconds: f64) -> Duration {
    Duration::try_from_secs_f64(seconds).unwrap_or(Duration::MAX)
}

/// A status under which a percentage stands still until it passes.
fn is_suspended(status: Option<&ClipStatus>) -> bool {
    status == Some(&ClipStatus::Offline)
}
