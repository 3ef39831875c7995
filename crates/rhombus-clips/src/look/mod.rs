//! One look at a clip: one request, and what its answer means.

mod answer;
mod refusal;
mod text;
mod transport;

use std::time::Duration;

pub(crate) use text::one_line;

use rhombus_clips_api::types::{GetClipWithProgressRequest, GetClipWithProgressResponse};
use rhombus_clips_api::{Client as ApiClient, ClientInfo as _, Error as ApiError, ResponseValue};
use tokio::time::{Instant, timeout_at};

use crate::deadline::after;
use crate::error::{Error, ErrorKind, Result};
use crate::{Clip, ClipUuid};

/// Asks for the clip once; `None` when the service has no record of it (yet).
pub(crate) async fn look(
    api: &ApiClient,
    uuid: ClipUuid,
    timeout: Duration,
) -> Result<Option<Clip>> {
    let request = GetClipWithProgressRequest {
        clip_uuid: uuid.to_string(),
    };
    let until = after(Instant::now(), timeout);
    match timeout_at(until, api.get_clip_with_progress(&request)).await {
        Ok(answer) => answered(api, uuid, answer, until).await,
        Err(_) => Err(transport::timed_out(api.baseurl())
            .with_source(format!("no whole answer after {timeout:?}"))),
    }
}

/// What came of a request. The rest of an answer is waited for until this moment.
pub(crate) async fn answered(
    api: &ApiClient,
    uuid: ClipUuid,
    answer: std::result::Result<ResponseValue<GetClipWithProgressResponse>, ApiError<()>>,
    until: Instant,
) -> Result<Option<Clip>> {
    let credentials = api.inner().credentials();
    match answer {
        Ok(answer) => answer::judge(credentials, uuid, answer.into_inner()),
        Err(ApiError::InvalidResponsePayload(body, error)) => {
            match rhombus_clips_api::decode(&body) {
                Ok(answer) => answer::judge(credentials, uuid, answer),
                Err(_) => Err(answer::undecodable(credentials, &body, error)),
            }
        }
        Err(ApiError::UnexpectedResponse(response)) => {
            Err(refusal::refused(api, response, until).await)
        }
        Err(ApiError::CommunicationError(error) | ApiError::ResponseBodyError(error)) => {
            Err(transport::broken(api.baseurl(), error))
        }
        Err(other) => Err(
            Error::new(ErrorKind::Configuration, "the request could not be built")
                .with_source(other.to_string()),
        ),
    }
}
