//! Raw HTTP responses and their delivery.
//!
//! A [`Response`] has status, headers and body, valid or not, and its [`Delivery`]: how many of its
//! bytes are sent, at which rate, and how the connection ends. It is a value without knowledge of the
//! service or of sockets; the service's own error responses are in `error_responses`, and
//! `faulty_stream` applies the delivery below HTTP.

use crate::body::Body;
#[cfg(feature = "http2")]
use crate::http2_error::Http2Error;
use serde_json::Value;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Raw HTTP response: a status, headers, a body, and their delivery.
///
/// ```
/// use rhombus_clips_sim::Response;
/// use std::time::{Duration, SystemTime, UNIX_EPOCH};
///
/// let unavailable = Response::status(503).header("Retry-After", "2").body("come back later");
/// let truncated = Response::json(&serde_json::json!({"clip": null})).cut_after(5);
/// let hanging = Response::hang();
/// let slow = Response::access_denied(0).trickle(Duration::from_millis(1));
/// let wrong_length = Response::status(200).header("Content-Length", "7").body("{}");
/// let large = Response::status(200).repeated_body(b' ', 100_000_000);
/// ```
///
/// A response has at most one early stop: the last of the methods `cut_after`, `stall_after`,
/// `reset_after`, `reset_in_head` and `reset_stream_after` takes effect.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Body,
    delivery: Delivery,
    /// Whether the connection takes no further request.
    pub(crate) is_last: bool,
}

impl Response {
    /// Creates a response without headers and body. `status` is 200 to 999; any other value is not
    /// valid in a final response and is sent as 500.
    pub fn status(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Body::default(),
            delivery: Delivery::default(),
            is_last: false,
        }
    }

    /// Creates a 200 response with a JSON body and `Content-Type: application/json`.
    pub fn json(body: &Value) -> Self {
        Self::status(200).json_body(body)
    }

    /// Sends no response: the request hangs until the service shuts down or the client gives up.
    pub fn hang() -> Self {
        Self::status(200).stop_at(StopPoint::Head(0), StopAction::Stall)
    }

    /// Sends no response: the connection is closed (TCP FIN) after the request was read.
    pub fn close() -> Self {
        Self::status(200).stop_at(StopPoint::Head(0), StopAction::Close)
    }

    /// Sends no response: the connection is reset (TCP RST) after the request was read.
    pub fn reset() -> Self {
        Self::status(200).reset_in_head(0)
    }

    /// Sends no response: nothing more is answered on the connection, this request and any later one,
    /// while other connections work. The connection stays open, and answers the PINGs of HTTP/2.
    ///
    /// Over HTTP/1.1, where requests do not share a connection, it is the same as [`Response::hang`].
    pub fn freeze_connection() -> Self {
        Self::status(200).stop_at(StopPoint::Head(0), StopAction::Freeze)
    }

    /// Sends no response: the stream is reset (RST_STREAM), and the connection stays open.
    #[cfg(feature = "http2")]
    pub fn reset_stream(error: Http2Error) -> Self {
        Self::status(200).stop_at(StopPoint::Head(0), StopAction::ResetStream(error))
    }

    /// Sends no response: the connection is shut down with GOAWAY, which counts the request as received,
    /// and closed.
    #[cfg(feature = "http2")]
    pub fn go_away(error: Http2Error) -> Self {
        Self::status(200).stop_at(StopPoint::Head(0), StopAction::GoAway(error))
    }

    /// Sends as much as [`Response::cut_after`], then resets the stream (RST_STREAM). The connection
    /// stays open. Some clients take [`Http2Error::NoError`] for the end of the body.
    #[cfg(feature = "http2")]
    pub fn reset_stream_after(self, bytes: usize, error: Http2Error) -> Self {
        self.stop_at(StopPoint::Body(bytes), StopAction::ResetStream(error))
    }

    /// Announces that the connection takes no further request: `Connection: close` in HTTP/1.1, GOAWAY
    /// in HTTP/2. The response itself is complete.
    pub fn last_on_connection(mut self) -> Self {
        self.is_last = true;
        self
    }

    /// Adds a header. A header that is not valid in HTTP, such as one with a line break in its
    /// value, is not sent.
    ///
    /// `Content-Length` is sent as given, even if it is wrong, and the connection stays open after
    /// the body: with a value that is too large the client waits for the missing bytes, with one
    /// that is too small it finds the excess bytes before the next response.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Sets the body to these bytes.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Body::new(body.into());
        self
    }

    /// Adds the header `Date`, unless the response has one.
    pub(crate) fn dated(self, time: SystemTime) -> Self {
        // The last second that the header can express.
        const MAX_SEC: u64 = 253_402_300_799;
        let has_date = self
            .headers
            .iter()
            .any(|(name, _)| name.eq_ignore_ascii_case("date"));
        let since_epoch = time.duration_since(UNIX_EPOCH).unwrap_or_default();
        match has_date || since_epoch.as_secs() > MAX_SEC {
            true => self,
            false => self.header("Date", httpdate::fmt_http_date(UNIX_EPOCH + since_epoch)),
        }
    }

    /// Sets the body to this JSON and adds `Content-Type: application/json`.
    pub fn json_body(self, body: &Value) -> Self {
        self.header("Content-Type", "application/json")
            .body(body.to_string())
    }

    /// Replaces the body by what `map` makes of it; no effect on a repeated body or a file.
    ///
    /// ```
    /// use rhombus_clips_sim::{Fault, Response};
    ///
    /// let shout = |response: Response| response.map_body(|body| body.to_ascii_uppercase());
    /// let fault = Fault::map_response(shout);
    /// ```
    pub fn map_body(mut self, map: impl FnOnce(&[u8]) -> Vec<u8>) -> Self {
        if let Some(body) = self.body.as_bytes() {
            self.body = Body::new(map(body));
        }
        self
    }

    /// Creates a redirect to this URL.
    ///
    /// ```
    /// use rhombus_clips_sim::{Fault, Response};
    ///
    /// let moved = Response::redirect(302, "https://files.example/clip.mp4?signature=1");
    /// let fault = Fault::respond(moved).for_operation("media");
    /// ```
    pub fn redirect(status: u16, location: impl Into<String>) -> Self {
        Self::status(status).header("Location", location)
    }

    pub(crate) fn media_body(mut self, body: Body) -> Self {
        self.body = body;
        self
    }

    /// Sets the body to `count` times this byte. Memory use does not depend on the length.
    pub fn repeated_body(mut self, byte: u8, count: u64) -> Self {
        self.body = Body::repeated(byte, count);
        self
    }

    /// Sets the body to a gzip file that decompresses to this many spaces, and adds
    /// `Content-Encoding: gzip`. The compressed body is about a thousand times shorter.
    pub fn gzip_bomb(mut self, uncompressed_bytes: u64) -> Self {
        self.body = Body::gzip_bomb(uncompressed_bytes);
        self.header("Content-Encoding", "gzip")
    }

    /// Sends the head with the full `Content-Length` and the first `bytes` bytes of the body, then
    /// closes the connection (TCP FIN). There is no effect if the body is not longer.
    pub fn cut_after(self, bytes: usize) -> Self {
        self.stop_at(StopPoint::Body(bytes), StopAction::Close)
    }

    /// Sends as much as [`Response::cut_after`], then nothing more: the connection stays open
    /// until shutdown.
    pub fn stall_after(self, bytes: usize) -> Self {
        self.stop_at(StopPoint::Body(bytes), StopAction::Stall)
    }

    /// Sends as much as [`Response::cut_after`], then resets the connection (TCP RST).
    ///
    /// On Linux the client can still read the bytes sent before the reset; on other systems they
    /// may be lost.
    pub fn reset_after(self, bytes: usize) -> Self {
        self.stop_at(StopPoint::Body(bytes), StopAction::Reset)
    }

    /// Sends the first `bytes` bytes of the head, starting with the status line, then resets the
    /// connection (TCP RST). If the head is not longer, the reset is before the body.
    pub fn reset_in_head(self, bytes: usize) -> Self {
        self.stop_at(StopPoint::Head(bytes), StopAction::Reset)
    }

    /// Sends one byte at a time, starting with the status line, with this delay between two bytes:
    /// on tokio's clock, rounded up to milliseconds.
    pub fn trickle(mut self, delay: Duration) -> Self {
        self.delivery.pace = Some(Pace {
            bytes: 1,
            interval: delay,
        });
        self
    }

    /// Sends at most this many bytes a second, at least 20, the head included: on tokio's clock, in twenty
    /// parts a second.
    ///
    /// ```
    /// use rhombus_clips_sim::{Fault, Response};
    ///
    /// let slow = Fault::map_response(|response| response.at_rate(10_000)).for_operation("media");
    /// ```
    pub fn at_rate(mut self, bytes_per_sec: u64) -> Self {
        let bytes = usize::try_from(bytes_per_sec / PARTS_PER_SEC).unwrap_or(usize::MAX);
        self.delivery.pace = Some(Pace {
            bytes: bytes.max(1),
            interval: Duration::from_millis(1000 / PARTS_PER_SEC),
        });
        self
    }

    fn stop_at(mut self, point: StopPoint, action: StopAction) -> Self {
        self.delivery = self.delivery.with_stop(point, action);
        self
    }

    /// Edits the body if it is JSON.
    pub(crate) fn edit_json(mut self, edit: &impl Fn(&mut Value)) -> Self {
        let parse = |body| serde_json::from_slice::<Value>(body).ok();
        if let Some(mut value) = self.body.as_bytes().and_then(parse) {
            edit(&mut value);
            self.body = Body::new(value.to_string());
        }
        self
    }

    /// Returns the delivery, without a stop at or after the end of the body.
    pub(crate) fn effective_delivery(&self) -> Delivery {
        let mut delivery = self.delivery;
        let is_effective = |stop: &Stop| match stop.point {
            StopPoint::Head(_) => true,
            StopPoint::Body(bytes) => {
                u64::try_from(bytes).is_ok_and(|bytes| bytes < self.body.len())
            }
        };
        delivery.stop = delivery.stop.filter(is_effective);
        delivery
    }

    /// Returns the status that is sent.
    pub(crate) fn sent_status(&self) -> u16 {
        match self.status {
            200..1000 => self.status,
            _ => 500,
        }
    }

    /// Returns the status that the client receives, if any.
    pub(crate) fn received_status(&self) -> Option<u16> {
        self.delivery
            .sends_complete_head()
            .then(|| self.sent_status())
    }
}

/// Delivery of a response: complete and at full speed by default.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Delivery {
    /// Early stop, if any.
    pub(crate) stop: Option<Stop>,
    /// Pace of the bytes, if they are not sent at full speed.
    pub(crate) pace: Option<Pace>,
}

/// Pace of a response: so many bytes, then a delay.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pace {
    pub(crate) bytes: usize,
    pub(crate) interval: Duration,
}

/// Parts that a response at a rate is sent in. Chosen, not tuned: smooth for a display, and a multiple of a
/// timer's resolution.
const PARTS_PER_SEC: u64 = 20;

/// Early stop of a response.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Stop {
    pub(crate) point: StopPoint,
    pub(crate) action: StopAction,
}

/// Position in a response, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StopPoint {
    /// Offset from the start of the status line, at most the length of the head.
    Head(usize),
    /// Offset from the start of the body.
    Body(usize),
}

/// Action on a connection at which a response stops, or that was idle for too long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum StopAction {
    /// Closes the connection (TCP FIN).
    Close,
    /// Resets the connection (TCP RST).
    Reset,
    /// Leaves the connection open without sending anything.
    Stall,
    /// As `Stall`, for all later requests of the connection as well.
    Freeze,
    /// Resets the stream of HTTP/2.
    #[cfg(feature = "http2")]
    ResetStream(Http2Error),
    /// Shuts the connection of HTTP/2 down.
    #[cfg(feature = "http2")]
    GoAway(Http2Error),
}

impl Delivery {
    /// Returns this delivery with an early stop.
    pub(crate) fn with_stop(mut self, point: StopPoint, action: StopAction) -> Self {
        self.stop = Some(Stop { point, action });
        self
    }

    /// Returns whether the client receives the complete head.
    pub(crate) fn sends_complete_head(&self) -> bool {
        !matches!(
            self.stop,
            Some(Stop {
                point: StopPoint::Head(_),
                ..
            })
        )
    }
}
