//! The HTTP shell: sockets and bytes, no decisions.

use crate::auth::Credentials;
use crate::body::Body;
use crate::desk::Desk;
use crate::idle::IdleLimit;
use crate::response::Response;
use crate::simulation::Call;
use crate::wire::{NextDelivery, Wire};
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_LENGTH, HeaderName, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, StatusCode};
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;
use tokio::task::JoinSet;

/// No request of this service is nearly as long.
const MAX_BODY_BYTES: usize = 64 * 1024;

/// Serves connections until the other end of `stop` is dropped, then closes them all.
pub(crate) async fn serve(
    listener: TcpListener,
    desk: Arc<Desk>,
    idle: Option<IdleLimit>,
    mut stop: oneshot::Receiver<Infallible>,
) {
    let mut connections = JoinSet::new();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = &mut stop => break,
        };
        match accepted {
            Ok((stream, _)) => {
                connections.spawn(converse(stream, Arc::clone(&desk), idle));
            }
            // Too many open files, as a rule: at once it would only happen again.
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    connections.shutdown().await;
}

async fn converse(stream: TcpStream, desk: Arc<Desk>, idle: Option<IdleLimit>) {
    // Without it answers may wait for the caller's delayed acknowledgement.
    let _ = stream.set_nodelay(true);
    let next = NextDelivery::default();
    let wire = Wire::new(stream, idle, next.clone());
    let service = service_fn(|request| respond(request, &desk, &next));
    // A connection that breaks is the caller's to notice.
    let _ = http1::Builder::new()
        .serve_connection(TokioIo::new(wire), service)
        .await;
}

/// An error closes the connection without an answer.
async fn respond(
    request: Request<Incoming>,
    desk: &Desk,
    next: &NextDelivery,
) -> io::Result<hyper::Response<Body>> {
    let (head, body) = request.into_parts();
    let body = match Limited::new(body, MAX_BODY_BYTES).collect().await {
        Ok(body) => body.to_bytes(),
        Err(error) if error.is::<LengthLimitError>() => Bytes::new(),
        Err(error) => return Err(io::Error::other(error)),
    };
    let header = |name| head.headers.get(name);
    let text = |name| header(name).and_then(|value| value.to_str().ok());
    let call = Call {
        method: head.method.as_str(),
        path: head.uri.path(),
        credentials: Credentials {
            scheme: text("x-auth-scheme"),
            key: header("x-auth-apikey").map(HeaderValue::as_bytes),
            org: text("x-auth-org"),
        },
        body: &body,
    };
    Ok(deliver(desk.answer(&call), next))
}

fn deliver(answer: Response, next: &NextDelivery) -> hyper::Response<Body> {
    let status = StatusCode::from_u16(answer.final_status());
    let delivery = answer.delivery();
    let mut response = hyper::Response::new(answer.body);
    *response.status_mut() = status.unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    let mut content_length = Vec::new();
    for (name, value) in answer.headers {
        match (name.parse::<HeaderName>(), HeaderValue::from_str(&value)) {
            // Hyper takes only the truth.
            (Ok(CONTENT_LENGTH), Ok(_)) => content_length.push(value),
            (Ok(name), Ok(value)) => {
                headers.append(name, value);
            }
            _ => {}
        }
    }
    next.leave(delivery, content_length);
    response
}
