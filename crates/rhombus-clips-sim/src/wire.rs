//! The connection below HTTP: what is written to it may stop short, trickle, or lie about its
//! length.

use crate::delivery::{Delivery, Ending, Point, Stop};
use crate::idle::{IdleLimit, Silence};
use hyper::body::{Buf, Bytes};
use std::io;
use std::pin::Pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::task::{Context, Poll, ready};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::TcpStream;
use tokio::time::{Sleep, sleep};

const END_OF_HEAD: &[u8] = b"\r\n\r\n";

/// A TCP connection, and how far the answer on it has come.
pub(crate) struct Wire {
    stream: TcpStream,
    silence: Option<Silence>,
    next: NextDelivery,
    sent: u64,
    stop: Option<(u64, Ending)>,
    pause: Option<Duration>,
    pausing: Option<Pin<Box<Sleep>>>,
    /// What is left of a head that goes out in place of one of `replaced` bytes.
    head: Bytes,
    replaced: usize,
    reset: bool,
}

/// Where the server leaves how the answer that it gives next is to be delivered.
#[derive(Clone, Debug, Default)]
pub(crate) struct NextDelivery(Arc<Mutex<Option<Orders>>>);

/// How an answer is to be delivered.
#[derive(Debug)]
struct Orders {
    delivery: Delivery,
    content_length: Vec<String>,
}

impl NextDelivery {
    /// The next bytes written are an answer to be delivered like this, with these values of
    /// `Content-Length` in place of the true one, if there are any.
    pub(crate) fn leave(&self, delivery: Delivery, content_length: Vec<String>) {
        let mut next = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        *next = Some(Orders {
            delivery,
            content_length,
        });
    }

    fn take(&self) -> Option<Orders> {
        let mut next = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        next.take()
    }
}

impl Wire {
    pub(crate) fn new(stream: TcpStream, idle: Option<IdleLimit>, next: NextDelivery) -> Self {
        Self {
            stream,
            silence: idle.map(Silence::new),
            next,
            sent: 0,
            stop: None,
            pause: None,
            pausing: None,
            head: Bytes::new(),
            replaced: 0,
            reset: false,
        }
    }

    /// Begins an answer. Its first bytes have the whole head: to a connection that takes no
    /// vectors, hyper writes from one buffer.
    fn begin(&mut self, orders: Orders, bytes: &[u8]) {
        let ends = |window: &[u8]| window == END_OF_HEAD;
        let end = bytes.windows(END_OF_HEAD.len()).position(ends);
        let length = end.map_or(bytes.len(), |end| end + END_OF_HEAD.len());
        self.head = Bytes::new();
        if !orders.content_length.is_empty() {
            self.head = with_content_length(&bytes[..length], &orders.content_length);
            self.replaced = length;
        }
        let head = if self.head.is_empty() {
            length
        } else {
            self.head.len()
        };
        self.sent = 0;
        self.stop = orders.delivery.stop.map(|Stop { at, then }| {
            let at = match at {
                Point::Head(bytes) => bytes.min(head),
                Point::Body(bytes) => head.saturating_add(bytes),
            };
            (u64::try_from(at).unwrap_or(u64::MAX), then)
        });
        self.pause = orders.delivery.pause;
        self.pausing = None;
    }

    /// How many bytes may go before the answer stops short; at that point it does.
    fn poll_room(&mut self) -> Poll<io::Result<usize>> {
        let Some((at, ending)) = self.stop else {
            return Poll::Ready(Ok(usize::MAX));
        };
        match (at.saturating_sub(self.sent), ending) {
            (0, Ending::Close) => Poll::Ready(Err(io::ErrorKind::ConnectionAborted.into())),
            (0, Ending::Reset) => Poll::Ready(Err(self.reset())),
            (0, Ending::Stall) => Poll::Pending,
            (room, _) => Poll::Ready(Ok(usize::try_from(room).unwrap_or(usize::MAX))),
        }
    }

    /// Lets the connection end with a reset. The error makes hyper drop it.
    fn reset(&mut self) -> io::Error {
        self.reset = true;
        // Should it fail, the caller has left already.
        let _ = self.stream.set_zero_linger();
        io::ErrorKind::ConnectionReset.into()
    }

    fn poll_send(&mut self, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let mut room = ready!(self.poll_room())?.min(bytes.len());
        if let Some(pausing) = &mut self.pausing {
            ready!(pausing.as_mut().poll(context));
        }
        if self.pause.is_some() {
            room = room.min(1);
        }
        let sent = ready!(Pin::new(&mut self.stream).poll_write(context, &bytes[..room]))?;
        self.sent = self
            .sent
            .saturating_add(u64::try_from(sent).unwrap_or(u64::MAX));
        self.pausing = self.pause.map(|pause| Box::pin(sleep(pause)));
        self.silence.iter_mut().for_each(Silence::broken);
        Poll::Ready(Ok(sent))
    }
}

/// A head with other values of `Content-Length`, at its end.
fn with_content_length(head: &[u8], values: &[String]) -> Bytes {
    let mut changed = Vec::with_capacity(head.len());
    for line in head.split_inclusive(|byte| *byte == b'\n') {
        let name = line.split(|byte| *byte == b':').next().unwrap_or_default();
        if line == b"\r\n" {
            for value in values {
                changed.extend(format!("content-length: {value}\r\n").into_bytes());
            }
        }
        if !name.eq_ignore_ascii_case(b"content-length") {
            changed.extend(line);
        }
    }
    changed.into()
}

impl AsyncRead for Wire {
    fn poll_read(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let wire = self.get_mut();
        let before = buffer.filled().len();
        let read = Pin::new(&mut wire.stream).poll_read(context, buffer);
        let Some(silence) = &mut wire.silence else {
            return read;
        };
        match read {
            // No bytes are the caller's end of the connection, and the server's from here on.
            Poll::Pending => silence.poll_close(context).map(Ok),
            Poll::Ready(read) => {
                let arrived = buffer.filled().len() > before;
                if arrived && silence.forgot_the_connection() {
                    return Poll::Ready(Err(wire.reset()));
                }
                silence.broken();
                Poll::Ready(read)
            }
        }
    }
}

impl AsyncWrite for Wire {
    fn poll_write(
        self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        let wire = self.get_mut();
        if let Some(orders) = wire.next.take() {
            wire.begin(orders, bytes);
        }
        while !wire.head.is_empty() {
            let head = wire.head.clone();
            let sent = ready!(wire.poll_send(context, &head))?;
            wire.head.advance(sent);
            if wire.head.is_empty() {
                return Poll::Ready(Ok(wire.replaced));
            }
        }
        wire.poll_send(context, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let wire = self.get_mut();
        ready!(Pin::new(&mut wire.stream).poll_flush(context))?;
        wire.poll_room().map_ok(drop)
    }

    fn poll_shutdown(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        let wire = self.get_mut();
        // The end of the stream would overtake the reset.
        if wire.reset {
            return Poll::Ready(Ok(()));
        }
        Pin::new(&mut wire.stream).poll_shutdown(context)
    }
}
