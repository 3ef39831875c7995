//! The faults that wait for requests.

use crate::dice::{Dice, Purpose, combined};
use crate::fault::{Change, Effect, Fault};
use crate::request_log::RequestLog;
use crate::response::Response;
use std::collections::{HashMap, VecDeque};

/// All faults that were injected and are not used up, by the clip that they are for: a request
/// meets those for its clip and those for any, and no others.
#[derive(Debug)]
pub(crate) struct Faults {
    seed: u64,
    injected: u64,
    waiting: HashMap<Option<String>, VecDeque<Injected>>,
}

/// A fault at work.
#[derive(Debug)]
struct Injected {
    fault: Fault,
    /// How many faults were injected before.
    index: u64,
    /// How many of its requests there were before.
    since: u64,
    struck: u64,
}

/// What a fault makes of a request.
pub(crate) enum Struck {
    /// This answer in place of the service's own.
    Response(Response),
    /// The service's own answer, changed.
    Change(Change),
}

/// A request in the eyes of a fault.
struct Target<'a> {
    clip: Option<&'a str>,
    /// Its number among all requests, and among those for its clip.
    number: u64,
    number_for_clip: u64,
}

impl Faults {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            seed,
            injected: 0,
            waiting: HashMap::new(),
        }
    }

    pub(crate) fn inject(&mut self, fault: Fault, log: &RequestLog) {
        let since = match &fault.clip {
            Some(clip) => log.total_for(clip),
            None => log.total(),
        };
        let faults = self.waiting.entry(fault.clip.clone()).or_default();
        faults.push_back(Injected {
            fault,
            index: self.injected,
            since,
            struck: 0,
        });
        self.injected += 1;
    }

    pub(crate) fn clear(&mut self) {
        self.waiting.clear();
    }

    /// What becomes of the request that comes next in the log: of all faults that may strike it,
    /// the one injected first does.
    pub(crate) fn strike(&mut self, clip: Option<&str>, log: &RequestLog) -> Option<Struck> {
        let target = Target {
            clip,
            number: log.total() + 1,
            number_for_clip: clip.map_or(0, |clip| log.total_for(clip) + 1),
        };
        let first = |clip: Option<String>| {
            let faults = self.waiting.get(&clip)?;
            let may_strike = |fault: &Injected| fault.may_strike(&target, self.seed);
            let position = faults.iter().position(may_strike)?;
            Some((faults.get(position)?.index, position, clip))
        };
        let candidates = [None, clip.map(str::to_owned)]
            .into_iter()
            .filter_map(first);
        let (_, position, clip) = candidates.min()?;

        let faults = self.waiting.get_mut(&clip)?;
        let fault = faults.get_mut(position)?;
        fault.struck += 1;
        let struck = fault.effect(&target, self.seed);
        if fault.is_used_up() {
            faults.remove(position);
        }
        if faults.is_empty() {
            self.waiting.remove(&clip);
        }
        struck
    }
}

impl Injected {
    fn may_strike(&self, target: &Target<'_>, seed: u64) -> bool {
        let number = match &self.fault.clip {
            Some(_) => target.number_for_clip,
            None => target.number,
        };
        let mut dice = self.dice(target, seed, Purpose::FaultStrikes);
        !self.is_used_up()
            && self.fault.concerns(number.saturating_sub(self.since))
            && dice.fraction(0.0, 1.0) < self.fault.probability
    }

    fn is_used_up(&self) -> bool {
        self.fault.times.is_some_and(|times| self.struck >= times)
    }

    fn effect(&self, target: &Target<'_>, seed: u64) -> Option<Struck> {
        match &self.fault.effect {
            Effect::Change(change) => Some(Struck::Change(change.clone())),
            Effect::Response(answers) => {
                let end = i64::try_from(answers.len()).unwrap_or(i64::MAX);
                let mut dice = self.dice(target, seed, Purpose::FaultChoice);
                let index = usize::try_from(dice.whole(0..end)).unwrap_or_default();
                answers.get(index).cloned().map(Struck::Response)
            }
        }
    }

    /// The dice for this fault and this request. What is asked about other clips meanwhile plays
    /// no part.
    fn dice(&self, target: &Target<'_>, seed: u64, purpose: Purpose) -> Dice {
        let index = match target.clip {
            Some(clip) => combined(self.index, clip, target.number_for_clip),
            None => combined(self.index, "", target.number),
        };
        Dice::new(seed, purpose, index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_that_is_used_up_is_forgotten() {
        let mut faults = Faults::new(0);
        let log = RequestLog::default();
        let fault = || Fault::respond(Response::status(503)).times(1);
        faults.inject(fault(), &log);
        faults.inject(fault().for_clip("a"), &log);
        for _ in 0..2 {
            assert!(faults.strike(Some("a"), &log).is_some());
        }
        assert!(faults.waiting.is_empty());
    }
}
