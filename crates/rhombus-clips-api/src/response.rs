//! Redacts and decodes a response.
//!
//! Every response passes through here before the caller sees it, so that no header and no decoded
//! value holds the API key, and so that a body cannot exhaust memory. The body of a response with
//! an undocumented status is left unread, and its redaction to the caller.

use progenitor_client::{Error, ResponseValue};
use reqwest::Response;
use reqwest::header::{CONTENT_LENGTH, HeaderMap, HeaderValue};
use serde::de::DeserializeOwned;

use crate::{Credentials, Settings, body, lenient_json};

/// Redacts the API key in the response headers. The body has not been received yet.
pub(crate) fn redact_response(credentials: &Credentials, mut response: Response) -> Response {
    redact_headers(credentials, response.headers_mut());
    response
}

/// Reads, redacts and decodes the body of a documented response. Called by the generated method.
pub(crate) async fn decode<T: DeserializeOwned, E>(
    settings: &Settings,
    mut response: Response,
) -> Result<ResponseValue<T>, Error<E>> {
    let status = response.status();
    let mut headers = std::mem::take(response.headers_mut());
    let mut body = body::read(response, settings.body_limit())
        .await
        .map_err(Error::ResponseBodyError)?;
    if let Some(redacted) = settings.credentials().redact_bytes(&body) {
        headers.remove(CONTENT_LENGTH);
        body = redacted.into();
    }
    match lenient_json::parse(&body) {
        Ok(value) => Ok(ResponseValue::new(value, status, headers)),
        Err(error) => Err(Error::InvalidResponsePayload(body, error)),
    }
}

fn redact_headers(credentials: &Credentials, headers: &mut HeaderMap) {
    for value in headers.values_mut() {
        let redacted = credentials.redact_bytes(value.as_bytes());
        if let Some(redacted) = redacted.and_then(|bytes| HeaderValue::from_bytes(&bytes).ok()) {
            *value = redacted;
        }
    }
}
