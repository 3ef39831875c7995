//! Reads, decompresses, redacts and decodes a response, and authenticates the request.
//!
//! Every response passes through here before the caller sees it, so that no header and no decoded
//! value holds the API key, and so that a body cannot exhaust memory. The body of a response with
//! an undocumented status is left unread, and its redaction to the caller. The generated client calls
//! these functions through its hooks, whose implementation the orphan rule ties to this crate.

use std::borrow::Cow;
use std::error::Error as StdError;
use std::fmt;
use std::future::pending;
use std::iter::successors;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use http_body::Frame;
use progenitor_client::{ClientHooks, Error, OperationInfo, ResponseValue};
use reqwest::header::{ACCEPT_ENCODING, CONTENT_ENCODING, CONTENT_LENGTH, HeaderValue};
use reqwest::{Body, Request, Response, ResponseBuilderExt as _, Url};
use serde::de::DeserializeOwned;

use crate::content_coding::{self, DecodeContentError};
use crate::generated::Client;
use crate::{BodyTooLarge, Credentials, Settings, json_repair};

/// Redacts the API key in the response headers. The body has not been received yet.
pub(crate) fn redact_response(credentials: &Credentials, mut response: Response) -> Response {
    credentials.redact_headers(response.headers_mut());
    response
}

/// Reads, redacts and decodes the body of a documented response. Called by the generated method.
pub(crate) async fn decode<T: DeserializeOwned, E>(
    settings: &Settings,
    operation: &OperationInfo,
    mut response: Response,
) -> Result<ResponseValue<T>, Error<E>> {
    let body_limit = settings.body_limit_of(operation.operation_id);
    let status = response.status();
    let mut headers = std::mem::take(response.headers_mut());
    let url = response.url().clone();
    let mut body = match read_body(response, body_limit).await {
        Ok(body) => body,
        Err(error) => {
            let redacted = Box::pin(redact_error(settings.credentials(), error));
            return Err(Error::ResponseBodyError(redacted.await));
        }
    };
    match content_coding::decode(&headers, &body, body_limit) {
        Ok(Cow::Borrowed(_)) => {}
        Ok(Cow::Owned(decoded)) => {
            headers.remove(CONTENT_ENCODING);
            headers.remove(CONTENT_LENGTH);
            body = decoded.into();
        }
        Err(error) => return Box::pin(undecodable(url, error)).await,
    }
    if let Some(redacted) = settings.credentials().redact_bytes(&body) {
        headers.remove(CONTENT_LENGTH);
        body = redacted.into();
    }
    match json_repair::parse_strict(&body) {
        Ok(value) => Ok(ResponseValue::new(value, status, headers)),
        Err(error) => Err(Error::InvalidResponsePayload(body, error)),
    }
}

/// Returns the value of a response that has no content by its status. Called by the generated method.
#[allow(dead_code, reason = "called for operations with such a response")]
pub(crate) fn without_content<T: Default>(mut response: Response) -> ResponseValue<T> {
    let headers = std::mem::take(response.headers_mut());
    ResponseValue::new(T::default(), response.status(), headers)
}

/// Replaces an error of the HTTP library that quotes the API key, as the debug data of an HTTP/2
/// connection's end may.
async fn redact_error(credentials: &Credentials, error: reqwest::Error) -> reqwest::Error {
    let outermost: &(dyn StdError + 'static) = &error;
    let causes = successors(Some(outermost), |&cause| cause.source());
    let text = causes
        .map(ToString::to_string)
        .collect::<Vec<_>>()
        .join(": ");
    let exposes = |text: &str| credentials.redact_bytes(text.as_bytes()).is_some();
    if !exposes(&text) && !exposes(&format!("{error:?}")) {
        return error;
    }
    let url = error.url().cloned();
    let redacted = RedactedError {
        text: credentials.redact(&text),
        original: error.without_url(),
    };
    fail(url, redacted).await
}

/// Text of an error of the HTTP library and its causes, without the API key.
#[derive(thiserror::Error)]
#[error("{text}")]
pub struct RedactedError {
    text: String,
    original: reqwest::Error,
}

impl RedactedError {
    /// The error that quotes the API key, for its classification alone.
    pub fn original(&self) -> &reqwest::Error {
        &self.original
    }
}

impl fmt::Debug for RedactedError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("RedactedError").field(&self.text).finish()
    }
}

/// Largest capacity that is allocated on the word of a `Content-Length` header.
///
/// Chosen: a clip fits, and a false header costs next to nothing. Not tuned.
const MAX_INITIAL_CAPACITY_BYTES: usize = 64 * 1024;

/// Reads the complete body. A body over the limit is dropped: at most one chunk beyond the limit
/// is ever in memory.
pub(crate) async fn read_body(mut response: Response, limit: u64) -> reqwest::Result<Bytes> {
    let fits = |length: usize| u64::try_from(length).is_ok_and(|length| length <= limit);
    let content_length = response.content_length();
    if content_length.is_some_and(|length| length > limit) {
        return Box::pin(limit_exceeded(response, limit)).await;
    }
    let Some(first) = next_chunk(&mut response).await? else {
        return Ok(Bytes::new());
    };
    if !fits(first.len()) {
        return Box::pin(limit_exceeded(response, limit)).await;
    }
    // A short body arrives in one chunk, which is returned without a copy.
    let Some(second) = next_chunk(&mut response).await? else {
        return Ok(first);
    };
    let content_length = content_length.and_then(|length| usize::try_from(length).ok());
    let expected = content_length.unwrap_or(0).min(MAX_INITIAL_CAPACITY_BYTES);
    let mut body = BytesMut::with_capacity(expected.max(first.len() + second.len()));
    body.extend_from_slice(&first);
    let mut chunk = Some(second);
    while let Some(bytes) = chunk {
        if !fits(body.len().saturating_add(bytes.len())) {
            return Box::pin(limit_exceeded(response, limit)).await;
        }
        body.extend_from_slice(&bytes);
        chunk = next_chunk(&mut response).await?;
    }
    Ok(body.freeze())
}

async fn next_chunk(response: &mut Response) -> reqwest::Result<Option<Bytes>> {
    match response.chunk().await {
        Err(error) => Err(error.with_url(response.url().clone())),
        chunk => chunk,
    }
}

/// Fails with [`BodyTooLarge`].
async fn limit_exceeded(response: Response, limit: u64) -> reqwest::Result<Bytes> {
    let url = response.url().clone();
    Err(fail(Some(url), BodyTooLarge { limit }).await)
}

/// Fails because the content coding of a body cannot be undone.
async fn undecodable<T, E>(
    url: Url,
    error: DecodeContentError,
) -> Result<ResponseValue<T>, Error<E>> {
    let failed = match error {
        DecodeContentError::Coding(error) => fail(Some(url), error).await,
        DecodeContentError::TooLarge(error) => fail(Some(url), error).await,
    };
    Err(Error::ResponseBodyError(failed))
}

/// Returns a `reqwest::Error` whose source is this error.
///
/// A `reqwest::Error` cannot be constructed directly, so a response with a failing body is read.
/// Callers box the future: it is rare, and would enlarge that of every request.
async fn fail<E>(url: Option<Url>, error: E) -> reqwest::Error
where
    E: StdError + Send + Sync + Unpin + 'static,
{
    let mut failing = http::Response::new(());
    // `reqwest` takes the URL from an extension that only the builder can set.
    if let Some(with_url) =
        url.and_then(|url| http::response::Builder::new().url(url).body(()).ok())
    {
        failing = with_url;
    }
    let failing = failing.map(|()| Body::wrap(FailingBody(Some(error))));
    match Response::from(failing).bytes().await {
        Err(error) => error,
        // Unreachable, because the body fails.
        Ok(_) => pending().await,
    }
}

/// Body that fails with this error.
struct FailingBody<E>(Option<E>);

impl<E> http_body::Body for FailingBody<E>
where
    E: StdError + Send + Sync + Unpin + 'static,
{
    type Data = Bytes;
    type Error = E;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, E>>> {
        Poll::Ready(self.0.take().map(Err))
    }
}

impl ClientHooks<Settings> for Client {
    async fn pre<E>(
        &self,
        request: &mut Request,
        operation: &OperationInfo,
    ) -> Result<(), Error<E>> {
        let started = self.inner.start_request(operation.operation_id);
        started.map_err(Error::InvalidRequest)?;
        let headers = request.headers_mut();
        self.inner.credentials().apply_to(headers);
        let accepted = HeaderValue::from_static(content_coding::ACCEPT_ENCODING);
        headers.insert(ACCEPT_ENCODING, accepted);
        Ok(())
    }

    async fn exec(&self, request: Request, _: &OperationInfo) -> reqwest::Result<Response> {
        let credentials = self.inner.credentials();
        match self.client.execute(request).await {
            Ok(response) => {
                self.inner.set_version(response.version());
                Ok(redact_response(credentials, response))
            }
            // Boxed: this future is large, and failures are rare.
            Err(error) => Err(Box::pin(redact_error(credentials, error)).await),
        }
    }
}
