//! The transport: sends single requests to the service, admits them, and interprets their outcome.
//!
//! One [`Transport`] is shared by all calls and watches of a client: connections, cooldown, rate
//! limiter and retry budget. It is the only module that knows the HTTP library and its errors. It maps
//! a response, an error status and a connection failure to the result of a [`Request`]. Whether and when
//! a request is repeated is decided elsewhere.

mod connection_error;
pub(crate) mod connections;
pub(crate) mod fetch_clip;
mod generation;
pub(crate) mod http_client;
#[cfg(feature = "download")]
pub(crate) mod media;
mod proxy;
pub(crate) mod response;
mod status_error;
pub(crate) mod throttle;
pub(crate) mod tls;

pub use throttle::RateLimit;

use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use reqwest::header::{DATE, HeaderValue};
use rhombus_clips_api::{
    Client as ApiClient, ClientInfo as _, Credentials, Error as ApiError, Operation,
    OperationResponse, ResponseValue,
};
use tokio::time::{Instant, timeout_at};

use crate::error::{Error, ErrorKind, Result};
use crate::retry::{Attempt, RetryBudget, RetryLimits};
use crate::time::saturating_add;
use crate::{ClipUuid, telemetry};
use connections::Connections;
use throttle::{AdmissionDeadlines, Throttle};

/// A request for an operation of the service, and the meaning of its response.
pub(crate) trait Request: Sync {
    /// The response as it is decoded.
    type Response: OperationResponse + Send;
    /// The meaning of the response.
    type Output: fmt::Debug + Send;

    /// The operation; `None` while it is not known.
    fn operation(&self) -> Option<&'static Operation>;

    /// The clip that the request is about, if it is about one.
    fn clip_uuid(&self) -> Option<ClipUuid> {
        None
    }

    /// Sends the request once.
    fn send(
        &self,
        api: &ApiClient,
    ) -> impl Future<Output = std::result::Result<ResponseValue<Self::Response>, ApiError<()>>> + Send;

    /// Interprets a response with status 200.
    fn interpret(&self, response: Received<'_, Self::Response>) -> Result<Self::Output>;
}

/// A decoded response with status 200.
pub(crate) struct Received<'a, T> {
    pub(crate) response: T,
    pub(crate) credentials: &'a Credentials,
    date: Option<&'a HeaderValue>,
}

impl<T> Received<'_, T> {
    /// Time of the service, from the header `Date`.
    pub(crate) fn date(&self) -> Option<SystemTime> {
        httpdate::parse_http_date(self.date?.to_str().ok()?).ok()
    }
}

/// Connections to the service, and the limits that all calls of a client share.
pub(crate) struct Transport {
    connections: Connections,
    #[cfg(feature = "download")]
    media: media::Media,
    attempt_timeout: Duration,
    limits: RetryLimits,
    throttle: Throttle,
    budget: RetryBudget,
    wall_clock: WallClock,
}

/// Reads the time of day; another one in tests.
pub(crate) type WallClock = Arc<dyn Fn() -> SystemTime + Send + Sync>;

impl Transport {
    pub(crate) fn new(
        connections: Connections,
        #[cfg(feature = "download")] media: media::Media,
        attempt_timeout: Duration,
        limits: RetryLimits,
        rate_limit: Option<RateLimit>,
        wall_clock: WallClock,
    ) -> Self {
        Self {
            connections,
            #[cfg(feature = "download")]
            media,
            attempt_timeout,
            limits,
            throttle: Throttle::new(rate_limit, limits.max_retry_after),
            budget: RetryBudget::new(),
            wall_clock,
        }
    }

    /// The media host.
    #[cfg(feature = "download")]
    pub(crate) fn media(&self) -> &media::Media {
        &self.media
    }

    pub(crate) fn attempt_timeout(&self) -> Duration {
        self.attempt_timeout
    }

    pub(crate) fn limits(&self) -> RetryLimits {
        self.limits
    }

    /// Time of day.
    pub(crate) fn wall_clock(&self) -> SystemTime {
        (self.wall_clock)()
    }

    /// Records that the machine slept at some time since then: servers have closed the connections
    /// meanwhile.
    pub(crate) fn on_wake(&self, since: Instant) {
        self.connections.distrust(since);
    }

    /// Waits until the rate limiter and the cooldown admit a request.
    pub(crate) async fn acquire(&self, deadlines: AdmissionDeadlines) -> Result<()> {
        self.throttle.acquire(deadlines).await
    }

    /// Sends one request.
    pub(crate) async fn send<R: Request>(
        &self,
        attempt: Attempt,
        request: &R,
    ) -> Result<R::Output> {
        let sent = Instant::now();
        let timeout = attempt
            .deadline
            .duration_since(sent)
            .min(self.attempt_timeout);
        let span = telemetry::start_attempt(attempt);
        let deadline = saturating_add(sent, timeout);
        let connection = self.connections.checkout(timeout).await;
        let outcome = span
            .instrument(send_once(connection.api(), request, deadline))
            .await;
        let outcome = connection.finish(outcome);
        span.finish(request.operation(), &outcome);
        self.record(sent, &outcome);
        outcome
    }

    /// Tells the limits of the outcome of a request sent at `sent`.
    fn record<T>(&self, sent: Instant, outcome: &Result<T>) {
        let error = match outcome {
            Ok(_) => {
                self.throttle.on_success(sent);
                self.budget.deposit();
                return;
            }
            Err(error) => error,
        };
        match (error.status(), error.retry_after()) {
            (Some(429), retry_after) => self.throttle.on_rate_limited(sent, retry_after),
            (Some(_), _) if !error.is_transient() => self.throttle.on_success(sent),
            (Some(_), Some(retry_after)) => self.throttle.on_retry_after(sent, retry_after),
            (Some(_), None) => self.throttle.on_response(sent),
            (None, _) => {}
        }
    }

    /// Returns whether the endpoint has sent any response to this client.
    pub(crate) fn is_reached(&self) -> bool {
        self.connections.is_reached()
    }

    /// Withdraws one retry from the retry budget, if one is left.
    pub(crate) fn withdraw(&self) -> bool {
        self.budget.withdraw()
    }
}

impl fmt::Debug for Transport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Transport")
            .field("connections", &self.connections)
            .field("attempt_timeout", &self.attempt_timeout)
            .finish_non_exhaustive()
    }
}

async fn send_once<R: Request>(
    api: &ApiClient,
    request: &R,
    deadline: Instant,
) -> Result<R::Output> {
    // A record is large and a clip is a pointer, so only the output crosses the future's boundary.
    let response = async {
        let response = request.send(api).await?;
        Ok(map_response(api, request, response))
    };
    match timeout_at(deadline, response).await {
        Ok(Ok(result)) => result,
        // Boxed: this future is large, and failures are rare.
        Ok(Err(error)) => Box::pin(map_api_error(api, request, error, deadline)).await,
        Err(_) => Err(connection_error::timed_out(api.baseurl())),
    }
}

/// Maps a response with status 200. An error keeps the response headers, for its request ID.
pub(crate) fn map_response<R: Request>(
    api: &ApiClient,
    request: &R,
    response: ResponseValue<R::Response>,
) -> Result<R::Output> {
    let credentials = api.inner().credentials();
    let date = response.headers().get(DATE).cloned();
    let Ok(result) = response.map::<_, _, Infallible>(|response| {
        request.interpret(Received {
            response,
            credentials,
            date: date.as_ref(),
        })
    });
    let headers = result.is_err().then(|| result.headers().clone());
    result.into_inner().map_err(|error| match &headers {
        Some(headers) => error.with_headers(headers),
        None => error,
    })
}

/// Maps an error of the generated client. Reads the rest of an error response until `deadline`.
pub(crate) async fn map_api_error<R: Request>(
    api: &ApiClient,
    request: &R,
    error: ApiError<()>,
    deadline: Instant,
) -> Result<R::Output> {
    let credentials = api.inner().credentials();
    match error {
        ApiError::InvalidResponsePayload(body, error) => match R::Response::decode(&body) {
            Ok(response) => request.interpret(Received {
                response,
                credentials,
                date: None,
            }),
            Err(_) => Err(response::decode_error(credentials, &body, error)),
        },
        ApiError::UnexpectedResponse(response) => {
            Err(status_error::map_status_error(api, response, deadline).await)
        }
        ApiError::CommunicationError(error) | ApiError::ResponseBodyError(error) => Err(
            connection_error::map_transport_error(credentials, api.baseurl(), error),
        ),
        other => Err(
            Error::new(ErrorKind::Configuration, "the request could not be built")
                .with_foreign_source(credentials, &other),
        ),
    }
}
