//! Requests that answer for many clips at once.

use std::collections::HashSet;
use std::time::Duration;

use rhombus_clips_api::types::{GetClipsWithProgressRequest, GetSplicedClipsInProgressRequest};
use tokio::time::{Instant, timeout};

use crate::requests::{PAGE_SIZE, clips_of_page};
use crate::retry::Attempt;
use crate::time::saturating_add;
use crate::transport::throttle::AdmissionDeadlines;
use crate::transport::{Request, Transport};
use crate::{Clip, ClipInProgress, ClipUuid, Result};

/// Longest time for which a list waits for a cooldown or a rate limit, so that it hardly holds back the
/// final poll of a clip. Chosen, not tuned: below the time for these.
const MAX_ADMISSION: Duration = Duration::from_secs(4);

/// A list to request.
#[derive(Debug)]
pub(super) enum ListRequest {
    /// A page of the saved clips: the first one without a token.
    Page(Option<String>),
    InProgress,
}

/// Response to a [`ListRequest`].
#[derive(Debug)]
pub(super) enum ListResponse {
    Page {
        clips: Vec<Clip>,
        token: Option<String>,
    },
    InProgress(HashSet<ClipUuid>),
    /// Nothing was sent, because no request was admitted.
    Held,
    /// The response had no list, which tells nothing of any clip.
    Nothing,
}

/// Sends one request. `on_sent` is called when it is sent.
pub(super) async fn request_list(
    transport: &Transport,
    request: ListRequest,
    number: u64,
    on_sent: impl FnOnce(),
) -> Result<ListResponse> {
    // A cooldown is never bypassed for a list.
    let far = saturating_add(Instant::now(), Duration::MAX);
    let deadlines = AdmissionDeadlines {
        cooldown: far,
        limiter: far,
    };
    match timeout(MAX_ADMISSION, transport.acquire(deadlines)).await {
        Ok(admitted) => admitted?,
        Err(_) => return Ok(ListResponse::Held),
    }
    on_sent();
    match request {
        ListRequest::Page(token) => {
            let mut request = GetClipsWithProgressRequest::new(PAGE_SIZE.into());
            request.page_token = token;
            let mut response = transport
                .send(attempt(transport, &request, number), &request)
                .await?
                .response;
            if response.saved_clips.is_none() {
                return Ok(ListResponse::Nothing);
            }
            let token = response.page_token.take();
            let (clips, _) = clips_of_page(response);
            Ok(ListResponse::Page {
                clips,
                token: token.filter(|token| !token.is_empty()),
            })
        }
        ListRequest::InProgress => {
            let request = GetSplicedClipsInProgressRequest::new();
            let response = transport
                .send(attempt(transport, &request, number), &request)
                .await?
                .response;
            let Some(records) = response.spliced_clips else {
                return Ok(ListResponse::Nothing);
            };
            let records = records.into_iter().flatten();
            let clips = records.filter_map(ClipInProgress::of_record);
            Ok(ListResponse::InProgress(
                clips.map(|clip| clip.uuid()).collect(),
            ))
        }
    }
}

fn attempt(transport: &Transport, request: &impl Request, number: u64) -> Attempt {
    Attempt {
        operation: request.operation(),
        clip_uuid: None,
        number,
        deadline: saturating_add(Instant::now(), transport.attempt_timeout()),
    }
}
