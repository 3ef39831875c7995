//! What is done to every request and answer of the generated client.

use progenitor_client::{ClientHooks, OperationInfo};
use reqwest::header::{CONTENT_LENGTH, HeaderMap, HeaderValue};
use reqwest::{Body, Request, Response, StatusCode};

use crate::body::{self, Refused};
use crate::generated::{Client, Error};
use crate::{Credentials, Settings};

impl ClientHooks<Settings> for Client {
    async fn pre<E>(&self, request: &mut Request, _: &OperationInfo) -> Result<(), Error<E>> {
        // The generator adds it; the service never asked for it.
        request.headers_mut().remove("api-version");
        self.inner.credentials().write_to(request.headers_mut());
        Ok(())
    }

    async fn exec(&self, request: Request, _: &OperationInfo) -> reqwest::Result<Response> {
        receive(&self.inner, self.client.execute(request).await?).await
    }
}

/// Takes an answer in. What is going to be decoded is read here, so that it has a limit and the
/// API key is in none of it; what another status comes with is left to be read.
pub(crate) async fn receive(
    settings: &Settings,
    mut response: Response,
) -> reqwest::Result<Response> {
    let credentials = settings.credentials();
    strike_out(credentials, response.headers_mut());
    if response.status() != StatusCode::OK {
        return Ok(response);
    }
    let body = match body::read(&mut response, settings.body_limit()).await? {
        Ok(body) => body,
        Err(error) => return Ok(body::exchange(response, Body::wrap(Refused(Some(error))))),
    };
    let body = match credentials.strike_out(&body) {
        Some(struck) => {
            response.headers_mut().remove(CONTENT_LENGTH);
            struck.into()
        }
        None => body,
    };
    Ok(body::exchange(response, body))
}

fn strike_out(credentials: &Credentials, headers: &mut HeaderMap) {
    for value in headers.values_mut() {
        let struck = credentials.strike_out(value.as_bytes());
        if let Some(struck) = struck.and_then(|struck| HeaderValue::from_bytes(&struck).ok()) {
            *value = struck;
        }
    }
}
