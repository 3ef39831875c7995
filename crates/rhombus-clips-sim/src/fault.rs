//! Definition of faults.
//!
//! A [`Fault`] is a rule: the requests that it applies to, and its effect on the response. It is a
//! value that can be defined before the service exists; `active_faults` counts requests and
//! selects the fault.

use crate::response::Response;
use serde_json::Value;
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
/// let interrupted = Fault::in_transit(|response| response.reset_after(20)).on_request(3);
/// let invalid = Fault::change(|body| body["clip"]["percentComplete"] = 250.into()).times(2);
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Fault {
    pub(crate) kind: FaultKind,
    pub(crate) clip_uuid: Option<String>,
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
    /// request does not count for the clip's timeline.
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
    pub fn change(change: impl Fn(&mut Value) + Send + Sync + 'static) -> Self {
        Self::in_transit(move |response| response.edit_json(&change))
    }

    /// Transforms the service's own response, for example its headers or its delivery. The request
    /// counts for the clip's timeline.
    ///
    /// `transform` is called while the service is locked: it must not call a method of
    /// [`Service`](crate::Service).
    pub fn in_transit(transform: impl Fn(Response) -> Response + Send + Sync + 'static) -> Self {
        Self::new(FaultKind::Transform(Arc::new(transform)))
    }

    fn new(kind: FaultKind) -> Self {
        Self {
            kind,
            clip_uuid: None,
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

    /// Restricts the fault to one request, see [`Fault::on_requests`].
    pub fn on_request(self, number: u64) -> Self {
        self.on_requests(number..=number)
    }

    /// Restricts the fault to these requests, counted from 1 since it was injected: of the
    /// requests for its clip ([`Fault::for_clip`]), or of all if it has none.
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
