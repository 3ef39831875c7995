//! What is done to an answer before anybody sees it: the API key is in none of it, and what is
//! decoded has a limit.

use progenitor_client::{Error, ResponseValue};
use reqwest::Response;
use reqwest::header::{CONTENT_LENGTH, HeaderMap, HeaderValue};
use serde::de::DeserializeOwned;

use crate::{Credentials, Settings, body, repair};

/// The headers without the API key. The body is still to come.
pub(crate) fn received(credentials: &Credentials, mut response: Response) -> Response {
    strike_out(credentials, response.headers_mut());
    response
}

/// The body, decoded. The generated method calls it for an answer that is documented.
pub(crate) async fn decode<T: DeserializeOwned, E>(
    settings: &Settings,
    mut response: Response,
) -> Result<ResponseValue<T>, Error<E>> {
    let status = response.status();
    let mut headers = std::mem::take(response.headers_mut());
    let mut body = body::read(response, settings.body_limit())
        .await
        .map_err(Error::ResponseBodyError)?;
    if let Some(struck) = settings.credentials().strike_out(&body) {
        headers.remove(CONTENT_LENGTH);
        body = struck.into();
    }
    match repair::parse(&body) {
        Ok(value) => Ok(ResponseValue::new(value, status, headers)),
        Err(error) => Err(Error::InvalidResponsePayload(body, error)),
    }
}

fn strike_out(credentials: &Credentials, headers: &mut HeaderMap) {
    for value in headers.values_mut() {
        let struck = credentials.strike_out(value.as_bytes());
        if let Some(struck) = struck.and_then(|struck| HeaderValue::from_bytes(&struck).ok()) {
            *value = struck;
        }
    }
}
