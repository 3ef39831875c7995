//! TCP stream with injected faults, and the idle timeout of connections.
//!
//! Some faults cannot be expressed through hyper, which only sends valid responses: a response
//! that stops in its head, trickles byte by byte, or declares an incorrect `Content-Length`. The stream
//! below hyper applies them. It must not know clips or requests: the HTTP layer passes a
//! [`Delivery`] for each response through a [`DeliverySlot`].
//!
//! The idle timeout simulates a proxy between client and service that drops idle connections, either
//! openly (FIN) or by forgetting them, so that the next request is reset.

use crate::response::{Delivery, Pace, Stop, StopAction, StopPoint};
use hyper::body::{Buf, Bytes};
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Instant, Sleep, sleep};

const END_OF_HEAD: &[u8] = b"\r\n\r\n";

/// TCP connection that applies the delivery of each response written to it.
pub(crate) struct FaultyStream {
    stream: TcpStream,
    idle_timer: Option<IdleTimer>,
    slot: DeliverySlot,
    /// Bytes of the current response sent so far.
    sent: u64,
    /// Number of bytes after which the current response stops, and the action there.
    stop: Option<(u64, StopAction)>,
    pace: Option<Pace>,
    pace_timer: Option<Pin<Box<Sleep>>>,
    /// Bytes that may be sent until the timer is started.
    pace_allowance: usize,
    /// Unsent part of a head that replaces hyper's own, of `original_head_len` bytes.
    replacement_head: Bytes,
    original_head_len: usize,
    was_reset: bool,
}

/// Slot through which the HTTP layer passes the delivery of its next response to the stream.
#[derive(Clone, Debug, Default)]
pub(crate) struct DeliverySlot(Arc<Mutex<Option<DeliveryPlan>>>);

/// Delivery of one response.
#[derive(Debug)]
struct DeliveryPlan {
    delivery: Delivery,
    /// Values of `Content-Length` that replace the true one, if there are any.
    content_lengths: Vec<String>,
}

impl DeliverySlot {
    /// Sets the delivery of the response that is written next, and the values of `Content-Length`
    /// that replace the true one.
    pub(crate) fn set(&self, delivery: Delivery, content_lengths: Vec<String>) {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *slot = Some(DeliveryPlan {
            delivery,
            content_lengths,
        });
    }

    fn take(&self) -> Option<DeliveryPlan> {
        let mut slot = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        slot.take()
    }
}

impl FaultyStream {
    pub(crate) fn new(
        stream: TcpStream,
        idle_timeout: Option<IdleTimeout>,
        slot: DeliverySlot,
    ) -> Self {
        Self {
            stream,
            idle_timer: idle_timeout.map(IdleTimer::start),
            slot,
            sent: 0,
            stop: None,
            pace: None,
            pace_timer: None,
            pace_allowance: 0,
            replacement_head: Bytes::new(),
            original_head_len: 0,
            was_reset: false,
        }
    }

    /// Starts a response whose first bytes are `bytes`. They contain the complete head: this
    /// stream does not support vectored writes, so hyper writes from a single buffer.
    fn start_response(&mut self, plan: DeliveryPlan, bytes: &[u8]) {
        let is_end = |window: &[u8]| window == END_OF_HEAD;
        let end = bytes.windows(END_OF_HEAD.len()).position(is_end);
        let original_len = end.map_or(bytes.len(), |end| end + END_OF_HEAD.len());
        self.replacement_head = Bytes::new();
        if !plan.content_lengths.is_empty() {
            self.replacement_head =
                replace_content_length(&bytes[..original_len], &plan.content_lengths);
            self.original_head_len = original_len;
        }
        let head_len = if self.replacement_head.is_empty() {
            original_len
        } else {
            self.replacement_head.len()
        };
        self.sent = 0;
        self.stop = plan.delivery.stop.map(|Stop { point, action }| {
            let stop_at = match point {
                StopPoint::Head(bytes) => bytes.min(head_len),
                StopPoint::Body(bytes) => head_len.saturating_add(bytes),
            };
            (u64::try_from(stop_at).unwrap_or(u64::MAX), action)
        });
        self.pace = plan.delivery.pace;
        self.pace_timer = None;
        self.pace_allowance = self.pace.map_or(0, |pace| pace.bytes);
    }

    /// Returns the number of bytes that may be sent before the response stops. At the stop itself,
    /// carries out its action.
    fn poll_allowance(&mut self) -> Poll<io::Result<usize>> {
        let Some((stop_at, action)) = self.stop else {
            return Poll::Ready(Ok(usize::MAX));
        };
        match (stop_at.saturating_sub(self.sent), action) {
            (0, StopAction::Close) => Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into())),
            (0, StopAction::Reset) => Poll::Ready(Err(self.reset_connection())),
            (0, StopAction::Stall | StopAction::Freeze) => Poll::Pending,
            // HTTP/1.1 has no streams to end.
            #[cfg(feature = "http2")]
            (0, StopAction::ResetStream(_) | StopAction::GoAway(_)) => {
                Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into()))
            }
            (allowance, _) => Poll::Ready(Ok(usize::try_from(allowance).unwrap_or(usize::MAX))),
        }
    }

    /// Makes the connection end with a TCP reset, and returns the error that makes hyper drop it.
    fn reset_connection(&mut self) -> io::Error {
        self.was_reset = true;
        // Fails only if the client has disconnected already.
        let _ = self.stream.set_zero_linger();
        io::ErrorKind::ConnectionReset.into()
    }

    fn poll_send(&mut self, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let mut allowance = ready!(self.poll_allowance())?.min(bytes.len());
        if let Some(pace) = self.pace {
            if let Some(timer) = &mut self.pace_timer {
                ready!(timer.as_mut().poll(context));
                self.pace_timer = None;
                self.pace_allowance = pace.bytes;
            }
            allowance = allowance.min(self.pace_allowance);
        }
        let sent = ready!(Pin::new(&mut self.stream).poll_write(context, &bytes[..allowance]))?;
        self.sent = self
            .sent
            .saturating_add(u64::try_from(sent).unwrap_or(u64::MAX));
        if let Some(pace) = self.pace {
            self.pace_allowance = self.pace_allowance.saturating_sub(sent);
            if self.pace_allowance == 0 {
                self.pace_timer = Some(Box::pin(sleep(pace.interval)));
            }
        }
        self.idle_timer.iter_mut().for_each(IdleTimer::on_activity);
        Poll::Ready(Ok(sent))
    }
}

/// Returns `head` with these values of `Content-Length`, at its end, in place of its own.
fn replace_content_length(head: &[u8], values: &[String]) -> Bytes {
    let mut replaced = Vec::with_capacity(head.len());
    for line in head.split_inclusive(|byte| *byte == b'\n') {
        let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
        if line == b"\r\n" {
            for value in values {
                replaced.extend(format!("content-length: {value}\r\n").into_bytes());
            }
        }
        if !name.eq_ignore_ascii_case(b"content-length") {
            replaced.extend(line);
        }
    }
    replaced.into()
}

impl AsyncRead for FaultyStream {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        let filled_before = buffer.filled().len();
        let read = Pin::new(&mut this.stream).poll_read(context, buffer);
        let Some(idle_timer) = &mut this.idle_timer else {
            return read;
        };
        match read {
            // A read of zero bytes is the end of the stream: hyper then closes the connection.
            Poll::Pending => idle_timer.poll_close(context).map(Ok),
            Poll::Ready(read) => {
                let received = buffer.filled().len() > filled_before;
                if received && idle_timer.is_expired() {
                    return Poll::Ready(Err(this.reset_connection()));
                }
                idle_timer.on_activity();
                Poll::Ready(read)
            }
        }
    }
}

impl AsyncWrite for FaultyStream {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let this = self.get_mut();
        if let Some(plan) = this.slot.take() {
            this.start_response(plan, bytes);
        }
        while !this.replacement_head.is_empty() {
            let head = this.replacement_head.clone();
            let sent = ready!(this.poll_send(context, &head))?;
            this.replacement_head.advance(sent);
            if this.replacement_head.is_empty() {
                return Poll::Ready(Ok(this.original_head_len));
            }
        }
        this.poll_send(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        ready!(Pin::new(&mut this.stream).poll_flush(context))?;
        this.poll_allowance().map_ok(drop)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let this = self.get_mut();
        // A FIN would precede the RST.
        if this.was_reset {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut this.stream).poll_shutdown(context)
    }
}

/// Idle timeout of a connection, and the action when it expires.
#[derive(Clone, Copy, Debug)]
pub(crate) struct IdleTimeout {
    pub(crate) timeout: Duration,
    pub(crate) action: StopAction,
}

/// Idle timer of one connection.
#[derive(Debug)]
pub(crate) struct IdleTimer {
    config: IdleTimeout,
    last_activity: Instant,
    sleep: Pin<Box<Sleep>>,
}

impl IdleTimer {
    /// Starts the timer now.
    pub(crate) fn start(config: IdleTimeout) -> Self {
        Self {
            config,
            last_activity: Instant::now(),
            sleep: Box::pin(sleep(config.timeout)),
        }
    }

    /// Restarts the timer because bytes were sent or received.
    pub(crate) fn on_activity(&mut self) {
        self.last_activity = Instant::now();
    }

    /// Returns whether bytes that arrive now are to be answered with a reset.
    pub(crate) fn is_expired(&self) -> bool {
        self.config.action == StopAction::Reset
            && self.last_activity.elapsed() >= self.config.timeout
    }

    /// Becomes ready once the connection is to be closed.
    pub(crate) fn poll_close(&mut self, context: &mut Context<'_>) -> Poll<()> {
        // A deadline beyond the range of the clock is never reached.
        match self.last_activity.checked_add(self.config.timeout) {
            Some(deadline) if self.config.action == StopAction::Close => {
                if self.sleep.deadline() != deadline {
                    self.sleep.as_mut().reset(deadline);
                }
                self.sleep.as_mut().poll(context)
            }
            _ => Poll::Pending,
        }
    }
}
