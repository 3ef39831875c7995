//! Log of the requests that the service received.
//!
//! The log is the basis of assertions. It retains the newest requests and counts all of them, so
//! that a long soak test does not exhaust memory. It never contains the API key, wherever a client
//! may have sent it: the log is printed in panic messages.

use crate::auth::ApiKey;
use rhombus_clips_api::displayable_characters;
use rhombus_clips_api::types::ClipStatus;
use std::borrow::Cow;
use std::collections::{HashMap, VecDeque};
use std::fmt::{self, Write as _};
use std::time::Duration;

/// The operation that a request's line leaves out.
const DEFAULT_OPERATION: &str = "getClipWithProgress";

/// Maximum number of retained requests. Chosen, not tuned: some tens of megabytes.
const MAX_RETAINED_REQUESTS: usize = 100_000;

/// Maximum number of clips whose requests are counted. Chosen, not tuned: as many as requests.
const MAX_COUNTED_CLIPS: usize = 100_000;

/// Length in bytes to which the texts of a request are cut. Chosen, not tuned: a few times those of a valid
/// request.
const MAX_TEXT_BYTES: usize = 128;

/// Request that the service received, and its outcome. `Display` formats it in one line, without control
/// characters.
///
/// Its texts are cut to 128 bytes; a text that was cut ends in `…`. The service's API key never appears: should a client send it in one of these values, it is
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
    /// ID of the operation, if the path is one of it; `media` or `storage` for a file.
    pub operation: Option<String>,
    /// `clipUuid` or `savedClipUuid` as sent, if the body has one; of a file, the UUID in the path.
    pub clip_uuid: Option<String>,
    /// Header `x-auth-scheme` as sent.
    pub scheme: Option<String>,
    /// Header `x-auth-org` as sent: the client organization that a partner acts for.
    pub org: Option<String>,
    /// Whether the request had the header `x-auth-apikey`.
    pub has_api_key: bool,
    /// Header `Range` as sent.
    pub range: Option<String>,
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
    /// Redacts the API key in all values that a client controls, and cuts them.
    pub(crate) fn redacted(mut self, api_key: &ApiKey) -> Self {
        let redact = |text: &str| cut(&api_key.redact(text)).into_owned();
        for text in [&mut self.method, &mut self.path] {
            *text = redact(text);
        }
        for text in [
            &mut self.clip_uuid,
            &mut self.scheme,
            &mut self.org,
            &mut self.range,
        ] {
            *text = text.as_deref().map(redact);
        }
        // An unknown status is an arbitrary string and could contain the key in another case.
        let is_unknown = matches!(self.clip_status, Some(ClipStatus::Unrecognized(_)));
        self.clip_status = self.clip_status.filter(|_| !is_unknown);
        self
    }
}

/// Cuts a text between characters, and marks the cut.
fn cut(text: &str) -> Cow<'_, str> {
    if text.len() <= MAX_TEXT_BYTES {
        return Cow::Borrowed(text);
    }
    let end = (0..=MAX_TEXT_BYTES).rfind(|end| text.is_char_boundary(*end));
    Cow::Owned(format!(
        "{}…",
        text.get(..end.unwrap_or(0)).unwrap_or_default()
    ))
}

/// Formats a text of a client on one line.
struct OneLine<'t>(&'t str);

impl fmt::Display for OneLine<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut characters = displayable_characters(self.0);
        characters
            .try_for_each(|(c, is_displayable)| f.write_char(if is_displayable { c } else { ' ' }))
    }
}

impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fn or_none(text: Option<&str>) -> OneLine<'_> {
            OneLine(text.unwrap_or("none"))
        }
        write!(f, "#{} at {:?}: ", self.sequence, self.received_at)?;
        let is_clip_expected = match (self.method.as_str(), self.operation.as_deref()) {
            ("POST", Some(DEFAULT_OPERATION)) => true,
            ("POST", Some(operation)) => {
                write!(f, "{operation}, ")?;
                self.clip_uuid.is_some()
            }
            (_, _) => {
                write!(f, "{} {}, ", OneLine(&self.method), OneLine(&self.path))?;
                true
            }
        };
        if is_clip_expected {
            write!(f, "clip {}, ", or_none(self.clip_uuid.as_deref()))?;
        }
        write!(f, "scheme {}", or_none(self.scheme.as_deref()))?;
        if let Some(org) = &self.org {
            write!(f, ", organization {}", OneLine(org))?;
        }
        match self.status {
            Some(status) => write!(f, ", response {status}")?,
            None => f.write_str(", no response")?,
        }
        if let Some(status) = &self.clip_status {
            write!(f, " {}", OneLine(status.as_str()))?;
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
    count_by_operation: HashMap<String, u64>,
}

impl RequestLog {
    /// Adds a request and assigns its sequence number.
    pub(crate) fn push(&mut self, mut request: Request) {
        self.total += 1;
        request.sequence = self.total;
        self.faulty_count += u64::from(request.fault_injected);
        if let Some(operation) = &request.operation {
            *self
                .count_by_operation
                .entry(operation.clone())
                .or_default() += 1;
        }
        if let Some(uuid) = &request.clip_uuid {
            let has_room = self.count_by_clip.len() < MAX_COUNTED_CLIPS;
            match self.count_by_clip.get_mut(uuid) {
                Some(count) => *count += 1,
                None if has_room => {
                    self.count_by_clip.insert(uuid.clone(), 1);
                }
                None => {}
            }
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

    /// Returns the number of requests for an operation.
    pub(crate) fn total_of(&self, operation: &str) -> u64 {
        self.count_by_operation
            .get(operation)
            .copied()
            .unwrap_or_default()
    }

    /// Returns the number of requests for a clip; 0 for one beyond the first 100,000 clips.
    pub(crate) fn total_for(&self, clip_uuid: &str) -> u64 {
        self.count_by_clip
            .get(&*cut(clip_uuid))
            .copied()
            .unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(clip_uuid: &str) -> Request {
        Request {
            sequence: 0,
            received_at: Duration::ZERO,
            method: "POST".to_owned(),
            path: "/".to_owned(),
            operation: None,
            clip_uuid: Some(clip_uuid.to_owned()),
            scheme: None,
            org: None,
            has_api_key: false,
            range: None,
            status: Some(200),
            clip_status: None,
            fault_injected: false,
        }
    }

    #[test]
    fn retains_the_newest_requests_and_counts_all() {
        let mut log = RequestLog::default();
        for number in 0..MAX_RETAINED_REQUESTS + 2 {
            log.push(Request {
                fault_injected: number < 5,
                ..request("a")
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

    #[test]
    fn counts_the_requests_of_a_limited_number_of_clips() {
        let mut log = RequestLog::default();
        for clip in 0..=MAX_COUNTED_CLIPS {
            log.push(request(&clip.to_string()));
        }
        log.push(request("7"));
        assert_eq!(log.count_by_clip.len(), MAX_COUNTED_CLIPS);
        assert_eq!([log.total_for("7"), log.total_for("100000")], [2, 0]);
    }

    #[test]
    fn texts_are_cut_after_the_key_is_redacted() {
        let api_key = ApiKey::new("0123456789");
        let long = format!("{}0123456789{}", "x".repeat(125), "é".repeat(60_000));
        let sent = Request {
            method: long.clone(),
            path: long.clone(),
            scheme: Some(long.clone()),
            org: Some(long.clone()),
            ..request(&long)
        };
        let logged = sent.redacted(&api_key);
        let expected = format!("{}[re…", "x".repeat(125));
        assert_eq!(logged.method, expected);
        assert_eq!(logged.path, expected);
        for text in [&logged.clip_uuid, &logged.scheme, &logged.org] {
            assert_eq!(text.as_deref(), Some(&*expected));
        }
        let mut log = RequestLog::default();
        let uuid = "é".repeat(60_000);
        log.push(request(&uuid).redacted(&api_key));
        assert_eq!(log.total_for(&uuid), 1);
    }

    #[test]
    fn a_request_is_one_line() {
        let text = "a\r\n\u{1b}[2J\u{85}\u{2028}b";
        let hostile = Request {
            method: text.to_owned(),
            path: text.to_owned(),
            scheme: Some(text.to_owned()),
            org: Some(text.to_owned()),
            clip_status: Some(text.into()),
            ..request(text)
        };
        let line = hostile.to_string();
        assert_eq!(line.matches("a   [2J  b").count(), 6, "{line:?}");
        assert!(!line.contains(|c: char| c.is_control() || c == '\u{2028}'));
    }
}
