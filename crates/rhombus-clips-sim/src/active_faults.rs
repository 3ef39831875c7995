//! Injected faults.
//!
//! Selects the fault that applies to a request, and counts its applications. Faults are stored by
//! clip, so that the cost of a request does not grow with the faults for other clips. The module
//! must not know responses' contents or how the service would respond without a fault.

use crate::fault::{Fault, FaultKind, ResponseTransform};
use crate::request_log::RequestLog;
use crate::response::Response;
use crate::rng::{SeededRng, Stream, combine_index};
use std::collections::{HashMap, VecDeque};

/// Injected faults that are not exhausted, by the clip that they are restricted to.
#[derive(Debug)]
pub(crate) struct ActiveFaults {
    seed: u64,
    injected_count: u64,
    by_clip: HashMap<Option<String>, VecDeque<ActiveFault>>,
}

/// An injected fault.
#[derive(Debug)]
struct ActiveFault {
    fault: Fault,
    /// Number of faults injected before.
    index: u64,
    /// Number of requests before the injection: for the fault's clip, or in total without one.
    requests_before: u64,
    applied_count: u64,
}

/// Effect of a fault on one request.
pub(crate) enum FaultEffect {
    /// Replaces the service's own response.
    Respond(Response),
    /// Transforms the service's own response.
    Transform(ResponseTransform),
}

/// Identity of a request, as far as faults depend on it.
struct RequestIdentity<'a> {
    clip_uuid: Option<&'a str>,
    /// Number among all requests.
    number: u64,
    /// Number among the requests for the same clip.
    number_for_clip: u64,
}

impl ActiveFaults {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            seed,
            injected_count: 0,
            by_clip: HashMap::new(),
        }
    }

    pub(crate) fn inject(&mut self, fault: Fault, log: &RequestLog) {
        let requests_before = match &fault.clip_uuid {
            Some(uuid) => log.total_for(uuid),
            None => log.total(),
        };
        let faults = self.by_clip.entry(fault.clip_uuid.clone()).or_default();
        faults.push_back(ActiveFault {
            fault,
            index: self.injected_count,
            requests_before,
            applied_count: 0,
        });
        self.injected_count += 1;
    }

    pub(crate) fn clear(&mut self) {
        self.by_clip.clear();
    }

    /// Applies a fault to the request that is logged next, for this clip. Of several matching
    /// faults, the one injected first is applied.
    pub(crate) fn apply(
        &mut self,
        clip_uuid: Option<&str>,
        log: &RequestLog,
    ) -> Option<FaultEffect> {
        let request = RequestIdentity {
            clip_uuid,
            number: log.total() + 1,
            number_for_clip: clip_uuid.map_or(0, |uuid| log.total_for(uuid) + 1),
        };
        let first_match = |key: Option<String>| {
            let faults = self.by_clip.get(&key)?;
            let matches = |fault: &ActiveFault| fault.matches(&request, self.seed);
            let position = faults.iter().position(matches)?;
            Some((faults.get(position)?.index, position, key))
        };
        let candidates = [None, clip_uuid.map(str::to_owned)]
            .into_iter()
            .filter_map(first_match);
        let (_, position, key) = candidates.min()?;

        let faults = self.by_clip.get_mut(&key)?;
        let fault = faults.get_mut(position)?;
        fault.applied_count += 1;
        let effect = fault.effect(&request, self.seed);
        if fault.is_exhausted() {
            faults.remove(position);
        }
        if faults.is_empty() {
            self.by_clip.remove(&key);
        }
        effect
    }
}

impl ActiveFault {
    fn matches(&self, request: &RequestIdentity<'_>, seed: u64) -> bool {
        let number = match &self.fault.clip_uuid {
            Some(_) => request.number_for_clip,
            None => request.number,
        };
        let number_since_injection = number.saturating_sub(self.requests_before);
        let mut rng = self.rng(request, seed, Stream::FaultTrigger);
        !self.is_exhausted()
            && self.fault.applies_to_number(number_since_injection)
            && rng.uniform(0.0..1.0) < self.fault.probability
    }

    fn is_exhausted(&self) -> bool {
        let times = self.fault.times;
        times.is_some_and(|times| self.applied_count >= times)
    }

    fn effect(&self, request: &RequestIdentity<'_>, seed: u64) -> Option<FaultEffect> {
        match &self.fault.kind {
            FaultKind::Transform(transform) => Some(FaultEffect::Transform(transform.clone())),
            FaultKind::Respond(responses) => {
                let end = i64::try_from(responses.len()).unwrap_or(i64::MAX);
                let mut rng = self.rng(request, seed, Stream::FaultChoice);
                let index = usize::try_from(rng.range(0..end)).unwrap_or_default();
                responses.get(index).cloned().map(FaultEffect::Respond)
            }
        }
    }

    /// Creates the generator for this fault and request. It does not depend on requests for other
    /// clips.
    fn rng(&self, request: &RequestIdentity<'_>, seed: u64, stream: Stream) -> SeededRng {
        let index = match request.clip_uuid {
            Some(uuid) => combine_index(self.index, uuid, request.number_for_clip),
            None => combine_index(self.index, "", request.number),
        };
        SeededRng::new(seed, stream, index)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn exhausted_faults_are_removed() {
        let mut faults = ActiveFaults::new(0);
        let log = RequestLog::default();
        let fault = || Fault::respond(Response::status(503)).times(1);
        faults.inject(fault(), &log);
        faults.inject(fault().for_clip("a"), &log);
        for _ in 0..2 {
            assert!(faults.apply(Some("a"), &log).is_some());
        }
        assert!(faults.by_clip.is_empty());
    }
}
