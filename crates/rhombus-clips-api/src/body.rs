//! The body of an answer, read up to a limit.

use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::{Bytes, BytesMut};
use http_body::Frame;
use reqwest::{Body, Response, ResponseBuilderExt as _};

/// An answer is longer than the limit of [`Settings::with_body_limit`](crate::Settings).
///
/// It is behind the `source()` of the `reqwest::Error` in
/// [`Error::ResponseBodyError`](crate::Error).
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the answer is longer than the limit of {limit} bytes")]
#[non_exhaustive]
pub struct BodyTooLarge {
    /// The limit in bytes, after decompression.
    pub limit: u64,
}

/// The whole body. What is over the limit is not kept: at most one chunk of it was in memory.
pub(crate) async fn read(
    response: &mut Response,
    limit: u64,
) -> reqwest::Result<Result<Bytes, BodyTooLarge>> {
    let fits = |length: usize| u64::try_from(length).is_ok_and(|length| length <= limit);
    let announced = response.content_length();
    if announced.is_some_and(|length| length > limit) {
        return Ok(Err(BodyTooLarge { limit }));
    }
    let url = response.url().clone();
    let mut next = async || response.chunk().await.map_err(|e| e.with_url(url.clone()));
    let Some(first) = next().await? else {
        return Ok(Ok(Bytes::new()));
    };
    if !fits(first.len()) {
        return Ok(Err(BodyTooLarge { limit }));
    }
    // A short answer comes in one chunk, which is not copied.
    let Some(second) = next().await? else {
        return Ok(Ok(first));
    };
    // What a server announces is not worth more memory than what it sends.
    let announced = announced.and_then(|length| usize::try_from(length).ok());
    let expected = announced.unwrap_or(0).min(64 * 1024);
    let mut body = BytesMut::with_capacity(expected.max(first.len() + second.len()));
    body.extend_from_slice(&first);
    let mut chunk = Some(second);
    while let Some(more) = chunk {
        if !fits(body.len().saturating_add(more.len())) {
            return Ok(Err(BodyTooLarge { limit }));
        }
        body.extend_from_slice(&more);
        chunk = next().await?;
    }
    Ok(Ok(body.freeze()))
}

/// The answer with another body.
pub(crate) fn exchange(response: Response, body: impl Into<Body>) -> Response {
    // The address is kept in an extension that only this builder can write.
    let mut address = http::response::Builder::new().url(response.url().clone());
    let (mut parts, _) = http::Response::<Body>::from(response).into_parts();
    if let Some(address) = address.extensions_mut() {
        parts.extensions.extend(std::mem::take(address));
    }
    http::Response::from_parts(parts, body.into()).into()
}

/// A body that cannot be read.
pub(crate) struct Refused(pub(crate) Option<BodyTooLarge>);

impl http_body::Body for Refused {
    type Data = Bytes;
    type Error = BodyTooLarge;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        _: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, BodyTooLarge>>> {
        Poll::Ready(self.0.take().map(Err))
    }
}
