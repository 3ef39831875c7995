//! HTTP/2 over TLS, with the faults that only HTTP/2 has.
//!
//! It translates between the types of `h2` and the simulation's, as the parent module does for
//! HTTP/1.1. The deliveries are carried out here: a stream can be reset or left alone while its
//! connection lives, which no byte stream below could express.

use super::faulty_stream::{DeliverySlot, IdleTimeout, IdleTimer};
use super::tls::Tls;
use super::{MAX_BODY_BYTES, is_connection_header, request_of, serve_http1};
use crate::body::Body;
use crate::engine::Host;
use crate::http2_error::Http2Error;
use crate::response::{Pace, Response, Stop, StopAction, StopPoint};
use crate::service_state::ServiceState;
use h2::server::{Connection, SendResponse};
use h2::{Reason, RecvStream, SendStream};
use hyper::body::Bytes;
use hyper::header::{CONTENT_LENGTH, HeaderName, HeaderValue};
use hyper::{Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use std::future::{pending, poll_fn};
use std::sync::Arc;
use std::task::Poll;
use tokio::net::TcpStream;
use tokio::task::JoinSet;
use tokio_rustls::server::TlsStream;

/// How a connection goes on after a response. A stream that has none is part of it: dropped earlier, it
/// would be reset.
enum Next {
    Open,
    /// Nothing is answered on it any more, beginning with this request.
    Frozen(SendResponse<Bytes>),
    Closed(SendResponse<Bytes>),
    /// Closed by a TCP reset.
    Reset(SendResponse<Bytes>),
    GoAway(Reason, SendResponse<Bytes>),
}

/// Serves one connection until it ends.
pub(super) async fn serve_connection(
    stream: TcpStream,
    host: Host,
    state: Arc<ServiceState>,
    tls: Tls,
    idle_timeout: Option<IdleTimeout>,
) {
    // A second handle to the socket, because a reset is requested below TLS.
    let Ok((stream, socket)) = duplicate(stream) else {
        return;
    };
    let Ok(stream) = tls.acceptor.accept(stream).await else {
        return;
    };
    if stream.get_ref().1.alpn_protocol() != Some(b"h2") {
        // The client prefers HTTP/1.1, for which the deliveries are carried out below TLS only.
        let slot = DeliverySlot::default();
        return serve_http1(TokioIo::new(stream), host, &state, &slot).await;
    }
    let streams = state.max_concurrent_streams();
    let mut builder = h2::server::Builder::new();
    if let Some(streams) = streams {
        builder.max_concurrent_streams(streams);
    }
    if let Ok(connection) = builder.handshake(stream).await {
        serve_streams(connection, &socket, host, &state, idle_timeout).await;
    }
}

fn duplicate(stream: TcpStream) -> std::io::Result<(TcpStream, TcpStream)> {
    let stream = stream.into_std()?;
    let socket = stream.try_clone()?;
    Ok((TcpStream::from_std(stream)?, TcpStream::from_std(socket)?))
}

async fn serve_streams(
    mut connection: Connection<TlsStream<TcpStream>, Bytes>,
    socket: &TcpStream,
    host: Host,
    state: &Arc<ServiceState>,
    idle_timeout: Option<IdleTimeout>,
) {
    let mut idle_timer = idle_timeout.map(IdleTimer::start);
    let mut responses: JoinSet<Next> = JoinSet::new();
    // Requests after the connection was frozen. Dropped, they would be reset.
    let mut unanswered = Vec::new();
    let mut shut_down = Vec::new();
    let mut is_used = false;
    loop {
        let next = tokio::select! {
            accepted = connection.accept() => match accepted {
                Some(Ok((_, respond))) if !unanswered.is_empty() => {
                    unanswered.push(respond);
                    continue;
                }
                Some(Ok(_)) if idle_timer.as_ref().is_some_and(IdleTimer::is_expired) => {
                    let _ = socket.set_zero_linger();
                    return;
                }
                Some(Ok((request, respond))) => {
                    idle_timer.iter_mut().for_each(IdleTimer::on_activity);
                    if !std::mem::replace(&mut is_used, true) {
                        state.count_connection();
                    }
                    let state = Arc::clone(state);
                    responses.spawn(async move {
                        // The client may reset its stream at any time.
                        respond_to(request, respond, host, &state).await.unwrap_or(Next::Open)
                    });
                    continue;
                }
                Some(Err(_)) | None => return,
            },
            Some(next) = responses.join_next() => {
                idle_timer.iter_mut().for_each(IdleTimer::on_activity);
                next.unwrap_or(Next::Open)
            }
            () = close_when_idle(&mut idle_timer), if responses.is_empty() => return,
        };
        match next {
            Next::Open => {}
            Next::Frozen(respond) => unanswered.push(respond),
            Next::Closed(_stream) => return flush(&mut connection).await,
            Next::Reset(_stream) => {
                flush(&mut connection).await;
                let _ = socket.set_zero_linger();
                return;
            }
            Next::GoAway(Reason::NO_ERROR, stream) => {
                connection.graceful_shutdown();
                shut_down.push(stream);
            }
            Next::GoAway(reason, _stream) => {
                connection.abrupt_shutdown(reason);
                // Until the client has closed its side: it could miss the frame otherwise.
                let _ = poll_fn(|context| connection.poll_closed(context)).await;
                return;
            }
        }
    }
}

/// Waits until the connection is to be closed because it was idle.
async fn close_when_idle(idle_timer: &mut Option<IdleTimer>) {
    match idle_timer {
        Some(idle_timer) => poll_fn(|context| idle_timer.poll_close(context)).await,
        None => pending().await,
    }
}

/// Turns of the runtime in which what is buffered is written. Chosen, not tuned: the client reads meanwhile, so a
/// few are enough for a response.
const WRITE_TURNS: usize = 4;

/// Writes what is buffered.
async fn flush(connection: &mut Connection<TlsStream<TcpStream>, Bytes>) {
    for _ in 0..WRITE_TURNS {
        poll_fn(|context| {
            let _ = connection.poll_accept(context);
            Poll::Ready(())
        })
        .await;
        tokio::task::yield_now().await;
    }
}

async fn respond_to(
    request: Request<RecvStream>,
    mut respond: SendResponse<Bytes>,
    host: Host,
    state: &ServiceState,
) -> Result<Next, h2::Error> {
    let (head, body) = request.into_parts();
    let body = read_body(body).await?;
    let mut response = state.handle(&request_of(host, &head, &body));
    let delivery = response.effective_delivery();
    let is_last = response.is_last;
    let stop_at = match delivery.stop {
        Some(Stop {
            point: StopPoint::Head(_),
            action,
        }) => return Ok(stop(action, respond).await),
        Some(Stop {
            point: StopPoint::Body(bytes),
            ..
        }) => Some(bytes),
        None => None,
    };
    let mut stream = respond.send_response(head_of(&response), false)?;
    if head.method == Method::HEAD {
        response.body = Body::default();
    }
    send_body(&mut stream, response, stop_at, delivery.pace).await?;
    Ok(match delivery.stop {
        None if is_last => Next::GoAway(Reason::NO_ERROR, respond),
        None => Next::Open,
        Some(Stop { action, .. }) => stop(action, respond).await,
    })
}

/// Stops a response.
async fn stop(action: StopAction, mut respond: SendResponse<Bytes>) -> Next {
    match action {
        StopAction::Close => Next::Closed(respond),
        StopAction::Reset => Next::Reset(respond),
        // The stream stays open as long as the connection.
        StopAction::Stall => pending().await,
        StopAction::Freeze => Next::Frozen(respond),
        StopAction::ResetStream(error) => {
            // The connection writes meanwhile: a reset discards what is still buffered.
            for _ in 0..WRITE_TURNS {
                tokio::task::yield_now().await;
            }
            respond.send_reset(error.reason());
            Next::Open
        }
        StopAction::GoAway(error) => Next::GoAway(error.reason(), respond),
    }
}

/// Reads the body of a request; empty if it is too long to be valid.
async fn read_body(mut body: RecvStream) -> Result<Vec<u8>, h2::Error> {
    let mut bytes = Vec::new();
    while let Some(data) = body.data().await {
        let data = data?;
        body.flow_control().release_capacity(data.len())?;
        bytes.extend_from_slice(&data);
        if bytes.len() > MAX_BODY_BYTES {
            return Ok(Vec::new());
        }
    }
    Ok(bytes)
}

/// Returns the head of a response, without the headers that HTTP/2 forbids.
fn head_of(response: &Response) -> hyper::Response<()> {
    let mut head = hyper::Response::new(());
    let status = StatusCode::from_u16(response.sent_status());
    *head.status_mut() = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = head.headers_mut();
    for (name, value) in &response.headers {
        let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value))
        else {
            continue;
        };
        if !is_connection_header(&name) {
            headers.append(name, value);
        }
    }
    if !headers.contains_key(CONTENT_LENGTH) {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(response.body.len()));
    }
    head
}

/// Sends the body, or its first `stop_at` bytes, without the end of the stream.
async fn send_body(
    stream: &mut SendStream<Bytes>,
    response: Response,
    stop_at: Option<usize>,
    pace: Option<Pace>,
) -> Result<(), h2::Error> {
    let mut body = response.body;
    let mut left = stop_at.unwrap_or(usize::MAX);
    while let Some(mut chunk) = body.take_chunk().filter(|_| left > 0) {
        chunk.truncate(left);
        left -= chunk.len();
        while !chunk.is_empty() {
            let wanted = pace.map_or(chunk.len(), |pace| pace.bytes.min(chunk.len()));
            stream.reserve_capacity(wanted);
            let Some(capacity) = poll_fn(|context| stream.poll_capacity(context)).await else {
                return Ok(());
            };
            let part = chunk.split_to(capacity?.min(wanted));
            stream.send_data(part, false)?;
            if let Some(pace) = pace {
                tokio::time::sleep(pace.interval).await;
            }
        }
    }
    match stop_at {
        None => stream.send_data(Bytes::new(), true),
        Some(_) => Ok(()),
    }
}

impl Http2Error {
    fn reason(self) -> Reason {
        match self {
            Self::NoError => Reason::NO_ERROR,
            Self::ProtocolError => Reason::PROTOCOL_ERROR,
            Self::InternalError => Reason::INTERNAL_ERROR,
            Self::RefusedStream => Reason::REFUSED_STREAM,
            Self::Cancel => Reason::CANCEL,
            Self::EnhanceYourCalm => Reason::ENHANCE_YOUR_CALM,
            Self::InadequateSecurity => Reason::INADEQUATE_SECURITY,
            Self::Http11Required => Reason::HTTP_1_1_REQUIRED,
        }
    }
}
