//! One clip on its way: what was seen of it, and what that says of the time left.

use std::hash::Hasher as _;

use fnv::FnvHasher;
use rhombus_clips_api::types::ClipStatus;
use serde::{Deserialize, Serialize};

use super::few::Few;
use super::forecast::{Forecast, Guess, Sorted};
use super::history::{Ended, Learned, LearnedPhase};
use super::is_suspended;
use super::math::LogLogistic;
use super::phase::{Advance, Phase, is_time};
use super::placement::first_look;
use super::price;
use super::trust::{Saying, Trust};

/// What a look saw, in seconds.
pub(super) struct Look<'a> {
    pub(super) at: f64,
    pub(super) status: Option<&'a ClipStatus>,
    pub(super) percent: Option<u8>,
    pub(super) operation: Option<&'a str>,
    pub(super) clip_length: Option<f64>,
}

/// How many looks are remembered with what they said of the end.
const SAYINGS: usize = 3;

/// How many phases of a clip are remembered.
const PHASES: usize = 8;

/// What was seen of a clip.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub(super) struct Course {
    phase: Option<Phase>,
    /// The last look.
    at: f32,
    status: Status,
    /// Whether the last look saw no percentage, or one that does not move.
    is_mute: bool,
    clip_length: Option<f32>,
    trust: Trust,
    sayings: Few<Saying, SAYINGS>,
    ended: Vec<Ended>,
    /// How many looks there were.
    #[serde(default)]
    looks: u16,
}

/// As much of the status as counts.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
enum Status {
    #[default]
    Early,
    Rendering,
    Suspended,
}

/// Between two looks that are further apart, in seconds, and further than the watch had lasted,
/// nobody knows when it was: a program was ended, and went on later.
const UNSEEN: f64 = 600.0;

impl Course {
    /// Whether it may have been seen: it may come from anybody's text.
    pub(super) fn is_sound(&self) -> bool {
        is_time(self.at)
            && self.phase.as_ref().is_none_or(Phase::is_sound)
            && self.clip_length.is_none_or(is_time)
            && self.trust.is_sound()
            && self.sayings.as_slice().iter().all(Saying::is_sound)
            && self.ended.iter().all(|ended| is_time(ended.at))
    }

    /// Takes in what a look saw.
    pub(super) fn see(&mut self, look: &Look<'_>, learned: &mut Learned) {
        self.looks = self.looks.saturating_add(1);
        let clip_length = look.clip_length.map(|length| length as f32);
        self.clip_length = clip_length.or(self.clip_length);
        let suspended = is_suspended(look.status);
        let key = match &self.phase {
            Some(phase) if suspended => phase.key,
            _ => key(look),
        };
        let goes_on = self.phase.as_ref().is_some_and(|phase| {
            let percent = phase.percent();
            // Falling back a little is no new beginning.
            let fell = look
                .percent
                .is_some_and(|p| f32::from(p) < percent - (0.15 * percent).max(5.0));
            phase.key == key && !fell
        });
        if !goes_on {
            let before = self.end_phase(look.at, learned);
            self.phase = Some(Phase::new(key, before, look.at, look.percent));
            self.trust = Trust::default();
        }
        let Some(phase) = &mut self.phase else { return };
        if suspended {
            phase.suspend(look.at - f64::from(self.at));
        } else if let Some(percent) = look.percent {
            phase.see(self.at.into(), look.at, percent);
        }
        // How long it may stand at 0 percent, before none is waited for; where such phases never
        // said another, none is.
        let patience = match learned.phase(key).filter(|phase| phase.count() >= 2.0) {
            Some(phase) if phase.step == 0 => None,
            None if !learned.knows_little() => Some(8.0),
            _ => Some(25.0),
        };
        let stood = look.at - phase.first_seen();
        let stands_still =
            phase.percent() == 0.0 && patience.is_none_or(|patience| stood > patience);
        self.is_mute = look.percent.is_none() || stands_still;
        self.status = match look.status {
            _ if suspended => Status::Suspended,
            Some(ClipStatus::Rendering) => Status::Rendering,
            _ => Status::Early,
        };
        self.at = look.at as f32;
    }

    /// The clip was seen complete.
    pub(super) fn complete(&mut self, at: f64, learned: &mut Learned) {
        if self.end_phase(at, learned).is_some() && !self.is_unseen(at) {
            let end = (f64::from(self.at) + at) / 2.0;
            learned.complete(end, self.clip_length(), &self.ended);
        }
    }

    /// The phase, if there is one, ended between the last look and this; gives the last look.
    fn end_phase(&mut self, now: f64, learned: &mut Learned) -> Option<f64> {
        let phase = self.phase.take()?;
        if self.is_unseen(now) {
            self.sayings.clear();
            self.ended.clear();
            return Some(self.at.into());
        }
        let end = (f64::from(self.at) + now) / 2.0;
        for saying in self.sayings.as_slice() {
            let came_true = end - f64::from(saying.at);
            if came_true > 0.3 {
                learned.was_off(saying.third.into(), saying.left.map(f64::from), came_true);
            }
        }
        self.sayings.clear();
        learned.phase_ended(phase.key, end - phase.entered(), phase.step());
        if self.ended.len() < PHASES {
            let at = end as f32;
            self.ended.push(Ended { key: phase.key, at });
        }
        Some(self.at.into())
    }

    /// Whether nobody looked for so long that the time between says nothing.
    fn is_unseen(&self, now: f64) -> bool {
        let at = f64::from(self.at);
        now - at > UNSEEN.max(at)
    }

    fn clip_length(&self) -> Option<f64> {
        self.clip_length.map(f64::from)
    }

    /// When the clip will be done.
    pub(super) fn forecast(&mut self, learned: &Learned) -> Sorted {
        let Some(phase) = &mut self.phase else {
            return Forecast::default().sorted();
        };
        let now = f64::from(self.at);
        let known = learned.phase(phase.key);
        let in_phase = (now - phase.entered()).max(0.0);
        let advance = phase.advance(known.map_or(0, |known| known.step));
        // Where nothing more is learned on the way, this is all there is to go by.
        let moments = if self.is_mute { 24 } else { 12 };
        let mut doubt = SURPRISE;
        let mut this_phase = match advance {
            Some(advance) => {
                let (forecast, variance) = self.by_advance(&advance, known, learned);
                doubt = (0.006 + 0.65 * variance).min(0.085);
                forecast
            }
            None if phase.percent() >= 100.0 => {
                // It ought to be over: the longer it is not, the longer it may take.
                let since = now - phase.reached();
                let median = since.max(0.05 * in_phase).max(0.7);
                Forecast::of(
                    Guess {
                        median,
                        variance: 1.46,
                    },
                    0.0,
                    15,
                )
            }
            None => match known.filter(|known| known.count() >= 1.0) {
                Some(known) if self.ended.is_empty() => {
                    let whole = learned.total(self.clip_length());
                    let alone = known.lasts();
                    let (guess, passed) = if whole.variance < alone.variance {
                        (whole, now)
                    } else {
                        (alone, in_phase)
                    };
                    Forecast::of(guess, passed, moments)
                }
                Some(known) => Forecast::of(known.lasts(), in_phase, moments),
                None => Forecast::of(learned.total(self.clip_length()), now, moments),
            },
        };
        if advance.is_some()
            && let Some(known) = known.filter(|known| known.count() >= 2.0)
        {
            // What such phases took before, as far as it tells more than this one's progress.
            let lasts = known.lasts();
            let errors = learned.errors(third(f64::from(phase_percent(&self.phase))));
            let error = (errors[0] + errors[1]) / 2.0;
            let share = 0.8 * (error / (lasts.variance + error)).powi(2);
            this_phase.mix(share, lasts, in_phase, 15);
        }

        // Where a phase of this status was never seen, rendering is mostly the last.
        let unseen = if self.status == Status::Rendering {
            0.82
        } else {
            0.1
        };
        let is_last = known.map_or(unseen, |known| known.is_last(unseen));
        let after = known.and_then(LearnedPhase::after).unwrap_or(Guess {
            median: (0.5 * now).max(5.0),
            variance: 1.0,
        });
        let mut forecast = this_phase;
        forecast.follow(1.0 - is_last, after, 4);
        // Whatever was learned, it may be over soon, or take very long.
        let anything = Guess {
            median: (0.5 * now).max(3.0),
            variance: 1.95,
        };
        forecast.mix(doubt, anything, 0.0, 7);
        if self.status == Status::Suspended {
            // Nothing is done before it goes on.
            let back = Guess {
                median: 0.5 * now.max(5.0),
                variance: 1.95,
            };
            forecast.follow(0.4, back, 4);
        }
        forecast.sorted()
    }

    /// The end of the phase by its own advance, and how far that may be off.
    fn by_advance(
        &mut self,
        advance: &Advance,
        known: Option<&LearnedPhase>,
        learned: &Learned,
    ) -> (Forecast, f64) {
        let now = f64::from(self.at);
        let percent = f64::from(phase_percent(&self.phase));
        let third = third(percent);
        let since = (now - advance.reached).max(0.0);
        self.trust.note(
            self.at,
            advance
                .left
                .map(|left| (advance.reached + left).max(now + 0.1) as f32),
        );
        self.sayings.push(Saying {
            at: now as f32,
            left: advance.left.map(|left| (left - since).max(0.05) as f32),
            third: third as u8,
        });

        let variances = self.trust.variances(learned.errors(third));
        let weights = variances.map(|variance| (variance + 0.003).powf(-2.3));
        let total: f64 = weights.iter().sum();
        let (mut doubt, mut stays, mut likely) = (0.0, 0.0, 0.0);
        let ways: [(f64, Guess); 3] = std::array::from_fn(|way| {
            let (left, weight) = (advance.left[way], weights[way] / total);
            let variance = (0.95 * variances[way]).max(0.002);
            let guess = Guess {
                median: left,
                variance,
            };
            doubt += weight * variance;
            let rate = (100.0 - percent) / left.max(0.01);
            if let Some(phase) = &self.phase {
                stays += weight * phase.step_seconds(known.map_or(0, |known| known.step), rate);
            }
            // A way that says it ought to be over by now is believed less.
            let weight = weight * LogLogistic::of(guess).exceeds(since).max(1e-9);
            likely += weight;
            (weight, guess)
        });
        // What has not moved for longer than it should, or ought to be over, has stalled: that was
        // not likely before, and is now, as all else is less so. It may take as long again.
        let overdue = since / stays.max(0.001);
        let moves = likely * (-overdue.powi(2) / 2.3).exp();
        let odds = STALLS / moves.max(1e-9);
        let again = Guess {
            median: (0.85 * since).max(0.5),
            variance: 1.95,
        };
        let mut forecast = Forecast::default();
        for (weight, guess) in ways {
            forecast.add(weight / likely / (1.0 + odds), guess, since, 9);
        }
        let later = 0.65 * advance.left[0];
        forecast.add_later(later, odds / (1.0 + odds), again, 0.0, 9);
        (forecast, doubt)
    }

    /// The wait until the next look, in seconds.
    pub(super) fn wait(&self, forecast: &Sorted, shortest: f64, learned: &Learned) -> f64 {
        let now = f64::from(self.at);
        let [low, early, high] = forecast.quantiles([0.25, EARLY, 0.75]);
        let spread = high - low;
        let is_suspended = self.status == Status::Suspended;
        let is_rationed = learned.knows_little() && !is_suspended;
        let ration = is_rationed.then(|| price::ration(self.looks, spread));
        let price = price::price(now, self.is_mute, ration);
        let mut placed = first_look(forecast, price, shortest);
        if learned.knows_little() {
            // However few looks are left: of a time that nobody knows, not much more than has passed.
            placed = placed.min((1.5 * now).max(10.0));
        }
        if self.is_mute || is_suspended {
            // Nothing is learned on the way.
            return placed;
        }
        let mut wait = placed;
        // A look before the end tells where the end is, which saves others.
        if spread > WORTH_A_LOOK * price {
            let in_phase = now - self.phase.as_ref().map_or(0.0, Phase::entered);
            // What has hardly gone on since the last look tells hardly more than then.
            let soon = (PART_OF_THE_WAY * early).max(0.3 * in_phase);
            wait = wait.min(soon.max(shortest));
        }
        let has_advanced = self.phase.as_ref().is_some_and(Phase::has_advanced);
        if !has_advanced {
            // Some clips take seconds, and how fast this one is shows early.
            wait = wait.min((0.7 * now).max(4.0));
        }
        wait
    }
}

/// A spread of the forecast of so many prices is worth a look to narrow it.
const WORTH_A_LOOK: f64 = 7.0;

/// Such a look comes at this part of the way to a time that is probably too early.
const PART_OF_THE_WAY: f64 = 0.88;
const EARLY: f64 = 0.28;

/// With this probability all that was learned is of no use.
const SURPRISE: f64 = 0.05;

/// With this probability a phase stalls.
const STALLS: f64 = 0.035;

fn key(look: &Look<'_>) -> u32 {
    // The same in every process: it is kept in checkpoints.
    let mut hasher = FnvHasher::default();
    hasher.write(look.status.map_or("", ClipStatus::as_str).as_bytes());
    hasher.write(&[0]);
    hasher.write(look.operation.unwrap_or_default().as_bytes());
    let hash = hasher.finish();
    (hash ^ (hash >> 32)) as u32
}

fn phase_percent(phase: &Option<Phase>) -> f32 {
    phase.as_ref().map_or(0.0, Phase::percent)
}

/// 0, 1 or 2.
fn third(percent: f64) -> usize {
    match percent {
        ..34.0 => 0,
        ..75.0 => 1,
        _ => 2,
    }
}
