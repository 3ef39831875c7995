//! What can go wrong, as one type.

mod causes;
mod kind;
mod predicates;

use std::error::Error as StdError;
use std::fmt;
use std::time::Duration;

pub(crate) use causes::causes;
pub use kind::ErrorKind;

use reqwest::header::HeaderMap;

use crate::{Checkpoint, Clip};

/// The result of this crate's calls.
///
/// ```
/// use rhombus_clips::{Client, Clip, ClipUuid, Result};
///
/// async fn finished(client: &Client, uuids: [ClipUuid; 2]) -> Result<Vec<Clip>> {
///     let mut clips = Vec::new();
///     for uuid in uuids {
///         clips.push(client.watch(uuid).await?);
///     }
///     Ok(clips)
/// }
/// ```
pub type Result<T> = std::result::Result<T, Error>;

/// What went wrong, and as much about it as is known.
///
/// [`kind`](Self::kind) and the predicates say what it is, the accessors what came with it.
/// `Display` is one line that says what to do next where that is known; causes are behind
/// [`source`](StdError::source). The API key is in none of it: where an answer echoes it, it reads
/// `[hidden]`.
///
/// ```
/// # use rhombus_clips_sim::prelude::*;
/// # #[tokio::main(flavor = "current_thread", start_paused = true)]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// # let uuid = rhombus_clips::ClipUuid::from_bytes([1; 16]);
/// # let service = Service::start().await?.with_clip(uuid, clip().renders_in(30.s()).then_deleted());
/// # let client = rhombus_clips::Client::builder().api_key(service.api_key()).base_url(service.base_url()).build()?;
/// match client.watch(uuid).await {
///     Ok(clip) => println!("{:?} is done", clip.title()),
///     Err(error) if error.is_clip_failed() => println!("it will never be: {:?}", error.clip()),
///     Err(error) if error.is_deadline_exceeded() => println!("last seen: {:?}", error.clip()),
///     Err(error) => println!("{error}"),
/// }
/// # Ok(())
/// # }
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: String,
    status: Option<u16>,
    retry_after: Option<Duration>,
    headers: HeaderMap,
    body: Option<String>,
    pointer: Option<String>,
    clip: Option<Clip>,
    attempts: Option<u64>,
    elapsed: Option<Duration>,
    checkpoint: Option<Checkpoint>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// The HTTP status, when an answer came.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// How long the service asked to wait from its answer on, by the header `Retry-After` in
    /// seconds or as an HTTP date.
    ///
    /// ```
    /// # use rhombus_clips_sim::prelude::*;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let uuid = rhombus_clips::ClipUuid::from_bytes([1; 16]);
    /// # let service = Service::start().await?.with_clip(uuid, clip().renders_in(30.s()));
    /// # let client = rhombus_clips::Client::builder().api_key(service.api_key()).base_url(service.base_url()).build()?;
    /// # let service = service.with_fault(fault(Response::too_many_requests(7.s())));
    /// use rhombus_clips::retry::NoRetry;
    ///
    /// let error = client.get_clip(uuid).retry(NoRetry).await.unwrap_err();
    /// assert_eq!(error.retry_after(), Some(std::time::Duration::from_secs(7)));
    /// # Ok(())
    /// # }
    /// ```
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// A header of the answer that is this error, by its name in any case, if it is text.
    ///
    /// ```
    /// # use rhombus_clips_sim::prelude::*;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let uuid = rhombus_clips::ClipUuid::from_bytes([1; 16]);
    /// # let service = Service::start().await?.with_clip(uuid, clip().renders_in(30.s()));
    /// # let client = rhombus_clips::Client::builder().api_key(service.api_key()).base_url(service.base_url()).build()?;
    /// # let service = service.with_fault(fault(Response::status(403).header("server", "gateway")));
    /// let error = client.get_clip(uuid).await.unwrap_err();
    /// assert_eq!(error.status(), Some(403));
    /// assert_eq!(error.header("Server"), Some("gateway"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn header(&self, name: &str) -> Option<&str> {
        self.0.headers.get(name)?.to_str().ok()
    }

    /// What the service calls the request, for its support to look it up: the first there is of
    /// the headers `x-request-id`, `x-amzn-requestid`, `x-correlation-id`, `x-amzn-trace-id`,
    /// `x-amz-cf-id` and `cf-ray`. Whether Rhombus sends one is undocumented.
    ///
    /// ```
    /// # use rhombus_clips_sim::prelude::*;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let uuid = rhombus_clips::ClipUuid::from_bytes([1; 16]);
    /// # let service = Service::start().await?.with_clip(uuid, clip().renders_in(30.s()));
    /// # let client = rhombus_clips::Client::builder().api_key(service.api_key()).base_url(service.base_url()).build()?;
    /// # let service = service.with_fault(fault(Response::status(500).header("x-request-id", "r-7")));
    /// use rhombus_clips::retry::NoRetry;
    ///
    /// let error = client.get_clip(uuid).retry(NoRetry).await.unwrap_err();
    /// assert_eq!(error.request_id(), Some("r-7"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn request_id(&self) -> Option<&str> {
        [
            "x-request-id",
            "x-amzn-requestid",
            "x-correlation-id",
            "x-amzn-trace-id",
            "x-amz-cf-id",
            "cf-ray",
        ]
        .into_iter()
        .find_map(|name| self.header(name))
    }

    /// The beginning of the answer's body, at most 1 KiB, when it is part of the trouble.
    pub fn body(&self) -> Option<&str> {
        self.0.body.as_deref()
    }

    /// Where in the answer decoding failed, as a JSON pointer.
    ///
    /// ```
    /// # use rhombus_clips_sim::prelude::*;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let uuid = rhombus_clips::ClipUuid::from_bytes([1; 16]);
    /// # let service = Service::start().await?.with_clip(uuid, clip().renders_in(30.s()));
    /// # let client = rhombus_clips::Client::builder().api_key(service.api_key()).base_url(service.base_url()).build()?;
    /// # let service = service.with_fault(Fault::change(|body| body["clip"] = 7.into()));
    /// let error = client.get_clip(uuid).await.unwrap_err();
    /// assert_eq!(error.json_pointer(), Some("/clip"));
    /// # Ok(())
    /// # }
    /// ```
    pub fn json_pointer(&self) -> Option<&str> {
        self.0.pointer.as_deref()
    }

    /// The clip as it was last seen.
    pub fn clip(&self) -> Option<&Clip> {
        self.0.clip.as_ref()
    }

    /// How many requests were sent: the attempts of a look-up, or all of a watch.
    ///
    /// ```
    /// # use rhombus_clips_sim::prelude::*;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let uuid = rhombus_clips::ClipUuid::from_bytes([1; 16]);
    /// # let service = Service::start().await?.with_clip(uuid, clip().renders_in(30.s()));
    /// # let client = rhombus_clips::Client::builder().api_key(service.api_key()).base_url(service.base_url()).build()?;
    /// # let service = service.with_fault(fault(Response::status(503)));
    /// let error = client.get_clip(uuid).await.unwrap_err();
    /// println!("{:?} requests in {:?}", error.attempts(), error.elapsed());
    /// assert_eq!(error.attempts(), Some(5));
    /// # Ok(())
    /// # }
    /// ```
    pub fn attempts(&self) -> Option<u64> {
        self.0.attempts
    }

    /// Where the watch stood, to go on from with [`Client::resume`](crate::Client::resume):
    /// after every error of a watch, except that the clip failed or was deleted, or that there is no
    /// such clip.
    ///
    /// ```
    /// # use rhombus_clips_sim::prelude::*;
    /// # #[tokio::main(flavor = "current_thread", start_paused = true)]
    /// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
    /// # let uuid = rhombus_clips::ClipUuid::from_bytes([1; 16]);
    /// # let service = Service::start().await?.with_clip(uuid, clip().renders_in(30.s()));
    /// # let client = rhombus_clips::Client::builder().api_key(service.api_key()).base_url(service.base_url()).build()?;
    /// # let service = service.with_fault(fault(Response::status(403)).on_request(2));
    /// let error = client.watch(uuid).await.unwrap_err();
    /// let checkpoint = error.checkpoint().expect("the clip is not at its end").clone();
    /// // With the key's permissions mended:
    /// assert!(client.resume(checkpoint).await?.is_complete());
    /// # Ok(())
    /// # }
    /// ```
    pub fn checkpoint(&self) -> Option<&Checkpoint> {
        self.0.checkpoint.as_ref()
    }

    /// How long the look-up or the watch lasted.
    pub fn elapsed(&self) -> Option<Duration> {
        self.0.elapsed
    }

    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            status: None,
            retry_after: None,
            headers: HeaderMap::new(),
            body: None,
            pointer: None,
            clip: None,
            attempts: None,
            elapsed: None,
            checkpoint: None,
            source: None,
        }))
    }

    pub(crate) fn configuration(message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Configuration, message)
    }

    pub(crate) fn with_status(mut self, status: u16) -> Self {
        self.0.status = Some(status);
        self
    }

    pub(crate) fn with_retry_after(mut self, retry_after: Option<Duration>) -> Self {
        self.0.retry_after = retry_after;
        self
    }

    pub(crate) fn with_body(mut self, body: &str) -> Self {
        self.0.body = Some(truncate(body).to_owned());
        self
    }

    pub(crate) fn with_pointer(mut self, pointer: String) -> Self {
        self.0.pointer = Some(pointer);
        self
    }

    pub(crate) fn with_clip(mut self, clip: Option<Clip>) -> Self {
        self.0.clip = clip;
        self
    }

    pub(crate) fn with_headers(mut self, headers: HeaderMap) -> Self {
        self.0.headers = headers;
        self
    }

    pub(crate) fn with_checkpoint(mut self, checkpoint: Checkpoint) -> Self {
        self.0.checkpoint = Some(checkpoint);
        self
    }

    pub(crate) fn with_attempts(mut self, attempts: u64, elapsed: Duration) -> Self {
        self.0.attempts = Some(attempts);
        self.0.elapsed = Some(elapsed);
        self
    }

    pub(crate) fn with_source(
        mut self,
        source: impl Into<Box<dyn StdError + Send + Sync>>,
    ) -> Self {
        self.0.source = Some(source.into());
        self
    }
}

/// How much of a body an error keeps, in bytes.
pub(crate) const MAX_BODY_BYTES: usize = 1024;

/// As much of a text as an error keeps.
pub(crate) fn truncate(text: &str) -> &str {
    let end = (0..=MAX_BODY_BYTES).rfind(|end| text.is_char_boundary(*end));
    text.get(..end.unwrap_or(0)).unwrap_or(text)
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0.message)
    }
}

impl fmt::Debug for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let inner = &*self.0;
        let mut debug = f.debug_struct("Error");
        debug
            .field("kind", &inner.kind)
            .field("message", &inner.message);
        let mut known = |name: &str, value: Option<&dyn fmt::Debug>| {
            if let Some(value) = value {
                debug.field(name, value);
            }
        };
        known("status", inner.status.as_ref().map(|v| v as _));
        known("retry_after", inner.retry_after.as_ref().map(|v| v as _));
        known("body", inner.body.as_ref().map(|v| v as _));
        known("json_pointer", inner.pointer.as_ref().map(|v| v as _));
        known("clip", inner.clip.as_ref().map(|v| v as _));
        known("attempts", inner.attempts.as_ref().map(|v| v as _));
        known("elapsed", inner.elapsed.as_ref().map(|v| v as _));
        known("checkpoint", inner.checkpoint.as_ref().map(|v| v as _));
        known("source", inner.source.as_ref().map(|v| v as _));
        debug.finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_cut_between_characters() {
        let body = "a".repeat(MAX_BODY_BYTES - 1) + "é and more";
        let error = Error::new(ErrorKind::Decode, "").with_body(&body);
        assert_eq!(error.body(), Some("a".repeat(MAX_BODY_BYTES - 1).as_str()));
    }
}
