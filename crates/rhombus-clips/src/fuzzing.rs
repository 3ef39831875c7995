//! What the fuzz targets drive that is not public otherwise.

use std::time::{Duration, SystemTime};

use reqwest::Response;
use reqwest::header::HeaderMap;
use rhombus_clips_api::{Client as ApiClient, ClientInfo as _};
use tokio::time::Instant;

use crate::{Clip, ClipUuid, Result, http, retry};

/// What one look at a clip makes of an answer.
///
/// # Errors
///
/// Those of one attempt.
pub async fn answered(api: &ApiClient, uuid: ClipUuid, answer: Response) -> Result<Option<Clip>> {
    match rhombus_clips_api::fuzzing::process_response(api.inner(), answer).await {
        Ok(answer) => http::map_response(api, uuid, answer),
        Err(failure) => http::map_api_error(api, uuid, failure, Instant::now()).await,
    }
}

/// How long the headers of an answer ask to wait from `now` on.
pub fn retry_after(headers: &HeaderMap, now: SystemTime) -> Option<Duration> {
    retry::retry_after(headers, now)
}
