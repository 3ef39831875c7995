//! What the fuzz targets drive without a socket.

use reqwest::Response;

use crate::generated::types::GetClipWithProgressResponse;
use crate::hooks::receive;
use crate::{Error, ResponseValue, Settings};

/// What the generated method makes of an answer.
///
/// # Errors
///
/// Those of the generated method.
pub async fn answered(
    settings: &Settings,
    response: Response,
) -> Result<ResponseValue<GetClipWithProgressResponse>, Error<()>> {
    let response = receive(settings, response).await?;
    match response.status().as_u16() {
        200 => ResponseValue::from_response(response).await,
        _ => Err(Error::UnexpectedResponse(response)),
    }
}
