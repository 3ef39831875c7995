//! What the watches of one client have learned.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::forecast::Guess;
use super::math::{Running, common_divisor};

/// How many kinds of phases are remembered.
const PHASES: usize = 64;

/// How many clips tell what to expect.
const FEW: f64 = 3.0;

/// What the watches of one client have learned, from the clips that they saw complete: how long
/// clips take, and how their operations follow each other.
///
/// Bounded in memory, some 8 KiB. Cloning shares it.
///
/// ```
/// # use rhombus_clips_sim::prelude::*;
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let uuid = rhombus_clips::ClipUuid::from_bytes([1; 16]);
/// # let service = Service::start().await?.with_clip(uuid, clip().renders_in(30.s()));
/// # let client = rhombus_clips::Client::builder().api_key(service.api_key()).base_url(service.base_url()).build()?;
/// use rhombus_clips::polling::{Adaptive, History};
///
/// // For all clients of this program, in place of one for each.
/// let history = History::new();
/// client.watch(uuid).polling(Adaptive::new(&history)).await?;
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Default)]
pub struct History(Arc<RwLock<Learned>>);

impl History {
    /// Nothing learned yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Nothing panics under the lock.
    pub(super) fn read(&self) -> RwLockReadGuard<'_, Learned> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn write(&self) -> RwLockWriteGuard<'_, Learned> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl fmt::Debug for History {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("History").finish_non_exhaustive()
    }
}

pub(super) struct Learned {
    phases: HashMap<u32, LearnedPhase>,
    /// Counts the phases that ended, for the age of each.
    clock: u64,
    /// Logarithm of the seconds from the first look to the end.
    total: Running,
    /// Logarithm of those seconds for each second of footage.
    by_length: Running,
    /// Mean square of the logarithm of what each way to extrapolate said against what came true,
    /// in the first, second and last third of a phase.
    errors: [[f64; 3]; 3],
}

#[derive(Clone, Debug)]
pub(super) struct LearnedPhase {
    used: u64,
    /// Logarithm of the seconds that it takes.
    pub(super) duration: Running,
    /// Logarithm of the seconds from its end to the end of all, where it is not the last.
    after: Running,
    /// How often it was seen to the end of its clip.
    count: f64,
    /// How often it was the last, 0 to 1.
    last: f64,
    /// The common divisor of its percentages; 0 when it never said any.
    pub(super) step: u8,
}

/// A phase that ended, of a clip that may not have.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub(super) struct Ended {
    pub(super) key: u32,
    pub(super) at: f32,
}

impl Default for Learned {
    fn default() -> Self {
        // Render times are undocumented; seconds to tens of minutes are expected.
        Self {
            phases: HashMap::new(),
            clock: 0,
            total: Running::prior(40_f64.ln(), 1.0),
            by_length: Running::prior(0.5_f64.ln(), 1.5),
            errors: [[0.15, 0.10, 0.06], [0.15, 0.10, 0.06], [0.25, 0.10, 0.06]],
        }
    }
}

impl Learned {
    pub(super) fn phase(&self, key: u32) -> Option<&LearnedPhase> {
        self.phases.get(&key)
    }

    /// How many clips were seen complete.
    pub(super) fn clips(&self) -> f64 {
        self.total.count
    }

    /// Whether too few clips were seen complete to know what to expect.
    pub(super) fn knows_little(&self) -> bool {
        self.clips() < FEW
    }

    /// How far each way to extrapolate may be off at this percentage, as a variance.
    pub(super) fn errors(&self, third: usize) -> [f64; 3] {
        self.errors.map(|thirds| thirds[third])
    }

    /// The whole time of a clip with so many seconds of footage.
    pub(super) fn total(&self, clip_length: Option<f64>) -> Guess {
        let by_length = &self.by_length;
        let seconds = clip_length
            .filter(|_| by_length.count >= 3.0 && by_length.variance < self.total.variance);
        match seconds {
            Some(seconds) => Guess {
                median: by_length.mean.exp() * seconds.max(1.0),
                variance: by_length.variance + 0.01,
            },
            None => Guess {
                median: self.total.mean.exp(),
                variance: self.total.variance,
            },
        }
    }

    /// A phase ended, after so many seconds.
    pub(super) fn phase_ended(&mut self, key: u32, seconds: f64, step: u8) {
        self.clock += 1;
        if self.phases.len() >= PHASES && !self.phases.contains_key(&key) {
            let oldest = self.phases.iter().min_by_key(|(_, phase)| phase.used);
            if let Some(oldest) = oldest.map(|(key, _)| *key) {
                self.phases.remove(&oldest);
            }
        }
        let phase = self.phases.entry(key).or_insert_with(|| LearnedPhase {
            used: 0,
            duration: Running::prior(0.0, 0.8),
            after: Running::prior(0.0, 0.8),
            count: 0.0,
            last: 0.0,
            step: 0,
        });
        phase.used = self.clock;
        phase.duration.add(seconds.max(0.1).ln());
        phase.step = common_divisor(phase.step, step);
    }

    /// What was said of the time left, against what came true.
    pub(super) fn was_off(&mut self, third: usize, said: [f64; 3], came_true: f64) {
        for (errors, said) in self.errors.iter_mut().zip(said) {
            // A few that go astray say little of the others.
            let off = (said.max(0.05) / came_true).ln().clamp(-1.0, 1.0);
            if let Some(error) = errors.get_mut(third) {
                *error = 0.93 * *error + 0.07 * off.powi(2);
            }
        }
    }

    /// A clip was seen complete after so many seconds, with these phases.
    pub(super) fn complete(&mut self, seconds: f64, clip_length: Option<f64>, phases: &[Ended]) {
        let seconds = seconds.max(0.1);
        self.total.add(seconds.ln());
        if let Some(length) = clip_length {
            self.by_length.add((seconds / length.max(1.0)).ln());
        }
        for (index, ended) in phases.iter().enumerate() {
            let Some(phase) = self.phases.get_mut(&ended.key) else {
                continue;
            };
            let is_last = index + 1 == phases.len();
            phase.count = (phase.count + 1.0).min(20.0);
            phase.last += (f64::from(u8::from(is_last)) - phase.last) / phase.count;
            if !is_last {
                let after = seconds - f64::from(ended.at);
                phase.after.add(after.max(0.1).ln());
            }
        }
    }
}

impl LearnedPhase {
    /// How many clips had it, of the newest.
    pub(super) fn count(&self) -> f64 {
        self.count
    }

    /// How long it takes.
    pub(super) fn lasts(&self) -> Guess {
        Guess {
            median: self.duration.mean.exp(),
            variance: self.duration.of_the_next(),
        }
    }

    /// How likely it is the last, where this is likely of one that was never seen.
    pub(super) fn is_last(&self, unseen: f64) -> f64 {
        (self.last * self.count + unseen) / (self.count + 1.0)
    }

    /// What comes after it, where something did.
    pub(super) fn after(&self) -> Option<Guess> {
        (self.after.count >= 1.0).then(|| Guess {
            median: self.after.mean.exp(),
            variance: self.after.variance,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_does_not_grow_without_end() {
        let mut learned = Learned::default();
        for key in 0..1000 {
            learned.phase_ended(key, 5.0, 1);
        }
        assert_eq!(learned.phases.len(), PHASES);
        assert!(learned.phase(999).is_some() && learned.phase(0).is_none());
    }

    #[test]
    fn the_order_of_phases_is_learned() {
        let mut learned = Learned::default();
        for _ in 0..10 {
            learned.phase_ended(1, 10.0, 1);
            learned.phase_ended(2, 30.0, 5);
            let phases = [Ended { key: 1, at: 10.0 }, Ended { key: 2, at: 40.0 }];
            learned.complete(40.0, Some(60.0), &phases);
        }
        let (upload, render) = (learned.phase(1).unwrap(), learned.phase(2).unwrap());
        assert!(upload.is_last(0.5) < 0.1 && render.is_last(0.5) > 0.9);
        assert!((upload.after().unwrap().median - 30.0).abs() < 1.0);
        assert!((render.lasts().median - 30.0).abs() < 1.0);
        assert_eq!(render.step, 5);
    }

    #[test]
    fn the_length_of_the_footage_counts_where_it_tells_more() {
        let mut learned = Learned::default();
        for length in [10.0, 1000.0, 30.0, 300.0, 100.0, 3000.0, 10.0, 1000.0] {
            learned.complete(length / 2.0, Some(length), &[]);
        }
        let guess = learned.total(Some(600.0));
        assert!((guess.median - 300.0).abs() < 30.0, "{guess:?}");
        assert!(learned.total(None).variance > 1.0);
    }

    #[test]
    fn the_way_that_came_true_is_trusted_more() {
        let mut learned = Learned::default();
        (0..50).for_each(|_| learned.was_off(1, [30.0, 15.0, 10.0], 10.0));
        let errors = learned.errors(1);
        assert!(errors[0] > errors[1] && errors[1] > errors[2]);
    }
}
