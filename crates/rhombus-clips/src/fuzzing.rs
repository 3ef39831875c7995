//! Entry points of the fuzz targets into code that is not public.

use std::time::{Duration, SystemTime};

use reqwest::Response;
use reqwest::header::HeaderMap;
use rhombus_clips_api::{Client as ApiClient, ClientInfo as _};
use tokio::time::Instant;

use crate::transport::fetch_clip::FetchClip;
use crate::{Clip, ClipUuid, Result, retry, transport};

/// Interprets a response to a request for a clip.
///
/// # Errors
///
/// Those of one attempt.
pub async fn interpret(
    api: &ApiClient,
    uuid: ClipUuid,
    response: Response,
) -> Result<Option<Clip>> {
    let request = FetchClip { uuid };
    match rhombus_clips_api::fuzzing::process_response(api.inner(), response).await {
        Ok(response) => transport::map_response(api, &request, response),
        Err(error) => transport::map_api_error(api, &request, error, Instant::now()).await,
    }
}

/// Returns the delay that the headers of a response request from `now` on.
pub fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    retry::retry_after(headers, now)
}
