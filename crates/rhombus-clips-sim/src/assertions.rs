//! Assertions on received requests.
//!
//! [`RequestAssertions`] is a snapshot of the request log with chainable assertions. A failure
//! lists the requests, because the sequence of requests usually shows the cause. The module works
//! on the log alone and must not access the service.

#![allow(
    clippy::panic,
    reason = "a failed assertion in a test is reported by a panic"
)]

use crate::request_log::Request;
use rhombus_clips_api::types::ClipStatus;
use std::collections::HashSet;
use std::fmt::{Display, Write as _};
use std::time::Duration;

/// Maximum number of requests listed in a failure message. Chosen, not tuned.
const MAX_LISTED_REQUESTS: usize = 50;

/// Assertions on the requests that the service received so far, from
/// [`Service::verify`](crate::Service::verify) and
/// [`Service::verify_all`](crate::Service::verify_all).
///
/// Each assertion returns the value, so that they can be chained. A failed assertion panics at the
/// location of its call, with a message that lists the requests. `min_interval` and
/// `none_after_terminal` hold if there are no requests.
///
/// ```
/// # use rhombus_clips::{Client, ClipUuid};
/// use rhombus_clips_sim::prelude::*;
///
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # const DOOR: ClipUuid = ClipUuid::from_bytes([1; 16]);
/// # const YARD: ClipUuid = ClipUuid::from_bytes([2; 16]);
/// let service = Service::start().await?.with_clip(DOOR, clip().renders_in(30.s()));
/// # let builder = Client::builder().base_url(service.base_url());
/// # let client = builder.api_key(service.api_key()).build()?;
/// client.watch(DOOR).await?;
/// service.verify(DOOR).at_most(20).with_scheme("api-token").min_interval(250.ms());
/// service.verify(YARD).none();
/// # Ok(())
/// # }
/// ```
#[derive(Clone, Debug)]
pub struct RequestAssertions {
    /// Phrase after "requests" in messages: "for clip ..." or "to the service".
    scope: String,
    total: u64,
    requests: Vec<Request>,
}

impl RequestAssertions {
    pub(crate) fn for_clip(uuid: &str, total: u64, requests: Vec<Request>) -> Self {
        Self {
            scope: format!("for clip {uuid}"),
            total,
            requests,
        }
    }

    pub(crate) fn for_operation(id: &str, total: u64, requests: Vec<Request>) -> Self {
        Self {
            scope: format!("for {id}"),
            total,
            requests,
        }
    }

    pub(crate) fn for_service(total: u64, requests: Vec<Request>) -> Self {
        Self {
            scope: "to the service".to_owned(),
            total,
            requests,
        }
    }

    /// Returns the requests in the order of their arrival, as far as the service retains them (see
    /// [`Service::requests`](crate::Service::requests)).
    pub fn requests(&self) -> &[Request] {
        &self.requests
    }

    /// Asserts that there were exactly this many requests.
    #[track_caller]
    pub fn count(self, count: u64) -> Self {
        let holds = self.total == count;
        self.check(holds, |scope| format!("{} {scope}", quantity(count)))
    }

    /// Asserts that there were at least this many requests.
    #[track_caller]
    pub fn at_least(self, count: u64) -> Self {
        let holds = self.total >= count;
        self.check(holds, |scope| {
            format!("at least {} {scope}", quantity(count))
        })
    }

    /// Asserts that there were at most this many requests.
    #[track_caller]
    pub fn at_most(self, count: u64) -> Self {
        let holds = self.total <= count;
        self.check(holds, |scope| {
            format!("at most {} {scope}", quantity(count))
        })
    }

    /// Asserts that there were no requests.
    #[track_caller]
    pub fn none(self) -> Self {
        self.count(0)
    }

    /// Asserts that the responses had exactly these HTTP statuses, in this order; `None` is a
    /// request without a response.
    #[track_caller]
    pub fn statuses(self, statuses: impl IntoIterator<Item = impl Into<Option<u16>>>) -> Self {
        let expected: Vec<Option<u16>> = statuses.into_iter().map(Into::into).collect();
        let actual = self.requests.iter().map(|request| request.status);
        let holds = actual.eq(expected.iter().copied());
        self.check(holds, |scope| {
            let list = format_statuses(&expected);
            format!("requests {scope} with response statuses [{list}]")
        })
    }

    /// Asserts that the requests were for exactly these clips, in this order.
    #[track_caller]
    pub fn in_order(self, uuids: impl IntoIterator<Item = impl Display>) -> Self {
        let expected: Vec<String> = uuids.into_iter().map(|uuid| uuid.to_string()).collect();
        let actual = self.requests.iter().map(|it| it.clip_uuid.as_deref());
        let holds = actual.eq(expected.iter().map(|uuid| Some(uuid.as_str())));
        self.check(holds, |scope| {
            format!("requests {scope} in the order [{}]", expected.join(", "))
        })
    }

    /// Asserts that consecutive requests were at least this much service time apart.
    #[track_caller]
    pub fn min_interval(self, interval: Duration) -> Self {
        let mut previous: Option<Duration> = None;
        let holds = |request: &Request| {
            let previous = previous.replace(request.received_at);
            previous.is_none_or(|at| request.received_at.saturating_sub(at) >= interval)
        };
        self.check_each(holds, |scope| {
            format!("requests {scope} at least {interval:?} apart")
        })
    }

    /// Asserts that there was at least one request, and that all had this value in the header
    /// `x-auth-scheme`.
    #[track_caller]
    pub fn with_scheme(self, scheme: &str) -> Self {
        let expected = |scope: &str| format!("only requests {scope} with scheme {scheme}");
        let holds = |request: &Request| request.scheme.as_deref() == Some(scheme);
        let any = !self.requests.is_empty();
        self.check(any, expected).check_each(holds, expected)
    }

    /// Asserts that there was at least one request, and that all had this value in the header
    /// `x-auth-org`: the client organization that a partner acts for.
    #[track_caller]
    pub fn for_org(self, org: &str) -> Self {
        let expected = |scope: &str| format!("only requests {scope} with organization {org}");
        let holds = |request: &Request| request.org.as_deref() == Some(org);
        let any = !self.requests.is_empty();
        self.check(any, expected).check_each(holds, expected)
    }

    /// Asserts that there were no requests for a clip after a response with a terminal status:
    /// complete, failed or deleted. A response that a fault was applied to is not considered.
    #[track_caller]
    pub fn none_after_terminal(self) -> Self {
        let mut terminated = HashSet::new();
        let holds = |request: &Request| {
            let holds = !terminated.contains(&request.clip_uuid);
            if is_terminal(request.clip_status.as_ref()) {
                terminated.insert(request.clip_uuid.clone());
            }
            holds
        };
        self.check_each(holds, |scope| {
            format!("no requests {scope} after a terminal clip status")
        })
    }

    #[track_caller]
    fn check(self, holds: bool, expected: impl FnOnce(&str) -> String) -> Self {
        if !holds {
            let expected = expected(&self.scope);
            panic!("{}", self.failure_message(&expected, None));
        }
        self
    }

    #[track_caller]
    fn check_each(
        self,
        mut holds: impl FnMut(&Request) -> bool,
        expected: impl FnOnce(&str) -> String,
    ) -> Self {
        if let Some(index) = self.requests.iter().position(|request| !holds(request)) {
            let expected = expected(&self.scope);
            panic!("{}", self.failure_message(&expected, Some(index)));
        }
        self
    }

    /// Formats the expectation, the actual result and the requests, with a mark at the request at
    /// `index`, the first one that violates the expectation.
    fn failure_message(&self, expected: &str, index: Option<usize>) -> String {
        let length = self.requests.len();
        let mut message = format!("expected {expected}");
        let _ = match index.and_then(|index| self.requests.get(index)) {
            Some(request) => write!(message, "; request #{} violates this", request.sequence),
            None if self.total == 0 => write!(message, ", got none"),
            None => write!(message, ", got {}", self.total),
        };
        let end = index.map_or(length, |index| length.min(index + MAX_LISTED_REQUESTS / 2));
        let start = end.saturating_sub(MAX_LISTED_REQUESTS);
        for (position, request) in self.requests.iter().enumerate().take(end).skip(start) {
            let mark = if index == Some(position) { '>' } else { ' ' };
            let _ = write!(message, "\n{mark} {request}");
        }
        let listed = end - start;
        if listed < length {
            let _ = write!(message, "\n  ({listed} of {length} requests shown)");
        }
        message
    }
}

fn is_terminal(status: Option<&ClipStatus>) -> bool {
    matches!(
        status,
        Some(ClipStatus::Complete | ClipStatus::Failed | ClipStatus::Deleted)
    )
}

fn quantity(count: u64) -> String {
    match count {
        0 => "no requests".to_owned(),
        1 => "1 request".to_owned(),
        _ => format!("{count} requests"),
    }
}

fn format_statuses(statuses: &[Option<u16>]) -> String {
    let format = |status: &Option<u16>| status.map_or("none".to_owned(), |it| it.to_string());
    let statuses: Vec<String> = statuses.iter().map(format).collect();
    statuses.join(", ")
}
