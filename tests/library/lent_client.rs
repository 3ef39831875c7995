//! The low-level client that a client lends: the same credentials, retries, limits and traces.

use rhombus_clips::retry::{FailedAttempt, Operation, RetryDecision, RetryPolicy};
use rhombus_clips::types::{
    GetMaxSpliceDurationRequest, GetSplicedClipsInProgressRequest, SpliceV3Request,
};
use rhombus_clips::{Client, RateLimit};
use rhombus_clips_sim::prelude::*;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::Instant;

async fn start() -> (Service, Client) {
    let service = Service::start().await.unwrap();
    let client = Client::builder()
        .base_url(service.base_url())
        .api_key(service.api_key());
    (service, client.build().unwrap())
}

#[tokio::test(start_paused = true)]
async fn a_read_is_retried_and_a_write_is_not() {
    let (service, client) = start().await;
    service.inject(fault(Response::status(503)).on_request(1));
    let request = &GetSplicedClipsInProgressRequest::new();
    let response = client
        .call(|api| async move { api.get_spliced_clips_in_progress(request).await })
        .await
        .unwrap();
    assert_eq!(response.spliced_clips, Some(vec![]));
    service.verify_all().count(2).with_scheme("api-token");

    service.inject(fault(Response::status(503)).times(1));
    let request = &SpliceV3Request::new();
    let error = client
        .call(|api| async move { api.splice_v3(request).await })
        .await;
    let error = error.unwrap_err();
    assert_eq!((error.status(), error.attempts()), (Some(503), Some(1)));
    service.verify_operation("spliceV3").count(1);
    // Certainly not processed.
    service.inject(fault(Response::too_many_requests(1.s())).times(1));
    let error = client
        .call(|api| async move { api.splice_v3(request).await })
        .await;
    assert_eq!(error.unwrap_err().attempts(), Some(2));
}

#[tokio::test(start_paused = true)]
async fn the_policy_learns_the_operation_that_was_sent() {
    #[derive(Debug, Default)]
    struct Recording(Arc<Mutex<Vec<Option<&'static str>>>>);
    impl RetryPolicy for Recording {
        fn decide(&self, failed: &FailedAttempt<'_>) -> RetryDecision {
            self.0
                .lock()
                .unwrap()
                .push(failed.operation().map(Operation::id));
            RetryDecision::GiveUp
        }
    }
    let (service, client) = start().await;
    service.inject(fault(Response::status(503)));
    let request = &GetMaxSpliceDurationRequest::new();
    let recorded = Arc::new(Mutex::new(Vec::new()));
    let call = client.call(|api| async move { api.get_max_splice_duration(request).await });
    call.retry(Recording(recorded.clone())).await.unwrap_err();
    assert_eq!(*recorded.lock().unwrap(), [Some("getMaxSpliceDuration")]);
}

#[tokio::test(start_paused = true)]
async fn a_second_request_with_the_same_client_is_refused() {
    let (service, client) = start().await;
    let request = &GetMaxSpliceDurationRequest::new();
    let error = client
        .call(|api| async move {
            api.get_max_splice_duration(request).await?;
            api.clone().get_max_splice_duration(request).await
        })
        .await
        .unwrap_err();
    assert!(error.is_configuration(), "{error:?}");
    let causes: Vec<String> = error.causes().map(ToString::to_string).collect();
    assert!(
        causes
            .iter()
            .any(|cause| cause.contains("a single request")),
        "{causes:?}"
    );
    service.verify_all().count(1);
}

#[tokio::test(start_paused = true)]
async fn the_rate_limit_and_the_cooldown_apply() {
    let service = Service::start().await.unwrap();
    let client = Client::builder()
        .base_url(service.base_url())
        .api_key(service.api_key());
    let client = client
        .rate_limit(RateLimit::per_minute(60))
        .build()
        .unwrap();
    let request = &GetMaxSpliceDurationRequest::new();
    let ask = || client.call(|api| async move { api.get_max_splice_duration(request).await });
    service.inject(fault(Response::too_many_requests(7.s())).on_request(1));
    let started = Instant::now();
    ask().await.unwrap();
    assert!(started.elapsed() >= Duration::from_secs(7));
    for _ in 0..120 {
        ask().await.unwrap();
    }
    assert!(started.elapsed() > Duration::from_secs(60));
}

#[tokio::test(start_paused = true)]
async fn a_reported_failure_is_an_error() {
    let (service, client) = start().await;
    service.inject(fault(Response::domain_failure("no permission")));
    let request = &GetMaxSpliceDurationRequest::new();
    let call = client.call(|api| async move { api.get_max_splice_duration(request).await });
    let error = call.await.unwrap_err();
    assert!(error.is_service() && error.to_string().contains("no permission"));
}
