//! How a request failed that got no complete response.

use super::{Error, ErrorKind, Hint};

/// How a request failed, for the decisions about connections and patience.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RequestFailure {
    /// No connection could be made.
    NotConnected,
    /// The connection or the stream ended without a complete response.
    Lost,
    /// The server refused the stream before it processed the request (RFC 9113, section 8.7).
    Refused,
    /// No complete response arrived in time.
    Unanswered,
    /// The server requires HTTP/1.1.
    Http1Required,
    /// What arrived is not HTTP.
    NotHttp,
}

impl Error {
    /// Returns whether no connection could be made: the host's name was not resolved, the connection was
    /// refused or timed out, or a proxy did not make it.
    ///
    /// The kind is [`ErrorKind::Connection`], as for a connection that was lost, or [`ErrorKind::Tls`], or
    /// [`ErrorKind::Configuration`] for a proxy that can never make it.
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// use rhombus_clips::retry::NoRetry;
    ///
    /// service.pause_listening().await;
    /// let error = client.get_clip(uuid).retry(NoRetry).await.unwrap_err();
    /// assert!(error.is_connect() && error.is_connection());
    /// # });
    /// ```
    pub fn is_connect(&self) -> bool {
        self.request_failure() == Some(RequestFailure::NotConnected)
    }

    /// Returns whether the service certainly did not act on the request of the last attempt: it was not
    /// sent, or was rejected before it was processed. A write may then be repeated.
    ///
    /// - Nothing was sent if no connection could be made ([`is_connect`](Self::is_connect)), for an error of
    ///   kind [`ErrorKind::Configuration`], and if the client's cooldown or rate limit admitted no request.
    /// - The service's rate limiter rejects with 429. Of the other transient statuses, HTTP says of 421 and
    ///   425 alone that the request was not processed (RFC 9110, section 15.5.20; RFC 8470, section 5.2):
    ///   gateways send 408, 503 and 504 for a slow service as well.
    /// - A server that refuses a stream of HTTP/2 has not processed it (RFC 9113, section 8.7).
    ///
    /// For any other error it is false, because a response arrived, or would have to arrive to tell.
    ///
    /// ```
    /// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
    /// # let service = service.with_fault(fault(Response::close()).on_request(1));
    /// use rhombus_clips::retry::NoRetry;
    ///
    /// let lost = client.get_clip(uuid).retry(NoRetry).await.unwrap_err();
    /// assert!(!lost.is_unprocessed());
    ///
    /// service.pause_listening().await;
    /// let refused = client.get_clip(uuid).retry(NoRetry).await.unwrap_err();
    /// assert!(refused.is_unprocessed());
    /// # });
    /// ```
    pub fn is_unprocessed(&self) -> bool {
        match (self.kind(), self.request_failure()) {
            (ErrorKind::Configuration | ErrorKind::InvalidRequest, _) => true,
            (ErrorKind::RateLimited | ErrorKind::NoFootage, _) => true,
            (_, Some(RequestFailure::NotConnected | RequestFailure::Refused)) => true,
            (_, Some(_)) => false,
            (_, None) => matches!(self.status(), Some(421 | 425)),
        }
    }

    /// Returns whether a write that failed with this error may have taken effect: it may have been processed,
    /// and the service did not say that it was refused.
    pub(crate) fn may_have_taken_effect(&self) -> bool {
        let is_refused = matches!(self.kind(), ErrorKind::Service | ErrorKind::Authentication)
            || matches!(self.status(), Some(300..=407 | 409..=499));
        !is_refused && !self.is_unprocessed()
    }

    /// Replaces the advice to repeat the call, if the request was a write and may have taken effect.
    pub(crate) fn after_write(mut self) -> Self {
        if self.may_have_taken_effect() {
            self.0.hints.retain(|hint| *hint != Hint::RetryLater);
            self.0.hints.insert(0, Hint::CheckOutcome);
        }
        self
    }

    pub(crate) fn request_failure(&self) -> Option<RequestFailure> {
        self.0.request_failure
    }

    pub(crate) fn with_request_failure(mut self, failure: RequestFailure) -> Self {
        self.0.request_failure = Some(failure);
        self
    }

    /// Turns a response that is not HTTP into a permanent error: another service is at the endpoint.
    pub(crate) fn into_wrong_service(mut self) -> Self {
        self.0.kind = ErrorKind::Decode;
        self.0.hints = vec![Hint::CheckBaseUrl];
        self
    }
}
