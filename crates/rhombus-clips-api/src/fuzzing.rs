//! Entry points for the fuzz targets, which run without a socket.

use progenitor_client::OperationInfo;
use reqwest::Response;

use crate::generated::types::GetClipWithProgressResponse;
use crate::{Error, ResponseValue, Settings, response};

/// Processes a response as the generated method does.
///
/// # Errors
///
/// Same as the generated method.
pub async fn process_response(
    settings: &Settings,
    response: Response,
) -> Result<ResponseValue<GetClipWithProgressResponse>, Error<()>> {
    let response = response::redact_response(settings.credentials(), response);
    match response.status().as_u16() {
        200 => {
            let operation = OperationInfo {
                operation_id: "get_clip_with_progress",
            };
            response::decode(settings, &operation, response).await
        }
        _ => Err(Error::UnexpectedResponse(response)),
    }
}
