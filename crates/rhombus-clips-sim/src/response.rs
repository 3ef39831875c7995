//! An answer as it goes over the wire, good or bad.

use crate::body::Body;
use crate::delivery::{Delivery, Ending, Point, Stop};
use serde_json::Value;
use std::time::Duration;

/// One raw HTTP answer: a status, headers, a body, and how they are delivered.
///
/// ```
/// use rhombus_clips_sim::Response;
/// use std::time::Duration;
///
/// let busy = Response::status(503).header("Retry-After", "2").body("come back later");
/// let broken = Response::json(&serde_json::json!({"clip": null})).cut_after(5);
/// let silent = Response::hang();
/// let slow = Response::access_denied(0).trickle(Duration::from_millis(1));
/// let lying = Response::status(200).header("Content-Length", "7").body("{}");
/// let endless = Response::status(200).repeated_body(b' ', 100_000_000);
/// ```
///
/// Of several methods that stop an answer short (`cut`, `stall`, `reset`) the last one holds.
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Response {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Body,
    delivery: Delivery,
}

impl Response {
    /// An answer without headers and body. `status` is 200 to 999; anything else cannot be sent
    /// as a final answer and goes out as 500.
    pub fn status(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Body::default(),
            delivery: Delivery::default(),
        }
    }

    /// A 200 with this JSON as its body and `Content-Type: application/json`.
    pub fn json(body: &Value) -> Self {
        Self::status(200).json_body(body)
    }

    /// No answer at all: the request hangs until the service shuts down or the caller gives up.
    pub fn hang() -> Self {
        Self::status(200).stopped(Point::Head(0), Ending::Stall)
    }

    /// No answer at all: the connection is closed once the request was read.
    pub fn close() -> Self {
        Self::status(200).stopped(Point::Head(0), Ending::Close)
    }

    /// No answer at all: the connection is reset (TCP RST) once the request was read.
    pub fn reset() -> Self {
        Self::status(200).reset_in_head(0)
    }

    /// Adds a header. One that HTTP does not allow (a line break in its value, say) is not sent.
    ///
    /// `Content-Length` goes out as given, true or not. The connection stays open behind the
    /// body: a caller who was promised more waits for it, one who was promised less finds the
    /// rest in front of the next answer.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Sets the body, of any bytes.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = Body::new(body.into());
        self
    }

    /// Sets the body to this JSON and adds `Content-Type: application/json`.
    pub fn json_body(self, body: &Value) -> Self {
        self.header("Content-Type", "application/json")
            .body(body.to_string())
    }

    /// Sets the body to `count` times this byte. However long it is, it takes 128 KiB of memory.
    pub fn repeated_body(mut self, byte: u8, count: u64) -> Self {
        self.body = Body::repeated(byte, count);
        self
    }

    /// Sets the body to one that unpacks to this many bytes, all of them spaces, and adds
    /// `Content-Encoding: gzip`. On the wire it is about a thousand times shorter.
    pub fn gzip_bomb(mut self, unpacked_bytes: u64) -> Self {
        self.body = Body::gzip_bomb(unpacked_bytes);
        self.header("Content-Encoding", "gzip")
    }

    /// Sends the head with the full `Content-Length` and the first `bytes` bytes of the body,
    /// then closes the connection. With `bytes` at or past the body's length nothing is cut.
    pub fn cut_after(self, bytes: usize) -> Self {
        self.stopped(Point::Body(bytes), Ending::Close)
    }

    /// Like [`Response::cut_after`], but the connection stays open and silent until shutdown.
    pub fn stall_after(self, bytes: usize) -> Self {
        self.stopped(Point::Body(bytes), Ending::Stall)
    }

    /// Like [`Response::cut_after`], but the connection is reset (TCP RST).
    ///
    /// On Linux the caller can still read what came before the reset; elsewhere it may be lost.
    pub fn reset_after(self, bytes: usize) -> Self {
        self.stopped(Point::Body(bytes), Ending::Reset)
    }

    /// Sends the first `bytes` bytes of the head, from the status line on, then resets the
    /// connection (TCP RST). With `bytes` past the head's length it is reset before the body.
    pub fn reset_in_head(self, bytes: usize) -> Self {
        self.stopped(Point::Head(bytes), Ending::Reset)
    }

    /// Sends one byte at a time, from the status line on, with this pause between two: on
    /// tokio's clock, in whole milliseconds, rounded up.
    pub fn trickle(mut self, pause: Duration) -> Self {
        self.delivery.pause = Some(pause);
        self
    }

    fn stopped(mut self, at: Point, then: Ending) -> Self {
        self.delivery = self.delivery.stopped(at, then);
        self
    }

    /// The answer with its JSON changed, if it is JSON.
    pub(crate) fn edited(mut self, edit: &impl Fn(&mut Value)) -> Self {
        let read = |body| serde_json::from_slice::<Value>(body).ok();
        if let Some(mut value) = self.body.as_bytes().and_then(read) {
            edit(&mut value);
            self.body = Body::new(value.to_string());
        }
        self
    }

    /// How it is delivered: a stop behind the body's end is none.
    pub(crate) fn delivery(&self) -> Delivery {
        let mut delivery = self.delivery;
        let within = |stop: &Stop| match stop.at {
            Point::Head(_) => true,
            Point::Body(bytes) => u64::try_from(bytes).is_ok_and(|bytes| bytes < self.body.len()),
        };
        delivery.stop = delivery.stop.filter(within);
        delivery
    }

    /// The status that goes out.
    pub(crate) fn final_status(&self) -> u16 {
        match self.status {
            200..1000 => self.status,
            _ => 500,
        }
    }

    /// The status that the caller gets to see, if any.
    pub(crate) fn visible_status(&self) -> Option<u16> {
        self.delivery.shows_head().then(|| self.final_status())
    }
}
