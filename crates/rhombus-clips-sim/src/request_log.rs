//! What the service was asked: a record of requests that never holds a key.

use crate::api_key::ApiKey;
use rhombus_clips_api::types::ClipStatus;
use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::time::Duration;

/// The path of the only operation.
pub(crate) const OPERATION: &str = "/api/event/getClipWithProgress";

/// The log keeps this many requests, the newest; counts go on beyond it.
const KEPT: usize = 100_000;

/// One request that the service was asked, without its key: should the service's key stand in
/// one of these values, it reads `[api key]`. `Display` is one line.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Request {
    /// Its place among all requests since the service started, from 1 as in
    /// [`Fault::on_request`](crate::Fault::on_request).
    pub sequence: u64,
    /// Service time since the service started.
    pub at: Duration,
    /// The HTTP method.
    pub method: String,
    /// The path, without a query.
    pub path: String,
    /// `clipUuid` as sent, if the body has one.
    pub clip: Option<String>,
    /// The header `x-auth-scheme` as sent.
    pub scheme: Option<String>,
    /// The header `x-auth-org` as sent: the client organization that a partner acts for.
    pub org: Option<String>,
    /// The HTTP status answered; none if the request hangs or its connection ended within the
    /// head of the answer.
    pub status: Option<u16>,
    /// The clip's status that the service answered; none if it had no record or a status of one's
    /// own invention, or a fault struck.
    pub clip_status: Option<ClipStatus>,
    /// Whether a fault struck: one that was injected, or an answer that was left for the request.
    pub faulty: bool,
}

impl Request {
    /// The request without the key, wherever a caller may have put it.
    pub(crate) fn without(mut self, key: &ApiKey) -> Self {
        for text in [&mut self.method, &mut self.path] {
            *text = key.strike_out(text);
        }
        for text in [&mut self.clip, &mut self.scheme, &mut self.org] {
            *text = text.as_deref().map(|text| key.strike_out(text));
        }
        // It may hold the key in any writing.
        let invented = matches!(self.clip_status, Some(ClipStatus::Unrecognized(_)));
        self.clip_status = self.clip_status.filter(|_| !invented);
        self
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let or_none = |text: &Option<String>| text.clone().unwrap_or_else(|| "none".to_owned());
        write!(f, "#{} at {:?}: ", self.sequence, self.at)?;
        if (self.method.as_str(), self.path.as_str()) != ("POST", OPERATION) {
            write!(f, "{} {}, ", self.method, self.path)?;
        }
        write!(f, "clip {}, ", or_none(&self.clip))?;
        write!(f, "scheme {}", or_none(&self.scheme))?;
        if let Some(org) = &self.org {
            write!(f, ", organization {org}")?;
        }
        match self.status {
            Some(status) => write!(f, ", answered {status}")?,
            None => f.write_str(", not answered")?,
        }
        if let Some(status) = &self.clip_status {
            write!(f, " {status}")?;
        }
        if self.faulty {
            f.write_str(" (fault)")?;
        }
        Ok(())
    }
}

/// The newest requests, and how many there were.
#[derive(Debug, Default)]
pub(crate) struct RequestLog {
    newest: VecDeque<Request>,
    total: u64,
    faulty: u64,
    by_clip: HashMap<String, u64>,
}

impl RequestLog {
    /// Notes a request and gives it its sequence number.
    pub(crate) fn note(&mut self, mut request: Request) {
        self.total += 1;
        request.sequence = self.total;
        self.faulty += u64::from(request.faulty);
        if let Some(clip) = &request.clip {
            *self.by_clip.entry(clip.clone()).or_default() += 1;
        }
        if self.newest.len() == KEPT {
            self.newest.pop_front();
        }
        self.newest.push_back(request);
    }

    pub(crate) fn newest(&self) -> impl Iterator<Item = &Request> {
        self.newest.iter()
    }

    pub(crate) fn total(&self) -> u64 {
        self.total
    }

    pub(crate) fn faulty(&self) -> u64 {
        self.faulty
    }

    pub(crate) fn total_for(&self, clip: &str) -> u64 {
        self.by_clip.get(clip).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_the_newest_and_counts_them_all() {
        let mut log = RequestLog::default();
        for number in 0..KEPT + 2 {
            log.note(Request {
                sequence: 0,
                at: Duration::ZERO,
                method: "POST".to_owned(),
                path: "/".to_owned(),
                clip: Some("a".to_owned()),
                scheme: None,
                org: None,
                status: Some(200),
                clip_status: None,
                faulty: number < 5,
            });
        }
        assert_eq!(log.newest().count(), KEPT);
        assert_eq!(log.newest().next().unwrap().sequence, 3);
        assert_eq!(
            [log.total(), log.total_for("a"), log.total_for("b")],
            [100_002, 100_002, 0]
        );
        assert_eq!(log.faulty(), 5);
    }
}
