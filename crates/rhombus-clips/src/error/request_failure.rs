//! How a request failed that got no complete response.

use super::{Error, ErrorKind, Hint};

/// How a request failed, for the decisions about connections and patience.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum RequestFailure {
    /// No connection could be made.
    NotConnected,
    /// The connection or the stream ended without a complete response.
    Lost,
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
