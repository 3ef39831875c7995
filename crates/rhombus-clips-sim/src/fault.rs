//! Faults: their definition, and the selection of the one that applies to a request.
//!
//! A [`Fault`] is a rule: the requests that it applies to, and its effect on the response. It is a
//! value that can be defined before the service exists. [`ActiveFaults`] counts requests and selects
//! the fault; faults are stored by clip, so that the cost of a request does not grow with the faults
//! for other clips. The module must not know how the service would respond without a fault.

use crate::request_log::RequestLog;
use crate::response::Response;
use crate::rng::{SeededRng, Stream, combine_index};
use serde_json::Value;
use std::collections::{HashMap, VecDeque};
use std::fmt::{self, Display};
use std::ops::{Bound, RangeBounds};
use std::sync::Arc;

/// Rule for a fault: an effect, and the requests that it applies to.
///
/// A fault is active after [`Service::inject`](crate::Service::inject). By default it applies to
/// every request; the conditions are combined with a logical AND.
///
/// ```
/// use rhombus_clips_sim::{Response, Fault};
///
/// let flaky = Fault::one_of([Response::status(502), Response::reset(), Response::hang()])
///     .with_probability(0.3);
/// let unavailable = Fault::respond(Response::status(503)).on_requests(..=4);
/// let interrupted = Fault::map_response(|response| response.reset_after(20)).on_request(3);
/// let invalid = Fault::map_json(|body| body["clip"]["percentComplete"] = 250.into()).times(2);
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Fault {
    pub(crate) kind: FaultKind,
    pub(crate) clip_uuid: Option<String>,
    operation: Option<String>,
    request_numbers: (Bound<u64>, Bound<u64>),
    pub(crate) probability: f64,
    pub(crate) times: Option<u64>,
}

/// Kind of a fault.
#[derive(Clone)]
pub(crate) enum FaultKind {
    /// One of these responses replaces the service's own.
    Respond(Vec<Response>),
    /// The service's own response is transformed.
    Transform(ResponseTransform),
}

/// Transformation of the service's own response.
pub(crate) type ResponseTransform = Arc<dyn Fn(Response) -> Response + Send + Sync>;

impl Fault {
    /// Replaces the service's response, regardless of the request's credentials and body. The
    /// request does not count for the clip's timeline, and is not carried out.
    pub fn respond(response: Response) -> Self {
        Self::one_of([response])
    }

    /// Replaces the service's response, as [`Fault::respond`] does, with one of these; the choice
    /// is derived from the seed. Without any response the fault has no effect.
    pub fn one_of(responses: impl IntoIterator<Item = Response>) -> Self {
        Self::new(FaultKind::Respond(responses.into_iter().collect()))
    }

    /// Changes the JSON body of the service's own response; no effect if the body is not JSON. The
    /// request counts for the clip's timeline.
    ///
    /// `change` is called while the service is locked: it must not call a method of
    /// [`Service`](crate::Service).
    pub fn map_json(change: impl Fn(&mut Value) + Send + Sync + 'static) -> Self {
        Self::map_response(move |response| response.edit_json(&change))
    }

    /// Transforms the service's own response, for example its headers or its delivery. The request
    /// counts for the clip's timeline, and is carried out.
    ///
    /// `transform` is called while the service is locked: it must not call a method of
    /// [`Service`](crate::Service).
    pub fn map_response(transform: impl Fn(Response) -> Response + Send + Sync + 'static) -> Self {
        Self::new(FaultKind::Transform(Arc::new(transform)))
    }

    fn new(kind: FaultKind) -> Self {
        Self {
            kind,
            clip_uuid: None,
            operation: None,
            request_numbers: (Bound::Unbounded, Bound::Unbounded),
            probability: 1.0,
            times: None,
        }
    }

    /// Restricts the fault to requests for this clip.
    pub fn for_clip(mut self, uuid: impl Display) -> Self {
        self.clip_uuid = Some(uuid.to_string());
        self
    }

    /// Restricts the fault to requests for this operation, by its ID; `media` and `storage` are those for files.
    ///
    /// ```
    /// use rhombus_clips_sim::{Fault, Response};
    ///
    /// // The request is not received.
    /// let not_received = Fault::respond(Response::reset()).for_operation("spliceV3");
    /// // It is processed, and its response is lost.
    /// let lost = Fault::map_response(|response| response.reset_after(0)).for_operation("spliceV3");
    /// ```
    pub fn for_operation(mut self, id: impl Into<String>) -> Self {
        self.operation = Some(id.into());
        self
    }

    /// Restricts the fault to one request, see [`Fault::on_requests`].
    pub fn on_request(self, number: u64) -> Self {
        self.on_requests(number..=number)
    }

    /// Restricts the fault to these requests, counted from 1 since it was injected: of the
    /// requests for its clip ([`Fault::for_clip`]), or else for its operation ([`Fault::for_operation`]), or of all
    /// if it has neither.
    pub fn on_requests(mut self, numbers: impl RangeBounds<u64>) -> Self {
        self.request_numbers = (numbers.start_bound().cloned(), numbers.end_bound().cloned());
        self
    }

    /// Applies the fault with this probability: never at or below 0, always at or above 1.
    ///
    /// The result is derived from the service's seed, the number of faults injected before, the
    /// clip, and the number of the request for the clip. It is therefore reproducible for each
    /// clip, regardless of concurrent requests for other clips.
    pub fn with_probability(mut self, probability: f64) -> Self {
        self.probability = probability;
        self
    }

    /// Applies the fault at most this many times.
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }

    /// Returns whether the fault can apply to the request with this number.
    pub(crate) fn applies_to_number(&self, number: u64) -> bool {
        self.request_numbers.contains(&number)
    }
}

impl fmt::Debug for FaultKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Respond(responses) => f.debug_tuple("Respond").field(responses).finish(),
            Self::Transform(_) => f.write_str("Transform(..)"),
        }
    }
}

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
    Respond(Box<Response>),
    /// Transforms the service's own response.
    Transform(ResponseTransform),
}

/// Identity of a request, as far as faults depend on it.
struct RequestIdentity<'a> {
    operation: &'a str,
    clip_uuid: Option<&'a str>,
    /// Number among all requests.
    number: u64,
    /// Number among the requests for the same clip.
    number_for_clip: u64,
    /// Number among the requests for the same operation.
    number_of_operation: u64,
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
        let requests_before = match (&fault.clip_uuid, &fault.operation) {
            (Some(uuid), _) => log.total_for(uuid),
            (None, Some(operation)) => log.total_of(operation),
            (None, None) => log.total(),
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
        operation: &str,
        clip_uuid: Option<&str>,
        log: &RequestLog,
    ) -> Option<FaultEffect> {
        let request = RequestIdentity {
            operation,
            clip_uuid,
            number: log.total() + 1,
            number_for_clip: clip_uuid.map_or(0, |uuid| log.total_for(uuid) + 1),
            number_of_operation: log.total_of(operation) + 1,
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
        let number = match (&self.fault.clip_uuid, &self.fault.operation) {
            (Some(_), _) => request.number_for_clip,
            (None, Some(_)) => request.number_of_operation,
            (None, None) => request.number,
        };
        let number_since_injection = number.saturating_sub(self.requests_before);
        let mut rng = self.rng(request, seed, Stream::FaultTrigger);
        let operation = self.fault.operation.as_deref();
        !self.is_exhausted()
            && operation.is_none_or(|operation| operation == request.operation)
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
                let response = responses.get(index)?.clone();
                Some(FaultEffect::Respond(Box::new(response)))
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
            assert!(
                faults
                    .apply("getClipWithProgress", Some("a"), &log)
                    .is_some()
            );
        }
        assert!(faults.by_clip.is_empty());
    }
}
