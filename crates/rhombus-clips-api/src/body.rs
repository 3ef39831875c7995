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
pub(crate) async fn read(mut response: Response, limit: u64) -> reqwest::Result<Bytes> {
    let fits = |length: usize| u64::try_from(length).is_ok_and(|length| length <= limit);
    let announced = response.content_length();
    if announced.is_some_and(|length| length > limit) {
        return Box::pin(refuse(response, limit)).await;
    }
    let Some(first) = next(&mut response).await? else {
        return Ok(Bytes::new());
    };
    if !fits(first.len()) {
        return Box::pin(refuse(response, limit)).await;
    }
    // A short answer comes in one chunk, which is not copied.
    let Some(second) = next(&mut response).await? else {
        return Ok(first);
    };
    // What a server announces is not worth more memory than what it sends.
    let announced = announced.and_then(|length| usize::try_from(length).ok());
    let expected = announced.unwrap_or(0).min(64 * 1024);
    let mut body = BytesMut::with_capacity(expected.max(first.len() + second.len()));
    body.extend_from_slice(&first);
    let mut chunk = Some(second);
    while let Some(more) = chunk {
        if !fits(body.len().saturating_add(more.len())) {
            return Box::pin(refuse(response, limit)).await;
        }
        body.extend_from_slice(&more);
        chunk = next(&mut response).await?;
    }
    Ok(body.freeze())
}

async fn next(response: &mut Response) -> reqwest::Result<Option<Bytes>> {
    match response.chunk().await {
        Err(error) => Err(error.with_url(response.url().clone())),
        chunk => chunk,
    }
}

/// The HTTP library makes its error of a body alone that cannot be read. It is rare, and boxed
/// where it is called: the usual future stays small.
async fn refuse(response: Response, limit: u64) -> reqwest::Result<Bytes> {
    let refused = Body::wrap(Refused(Some(BodyTooLarge { limit })));
    // The address is kept in an extension that only this builder can write.
    let answer = http::response::Builder::new()
        .url(response.url().clone())
        .body(refused);
    match answer {
        Ok(answer) => Response::from(answer).bytes().await,
        // A status and headers by default are no error.
        Err(_) => Ok(Bytes::new()),
    }
}

/// A body that cannot be read.
struct Refused(Option<BodyTooLarge>);

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
