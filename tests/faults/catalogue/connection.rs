//! Missing and incomplete responses, over both protocols. All are transient failures, except for a
//! server that never responds in HTTP. A closed port is a [scenario](crate::scenario), because a
//! response cannot express it.

use std::time::Duration;

use rhombus_clips::ErrorKind::{Connection, Timeout};
use rhombus_clips_sim::{Http2Error, Response};
use serde_json::json;

use super::{Fault, FaultClass, Injection, Protocol};

/// An offset beyond the end of any response head.
const END_OF_HEAD: usize = usize::MAX;

/// Half of the body of [`response`].
const HALF: usize = 25;

pub fn faults() -> Vec<Fault> {
    let mut all = http1_faults();
    for protocol in Protocol::ALL {
        all.extend(common_faults().map(|fault| fault.over(protocol)));
    }
    all.extend(
        http2_faults()
            .into_iter()
            .map(|fault| fault.over(Protocol::Http2)),
    );
    all
}

fn response() -> Response {
    Response::json(&json!({"clip": {"status": "RENDERING", "percentComplete": 20}}))
}

fn broken(name: impl Into<String>, response: Response) -> Fault {
    Fault::transient(name, Connection, response)
}

fn silent(name: impl Into<String>, response: Response) -> Fault {
    Fault::transient(name, Timeout, response).hanging()
}

fn not_http(name: &str, response: Response) -> Fault {
    Fault::new(name, Injection::Replace(response), FaultClass::NotHttp)
}

fn common_faults() -> impl Iterator<Item = Fault> {
    [
        broken("closed before the response", Response::close()),
        broken("reset before the response", Response::reset()),
        broken("reset inside the headers", response().reset_in_head(40)),
        broken(
            "reset right after the headers",
            response().reset_in_head(END_OF_HEAD),
        ),
        broken("reset after half of the body", response().reset_after(HALF)),
        broken("closed after half of the body", response().cut_after(HALF)),
        silent("no response", Response::hang()),
        silent("the connection freezes", Response::freeze_connection()),
        silent("stalls after the headers", response().stall_after(0)),
        silent(
            "stalls after half of the body",
            response().stall_after(HALF),
        ),
        silent(
            "byte by byte, beyond the attempt timeout",
            response().trickle(Duration::from_millis(100)),
        ),
        Fault::harmless("byte by byte, within the attempt timeout", |response| {
            response.trickle(Duration::from_millis(1))
        }),
        Fault::harmless("the last response of the connection", |response| {
            response.last_on_connection()
        }),
    ]
    .into_iter()
}

/// A head that is not HTTP/2 makes the client speak HTTP/1.1, so these are for one protocol.
fn http1_faults() -> Vec<Fault> {
    vec![
        not_http(
            "Content-Length is not a number",
            response().header("Content-Length", "-5"),
        ),
        not_http(
            "two different Content-Length headers",
            response()
                .header("Content-Length", "10")
                .header("Content-Length", "20"),
        ),
        broken(
            "Content-Length too short",
            response().header("Content-Length", HALF.to_string()),
        )
        .leaving_unread_bytes(),
        silent(
            "Content-Length too long",
            response().header("Content-Length", "1000"),
        ),
    ]
}

fn http2_faults() -> Vec<Fault> {
    use Http2Error::*;
    let mut all = vec![
        // The length is part of the framing, so a wrong one is a broken response.
        broken(
            "Content-Length too short",
            response().header("Content-Length", HALF.to_string()),
        ),
        broken(
            "Content-Length too long",
            response().header("Content-Length", "1000"),
        ),
        // The client shut down waits for its response.
        silent("GOAWAY without an error", Response::go_away(NoError)),
    ];
    for error in [
        NoError,
        ProtocolError,
        InternalError,
        RefusedStream,
        Cancel,
        EnhanceYourCalm,
        InadequateSecurity,
        Http11Required,
    ] {
        all.push(broken(
            format!("stream reset with {error:?}"),
            Response::reset_stream(error),
        ));
        // These two make the client speak HTTP/1.1, which has no streams to reset.
        if !matches!(error, InadequateSecurity | Http11Required) {
            all.push(broken(
                format!("stream reset with {error:?} after half of the body"),
                response().reset_stream_after(HALF, error),
            ));
        }
        if error != NoError {
            all.push(broken(
                format!("GOAWAY with {error:?}"),
                Response::go_away(error),
            ));
        }
    }
    all
}
