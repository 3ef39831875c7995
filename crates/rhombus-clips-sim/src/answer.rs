//! An answer as it goes over the wire, good or bad.

use serde_json::Value;

/// One raw HTTP answer: a status, headers, a body, and how the body is delivered.
///
/// ```
/// use rhombus_clips_sim::Answer;
///
/// let busy = Answer::status(503).header("Retry-After", "2").body("come back later");
/// let broken = Answer::json(&serde_json::json!({"clip": null})).cut_after(5);
/// let silent = Answer::hang();
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[must_use]
pub struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: Vec<u8>,
    pub(crate) delivery: Delivery,
}

/// How much of an answer arrives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Delivery {
    /// All of it.
    Whole,
    /// The head and this many bytes of the body, then the connection is closed.
    CutAfter(usize),
    /// The head and this many bytes of the body, then nothing until shutdown.
    StallAfter(usize),
    /// Nothing until shutdown.
    Hang,
    /// Nothing: the connection is closed.
    Close,
}

impl Answer {
    /// An answer without headers and body. `status` is 200 to 999; anything else cannot be sent
    /// as a final answer and goes out as 500.
    pub fn status(status: u16) -> Self {
        Self {
            status,
            headers: Vec::new(),
            body: Vec::new(),
            delivery: Delivery::Whole,
        }
    }

    /// A 200 with this JSON as its body and `Content-Type: application/json`.
    pub fn json(body: &Value) -> Self {
        Self::status(200).json_body(body)
    }

    /// No answer at all: the request hangs until the service shuts down or the caller gives up.
    pub fn hang() -> Self {
        Self {
            delivery: Delivery::Hang,
            ..Self::status(200)
        }
    }

    /// No answer at all: the connection is closed once the request was read.
    pub fn close() -> Self {
        Self {
            delivery: Delivery::Close,
            ..Self::status(200)
        }
    }

    /// Adds a header. One that HTTP does not allow (a line break in its value, say) is not sent.
    pub fn header(mut self, name: impl Into<String>, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Sets the body, of any bytes.
    pub fn body(mut self, body: impl Into<Vec<u8>>) -> Self {
        self.body = body.into();
        self
    }

    /// Sets the body to this JSON and adds `Content-Type: application/json`.
    pub fn json_body(self, body: &Value) -> Self {
        self.header("Content-Type", "application/json")
            .body(body.to_string())
    }

    /// Sends the head with the full `Content-Length` and the first `bytes` bytes of the body,
    /// then closes the connection. With `bytes` at or past the body's length nothing is cut.
    pub fn cut_after(mut self, bytes: usize) -> Self {
        self.delivery = Delivery::CutAfter(bytes);
        self
    }

    /// Like [`Answer::cut_after`], but the connection stays open and silent until shutdown.
    pub fn stall_after(mut self, bytes: usize) -> Self {
        self.delivery = Delivery::StallAfter(bytes);
        self
    }

    /// The status that the caller gets to see, if any.
    pub(crate) fn visible_status(&self) -> Option<u16> {
        match self.delivery {
            Delivery::Hang | Delivery::Close => None,
            _ if (200..1000).contains(&self.status) => Some(self.status),
            _ => Some(500),
        }
    }
}
