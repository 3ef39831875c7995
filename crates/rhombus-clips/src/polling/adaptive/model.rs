//! Statistical model of one clip: observed progress in, forecast and delay to the next poll out.
//!
//! The model has three parts: [`observe`](ClipModel::observe) takes in a poll, and records in the
//! client's statistics what it concludes; [`forecast`](super::forecast) derives the distribution of
//! the remaining time; [`schedule`](super::schedule) schedules the next poll on it. It must not know
//! clocks, requests, or the limits and the jitter that the caller applies.
//!
//! The model is saved in checkpoints and there is one per watched clip, so its state is compact
//! (`f32`, bounded buffers) and everything restored is checked for plausibility.
//!
//! All times are seconds since the watch began, unless they are said to count from now.

use std::hash::Hasher as _;

use fnv::FnvHasher;
use rhombus_clips_api::types::ClipStatus;
use serde::{Deserialize, Serialize};

use super::error_tracker::{ErrorTracker, Prediction};
use super::history::{PhaseEnd, Stats};
use super::phase::{Phase, is_plausible_time};
use super::recent_values::RecentValues;
use super::terms::{Term, Terms};

/// One poll, as far as the model uses it.
pub(super) struct PollSample<'a> {
    /// Seconds since the watch began.
    pub(super) elapsed: f64,
    pub(super) status: Option<&'a ClipStatus>,
    pub(super) percent: Option<u8>,
    pub(super) operation: Option<&'a str>,
    /// Length of the footage, in seconds.
    pub(super) footage_seconds: Option<f64>,
}

/// Number of predictions stored until the phase ends; bounds the memory.
const RECENT_PREDICTIONS: usize = 3;

/// Number of ended phases stored per clip; bounds the memory.
const MAX_PHASES: usize = 8;

/// Model of one clip.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct ClipModel {
    pub(super) phase: Option<Phase>,
    pub(super) last_poll_at: f32,
    pub(super) is_rendering: bool,
    /// Whether a phase of rendering ended after most of its percentage, and another operation followed.
    #[serde(default)]
    pub(super) is_finishing: bool,
    /// Since when the clip has been `OFFLINE`.
    #[serde(default)]
    suspended_at: Option<f32>,
    #[serde(default)]
    pub(super) progress: Progress,
    pub(super) footage_seconds: Option<f32>,
    pub(super) errors: ErrorTracker,
    pub(super) predictions: RecentValues<Prediction, RECENT_PREDICTIONS>,
    pub(super) ended_phases: Vec<PhaseEnd>,
}

/// Whether a poll before the end can tell how far the clip is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum Progress {
    /// The percentage is 0, and may rise.
    #[default]
    Unknown,
    /// The clip is not rendered yet, in a phase without a percentage, or at 0.
    Waiting,
    /// There is no percentage, or it stays at 0, or never rose in phases of this kind.
    // Names in states that earlier builds saved.
    #[serde(alias = "Flat", alias = "Stuck")]
    None,
    /// The percentage tells the speed, or told it until the clip was mostly rendered.
    Seen,
    /// The percentage rises in phases of this kind, or in those that follow them.
    Learned,
}

/// Gap between two polls above which nothing is learned from the time between, if it also exceeds
/// the time watched before: the program was not running. The
/// synthetic traces have no such gap.
const MAX_GAP_SECONDS: f64 = 600.0;

/// Percentage from which on a phase of rendering that ends is taken as complete. The last one that a poll saw
/// is below 100 %. Chosen: 60 and 90 differ by less than 2 % of the delay.
const MOSTLY_RENDERED_PERCENT: f32 = 60.0;

/// Drop of the percentage that starts a new phase: more than so many percentage points, and more
/// than this share of the percentage. Smaller drops occur within a phase.
const RESTART_DROP_PERCENT: f32 = 5.0;
const RESTART_DROP_FRACTION: f32 = 0.15;

/// Number of completed clips that had a phase, from which on its statistics say whether it reports
/// percentages, and whether others follow.
const MIN_CLIPS_FOR_PHASE: f64 = 2.0;

/// Time for which a percentage may stay at 0 before it counts as none, in phases that the history does
/// not know, of a clip that is being rendered.
const ZERO_PERCENT_TIMEOUT_SECONDS: f64 = 25.0;

/// Shortest actual remaining time that a prediction is compared with: below, the interval between
/// polls dominates the error.
const MIN_ACTUAL_SECONDS: f64 = 0.3;

// Observation.
impl ClipModel {
    /// Returns whether a watch can have this state; a checkpoint may hold any numbers.
    pub(super) fn is_plausible(&self) -> bool {
        is_plausible_time(self.last_poll_at)
            && self.phase.as_ref().is_none_or(Phase::is_plausible)
            && self.footage_seconds.is_none_or(is_plausible_time)
            && self.suspended_at.is_none_or(is_plausible_time)
            && self.errors.is_plausible()
            && self
                .predictions
                .as_slice()
                .iter()
                .all(Prediction::is_plausible)
            && self
                .ended_phases
                .iter()
                .all(|end| is_plausible_time(end.ended_at))
    }

    /// Takes in a poll.
    pub(super) fn observe(&mut self, sample: &PollSample<'_>, stats: &mut Stats, terms: Terms) {
        let footage_seconds = sample.footage_seconds.map(|length| length as f32);
        self.footage_seconds = footage_seconds.or(self.footage_seconds);
        let is_suspended = is_suspended(sample.status);
        let key = match &self.phase {
            Some(phase) if is_suspended => phase.key,
            _ => phase_key(sample),
        };
        let continues = self.phase.as_ref().is_some_and(|phase| {
            let percent = phase.percent();
            let has_restarted = sample.percent.is_some_and(|sampled| {
                let drop = (RESTART_DROP_FRACTION * percent).max(RESTART_DROP_PERCENT);
                f32::from(sampled) < percent - drop
            });
            phase.key == key && !has_restarted
        });
        if !continues {
            let is_other_phase = self.phase.as_ref().is_some_and(|phase| phase.key != key);
            if is_other_phase
                && self.is_rendering
                && phase_percent(&self.phase) >= MOSTLY_RENDERED_PERCENT
            {
                self.is_finishing = true;
            }
            let previous_poll_at = self.end_phase(sample.elapsed, stats);
            let phase = Phase::new(key, previous_poll_at, sample.elapsed, sample.percent);
            self.phase = Some(phase);
            self.errors = ErrorTracker::default();
        }
        let Some(phase) = &mut self.phase else { return };
        if is_suspended {
            phase.exclude(sample.elapsed - f64::from(self.last_poll_at));
            let between = (self.last_poll_at + sample.elapsed as f32) / 2.0;
            self.suspended_at.get_or_insert(between);
        } else {
            self.suspended_at = None;
            self.is_rendering = sample.status == Some(&ClipStatus::Rendering);
            if let Some(percent) = sample.percent {
                phase.observe(self.last_poll_at.into(), sample.elapsed, percent);
            }
        }
        self.progress = match progress(phase, sample, stats, terms) {
            Progress::Learned => Progress::Learned,
            _ if self.is_finishing && terms.has(Term::Finishing) => Progress::Seen,
            progress => progress,
        };
        self.last_poll_at = sample.elapsed as f32;
    }

    /// Records in the statistics that the clip was seen complete at `now`.
    pub(super) fn on_complete(&mut self, now: f64, stats: &mut Stats) {
        if self.end_phase(now, stats).is_some() && !self.is_gap(now) {
            let end = (f64::from(self.last_poll_at) + now) / 2.0;
            stats.record_completion(end, self.footage_seconds(), &self.ended_phases);
        }
    }

    /// Ends the current phase between the last poll and `now`, and records it; returns the time of
    /// the last poll, or `None` if there was no phase.
    fn end_phase(&mut self, now: f64, stats: &mut Stats) -> Option<f64> {
        let phase = self.phase.take()?;
        if self.is_gap(now) {
            self.predictions.clear();
            self.ended_phases.clear();
            return Some(self.last_poll_at.into());
        }
        let end = (f64::from(self.last_poll_at) + now) / 2.0;
        for prediction in self.predictions.as_slice() {
            let actual = end - f64::from(prediction.predicted_at);
            if actual > MIN_ACTUAL_SECONDS {
                let predicted = prediction.remaining.into();
                stats.record_error(prediction.band.into(), predicted, actual);
            }
        }
        self.predictions.clear();
        stats.record_phase_end(phase.key, end - phase.entered_at(), phase.step());
        if self.ended_phases.len() < MAX_PHASES {
            self.ended_phases.push(PhaseEnd {
                key: phase.key,
                ended_at: end as f32,
            });
        }
        Some(self.last_poll_at.into())
    }

    /// Returns whether the time since the last poll is too long to learn from.
    fn is_gap(&self, now: f64) -> bool {
        let last_poll_at = f64::from(self.last_poll_at);
        now - last_poll_at > MAX_GAP_SECONDS.max(last_poll_at)
    }

    /// Returns for how long the clip has been `OFFLINE`, if it is.
    pub(super) fn suspended_seconds(&self) -> Option<f64> {
        let seconds = self.last_poll_at - self.suspended_at?;
        Some(seconds.max(0.0).into())
    }

    pub(super) fn footage_seconds(&self) -> Option<f64> {
        self.footage_seconds.map(f64::from)
    }
}

/// Returns whether polls tell how far the clip is.
fn progress(phase: &Phase, sample: &PollSample<'_>, stats: &Stats, terms: Terms) -> Progress {
    let known = stats
        .phase(phase.key)
        .filter(|known| known.completed_clips() >= MIN_CLIPS_FOR_PHASE);
    if known.is_some_and(|known| known.step > 0 || known.is_rarely_last()) {
        return Progress::Learned;
    }
    if phase.has_speed() {
        return Progress::Seen;
    }
    let waited = sample.elapsed - phase.first_poll_at();
    let is_at_zero = phase.percent() == 0.0;
    if is_at_zero && known.is_some() {
        Progress::None
    } else if is_at_zero && is_waiting(sample.status) && terms.has(Term::Waiting) {
        Progress::Waiting
    } else if sample.percent.is_none() || is_at_zero && waited > ZERO_PERCENT_TIMEOUT_SECONDS {
        Progress::None
    } else {
        Progress::Unknown
    }
}

/// Returns the hash that identifies the phase of a poll.
fn phase_key(sample: &PollSample<'_>) -> u32 {
    // Saved in checkpoints, so the hash must be the same in every process.
    let mut hasher = FnvHasher::default();
    hasher.write(sample.status.map_or("", ClipStatus::as_str).as_bytes());
    hasher.write(&[0]);
    hasher.write(sample.operation.unwrap_or_default().as_bytes());
    let hash = hasher.finish();
    (hash ^ (hash >> 32)) as u32
}

pub(super) fn phase_percent(phase: &Option<Phase>) -> f32 {
    phase.as_ref().map_or(0.0, Phase::percent)
}

/// Returns whether a clip of this status has yet to be rendered.
fn is_waiting(status: Option<&ClipStatus>) -> bool {
    matches!(status, Some(ClipStatus::Initiating | ClipStatus::Uploading))
}

/// Returns whether the percentage is frozen under this status.
fn is_suspended(status: Option<&ClipStatus>) -> bool {
    status == Some(&ClipStatus::Offline)
}
