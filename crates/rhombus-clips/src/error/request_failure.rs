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

    /// Returns whether the service certainly did not act on the request: it was not sent, or it was
    /// rejected before it was processed.
    ///
    /// The service's 429 is one of its rate limiter. Of the other statuses that ask for the same request
    /// again, HTTP says of 421 and 425 alone that the request was not processed, whatever it was
    /// (RFC 9110, section 15.5.20; RFC 8470, section 5.2). Gateways send 408, 503 and 504 for a service
    /// that is slow as well.
    pub(crate) fn is_unprocessed(&self) -> bool {
        match self.request_failure() {
            Some(RequestFailure::NotConnected | RequestFailure::Refused) => true,
            Some(_) => false,
            None => matches!(self.status(), Some(421 | 425 | 429)),
        }
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
