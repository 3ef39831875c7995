//! HTTP server, and the port that it listens on.
//!
//! Accepts connections and translates between hyper's types and the simulation's. It makes no
//! decision about a response: that is up to `engine`, which knows no sockets. The port can be closed
//! and reopened, so that a test can simulate an outage or a restart.

pub(crate) mod faulty_stream;
#[cfg(feature = "http2")]
mod http2;
#[cfg(feature = "http2")]
pub(crate) mod tls;

use crate::auth::Credentials;
use crate::body::Body;
use crate::engine::{Host, IncomingRequest};
use crate::response::Response;
use crate::server::faulty_stream::{DeliverySlot, FaultyStream, IdleTimeout};
use crate::service_state::ServiceState;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONNECTION, CONTENT_LENGTH, HeaderName, HeaderValue};
use hyper::http::request::Parts;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::io;
use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio::sync::oneshot;
use tokio::task::{JoinHandle, JoinSet};

/// Maximum length of a request body; a longer one is rejected as malformed. Chosen, not tuned: a
/// valid request has less than 100 bytes.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// Delay before the next `accept` after one that failed, usually because the process has too many
/// open files: an immediate retry would fail again. Chosen, not tuned.
const ACCEPT_RETRY_DELAY: Duration = Duration::from_millis(10);

/// Protocol that a service speaks.
#[derive(Clone)]
pub(crate) enum Protocol {
    Http1 {
        idle_timeout: Option<IdleTimeout>,
    },
    /// HTTP/2 over TLS.
    #[cfg(feature = "http2")]
    Http2 {
        tls: tls::Tls,
        idle_timeout: Option<IdleTimeout>,
    },
}

impl Protocol {
    fn serve(
        self,
        stream: TcpStream,
        host: Host,
        state: Arc<ServiceState>,
        connections: &mut JoinSet<()>,
    ) {
        // Nagle's algorithm would delay responses until the client's delayed acknowledgement.
        let _ = stream.set_nodelay(true);
        match self {
            Self::Http1 { idle_timeout } => {
                connections.spawn(serve_connection(stream, host, state, idle_timeout));
            }
            #[cfg(feature = "http2")]
            Self::Http2 { tls, idle_timeout } => {
                connections.spawn(http2::serve_connection(
                    stream,
                    host,
                    state,
                    tls,
                    idle_timeout,
                ));
            }
        }
    }

    /// Scheme of the service's base URL.
    pub(crate) fn scheme(&self) -> &'static str {
        match self {
            Self::Http1 { .. } => "http",
            #[cfg(feature = "http2")]
            Self::Http2 { .. } => "https",
        }
    }

    /// Certificate that a client has to trust, as PEM.
    #[cfg(feature = "http2")]
    pub(crate) fn root_certificate(&self) -> Option<&str> {
        match self {
            Self::Http1 { .. } => None,
            Self::Http2 { tls, .. } => Some(tls.root_certificate()),
        }
    }
}

/// Serves connections until the sender of `shutdown` is dropped, then closes them all.
pub(crate) async fn serve(
    listener: TcpListener,
    host: Host,
    state: Arc<ServiceState>,
    protocol: Protocol,
    mut shutdown: oneshot::Receiver<Infallible>,
) {
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = &mut shutdown => break,
        };
        match accepted {
            Ok((stream, _)) => {
                protocol
                    .clone()
                    .serve(stream, host, Arc::clone(&state), &mut connections);
            }
            Err(_) => tokio::time::sleep(ACCEPT_RETRY_DELAY).await,
        }
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    connections.shutdown().await;
}

async fn serve_connection(
    stream: TcpStream,
    host: Host,
    state: Arc<ServiceState>,
    idle_timeout: Option<IdleTimeout>,
) {
    let slot = DeliverySlot::default();
    let stream = FaultyStream::new(stream, idle_timeout, slot.clone());
    serve_http1(TokioIo::new(stream), host, &state, &slot).await;
}

/// Serves HTTP/1.1 on a stream until it ends.
async fn serve_http1(
    stream: impl hyper::rt::Read + hyper::rt::Write + Unpin,
    host: Host,
    state: &ServiceState,
    slot: &DeliverySlot,
) {
    let is_used = AtomicBool::new(false);
    let service = service_fn(|request| {
        if !is_used.swap(true, Ordering::Relaxed) {
            state.count_connection();
        }
        handle_request(request, host, state, slot)
    });
    // Connection errors are the client's to observe.
    let _ = http1::Builder::new()
        .auto_date_header(false)
        .serve_connection(stream, service)
        .await;
}

/// Handles one request. An error closes the connection without a response.
async fn handle_request(
    request: Request<Incoming>,
    host: Host,
    state: &ServiceState,
    slot: &DeliverySlot,
) -> io::Result<hyper::Response<Body>> {
    let (head, body) = request.into_parts();
    let body = match Limited::new(body, MAX_BODY_BYTES).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => Bytes::new(),
        Err(error) => return Err(io::Error::other(error)),
    };
    let response = state.handle(&request_of(host, &head, &body));
    Ok(to_http_response(response, slot))
}

/// Returns the parts of a request that the simulation is about.
fn request_of<'r>(host: Host, head: &'r Parts, body: &'r [u8]) -> IncomingRequest<'r> {
    let header = |name| head.headers.get(name);
    let header_text = |name| header(name).and_then(|value| value.to_str().ok());
    IncomingRequest {
        host,
        method: head.method.as_str(),
        path: head.uri.path(),
        query: head.uri.query(),
        credentials: Credentials {
            scheme: header_text("x-auth-scheme"),
            api_key: header("x-auth-apikey").map(HeaderValue::as_bytes),
            org: header_text("x-auth-org"),
        },
        content_type: header_text("content-type"),
        range: header_text("range"),
        if_range: header_text("if-range"),
        body,
    }
}

/// Returns whether a header is about the connection, which HTTP/2 forbids.
#[cfg(feature = "http2")]
fn is_connection_header(name: &HeaderName) -> bool {
    use hyper::header::{CONNECTION, TRANSFER_ENCODING, UPGRADE};
    [CONNECTION, TRANSFER_ENCODING, UPGRADE].contains(name)
        || ["keep-alive", "proxy-connection"].contains(&name.as_str())
}

/// Converts a response to hyper's type, and passes its delivery to the stream.
fn to_http_response(response: Response, slot: &DeliverySlot) -> hyper::Response<Body> {
    let status = StatusCode::from_u16(response.sent_status());
    let delivery = response.effective_delivery();
    let mut http_response = hyper::Response::new(response.body);
    *http_response.status_mut() = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = http_response.headers_mut();
    let mut content_lengths = Vec::new();
    for (name, value) in response.headers {
        match (name.parse::<HeaderName>(), HeaderValue::from_str(&value)) {
            // Hyper rejects a `Content-Length` that differs from the body's length.
            (Ok(CONTENT_LENGTH), Ok(_)) => content_lengths.push(value),
            (Ok(name), Ok(value)) => {
                headers.append(name, value);
            }
            _ => {}
        }
    }
    if response.is_last {
        headers.insert(CONNECTION, HeaderValue::from_static("close"));
    }
    slot.set(delivery, content_lengths);
    http_response
}

/// Listen backlog of a port, in connections. Chosen, not tuned.
const BACKLOG: u32 = 1024;

/// A loopback port and the server that listens on it.
pub(crate) struct Port {
    address: SocketAddr,
    host: Host,
    service_state: Arc<ServiceState>,
    protocol: Protocol,
    /// Bound but never listening, where the system allows a second socket that does. It keeps the system from
    /// assigning the port to another service while this one is closed, or to a client as its own end: a client
    /// could then connect to itself.
    reservation: Option<TcpSocket>,
    server: Option<Server>,
}

struct Server {
    task: JoinHandle<()>,
    /// Stops the server when dropped, and so also when the handle is dropped. Nothing is ever sent.
    shutdown: oneshot::Sender<Infallible>,
}

impl Port {
    /// Opens a port; any free one if the address has port 0.
    pub(crate) async fn open(
        address: SocketAddr,
        host: Host,
        service_state: Arc<ServiceState>,
        protocol: Protocol,
    ) -> io::Result<Self> {
        let reservation = bind(address)?;
        let mut port = Self {
            address: reservation.local_addr()?,
            host,
            service_state,
            protocol,
            reservation: Some(reservation),
            server: None,
        };
        port.reopen()?;
        Ok(port)
    }

    pub(crate) fn address(&self) -> SocketAddr {
        self.address
    }

    #[cfg(feature = "http2")]
    pub(crate) fn protocol(&self) -> &Protocol {
        &self.protocol
    }

    /// Closes the port and all connections; no effect on a closed port.
    pub(crate) async fn close(&mut self) {
        if let Some(Server { task, shutdown }) = self.server.take() {
            drop(shutdown);
            // An error means that the runtime itself is shutting down.
            let _ = task.await;
            if self.reservation.is_none() {
                // Another may have taken the port by now. It may be free again when this one is reopened.
                self.reservation = bind(self.address).ok();
            }
        }
    }

    /// Reopens a closed port; no effect on an open port.
    pub(crate) fn reopen(&mut self) -> io::Result<()> {
        if self.server.is_none() {
            let socket = match (bind(self.address), self.reservation.take()) {
                (Ok(socket), reservation) => {
                    self.reservation = reservation;
                    socket
                }
                // Linux lets another socket listen beside the reservation; macOS and Windows do not.
                (Err(_), Some(reservation)) => reservation,
                (Err(error), None) => return Err(error),
            };
            self.spawn_server(socket.listen(BACKLOG)?);
        }
        Ok(())
    }

    fn spawn_server(&mut self, listener: TcpListener) {
        let (shutdown, receiver) = oneshot::channel();
        let service_state = Arc::clone(&self.service_state);
        let task = tokio::spawn(serve(
            listener,
            self.host,
            service_state,
            self.protocol.clone(),
            receiver,
        ));
        self.server = Some(Server { task, shutdown });
    }
}

fn bind(address: SocketAddr) -> io::Result<TcpSocket> {
    let socket = TcpSocket::new_v4()?;
    // Connections in TIME_WAIT still occupy the port. On Windows they do not, and there the option
    // has another meaning.
    if cfg!(not(windows)) {
        socket.set_reuseaddr(true)?;
    }
    socket.bind(address)?;
    Ok(socket)
}
