//! A fault: what goes wrong, and with which requests.

use crate::response::Response;
use serde_json::Value;
use std::fmt::{self, Display};
use std::ops::{Bound, RangeBounds};
use std::sync::Arc;

/// Something that goes wrong, from [`Service::inject`](crate::Service::inject) on: what, and with
/// which requests. It strikes every request unless told otherwise, and what is said about its
/// requests adds up: all of it must hold.
///
/// ```
/// use rhombus_clips_sim::{Response, Fault};
///
/// let flaky = Fault::one_of([Response::status(502), Response::reset(), Response::hang()])
///     .with_probability(0.3);
/// let bad_start = Fault::respond(Response::status(503)).on_requests(..=4);
/// let once = Fault::in_transit(|answer| answer.reset_after(20)).on_request(3);
/// let odd = Fault::change(|body| body["clip"]["percentComplete"] = 250.into()).times(2);
/// ```
#[derive(Clone, Debug)]
#[must_use]
pub struct Fault {
    pub(crate) effect: Effect,
    pub(crate) clip: Option<String>,
    requests: (Bound<u64>, Bound<u64>),
    pub(crate) probability: f64,
    pub(crate) times: Option<u64>,
}

/// What a fault does.
#[derive(Clone)]
pub(crate) enum Effect {
    /// One of these answers stands in for the service's own.
    Response(Vec<Response>),
    /// The service's own answer is changed.
    Change(Change),
}

/// What becomes of the service's own answer.
pub(crate) type Change = Arc<dyn Fn(Response) -> Response + Send + Sync>;

impl Fault {
    /// This answer in place of the service's own, whatever the request's credentials and body.
    /// The clip asked for takes no notice of the request.
    pub fn respond(response: Response) -> Self {
        Self::one_of([response])
    }

    /// Like [`Fault::respond`], with one of these answers; the seed draws which. Without any
    /// nothing goes wrong.
    pub fn one_of(answers: impl IntoIterator<Item = Response>) -> Self {
        Self::new(Effect::Response(answers.into_iter().collect()))
    }

    /// Changes the JSON of the service's own answer. One that is not JSON stays as it is.
    ///
    /// The clip goes on as if nothing were wrong. `change` is called while the service waits, so
    /// it must not ask the service anything.
    pub fn change(change: impl Fn(&mut Value) + Send + Sync + 'static) -> Self {
        Self::in_transit(move |answer| answer.edited(&change))
    }

    /// Lets something happen to the service's own answer on its way to the caller. The clip goes
    /// on as if nothing were wrong.
    ///
    /// `change` is called while the service waits, so it must not ask the service anything.
    pub fn in_transit(change: impl Fn(Response) -> Response + Send + Sync + 'static) -> Self {
        Self::new(Effect::Change(Arc::new(change)))
    }

    fn new(effect: Effect) -> Self {
        Self {
            effect,
            clip: None,
            requests: (Bound::Unbounded, Bound::Unbounded),
            probability: 1.0,
            times: None,
        }
    }

    /// Only requests with this clip's UUID.
    pub fn for_clip(mut self, clip: impl Display) -> Self {
        self.clip = Some(clip.to_string());
        self
    }

    /// Only this request. See [`Fault::on_requests`].
    pub fn on_request(self, number: u64) -> Self {
        self.on_requests(number..=number)
    }

    /// Only these requests, counted from 1 since the fault was injected: of the requests for the
    /// clip if there is one ([`Fault::for_clip`]), else of all.
    pub fn on_requests(mut self, numbers: impl RangeBounds<u64>) -> Self {
        self.requests = (numbers.start_bound().cloned(), numbers.end_bound().cloned());
        self
    }

    /// Only with this probability, 0 to 1: at or below 0, never; at or above 1, always.
    ///
    /// Whether it strikes follows from the service's seed, the faults injected before, the clip,
    /// and the number of the request for the clip. So a clip has the same bad luck in every run,
    /// whatever else is asked meanwhile.
    pub fn with_probability(mut self, probability: f64) -> Self {
        self.probability = probability;
        self
    }

    /// At most this many times.
    pub fn times(mut self, times: u64) -> Self {
        self.times = Some(times);
        self
    }

    /// Whether it can strike the `number`-th of its requests.
    pub(crate) fn concerns(&self, number: u64) -> bool {
        self.requests.contains(&number)
    }
}

impl fmt::Debug for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Response(answers) => f.debug_tuple("Response").field(answers).finish(),
            Self::Change(_) => f.write_str("Change(..)"),
        }
    }
}
