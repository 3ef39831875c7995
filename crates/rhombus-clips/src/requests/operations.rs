//! Requests whose output is the response itself, and when the service sent it.

use std::time::SystemTime;

use rhombus_clips_api::types::{
    CancelSpliceV2Request, CancelSpliceV2Response, DeleteSavedClipRequest, DeleteSavedClipResponse,
    GetCameraPresenceWindowsRequest, GetCameraPresenceWindowsResponse, GetClipsWithProgressRequest,
    GetClipsWithProgressResponse, GetMaxSpliceDurationRequest, GetMaxSpliceDurationResponse,
    GetMinimalCameraStateListRequest, GetMinimalCameraStateListResponse,
    GetSplicedClipsInProgressRequest, GetSplicedClipsInProgressResponse, RetrySpliceRequest,
    RetrySpliceResponse, SpliceV3Request, SpliceV3Response, UpdateSavedClipRequest,
    UpdateSavedClipResponse,
};
use rhombus_clips_api::{Client as ApiClient, Error as ApiError, Operation, ResponseValue};

use crate::ClipUuid;
use crate::error::Result;
use crate::transport::{Received, Request, response};

/// A response that reports no failure.
#[derive(Debug)]
pub(crate) struct DatedResponse<T> {
    pub(crate) response: T,
    /// Time of the service when it responded, from the header `Date`.
    pub(crate) date: Option<SystemTime>,
}

/// Implements [`Request`] for a type of requests: its operation is the one of this method.
macro_rules! request {
    ($request:ty => $response:ty, $method:ident $(, $clip_uuid:ident)?) => {
        impl Request for $request {
            type Response = $response;
            type Output = DatedResponse<$response>;

            fn operation(&self) -> Option<&'static Operation> {
                Operation::find(stringify!($method))
            }

            $(fn clip_uuid(&self) -> Option<ClipUuid> {
                self.$clip_uuid.as_deref()?.parse().ok()
            })?

            async fn send(
                &self,
                api: &ApiClient,
            ) -> std::result::Result<ResponseValue<$response>, ApiError<()>> {
                api.$method(self).await
            }

            fn interpret(&self, received: Received<'_, $response>) -> Result<Self::Output> {
                response::check(received.credentials, &received.response)?;
                Ok(DatedResponse {
                    date: received.date(),
                    response: received.response,
                })
            }
        }
    };
}

request!(GetMinimalCameraStateListRequest => GetMinimalCameraStateListResponse, get_minimal_camera_state_list);
request!(GetCameraPresenceWindowsRequest => GetCameraPresenceWindowsResponse, get_camera_presence_windows);
request!(GetMaxSpliceDurationRequest => GetMaxSpliceDurationResponse, get_max_splice_duration);
request!(SpliceV3Request => SpliceV3Response, splice_v3);
request!(GetClipsWithProgressRequest => GetClipsWithProgressResponse, get_clips_with_progress);
request!(GetSplicedClipsInProgressRequest => GetSplicedClipsInProgressResponse, get_spliced_clips_in_progress);
request!(CancelSpliceV2Request => CancelSpliceV2Response, cancel_splice_v2, clip_uuid);
request!(RetrySpliceRequest => RetrySpliceResponse, retry_splice, clip_uuid);
request!(DeleteSavedClipRequest => DeleteSavedClipResponse, delete_saved_clip, saved_clip_uuid);
request!(UpdateSavedClipRequest => UpdateSavedClipResponse, update_saved_clip, saved_clip_uuid);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::retry::Effect;

    #[test]
    fn every_request_has_a_declared_operation() {
        let operations = [
            GetMinimalCameraStateListRequest::default().operation(),
            GetCameraPresenceWindowsRequest::default().operation(),
            GetMaxSpliceDurationRequest::default().operation(),
            GetClipsWithProgressRequest::default().operation(),
            GetSplicedClipsInProgressRequest::default().operation(),
        ];
        for operation in operations {
            assert_eq!(operation.map(Operation::effect), Some(Effect::Read));
        }
        let operations = [
            SpliceV3Request::default().operation(),
            CancelSpliceV2Request::default().operation(),
            RetrySpliceRequest::default().operation(),
            DeleteSavedClipRequest::default().operation(),
            UpdateSavedClipRequest::default().operation(),
        ];
        for operation in operations {
            assert_eq!(operation.map(Operation::effect), Some(Effect::Write));
        }
    }
}
