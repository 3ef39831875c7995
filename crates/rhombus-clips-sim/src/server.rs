//! The HTTP shell: sockets and bytes, no decisions.

use crate::answer::{Answer, Delivery};
use crate::auth::Credentials;
use crate::outgoing::{Outgoing, Rest};
use crate::service::Desk;
use crate::simulation::Call;
use http_body_util::{BodyExt, LengthLimitError, Limited};
use hyper::body::{Bytes, Incoming};
use hyper::header::{CONTENT_LENGTH, HeaderMap, HeaderName, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use std::convert::Infallible;
use std::future::pending;
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
                connections.spawn(converse(stream, Arc::clone(&desk)));
            }
            // Too many open files, as a rule: at once it would only happen again.
            Err(_) => tokio::time::sleep(Duration::from_millis(10)).await,
        }
        while connections.try_join_next().is_some() {}
    }
    drop(listener);
    connections.shutdown().await;
}

async fn converse(stream: TcpStream, desk: Arc<Desk>) {
    // Without it answers may wait for the caller's delayed acknowledgement.
    let _ = stream.set_nodelay(true);
    let service = service_fn(|request| respond(request, &desk));
    // A connection that breaks is the caller's to notice.
    let _ = http1::Builder::new()
        .serve_connection(TokioIo::new(stream), service)
        .await;
}

/// An error closes the connection without an answer.
async fn respond(request: Request<Incoming>, desk: &Desk) -> io::Result<Response<Outgoing>> {
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
    deliver(desk.answer(&call)).await
}

async fn deliver(answer: Answer) -> io::Result<Response<Outgoing>> {
    let status = answer.visible_status();
    let mut bytes = Bytes::from(answer.body);
    let length = bytes.len();
    let rest = match answer.delivery {
        Delivery::Whole => Rest::None,
        Delivery::CutAfter(sent) | Delivery::StallAfter(sent) if sent >= length => Rest::None,
        Delivery::CutAfter(_) => Rest::Cut,
        Delivery::StallAfter(_) => Rest::Stalled,
        Delivery::Hang => return pending().await,
        Delivery::Close => return Err(io::ErrorKind::ConnectionAborted.into()),
    };
    if let Delivery::CutAfter(sent) | Delivery::StallAfter(sent) = answer.delivery {
        bytes.truncate(sent);
    }

    let mut response = Response::new(Outgoing::new(bytes, rest));
    *response.status_mut() = status
        .and_then(|status| StatusCode::from_u16(status).ok())
        .unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    let headers = response.headers_mut();
    append_valid(headers, &answer.headers);
    if rest != Rest::None {
        headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    }
    Ok(response)
}

fn append_valid(headers: &mut HeaderMap, wanted: &[(String, String)]) {
    for (name, value) in wanted {
        if let (Ok(name), Ok(value)) = (name.parse::<HeaderName>(), HeaderValue::from_str(value)) {
            headers.append(name, value);
        }
    }
}
