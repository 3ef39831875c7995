//! The body of an answer on its way out, which need not arrive in full.

use hyper::body::{Body, Bytes, Frame, SizeHint};
use std::io;
use std::pin::Pin;
use std::task::{Context, Poll};

/// Some bytes, and what becomes of the rest.
#[derive(Debug)]
pub(crate) struct Outgoing {
    bytes: Option<Bytes>,
    rest: Rest,
    flushed: bool,
}

/// What becomes of the bytes that are not sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rest {
    /// There are none.
    None,
    /// They are cut off with the connection.
    Cut,
    /// They never come.
    Stalled,
}

impl Outgoing {
    pub(crate) fn new(bytes: Bytes, rest: Rest) -> Self {
        Self {
            bytes: Some(bytes).filter(|bytes| !bytes.is_empty()),
            rest,
            flushed: false,
        }
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<io::Result<Frame<Bytes>>>> {
        if let Some(bytes) = self.bytes.take() {
            return Poll::Ready(Some(Ok(Frame::data(bytes))));
        }
        match self.rest {
            Rest::None => Poll::Ready(None),
            Rest::Stalled => Poll::Pending,
            Rest::Cut if self.flushed => {
                Poll::Ready(Some(Err(io::ErrorKind::ConnectionAborted.into())))
            }
            // The server writes out what it has while a body makes it wait; an error at once
            // would throw those bytes away.
            Rest::Cut => {
                self.flushed = true;
                context.waker().wake_by_ref();
                Poll::Pending
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.rest == Rest::None && self.bytes.is_none()
    }

    fn size_hint(&self) -> SizeHint {
        let left = self.bytes.as_ref().map_or(0, Bytes::len);
        let left = u64::try_from(left).unwrap_or(u64::MAX);
        match self.rest {
            Rest::None => SizeHint::with_exact(left),
            Rest::Cut | Rest::Stalled => SizeHint::new(),
        }
    }
}
