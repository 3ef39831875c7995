//! The faults, each with the behaviour that the documentation promises for it.
//!
//! A fault is data: an [`Injection`], a [`FaultClass`] that says how the library must react, and a
//! few exceptions. The expectation for an entry point is derived from the class in
//! [`Fault::expected`], never from a run of the library.

mod body;
mod clip_states;
mod connection;
mod key_echo;
mod status;
mod throttling;

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use rhombus_clips::{Clip, ErrorKind};
use rhombus_clips_sim::{Response, Service, ServiceBuilder, Step};
use serde_json::Value;

use crate::call::EntryPoint;
use crate::expected::{Expected, Outcome, RequestCount};
use crate::test_config::{KEY, TestConfig};

pub fn all() -> Vec<Fault> {
    // The slowest faults start first, so that the others run while they wait.
    let mut all = throttling::faults();
    all.extend(connection::faults());
    all.extend(status::faults());
    all.extend(body::faults());
    all.extend(clip_states::faults());
    all.extend(key_echo::faults());
    all
}

/// Requests of a case that a fault affects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Occurrence {
    First,
    Middle,
    Always,
    /// None in particular: the sequence of clip states is the fault.
    ClipStates,
}

impl fmt::Display for Occurrence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::First => "first",
            Self::Middle => "middle",
            Self::Always => "always",
            Self::ClipStates => "-",
        })
    }
}

/// Protocol between client and service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Protocol {
    Http1,
    /// Over TLS.
    Http2,
}

impl Protocol {
    pub const ALL: [Self; 2] = [Self::Http1, Self::Http2];

    /// Returns the builder of a service that speaks the protocol.
    pub fn service(self) -> ServiceBuilder {
        let builder = Service::builder().api_key(KEY);
        match self {
            Self::Http1 => builder,
            Self::Http2 => builder.http2(),
        }
    }
}

impl fmt::Display for Protocol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(match self {
            Self::Http1 => "HTTP/1.1",
            Self::Http2 => "HTTP/2",
        })
    }
}

/// Polls that a watch needs if nothing fails.
const POLLS: u64 = 4;

/// Number of the request that [`Occurrence::Middle`] affects, counted from 1.
pub const MIDDLE: u64 = 3;

/// Attempts of a get with the default [`TestConfig`].
const MAX_ATTEMPTS: u64 = 3;

#[derive(Clone)]
pub enum Injection {
    /// Replaces the service's response.
    Replace(Response),
    /// Responds with a redirect of this status to a port that must not be contacted, with this
    /// path and query.
    Redirect(u16, String),
    /// Changes the service's response.
    Transform(Arc<dyn Fn(Response) -> Response + Send + Sync>),
    /// Changes the JSON of the service's response.
    Edit(Arc<dyn Fn(&mut Value) + Send + Sync>),
    /// Sets the clip's states, one per request.
    ClipStates(Vec<Step>),
}

/// Responses that are not HTTP, before any response, at which the library gives up.
const NOT_HTTP_RESPONSES: u64 = 3;

/// Required reaction to a fault.
#[derive(Clone, Copy, Debug)]
pub enum FaultClass {
    /// `Error::is_transient`: retried, by a get up to its attempts and by a watch up to its
    /// deadline.
    Transient(ErrorKind),
    /// Transient, but permanent at the third occurrence before any response: another service is there.
    NotHttp,
    /// Not transient: ends the call at its first occurrence.
    Permanent(ErrorKind),
    /// Transient, with a `Retry-After` beyond any deadline: a get fails at once, a watch waits for
    /// its last poll.
    DelayBeyondDeadline(ErrorKind),
    /// No effect on the call.
    Harmless,
    /// A get ends with its first request, a watch after a number of polls.
    ClipStates {
        get: Outcome,
        watch: Outcome,
        polls: RequestCount,
    },
}

/// Checks the clip of a successful call and returns a violation.
pub type Check = fn(&Clip, Occurrence, EntryPoint) -> Option<String>;

pub struct Fault {
    pub name: String,
    pub injection: Injection,
    class: FaultClass,
    /// Minimum delay after an affected response, from its `Retry-After`.
    pub min_delay: Duration,
    pub check: Option<Check>,
    attempt_timeout: Option<Duration>,
    pub protocol: Protocol,
    /// Bytes that the fault leaves unread on the connection may cost one more attempt.
    leaves_unread_bytes: bool,
}

impl Fault {
    fn new(name: impl Into<String>, injection: Injection, class: FaultClass) -> Self {
        Self {
            name: name.into(),
            injection,
            class,
            min_delay: Duration::ZERO,
            check: None,
            attempt_timeout: None,
            protocol: Protocol::Http1,
            leaves_unread_bytes: false,
        }
    }

    fn transient(name: impl Into<String>, kind: ErrorKind, response: Response) -> Self {
        let class = FaultClass::Transient(kind);
        Self::new(name, Injection::Replace(response), class)
    }

    fn permanent(name: impl Into<String>, kind: ErrorKind, response: Response) -> Self {
        let class = FaultClass::Permanent(kind);
        Self::new(name, Injection::Replace(response), class)
    }

    fn redirect(name: impl Into<String>, status: u16, path: impl Into<String>) -> Self {
        let class = FaultClass::Permanent(ErrorKind::UnexpectedStatus);
        Self::new(name, Injection::Redirect(status, path.into()), class)
    }

    fn delay_beyond_deadline(name: impl Into<String>, kind: ErrorKind, response: Response) -> Self {
        let class = FaultClass::DelayBeyondDeadline(kind);
        Self::new(name, Injection::Replace(response), class)
    }

    fn harmless(
        name: impl Into<String>,
        change: impl Fn(Response) -> Response + Send + Sync + 'static,
    ) -> Self {
        let injection = Injection::Transform(Arc::new(change));
        Self::new(name, injection, FaultClass::Harmless)
    }

    fn harmless_edit(
        name: impl Into<String>,
        change: impl Fn(&mut Value) + Send + Sync + 'static,
    ) -> Self {
        let injection = Injection::Edit(Arc::new(change));
        Self::new(name, injection, FaultClass::Harmless)
    }

    fn clip_states(
        name: impl Into<String>,
        steps: impl IntoIterator<Item = Step>,
        get: Outcome,
        (watch, polls): (Outcome, RequestCount),
    ) -> Self {
        let injection = Injection::ClipStates(steps.into_iter().collect());
        let class = FaultClass::ClipStates { get, watch, polls };
        Self::new(name, injection, class)
    }

    fn with_min_delay(mut self, delay: Duration) -> Self {
        self.min_delay = delay;
        self
    }

    fn with_check(mut self, check: Check) -> Self {
        self.check = Some(check);
        self
    }

    /// Sets a short attempt timeout, for a fault that hangs.
    fn hanging(mut self) -> Self {
        self.attempt_timeout = Some(Duration::from_secs(3));
        self
    }

    fn over(mut self, protocol: Protocol) -> Self {
        self.protocol = protocol;
        self
    }

    fn leaving_unread_bytes(mut self) -> Self {
        self.leaves_unread_bytes = true;
        self
    }

    pub fn occurrences(&self) -> Vec<Occurrence> {
        match self.injection {
            Injection::ClipStates(_) => vec![Occurrence::ClipStates],
            _ => vec![Occurrence::First, Occurrence::Middle, Occurrence::Always],
        }
    }

    pub fn expected(&self, occurrence: Occurrence, entry_point: EntryPoint) -> Expected {
        let is_get = entry_point == EntryPoint::Get;
        let first_affected = match occurrence {
            Occurrence::Middle if !is_get => MIDDLE,
            _ => 1,
        };
        let polls = if is_get { 1 } else { POLLS };
        match self.class {
            FaultClass::Transient(kind) if occurrence == Occurrence::Always => match entry_point {
                EntryPoint::Get => {
                    Expected::new(Outcome::Failed(kind), RequestCount::Exactly(MAX_ATTEMPTS))
                }
                _ => Expected::new(Outcome::DeadlineExceeded, RequestCount::MostlyFailing(2)),
            },
            FaultClass::NotHttp if occurrence == Occurrence::Always => Expected::new(
                Outcome::Failed(ErrorKind::Decode),
                RequestCount::Exactly(NOT_HTTP_RESPONSES),
            ),
            FaultClass::NotHttp => {
                Expected::new(Outcome::Complete, RequestCount::Exactly(polls + 1))
            }
            FaultClass::Transient(_) if self.leaves_unread_bytes => Expected::new(
                Outcome::Complete,
                RequestCount::Between(polls + 1, polls + 2),
            ),
            // On a busy machine a good response may exceed the short attempt timeout, too.
            FaultClass::Transient(_) if self.attempt_timeout.is_some() => Expected::new(
                Outcome::Complete,
                RequestCount::Between(polls + 1, polls + 4),
            ),
            FaultClass::Transient(_) => {
                Expected::new(Outcome::Complete, RequestCount::Exactly(polls + 1))
            }
            FaultClass::Permanent(kind) if self.attempt_timeout.is_some() => Expected::new(
                Outcome::Failed(kind),
                RequestCount::Between(first_affected, first_affected + 3),
            ),
            FaultClass::Permanent(kind) => {
                Expected::new(Outcome::Failed(kind), RequestCount::Exactly(first_affected))
            }
            FaultClass::DelayBeyondDeadline(kind) if is_get => {
                Expected::new(Outcome::Failed(kind), RequestCount::Exactly(1))
            }
            // On a busy machine the deadline may pass before the affected request.
            FaultClass::DelayBeyondDeadline(_) => Expected::new(
                Outcome::DeadlineExceeded,
                RequestCount::Between(2, first_affected + 1),
            ),
            FaultClass::Harmless => Expected::new(Outcome::Complete, RequestCount::Exactly(polls)),
            FaultClass::ClipStates { get, .. } if is_get => {
                Expected::new(get, RequestCount::Exactly(1))
            }
            FaultClass::ClipStates { watch, polls, .. } => Expected::new(watch, polls),
        }
    }

    pub fn config(&self, occurrence: Occurrence, entry_point: EntryPoint) -> TestConfig {
        let mut config = TestConfig::default();
        if let Some(timeout) = self.attempt_timeout {
            config.attempt_timeout = timeout;
            if (occurrence, entry_point) != (Occurrence::Always, EntryPoint::Get) {
                config.max_attempts = 10;
            }
        }
        let outcome = self.expected(occurrence, entry_point).outcome;
        match (outcome, self.class) {
            // The polls before the affected request need time, too.
            (Outcome::DeadlineExceeded, FaultClass::DelayBeyondDeadline(_)) => {
                config.timeout = Duration::from_secs(3);
            }
            (Outcome::DeadlineExceeded, _) => config.timeout = Duration::from_millis(400),
            (Outcome::Failed(ErrorKind::NotFound), _) if entry_point != EntryPoint::Get => {
                config.grace_period = Duration::from_millis(300);
            }
            _ => {}
        }
        config
    }
}
