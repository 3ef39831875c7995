//! What a test says of the requests that there should have been.

#![allow(
    clippy::panic,
    reason = "these are assertions of tests: to panic is how they fail"
)]

use crate::request_log::Request;
use rhombus_clips_api::types::ClipStatus;
use std::collections::HashSet;
use std::fmt::{Display, Write as _};
use std::time::Duration;

/// A message lists at most this many requests.
const LISTED: usize = 50;

/// What the service was asked so far, from [`Service::verify`](crate::Service::verify) and
/// [`Service::verify_all`](crate::Service::verify_all), for a test to say what it should have
/// been.
///
/// Each assertion hands the value on, so that they can be chained. One that does not hold panics,
/// at the place of its call, with a message that lists the requests that there were. Those that
/// begin with `never` hold where there was no request.
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
    whom: String,
    total: u64,
    requests: Vec<Request>,
}

impl RequestAssertions {
    pub(crate) fn new(whom: String, total: u64, requests: Vec<Request>) -> Self {
        Self {
            whom,
            total,
            requests,
        }
    }

    /// The requests themselves, in the order of their arrival: of the newest 100,000 that the
    /// service keeps, those that are spoken of.
    pub fn requests(&self) -> &[Request] {
        &self.requests
    }

    /// There were exactly this many.
    #[track_caller]
    pub fn count(self, count: u64) -> Self {
        let holds = self.total == count;
        self.check(holds, || counted(count))
    }

    /// There were at least this many.
    #[track_caller]
    pub fn at_least(self, count: u64) -> Self {
        let holds = self.total >= count;
        self.check(holds, || format!("at least {}", counted(count)))
    }

    /// There were at most this many.
    #[track_caller]
    pub fn at_most(self, count: u64) -> Self {
        let holds = self.total <= count;
        self.check(holds, || format!("at most {}", counted(count)))
    }

    /// There was none.
    #[track_caller]
    pub fn none(self) -> Self {
        self.count(0)
    }

    /// They were answered with these HTTP statuses, in this order; `None` is one that got none.
    #[track_caller]
    pub fn statuses(self, statuses: impl IntoIterator<Item = impl Into<Option<u16>>>) -> Self {
        let statuses: Vec<Option<u16>> = statuses.into_iter().map(Into::into).collect();
        let seen = self.requests.iter().map(|request| request.status);
        let holds = seen.eq(statuses.iter().copied());
        self.check(holds, || format!("the answers {}", listed(&statuses)))
    }

    /// They asked for these clips, by their UUIDs, in this order.
    #[track_caller]
    pub fn in_order(self, clips: impl IntoIterator<Item = impl Display>) -> Self {
        let clips: Vec<String> = clips.into_iter().map(|clip| clip.to_string()).collect();
        let seen = self.requests.iter().map(|request| request.clip.as_deref());
        let holds = seen.eq(clips.iter().map(|clip| Some(clip.as_str())));
        self.check(holds, || format!("the clips {}", clips.join(", ")))
    }

    /// Each came at least this much service time after the one before.
    #[track_caller]
    pub fn min_interval(self, apart: Duration) -> Self {
        let mut before: Option<Duration> = None;
        let holds = |request: &Request| {
            let since = before.replace(request.at);
            since.is_none_or(|since| request.at.saturating_sub(since) >= apart)
        };
        self.check_each(holds, || format!("each at least {apart:?} after the last"))
    }

    /// Each had this in its header `x-auth-scheme`, and there was one at least.
    #[track_caller]
    pub fn with_scheme(self, scheme: &str) -> Self {
        let expected = || format!("the scheme {scheme} alone");
        let holds = |request: &Request| request.scheme.as_deref() == Some(scheme);
        let any = !self.requests.is_empty();
        self.check(any, expected).check_each(holds, expected)
    }

    /// Each had this in its header `x-auth-org`, and there was one at least: a partner acted for
    /// this client organization.
    #[track_caller]
    pub fn for_org(self, org: &str) -> Self {
        let expected = || format!("the organization {org} alone");
        let holds = |request: &Request| request.org.as_deref() == Some(org);
        let any = !self.requests.is_empty();
        self.check(any, expected).check_each(holds, expected)
    }

    /// None asked for a clip whose end was known: the service had answered that it is complete,
    /// failed or deleted, and no fault had changed that answer.
    #[track_caller]
    pub fn none_after_terminal(self) -> Self {
        let mut ended = HashSet::new();
        let holds = |request: &Request| {
            let in_time = !ended.contains(&request.clip);
            if is_end(request.clip_status.as_ref()) {
                ended.insert(request.clip.clone());
            }
            in_time
        };
        self.check_each(holds, || "none after the clip's end".to_owned())
    }

    #[track_caller]
    fn check(self, holds: bool, expected: impl FnOnce() -> String) -> Self {
        if !holds {
            panic!("{}", self.complaint(&expected(), None));
        }
        self
    }

    #[track_caller]
    fn check_each(
        self,
        mut holds: impl FnMut(&Request) -> bool,
        expected: impl FnOnce() -> String,
    ) -> Self {
        if let Some(odd) = self.requests.iter().position(|request| !holds(request)) {
            panic!("{}", self.complaint(&expected(), Some(odd)));
        }
        self
    }

    /// What was expected and what there was, with a mark at the first request that is not as it
    /// should be.
    fn complaint(&self, expected: &str, odd: Option<usize>) -> String {
        let Self { whom, total, .. } = self;
        let mut text = format!("{whom}: expected {expected}; got {}", counted(*total));
        let length = self.requests.len();
        let end = odd.map_or(length, |odd| length.min(odd + LISTED / 2));
        let start = end.saturating_sub(LISTED);
        for (index, request) in self.requests.iter().enumerate().take(end).skip(start) {
            let mark = if odd == Some(index) { '>' } else { ' ' };
            let _ = write!(text, "\n{mark} {request}");
        }
        if end - start < length {
            let _ = write!(text, "\n  ({} of {length} shown)", end - start);
        }
        text
    }
}

fn is_end(status: Option<&ClipStatus>) -> bool {
    matches!(
        status,
        Some(ClipStatus::Complete | ClipStatus::Failed | ClipStatus::Deleted)
    )
}

fn counted(count: u64) -> String {
    match count {
        0 => "no request".to_owned(),
        1 => "1 request".to_owned(),
        _ => format!("{count} requests"),
    }
}

fn listed(statuses: &[Option<u16>]) -> String {
    let status = |status: &Option<u16>| status.map_or("none".to_owned(), |it| it.to_string());
    let statuses: Vec<String> = statuses.iter().map(status).collect();
    statuses.join(", ")
}
