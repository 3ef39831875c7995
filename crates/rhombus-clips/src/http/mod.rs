//! One look at a clip: one request, and what its answer means.

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

/// Asks for the clip once; `None` when the service has no record of it (yet).
pub(crate) async fn fetch_clip(
    api: &ApiClient,
    uuid: ClipUuid,
    timeout: Duration,
) -> Result<Option<Clip>> {
    let request = GetClipWithProgressRequest {
        clip_uuid: uuid.to_string(),
    };
    let until = saturating_add(Instant::now(), timeout);
    // A record is large, and a clip is small: what is handed on from future to future is the clip.
    let asking = async {
        let answer = api.get_clip_with_progress(&request).await?;
        Ok(map_response(api, uuid, answer))
    };
    match timeout_at(until, asking).await {
        Ok(Ok(looked)) => looked,
        // Rare, and larger than what is usual.
        Ok(Err(failure)) => Box::pin(map_api_error(api, uuid, failure, until)).await,
        Err(_) => Err(connection_error::timed_out(api.baseurl())
            .with_source(format!("no whole answer after {timeout:?}"))),
    }
}

/// What came of a request that succeeded: an error has the headers too, for there may be the name
/// of the request in them.
pub(crate) fn map_response(
    api: &ApiClient,
    uuid: ClipUuid,
    answer: ResponseValue<GetClipWithProgressResponse>,
) -> Result<Option<Clip>> {
    let credentials = api.inner().credentials();
    let Ok(judged) =
        answer.map::<_, _, Infallible>(|answer| response::interpret(credentials, uuid, answer));
    let headers = judged.is_err().then(|| judged.headers().clone());
    judged
        .into_inner()
        .map_err(|error| error.with_headers(headers.unwrap_or_default()))
}

/// What came of a request that failed. The rest of an answer is waited for until this moment.
pub(crate) async fn map_api_error(
    api: &ApiClient,
    uuid: ClipUuid,
    failure: ApiError<()>,
    until: Instant,
) -> Result<Option<Clip>> {
    let credentials = api.inner().credentials();
    match failure {
        ApiError::InvalidResponsePayload(body, error) => match rhombus_clips_api::decode(&body) {
            Ok(answer) => response::interpret(credentials, uuid, answer),
            Err(_) => Err(response::decode_error(credentials, &body, error)),
        },
        ApiError::UnexpectedResponse(response) => {
            Err(status_error::map_status_error(api, response, until).await)
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
