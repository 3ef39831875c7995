//! One request for a clip, and the interpretation of its outcome.
//!
//! The only module that knows the generated client, the HTTP library and its errors. It maps a
//! response, an error status and a transport failure to `Result<Option<Clip>>`; it neither retries
//! nor waits, and knows nothing of watches.

mod connection_error;
mod response;
mod status_error;
mod text;

use std::convert::Infallible;
use std::time::Duration;

pub(crate) use text::sanitize_line;

use rhombus_clips_api::types::{GetClipWithProgressRequest, GetClipWithProgressResponse};
use rhombus_clips_api::{Client as ApiClient, ClientInfo as _, Error as ApiError, ResponseValue};
use tokio::time::{Instant, timeout_at};

use crate::error::{Error, ErrorKind, Result};
use crate::time::saturating_add;
use crate::{Clip, ClipUuid};

/// Sends one request for the clip; `None` when the service has no record of it (yet).
pub(crate) async fn fetch_clip(
    api: &ApiClient,
    uuid: ClipUuid,
    timeout: Duration,
) -> Result<Option<Clip>> {
    let request = GetClipWithProgressRequest {
        clip_uuid: uuid.to_string(),
    };
    let deadline = saturating_add(Instant::now(), timeout);
    // A record is large and a clip is a pointer, so only the clip crosses the future's boundary.
    let request = async {
        let response = api.get_clip_with_progress(&request).await?;
        Ok(map_response(api, uuid, response))
    };
    match timeout_at(deadline, request).await {
        Ok(Ok(result)) => result,
        // Boxed: this future is large, and failures are rare.
        Ok(Err(error)) => Box::pin(map_api_error(api, uuid, error, deadline)).await,
        Err(_) => Err(connection_error::timed_out(api.baseurl())
            .with_source(format!("no complete response within {timeout:?}"))),
    }
}

/// Maps a response with status 200. An error keeps the response headers, for its request ID.
pub(crate) fn map_response(
    api: &ApiClient,
    uuid: ClipUuid,
    response: ResponseValue<GetClipWithProgressResponse>,
) -> Result<Option<Clip>> {
    let credentials = api.inner().credentials();
    let Ok(result) = response
        .map::<_, _, Infallible>(|response| response::interpret(credentials, uuid, response));
    let headers = result.is_err().then(|| result.headers().clone());
    result
        .into_inner()
        .map_err(|error| error.with_headers(headers.unwrap_or_default()))
}

/// Maps an error of the generated client. Reads the rest of an error response until `deadline`.
pub(crate) async fn map_api_error(
    api: &ApiClient,
    uuid: ClipUuid,
    error: ApiError<()>,
    deadline: Instant,
) -> Result<Option<Clip>> {
    let credentials = api.inner().credentials();
    match error {
        ApiError::InvalidResponsePayload(body, error) => match rhombus_clips_api::decode(&body) {
            Ok(response) => response::interpret(credentials, uuid, response),
            Err(_) => Err(response::decode_error(credentials, &body, error)),
        },
        ApiError::UnexpectedResponse(response) => {
            Err(status_error::map_status_error(api, response, deadline).await)
        }
        ApiError::CommunicationError(error) | ApiError::ResponseBodyError(error) => {
            Err(connection_error::map_transport_error(api.baseurl(), error))
        }
        other => Err(
            Error::new(ErrorKind::Configuration, "the request could not be built")
                .with_source(other.to_string()),
        ),
    }
}
