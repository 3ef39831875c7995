//! Kinds of errors, with a predicate for each.

use serde::Serialize;

use super::Error;

/// Classification of an [`Error`](crate::Error). Serialized as its name in camel case.
///
/// ```
/// use rhombus_clips::{Error, ErrorKind};
///
/// /// The team that an error is routed to.
/// fn owner(error: &Error) -> &'static str {
///     match error.kind() {
///         ErrorKind::ClipFailed | ErrorKind::NotFound | ErrorKind::Service => "user",
///         ErrorKind::InvalidRequest | ErrorKind::NoFootage => "user",
///         ErrorKind::OutcomeUnknown | ErrorKind::Storage => "ops",
///         ErrorKind::FileUnavailable | ErrorKind::VerificationFailed => "ops",
///         ErrorKind::Configuration | ErrorKind::Authentication | ErrorKind::Tls => "ops",
///         ErrorKind::Connection | ErrorKind::Timeout | ErrorKind::RateLimited => "none",
///         ErrorKind::DeadlineExceeded | ErrorKind::Checkpoint => "none",
///         ErrorKind::Decode | ErrorKind::BodyTooLarge | ErrorKind::UnexpectedClip => "developers",
///         ErrorKind::UnexpectedStatus | ErrorKind::Policy => "developers",
///         _ => "developers", // Kinds may be added.
///     }
/// }
///
/// let error = rhombus_clips::Client::builder().build().unwrap_err();
/// assert_eq!(owner(&error), "ops");
/// assert_eq!(serde_json::to_string(&error.kind()).unwrap(), "\"configuration\"");
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "camelCase")]
#[cfg_attr(feature = "schemars", derive(schemars::JsonSchema))]
#[cfg_attr(feature = "schemars", schemars(description = "Kind of an error."))]
#[non_exhaustive]
pub enum ErrorKind {
    /// A setting of the client is missing or invalid.
    Configuration,
    /// The request is invalid, or not possible as it is; it was not sent.
    InvalidRequest,
    /// There is no footage of what a clip was requested of; the clip was not requested.
    NoFootage,
    /// A request for a clip was sent, and it is not known whether the clip was made.
    OutcomeUnknown,
    /// The clip's file is not there: its record names no place, or no place has it.
    FileUnavailable,
    /// A file is not as the clip's record or the media host states it: its length or its SHA-256 differs.
    VerificationFailed,
    /// A local file cannot be read or written: there is another one, the disk is full, or it is in use.
    Storage,
    /// The connection failed, or was lost before the response was complete.
    Connection,
    /// An attempt exceeded its timeout.
    Timeout,
    /// The TLS handshake failed: a certificate is not trusted, expired or for another host, or there
    /// is no TLS version in common.
    Tls,
    /// The service rejected the credentials: status 401 or 403.
    Authentication,
    /// Too many requests: the service responded with 429, or the cooldown after a 429 or the client's own
    /// rate limit admitted no request before the deadline.
    RateLimited,
    /// The service reported that the operation failed: status 200 with `error: true`, or another value that
    /// does not say no, such as a text.
    Service,
    /// A status that the operation does not document.
    UnexpectedStatus,
    /// The response is not as the operation documents it.
    Decode,
    /// The response body exceeds the client's limit.
    BodyTooLarge,
    /// The response is for another clip than the requested one.
    UnexpectedClip,
    /// A checkpoint or an intent is malformed, or of an unsupported version.
    Checkpoint,
    /// The service has no record of the clip: not yet, or not any more, or not for this organization.
    NotFound,
    /// The clip failed or was deleted.
    ClipFailed,
    /// The timeout of a watch or a download elapsed before the clip or its file was complete.
    DeadlineExceeded,
    /// A policy or other code of the caller panicked, or a policy used the handle of its own watch.
    Policy,
}

impl Error {
    /// The kind of the error.
    pub fn kind(&self) -> ErrorKind {
        self.0.kind
    }

    /// Returns whether a setting is missing or invalid: [`ErrorKind::Configuration`].
    ///
    /// ```
    /// let error = rhombus_clips::Client::builder().api_key("no key\n").build().unwrap_err();
    /// assert!(error.is_configuration());
    /// ```
    pub fn is_configuration(&self) -> bool {
        self.0.kind == ErrorKind::Configuration
    }

    /// Returns whether the request is invalid, and was not sent: [`ErrorKind::InvalidRequest`].
    ///
    /// ```
    /// use std::time::{Duration, SystemTime};
    /// use rhombus_clips::{CameraUuid, NewClip};
    ///
    /// let now = SystemTime::now();
    /// let camera = CameraUuid::from_bytes([1; 16]);
    /// let error = NewClip::builder(camera, now..now + Duration::from_secs(60)).build().unwrap_err();
    /// assert!(error.is_invalid_request()); // The range is in the future.
    /// ```
    pub fn is_invalid_request(&self) -> bool {
        self.0.kind == ErrorKind::InvalidRequest
    }

    /// Returns whether there is no footage of what a clip was requested of: [`ErrorKind::NoFootage`].
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// # let end = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_767_000_000);
    /// # let start = end - std::time::Duration::from_secs(60);
    /// # let camera = camera("Dock").no_footage(start..end);
    /// # let camera: rhombus_clips::CameraUuid = service.add_camera(camera).parse()?;
    /// # let new_clip = rhombus_clips::NewClip::builder(camera, start..end).build()?;
    /// let error = client.create_clip(new_clip).await.unwrap_err();
    /// assert!(error.is_no_footage());
    /// # });
    /// ```
    pub fn is_no_footage(&self) -> bool {
        self.0.kind == ErrorKind::NoFootage
    }

    /// Returns whether it is not known if a requested clip was made: [`ErrorKind::OutcomeUnknown`].
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// # let camera: rhombus_clips::CameraUuid = service.add_camera(camera("Dock")).parse()?;
    /// # let end = std::time::UNIX_EPOCH + std::time::Duration::from_secs(1_767_000_000);
    /// # let range = end - std::time::Duration::from_secs(60)..end;
    /// # let new_clip = rhombus_clips::NewClip::builder(camera, range).build()?;
    /// # let service = service.with_fault(fault(Response::reset()).for_operation("spliceV3"));
    /// let error = client.create_clip(new_clip).await.unwrap_err();
    /// assert!(error.is_outcome_unknown());
    /// assert!(error.candidates().is_empty());
    /// println!("{}", error.intent().expect("what was sent"));
    /// # });
    /// ```
    pub fn is_outcome_unknown(&self) -> bool {
        self.0.kind == ErrorKind::OutcomeUnknown
    }

    /// Returns whether the file of a clip is not there: [`ErrorKind::FileUnavailable`].
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// # let service = service.with_fault(fault(Response::status(404)).for_operation("media"));
    /// let clip = client.watch(uuid).await?;
    /// let error = client.download(&clip).to_writer(Vec::new()).await.unwrap_err();
    /// assert!(error.is_file_unavailable()); // After two minutes.
    /// # });
    /// ```
    pub fn is_file_unavailable(&self) -> bool {
        self.0.kind == ErrorKind::FileUnavailable
    }

    /// Returns whether a file is not as it was stated: [`ErrorKind::VerificationFailed`].
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()).with("sha256Hex", "00".repeat(32)), {
    /// let clip = client.watch(uuid).await?;
    /// let error = client.download(&clip).to_writer(Vec::new()).await.unwrap_err();
    /// assert!(error.is_verification_failed());
    /// # });
    /// ```
    pub fn is_verification_failed(&self) -> bool {
        self.0.kind == ErrorKind::VerificationFailed
    }

    /// Returns whether a local file cannot be read or written: [`ErrorKind::Storage`].
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// let clip = client.watch(uuid).await?;
    /// let error = client.download(&clip).to_file("no/such/directory.mp4").await.unwrap_err();
    /// assert!(error.is_storage());
    /// let mut causes = error.causes().filter_map(|cause| cause.downcast_ref::<std::io::Error>());
    /// assert_eq!(causes.next().unwrap().kind(), std::io::ErrorKind::NotFound);
    /// # });
    /// ```
    pub fn is_storage(&self) -> bool {
        self.0.kind == ErrorKind::Storage
    }

    /// Returns whether the connection failed or was lost: [`ErrorKind::Connection`].
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// # let service = service.with_fault(fault(Response::reset()));
    /// use rhombus_clips::retry::NoRetry;
    ///
    /// let error = client.get_clip(uuid).retry(NoRetry).await.unwrap_err();
    /// assert!(error.is_connection());
    /// # });
    /// ```
    pub fn is_connection(&self) -> bool {
        self.0.kind == ErrorKind::Connection
    }

    /// Returns whether the TLS handshake failed: [`ErrorKind::Tls`].
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// # let not_tls = service.base_url().replace("http:", "https:");
    /// # let client = rhombus_clips::Client::builder().api_key("0123456789").base_url(not_tls).build()?;
    /// let error = client.get_clip(uuid).await.unwrap_err(); // The server does not speak TLS.
    /// assert!(error.is_tls());
    /// # });
    /// ```
    pub fn is_tls(&self) -> bool {
        self.0.kind == ErrorKind::Tls
    }

    /// Returns whether an attempt exceeded its timeout: [`ErrorKind::Timeout`]. The timeout of a watch
    /// is [`is_deadline_exceeded`](Self::is_deadline_exceeded).
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// # let service = service.with_fault(fault(Response::hang()));
    /// use rhombus_clips::retry::NoRetry;
    ///
    /// let error = client.get_clip(uuid).retry(NoRetry).await.unwrap_err();
    /// assert!(error.is_timeout()); // After 30 seconds.
    /// # });
    /// ```
    pub fn is_timeout(&self) -> bool {
        self.0.kind == ErrorKind::Timeout
    }

    /// Returns whether the service rejected the credentials: [`ErrorKind::Authentication`].
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// # let service = service.with_fault(fault(Response::unauthenticated()));
    /// let error = client.get_clip(uuid).await.unwrap_err();
    /// assert!(error.is_authentication());
    /// # });
    /// ```
    pub fn is_authentication(&self) -> bool {
        self.0.kind == ErrorKind::Authentication
    }

    /// Returns whether there were too many requests: [`ErrorKind::RateLimited`].
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// # let service = service.with_fault(fault(Response::too_many_requests(2.s())));
    /// use rhombus_clips::retry::NoRetry;
    ///
    /// let error = client.get_clip(uuid).retry(NoRetry).await.unwrap_err();
    /// assert!(error.is_rate_limited());
    /// # });
    /// ```
    pub fn is_rate_limited(&self) -> bool {
        self.0.kind == ErrorKind::RateLimited
    }

    /// Returns whether the service reported that the operation failed: [`ErrorKind::Service`].
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// # let service = service.with_fault(fault(Response::domain_failure("no such camera")));
    /// let error = client.get_clip(uuid).await.unwrap_err();
    /// assert!(error.is_service());
    /// assert!(error.to_string().contains("no such camera"));
    /// # });
    /// ```
    pub fn is_service(&self) -> bool {
        self.0.kind == ErrorKind::Service
    }

    /// Returns whether the status is one that the operation does not document: [`ErrorKind::UnexpectedStatus`].
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// # let service = service.with_fault(fault(Response::status(418)));
    /// let error = client.get_clip(uuid).await.unwrap_err();
    /// assert!(error.is_unexpected_status());
    /// assert_eq!(error.status(), Some(418));
    /// # });
    /// ```
    pub fn is_unexpected_status(&self) -> bool {
        self.0.kind == ErrorKind::UnexpectedStatus
    }

    /// Returns whether the response is not as documented: [`ErrorKind::Decode`].
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// # let service = service.with_fault(fault(Response::status(200).body("<html>")));
    /// let error = client.get_clip(uuid).await.unwrap_err();
    /// assert!(error.is_decode());
    /// assert_eq!(error.body(), Some("<html>"));
    /// # });
    /// ```
    pub fn is_decode(&self) -> bool {
        self.0.kind == ErrorKind::Decode
    }

    /// Returns whether the response body exceeds the limit: [`ErrorKind::BodyTooLarge`].
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// # let service = service.with_fault(fault(Response::status(200).repeated_body(b' ', 9 << 20)));
    /// let error = client.get_clip(uuid).await.unwrap_err();
    /// assert!(error.is_body_too_large());
    /// # });
    /// ```
    pub fn is_body_too_large(&self) -> bool {
        self.0.kind == ErrorKind::BodyTooLarge
    }

    /// Returns whether the response is for another clip: [`ErrorKind::UnexpectedClip`].
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// # let service = service.with_fault(Fault::map_json(|body| body["clip"]["uuid"] = "AAAAAAAAAAAAAAAAAAAAAA".into()));
    /// use rhombus_clips::retry::NoRetry;
    ///
    /// let error = client.get_clip(uuid).retry(NoRetry).await.unwrap_err();
    /// assert!(error.is_unexpected_clip());
    /// # });
    /// ```
    pub fn is_unexpected_clip(&self) -> bool {
        self.0.kind == ErrorKind::UnexpectedClip
    }

    /// Returns whether a checkpoint is malformed or unsupported: [`ErrorKind::Checkpoint`].
    ///
    /// ```
    /// let error = r#"{"version":99}"#.parse::<rhombus_clips::Checkpoint>().unwrap_err();
    /// assert!(error.is_checkpoint());
    /// ```
    pub fn is_checkpoint(&self) -> bool {
        self.0.kind == ErrorKind::Checkpoint
    }

    /// Returns whether the service has no record of the clip, or not yet: [`ErrorKind::NotFound`].
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().by_request([Step::null()]), {
    /// let error = client.get_clip(uuid).await.unwrap_err();
    /// assert!(error.is_not_found());
    /// # });
    /// ```
    pub fn is_not_found(&self) -> bool {
        self.0.kind == ErrorKind::NotFound
    }

    /// Returns whether the clip failed or was deleted: [`ErrorKind::ClipFailed`].
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()).then_fails("no footage"), {
    /// let error = client.watch(uuid).await.unwrap_err();
    /// assert!(error.is_clip_failed());
    /// assert!(error.clip().is_some_and(|clip| clip.is_failed()));
    /// # });
    /// ```
    pub fn is_clip_failed(&self) -> bool {
        self.0.kind == ErrorKind::ClipFailed
    }

    /// Returns whether the timeout of a watch elapsed: [`ErrorKind::DeadlineExceeded`].
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(10.minutes()), {
    /// use std::time::Duration;
    ///
    /// let error = client.watch(uuid).timeout(Duration::from_secs(60)).await.unwrap_err();
    /// assert!(error.is_deadline_exceeded());
    /// assert!(error.checkpoint().is_some());
    /// # });
    /// ```
    pub fn is_deadline_exceeded(&self) -> bool {
        self.0.kind == ErrorKind::DeadlineExceeded
    }

    /// Returns whether a policy of the caller panicked, or used the handle of its own watch:
    /// [`ErrorKind::Policy`].
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// use std::time::Duration;
    /// use rhombus_clips::polling::{PollPolicy, PollState};
    ///
    /// #[derive(Clone, Debug)]
    /// struct Broken;
    ///
    /// impl PollPolicy for Broken {
    ///     fn next_delay(&mut self, _: &PollState<'_>) -> Duration {
    ///         panic!("no idea")
    ///     }
    /// }
    ///
    /// let error = client.watch(uuid).polling(Broken).await.unwrap_err();
    /// assert!(error.is_policy());
    /// # });
    /// ```
    pub fn is_policy(&self) -> bool {
        self.0.kind == ErrorKind::Policy
    }

    /// Returns whether the same request may succeed later: the connection failed or was lost, the
    /// attempt timed out, the response was for another clip, there were too many requests, or the
    /// status is 408, 421, 425, or 500 and above other than 501 and 505.
    ///
    /// Rhombus documents that 5xx may be retried and other 4xx may not. Of the 5xx, 501 and 505 state
    /// that the request can never succeed. Of the 4xx, 408, 421 and 425 ask for the same request again,
    /// 421 over another connection. A status from 600 on is invalid and counts as 500 (RFC 9110, section
    /// 15). A [retry policy](crate::retry::RetryPolicy) may decide otherwise.
    ///
    /// It says nothing about whether a second request is safe, which depends on the operation: see
    /// [`FailedAttempt::is_retryable`](crate::retry::FailedAttempt::is_retryable).
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// # let service = service.with_fault(fault(Response::status(503)).on_request(1)).with_fault(fault(Response::status(403)).on_request(2));
    /// use rhombus_clips::retry::NoRetry;
    ///
    /// let overloaded = client.get_clip(uuid).retry(NoRetry).await.unwrap_err();
    /// assert!(overloaded.is_transient());
    /// let refused = client.get_clip(uuid).retry(NoRetry).await.unwrap_err();
    /// assert!(!refused.is_transient());
    /// # });
    /// ```
    pub fn is_transient(&self) -> bool {
        match self.0.kind {
            ErrorKind::Connection
            | ErrorKind::Timeout
            | ErrorKind::RateLimited
            | ErrorKind::UnexpectedClip => true,
            ErrorKind::UnexpectedStatus => {
                matches!(
                    self.0.status,
                    Some(408 | 421 | 425 | 500 | 502..=504 | 506..)
                )
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn transient_kinds_and_statuses() {
        let status = |status| Error::new(ErrorKind::UnexpectedStatus, "").with_status(status);
        for transient in [
            408, 421, 425, 500, 502, 503, 504, 507, 509, 511, 520, 530, 561, 599, 999,
        ] {
            assert!(status(transient).is_transient());
        }
        for permanent in [
            204, 302, 400, 404, 409, 413, 418, 422, 424, 426, 499, 501, 505,
        ] {
            assert!(!status(permanent).is_transient());
        }
        for (kind, transient) in [
            (ErrorKind::RateLimited, true),
            (ErrorKind::UnexpectedClip, true),
            (ErrorKind::Tls, false),
            (ErrorKind::Authentication, false),
            (ErrorKind::Service, false),
            (ErrorKind::Decode, false),
            (ErrorKind::BodyTooLarge, false),
        ] {
            assert_eq!(Error::new(kind, "").is_transient(), transient, "{kind:?}");
        }
    }
}
