//! The error type of the crate.
//!
//! One opaque type, so that kinds, accessors and hints can be added without a breaking change. It
//! carries data only: a message of one line, the response's metadata, the checkpoint to resume from,
//! and [`Hint`]s for the user interface. Types of the HTTP library stay out of its signatures.

mod foreign;
mod headers;
mod hint;
mod kind;
mod request_failure;

use std::error::Error as StdError;
use std::fmt;
use std::io;
use std::iter::successors;
use std::time::Duration;

pub use hint::{Hint, Setting};
pub use kind::ErrorKind;
pub(crate) use request_failure::RequestFailure;

use reqwest::header::HeaderMap;
use rhombus_clips_api::Credentials;

use crate::text::{present, truncate};
use crate::{Checkpoint, Clip, ClipUuid, CreateIntent};

/// The result of this crate's fallible calls.
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

/// The error of every fallible call in this crate.
///
/// [`kind`](Self::kind) and the predicates classify it, accessors give its details, and
/// [`hints`](Self::hints) its remedies. `Display` is the message alone, one line; causes are behind
/// [`source`](StdError::source), and `Debug` has everything. The API key is redacted from all of it:
/// a response that echoes the key reads `[redacted]` in its place.
///
/// ```
/// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()).then_deleted(), {
/// match client.watch(uuid).await {
///     Ok(clip) => println!("{:?} is complete", clip.title()),
///     Err(error) if error.is_clip_failed() => println!("failed: {:?}", error.clip()),
///     Err(error) if error.is_deadline_exceeded() => println!("last state: {:?}", error.clip()),
///     Err(error) => {
///         eprintln!("{error}");
///         for hint in error.hints() {
///             eprintln!("hint: {hint}");
///         }
///     }
/// }
/// # });
/// ```
pub struct Error(Box<Inner>);

struct Inner {
    kind: ErrorKind,
    message: String,
    request_failure: Option<RequestFailure>,
    status: Option<u16>,
    retry_after: Option<Duration>,
    headers: HeaderMap,
    body: Option<String>,
    pointer: Option<String>,
    clip: Option<Clip>,
    attempts: Option<u64>,
    polls: Option<u64>,
    elapsed: Option<Duration>,
    checkpoint: Option<Checkpoint>,
    creation: Option<Box<(CreateIntent, Vec<ClipUuid>)>>,
    hints: Vec<Hint>,
    setting: Option<Setting>,
    source: Option<Box<dyn StdError + Send + Sync>>,
}

impl Error {
    /// HTTP status of the response; `None` when there was no response.
    pub fn status(&self) -> Option<u16> {
        self.0.status
    }

    /// The delay that the service requested with the header `Retry-After`, in seconds or as an HTTP
    /// date, counted from the response.
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// # let service = service.with_fault(fault(Response::too_many_requests(7.s())));
    /// use rhombus_clips::retry::NoRetry;
    ///
    /// let error = client.get_clip(uuid).retry(NoRetry).await.unwrap_err();
    /// assert_eq!(error.retry_after(), Some(std::time::Duration::from_secs(7)));
    /// # });
    /// ```
    pub fn retry_after(&self) -> Option<Duration> {
        self.0.retry_after
    }

    /// A header of the response, by its case-insensitive name, if its value is text. A value of more than
    /// 1 KiB is not retained, nor is what exceeds 16 KiB in all.
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// # let service = service.with_fault(fault(Response::status(403).header("server", "gateway")));
    /// let error = client.get_clip(uuid).await.unwrap_err();
    /// assert_eq!(error.status(), Some(403));
    /// assert_eq!(error.header("Server"), Some("gateway"));
    /// # });
    /// ```
    pub fn header(&self, name: &str) -> Option<&str> {
        self.0.headers.get(name)?.to_str().ok()
    }

    /// The service's identifier of the request, for a support case: the first one present of the
    /// response headers `x-request-id`, `x-amzn-requestid`, `x-correlation-id`, `x-amzn-trace-id`,
    /// `x-amz-cf-id` and `cf-ray`. It is undocumented whether Rhombus sends any of them.
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// # let service = service.with_fault(fault(Response::status(500).header("x-request-id", "r-7")));
    /// use rhombus_clips::retry::NoRetry;
    ///
    /// let error = client.get_clip(uuid).retry(NoRetry).await.unwrap_err();
    /// assert_eq!(error.request_id(), Some("r-7"));
    /// # });
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
        .find_map(|name| present(self.header(name)?))
        .map(truncate)
    }

    /// The response body, truncated to 1 KiB and redacted, where it helps to explain the error.
    pub fn body(&self) -> Option<&str> {
        self.0.body.as_deref()
    }

    /// Location in the response body where decoding failed, as a JSON pointer.
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// # let service = service.with_fault(Fault::map_json(|body| body["clip"] = 7.into()));
    /// let error = client.get_clip(uuid).await.unwrap_err();
    /// assert_eq!(error.json_pointer(), Some("/clip"));
    /// # });
    /// ```
    pub fn json_pointer(&self) -> Option<&str> {
        self.0.pointer.as_deref()
    }

    /// The last state of the clip that a response showed.
    pub fn clip(&self) -> Option<&Clip> {
        self.0.clip.as_ref()
    }

    /// Number of attempts that the call made, such as one of [`get_clip`](crate::Client::get_clip);
    /// `None` for an error of a watch, which has [`polls`](Self::polls).
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// # let service = service.with_fault(fault(Response::status(503)));
    /// let error = client.get_clip(uuid).await.unwrap_err();
    /// println!("{:?} attempts in {:?}", error.attempts(), error.elapsed());
    /// assert_eq!(error.attempts(), Some(5));
    /// # });
    /// ```
    pub fn attempts(&self) -> Option<u64> {
        self.0.attempts
    }

    /// Number of polls that the watch made since its first start; `None` for an error of any other
    /// call, which has [`attempts`](Self::attempts).
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// # let service = service.with_fault(fault(Response::status(403)).on_request(2));
    /// let error = client.watch(uuid).await.unwrap_err();
    /// assert_eq!((error.polls(), error.attempts()), (Some(2), None));
    /// # });
    /// ```
    pub fn polls(&self) -> Option<u64> {
        self.0.polls
    }

    /// Steps that are likely to resolve the error, the most likely first; empty when none is known.
    ///
    /// They are data, so that each program renders them in its own terms; see [`Hint`].
    ///
    /// ```
    /// use rhombus_clips::{Client, Hint};
    ///
    /// let error = Client::builder().build().unwrap_err();
    /// assert_eq!(error.to_string(), "no API key is set");
    /// assert_eq!(error.hints(), [Hint::SetApiKey]);
    /// ```
    pub fn hints(&self) -> &[Hint] {
        &self.0.hints
    }

    /// The setting at fault, for an error of kind [`ErrorKind::Configuration`] that is about one
    /// setting of [`ClientBuilder`](crate::ClientBuilder).
    ///
    /// ```
    /// use rhombus_clips::{Client, Setting};
    ///
    /// let error = Client::builder().api_key("two\nlines").build().unwrap_err();
    /// assert_eq!(error.setting(), Some(Setting::ApiKey));
    /// ```
    pub fn setting(&self) -> Option<Setting> {
        self.0.setting
    }

    /// The watch's checkpoint, to resume from with [`Client::resume`](crate::Client::resume). Every
    /// error of a watch has one, unless the clip failed, was deleted, or was not found by any poll. A
    /// clip that has no record any more may be another organization's than that of the API key, so the
    /// error of its watch has a checkpoint.
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// # let service = service.with_fault(fault(Response::status(403)).on_request(2));
    /// let error = client.watch(uuid).await.unwrap_err();
    /// let checkpoint = error.checkpoint().expect("the clip is not terminal").clone();
    /// // After the API key was given the permission:
    /// assert!(client.resume(checkpoint).await?.is_complete());
    /// # });
    /// ```
    pub fn checkpoint(&self) -> Option<&Checkpoint> {
        self.0.checkpoint.as_ref()
    }

    /// The intent of a clip of which it is not known whether it was made: what was sent, and when. Every
    /// error of kind [`ErrorKind::OutcomeUnknown`] has one, to look for the clip again with
    /// [`Client::resume_create`](crate::Client::resume_create).
    pub fn intent(&self) -> Option<&CreateIntent> {
        self.0.creation.as_ref().map(|creation| &creation.0)
    }

    /// The clips that match the [intent](Self::intent), and of which it is not certain that they are the
    /// request's: none, a part of several, or more than the request makes.
    pub fn candidates(&self) -> &[ClipUuid] {
        self.0.creation.as_ref().map_or(&[], |creation| &creation.1)
    }

    /// The causes of the error, outermost first.
    ///
    /// They are those of [`source`](StdError::source), and also errors wrapped in an
    /// [`io::Error`], which `source` skips. Errors of the HTTP and TLS libraries are present as their text,
    /// with the API key redacted, because they may quote what a peer sent; an [`io::Error`] remains one.
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// # service.pause_listening().await;
    /// let error = client.get_clip(uuid).await.unwrap_err();
    /// assert!(error.is_connection());
    /// let refused = error.causes().filter_map(|cause| cause.downcast_ref::<std::io::Error>());
    /// println!("{:?}", refused.map(std::io::Error::kind).next());
    /// # });
    /// ```
    pub fn causes(&self) -> impl Iterator<Item = &(dyn StdError + 'static)> {
        causes(self)
    }

    /// Duration of the call, or of the watch since its first start.
    pub fn elapsed(&self) -> Option<Duration> {
        self.0.elapsed
    }

    pub(crate) fn new(kind: ErrorKind, message: impl Into<String>) -> Self {
        Self(Box::new(Inner {
            kind,
            message: message.into(),
            request_failure: None,
            status: None,
            retry_after: None,
            headers: HeaderMap::new(),
            body: None,
            pointer: None,
            clip: None,
            attempts: None,
            polls: None,
            elapsed: None,
            checkpoint: None,
            creation: None,
            hints: Vec::new(),
            setting: None,
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

    pub(crate) fn with_headers(mut self, headers: &HeaderMap) -> Self {
        self.0.headers = headers::retained(headers);
        self
    }

    pub(crate) fn with_checkpoint(mut self, checkpoint: Checkpoint) -> Self {
        self.0.checkpoint = Some(checkpoint);
        self
    }

    pub(crate) fn with_intent(mut self, intent: CreateIntent, candidates: Vec<ClipUuid>) -> Self {
        self.0.creation = Some(Box::new((intent, candidates)));
        self
    }

    pub(crate) fn with_attempts(mut self, attempts: u64, elapsed: Duration) -> Self {
        self.0.attempts = Some(attempts);
        self.0.elapsed = Some(elapsed);
        self
    }

    pub(crate) fn with_polls(mut self, polls: u64, elapsed: Duration) -> Self {
        self.0.polls = Some(polls);
        self.0.elapsed = Some(elapsed);
        self
    }

    pub(crate) fn with_hint(mut self, hint: Hint) -> Self {
        self.0.hints.push(hint);
        self
    }

    pub(crate) fn with_setting(mut self, setting: Setting) -> Self {
        self.0.setting = Some(setting);
        self
    }

    /// Sets an error of another library as the source, redacted.
    pub(crate) fn with_foreign_source(
        mut self,
        credentials: &Credentials,
        source: &(dyn StdError + 'static),
    ) -> Self {
        let redact = |text: &str| credentials.redact(text);
        self.0.source = Some(foreign::copy(source, &redact));
        self
    }

    /// Sets an error of another library as the source, which occurred before any response.
    pub(crate) fn with_local_source(mut self, source: &(dyn StdError + 'static)) -> Self {
        self.0.source = Some(foreign::copy(source, &str::to_owned));
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
        known("polls", inner.polls.as_ref().map(|v| v as _));
        known("elapsed", inner.elapsed.as_ref().map(|v| v as _));
        known("checkpoint", inner.checkpoint.as_ref().map(|v| v as _));
        known("creation", inner.creation.as_ref().map(|v| v as _));
        let hints: Vec<_> = inner.hints.iter().map(ToString::to_string).collect();
        known("hints", Some(&hints as _).filter(|_| !hints.is_empty()));
        known("setting", inner.setting.as_ref().map(|v| v as _));
        known("source", inner.source.as_ref().map(|v| v as _));
        debug.finish()
    }
}

impl StdError for Error {
    fn source(&self) -> Option<&(dyn StdError + 'static)> {
        self.0.source.as_deref().map(|source| source as _)
    }
}

/// Iterates over the causes, outermost first. It includes an error wrapped in an `io::Error`, which
/// `source` skips.
pub(crate) fn causes(error: &dyn StdError) -> impl Iterator<Item = &(dyn StdError + 'static)> {
    successors(error.source(), |&cause| next_cause(cause))
}

fn next_cause<'a>(cause: &'a (dyn StdError + 'static)) -> Option<&'a (dyn StdError + 'static)> {
    let wrapped = cause
        .downcast_ref::<io::Error>()
        .and_then(io::Error::get_ref);
    match wrapped {
        Some(wrapped) => Some(wrapped),
        None => cause.source(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn causes_include_errors_wrapped_in_io_errors() {
        let inner = fmt::Error;
        let error = Error::new(ErrorKind::Connection, "lost")
            .with_source(io::Error::other(io::Error::other(inner)));
        assert_eq!(error.causes().count(), 3);
        assert!(error.causes().any(|cause| cause.is::<fmt::Error>()));
    }
}
