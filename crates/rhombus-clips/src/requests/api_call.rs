//! The request builder of [`Client::call`](crate::Client::call), for operations without a call of their own.

use std::fmt;
use std::future::{Future, IntoFuture};
use std::pin::Pin;
use std::sync::{Mutex, PoisonError};

use rhombus_clips_api::{
    Client as ApiClient, ClientInfo as _, Error as ApiError, Operation, OperationResponse,
    ResponseValue, SingleRequest,
};

use super::Call;
use super::call::call_settings;
use crate::error::Result;
use crate::transport::{Received, Request, response};

/// Request for any operation of the service, from [`Client::call`](crate::Client::call). Awaiting it
/// sends it.
///
/// ```
/// # rhombus_clips_sim::example!(service, client, uuid, clip().renders_in(30.s()), {
/// use rhombus_clips::types::GetSplicedClipsInProgressRequest;
///
/// let request = GetSplicedClipsInProgressRequest::new();
/// let response = client
///     .call(|api| {
///         let request = request.clone();
///         async move { api.get_spliced_clips_in_progress(&request).await }
///     })
///     .timeout(std::time::Duration::from_secs(10))
///     .await?;
/// println!("{:?}", response.spliced_clips);
/// # });
/// ```
///
/// # Errors
///
/// The error of the last attempt, with the number of [attempts](crate::Error::attempts) and the
/// [duration](crate::Error::elapsed): [`ErrorKind::Service`](crate::ErrorKind::Service) if the response
/// reports a failure. If the error of a write is not
/// [unprocessed](crate::Error::is_unprocessed), the request may have taken effect.
///
/// # Cancellation
///
/// Nothing is sent before the first await. Dropping the future cancels the request in flight; a write may
/// have taken effect all the same.
#[must_use = "a request is not sent until it is awaited"]
pub struct ApiCall<'a, T> {
    call: Call,
    send: Box<SendFn<'a, T>>,
}

type SendFn<'a, T> = dyn Fn(ApiClient) -> ResponseFuture<'a, T> + Send + Sync + 'a;
type ResponseFuture<'a, T> = Pin<Box<dyn Future<Output = Response<T>> + Send + 'a>>;
type Response<T> = std::result::Result<ResponseValue<T>, ApiError<()>>;

impl<'a, T> ApiCall<'a, T> {
    pub(crate) fn new<Fut>(call: Call, send: impl Fn(ApiClient) -> Fut + Send + Sync + 'a) -> Self
    where
        Fut: Future<Output = Response<T>> + Send + 'a,
    {
        Self {
            call,
            send: Box::new(move |api| Box::pin(send(api))),
        }
    }

    call_settings!();
}

impl<'a, T> IntoFuture for ApiCall<'a, T>
where
    T: OperationResponse + fmt::Debug + Send + 'a,
{
    type Output = Result<T>;
    type IntoFuture = Pin<Box<dyn Future<Output = Self::Output> + Send + 'a>>;

    fn into_future(self) -> Self::IntoFuture {
        Box::pin(async move {
            let request = LentRequest {
                send: self.send,
                attempt: Mutex::default(),
            };
            self.call.send(&request).await
        })
    }
}

impl<T> fmt::Debug for ApiCall<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ApiCall")
            .field("call", &self.call)
            .finish_non_exhaustive()
    }
}

/// A request of the caller's, whose operation is known once it was started.
struct LentRequest<'a, T> {
    send: Box<SendFn<'a, T>>,
    /// The request of the latest attempt.
    attempt: Mutex<SingleRequest>,
}

impl<T> Request for LentRequest<'_, T>
where
    T: OperationResponse + fmt::Debug + Send,
{
    type Response = T;
    type Output = T;

    fn operation(&self) -> Option<&'static Operation> {
        let attempt = self.attempt.lock();
        attempt.unwrap_or_else(PoisonError::into_inner).operation()
    }

    async fn send(&self, api: &ApiClient) -> Response<T> {
        let (settings, single_request) = api.inner().for_single_request();
        *self.attempt.lock().unwrap_or_else(PoisonError::into_inner) = single_request;
        let lent = ApiClient::new_with_client(api.baseurl(), api.client().clone(), settings);
        (self.send)(lent).await
    }

    fn interpret(&self, received: Received<'_, T>) -> Result<T> {
        response::check(received.credentials, &received.response)?;
        Ok(received.response)
    }
}
