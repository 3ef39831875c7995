//! Log of the requests that the service received.
//!
//! The log is the basis of assertions. It retains the newest requests and counts all of them, so
//! that a long soak test does not exhaust memory. It never contains the API key, wherever a client
//! may have sent it: the log is printed in panic messages.

use crate::auth::ApiKey;
use rhombus_clips_api::types::ClipStatus;
use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::time::Duration;

/// Path of the only operation.
pub(crate) const OPERATION_PATH: &str = "/api/event/getClipWithProgress";

/// Maximum number of retained requests. Chosen, not tuned: some tens of megabytes.
const MAX_RETAINED_REQUESTS: usize = 100_000;

/// Request that the service received, and its outcome. `Display` formats it in one line.
///
/// The service's API key never appears: should a client send it in one of these values, it is
/// replaced by `[redacted]`.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Request {
    /// Number of the request since the service started, counted from 1 as in
    /// [`Fault::on_request`](crate::Fault::on_request).
    pub sequence: u64,
    /// Service time since the service started.
    pub received_at: Duration,
    /// HTTP method.
    pub method: String,
    /// Path without query.
    pub path: String,
    /// `clipUuid` as sent, if the body has one.
    pub clip_uuid: Option<String>,
    /// Header `x-auth-scheme` as sent.
    pub scheme: Option<String>,
    /// Header `x-auth-org` as sent: the client organization that a partner acts for.
    pub org: Option<String>,
    /// HTTP status of the response; `None` if the request hangs or its connection ended within the
    /// head of the response.
    pub status: Option<u16>,
    /// Status of the clip in the response; `None` if the response has no record or an unknown
    /// status, or if a fault was applied.
    pub clip_status: Option<ClipStatus>,
    /// Whether a fault was applied, [`Service::respond_next`](crate::Service::respond_next)
    /// included.
    pub fault_injected: bool,
}

impl Request {
    /// Redacts the API key in all values that a client controls.
    pub(crate) fn redacted(mut self, api_key: &ApiKey) -> Self {
        for text in [&mut self.method, &mut self.path] {
            *text = api_key.redact(text);
        }
        for text in [&mut self.clip_uuid, &mut self.scheme, &mut self.org] {
            *text = text.as_deref().map(|text| api_key.redact(text));
        }
        // An unknown status is an arbitrary string and could contain the key in another case.
        let is_unknown = matches!(self.clip_status, Some(ClipStatus::Unrecognized(_)));
        self.clip_status = self.clip_status.filter(|_| !is_unknown);
        self
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let or_none = |text: &Option<String>| text.clone().unwrap_or_else(|| "none".to_owned());
        write!(f, "#{} at {:?}: ", self.sequence, self.received_at)?;
        if (self.method.as_str(), self.path.as_str()) != ("POST", OPERATION_PATH) {
            write!(f, "{} {}, ", self.method, self.path)?;
        }
        write!(f, "clip {}, ", or_none(&self.clip_uuid))?;
        write!(f, "scheme {}", or_none(&self.scheme))?;
        if let Some(org) = &self.org {
            write!(f, ", organization {org}")?;
        }
        match self.status {
            Some(status) => write!(f, ", response {status}")?,
            None => f.write_str(", no response")?,
        }
        if let Some(status) = &self.clip_status {
            write!(f, " {status}")?;
        }
        if self.fault_injected {
            f.write_str(" (fault)")?;
        }
        Ok(())
    }
}

/// Newest requests, and counts of all requests.
#[derive(Debug, Default)]
pub(crate) struct RequestLog {
    newest: VecDeque<Request>,
    total: u64,
    faulty_count: u64,
    count_by_clip: HashMap<String, u64>,
}

impl RequestLog {
    /// Adds a request and assigns its sequence number.
    pub(crate) fn push(&mut self, mut request: Request) {
        self.total += 1;
        request.sequence = self.total;
        self.faulty_count += u64::from(request.fault_injected);
        if let Some(uuid) = &request.clip_uuid {
            *self.count_by_clip.entry(uuid.clone()).or_default() += 1;
        }
        if self.newest.len() == MAX_RETAINED_REQUESTS {
            self.newest.pop_front();
        }
        self.newest.push_back(request);
    }

    pub(crate) fn retained(&self) -> impl Iterator<Item = &Request> {
        self.newest.iter()
    }

    pub(crate) fn total(&self) -> u64 {
        self.total
    }

    pub(crate) fn faulty_count(&self) -> u64 {
        self.faulty_count
    }

    pub(crate) fn total_for(&self, clip_uuid: &str) -> u64 {
        self.count_by_clip
            .get(clip_uuid)
            .copied()
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn retains_the_newest_requests_and_counts_all() {
        let mut log = RequestLog::default();
        for number in 0..MAX_RETAINED_REQUESTS + 2 {
            log.push(Request {
                sequence: 0,
                received_at: Duration::ZERO,
                method: "POST".to_owned(),
                path: "/".to_owned(),
                clip_uuid: Some("a".to_owned()),
                scheme: None,
                org: None,
                status: Some(200),
                clip_status: None,
                fault_injected: number < 5,
            });
        }
        assert_eq!(log.retained().count(), MAX_RETAINED_REQUESTS);
        assert_eq!(log.retained().next().unwrap().sequence, 3);
        assert_eq!(
            [log.total(), log.total_for("a"), log.total_for("b")],
            [100_002, 100_002, 0]
        );
        assert_eq!(log.faulty_count(), 5);
    }
}
