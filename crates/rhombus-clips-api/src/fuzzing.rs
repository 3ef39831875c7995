//! What the fuzz targets drive without a socket.

use reqwest::Response;

use crate::generated::types::GetClipWithProgressResponse;
use crate::{Error, ResponseValue, Settings, answer};

/// What the generated method makes of an answer.
///
/// # Errors
///
/// Those of the generated method.
pub async fn answered(
    settings: &Settings,
    response: Response,
) -> Result<ResponseValue<GetClipWithProgressResponse>, Error<()>> {
    let response = answer::received(settings.credentials(), response);
    match response.status().as_u16() {
        200 => answer::decode(settings, response).await,
        _ => Err(Error::UnexpectedResponse(response)),
    }
}
