//! Connections that answer no more: the next attempt uses another one, and healthy ones are reused.
//!
//! Time is virtual, and all settings are the defaults where nothing else is said.

use std::future::IntoFuture;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use rhombus_clips::retry::NoRetry;
use rhombus_clips::{Client, ClientBuilder, ClipUpdate, ClipUuid};
use rhombus_clips_sim::prelude::*;
use rhombus_clips_sim::{Clip as ScriptedClip, ClipStatus, Http2Error, Service};
use tokio::time::Instant;

const SEC: Duration = Duration::from_secs(1);

/// The longest time to a response by another connection: the attempt's timeout, and two seconds.
const LIMIT: Duration = Duration::from_secs(32);

fn uuid(number: u64) -> ClipUuid {
    ClipUuid::from_bytes(u128::from(number).to_be_bytes())
}

fn complete() -> ScriptedClip {
    clip().by_request([Step::new(ClipStatus::Complete)])
}

/// Starts a service over HTTP/2, or HTTP/1.1, with clips that are complete at their second request.
async fn start(is_http2: bool, clips: u64) -> Service {
    let builder = Service::builder();
    let builder = match is_http2 {
        true => builder.http2(),
        false => builder,
    };
    let service = builder.start().await.unwrap();
    (0..clips).fold(service, |service, n| {
        let steps = [ClipStatus::Rendering, ClipStatus::Complete].map(Step::new);
        service.with_clip(uuid(n), clip().by_request(steps))
    })
}

fn builder(service: &Service) -> ClientBuilder {
    let builder = Client::builder().api_key(service.api_key());
    let builder = builder.base_url(service.base_url());
    match service.root_certificate() {
        Some(certificate) => builder.root_certificate(certificate),
        None => builder,
    }
}

fn client(service: &Service) -> Client {
    builder(service).build().unwrap()
}

/// Returns the virtual duration of a call, and its output.
async fn timed<F: IntoFuture>(call: F) -> (Duration, F::Output) {
    let started = Instant::now();
    let output = call.await;
    (started.elapsed(), output)
}

async fn watch_all(client: &Client, clips: u64) {
    let watches = client.watch_all((0..clips).map(uuid)).concurrency(50);
    let mut updates = watches.interval(SEC).stream();
    while let Some(update) = updates.next().await {
        if let ClipUpdate::Ended { result, .. } = update {
            assert!(result.unwrap().is_complete());
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_connection_that_answers_no_more_costs_one_attempt() {
    for is_http2 in [true, false] {
        let service = start(is_http2, 2).await;
        service.inject(fault(Response::freeze_connection()).on_request(2));
        let client = client(&service);
        client.get_clip(uuid(0)).await.unwrap();
        let (elapsed, clip) = timed(client.get_clip(uuid(0))).await;
        assert!(clip.unwrap().is_complete());
        assert!(elapsed <= LIMIT, "{elapsed:?}");
        let (elapsed, clip) = timed(client.watch(uuid(1)).interval(SEC)).await;
        assert!(clip.unwrap().is_complete());
        assert!(elapsed < 2 * SEC, "{elapsed:?}");
        assert_eq!(service.connection_count(), 2);
    }
}

#[tokio::test(start_paused = true)]
async fn fifty_watches_leave_a_dead_connection_together() {
    let service = start(true, 50).await;
    service.inject(fault(Response::freeze_connection()).on_request(2));
    let certificate = service.root_certificate().unwrap().as_bytes();
    let certificate = reqwest::Certificate::from_pem(certificate).unwrap();
    let made = Arc::new(AtomicUsize::new(0));
    let counter = made.clone();
    let client = builder(&service).http_client_builder(move || {
        counter.fetch_add(1, Ordering::SeqCst);
        reqwest::Client::builder().tls_certs_only([certificate.clone()])
    });
    let client = client.build().unwrap();
    let (elapsed, ()) = timed(watch_all(&client, 50)).await;
    assert!(elapsed <= LIMIT + SEC, "{elapsed:?}");
    assert_eq!(
        (made.load(Ordering::SeqCst), service.connection_count()),
        (2, 2)
    );
}

#[tokio::test(start_paused = true)]
async fn a_thousand_healthy_polls_use_one_connection() {
    let service = start(true, 500).await;
    watch_all(&client(&service), 500).await;
    assert_eq!(
        (service.request_count(), service.connection_count()),
        (1000, 1)
    );
    let service = start(true, 1).await.with_clip(uuid(7), complete());
    let client = client(&service);
    for _ in 0..1000 {
        client.get_clip(uuid(7)).await.unwrap();
    }
    assert_eq!(service.connection_count(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_hangs_costs_one_connection_and_others_continue_on_theirs() {
    let service = start(true, 2).await;
    service.inject(fault(Response::hang()).for_clip(uuid(0)).on_request(1));
    // It is complete after the other attempt has timed out.
    let slow = |response: Response| response.trickle(Duration::from_millis(30));
    service.inject(Fault::map_response(slow).for_clip(uuid(1)).on_request(1));
    let service = service.with_clip(uuid(2), complete());
    let client = client(&service);
    client.get_clip(uuid(2)).await.unwrap();
    let late = async {
        tokio::time::sleep(15 * SEC).await;
        let (elapsed, clip) = timed(client.get_clip(uuid(1)).retry(NoRetry)).await;
        assert!((16 * SEC..30 * SEC).contains(&elapsed), "{elapsed:?}");
        clip.unwrap()
    };
    let ((elapsed, clip), _) = tokio::join!(timed(client.get_clip(uuid(0))), late);
    clip.unwrap();
    assert!(elapsed <= LIMIT, "{elapsed:?}");
    assert_eq!(
        (service.request_count(), service.connection_count()),
        (4, 2)
    );
}

#[tokio::test(start_paused = true)]
async fn an_attempt_that_its_caller_drops_costs_no_more() {
    for is_http2 in [true, false] {
        let service = start(is_http2, 1).await;
        service.inject(fault(Response::freeze_connection()).on_request(2));
        let client = client(&service);
        client.get_clip(uuid(0)).await.unwrap();
        let dropped = tokio::time::timeout(5 * SEC, client.get_clip(uuid(0))).await;
        assert!(dropped.is_err());
        let (elapsed, clip) = timed(client.get_clip(uuid(0))).await;
        clip.unwrap();
        assert!(elapsed < SEC, "{elapsed:?}");
        // Or the timeout of the call is shorter than that of an attempt.
        service.inject(fault(Response::freeze_connection()).times(1));
        let error = client.get_clip(uuid(0)).timeout(5 * SEC).await.unwrap_err();
        assert!(error.is_timeout());
        client.get_clip(uuid(0)).retry(NoRetry).await.unwrap();
    }
}

#[tokio::test(start_paused = true)]
async fn refused_and_reset_streams_are_tried_again_over_another_connection() {
    use Http2Error::*;
    for error in [
        RefusedStream,
        Cancel,
        InternalError,
        ProtocolError,
        EnhanceYourCalm,
        NoError,
    ] {
        for (response, is_in_body) in [
            (Response::reset_stream(error), false),
            (
                Response::json(&serde_json::json!({"clip": {}})).reset_stream_after(5, error),
                true,
            ),
        ] {
            let service = start(true, 1).await;
            service.inject(fault(response).on_requests(2..=4));
            let client = client(&service);
            client.get_clip(uuid(0)).await.unwrap();
            let (elapsed, clip) = timed(client.watch(uuid(0))).await;
            assert!(clip.unwrap().is_complete(), "{error:?}");
            assert!(elapsed <= 8 * SEC, "{elapsed:?}");
            let connections = service.connection_count();
            // hyper takes it for the end of the body: of a response that is no JSON, on a connection that
            // works.
            let expected = match error {
                NoError if is_in_body => 1..=1,
                _ => 2..=4,
            };
            assert!(expected.contains(&connections), "{error:?}: {connections}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn goaway_is_obeyed_wherever_it_comes() {
    use Http2Error::*;
    for error in [
        NoError,
        RefusedStream,
        InternalError,
        EnhanceYourCalm,
        ProtocolError,
        Cancel,
    ] {
        for request in 1..=3 {
            let service = start(true, 1).await;
            service.inject(fault(Response::go_away(error)).on_request(request));
            let (elapsed, clip) = timed(client(&service).watch(uuid(0)).interval(SEC)).await;
            assert!(clip.unwrap().is_complete(), "{error:?}");
            // A shutdown without an error leaves the request to its timeout.
            assert!(elapsed <= LIMIT + SEC, "{error:?}: {elapsed:?}");
        }
    }
    // After a complete response it costs nothing but the next connection.
    let service = start(true, 1).await;
    service.inject(Fault::map_response(Response::last_on_connection).on_request(1));
    let clip = client(&service)
        .watch(uuid(0))
        .interval(SEC)
        .retry(NoRetry)
        .await;
    assert!(clip.unwrap().is_complete());
    assert_eq!(
        (service.request_count(), service.connection_count()),
        (2, 2)
    );
}

#[tokio::test(start_paused = true)]
async fn a_server_that_requires_http1_gets_it() {
    for error in [Http2Error::Http11Required, Http2Error::InadequateSecurity] {
        for response in [Response::reset_stream(error), Response::go_away(error)] {
            let service = start(true, 1).await;
            let service = service.with_fault(fault(response).on_request(1));
            let (elapsed, clip) = timed(client(&service).watch(uuid(0)).interval(SEC)).await;
            assert!(clip.unwrap().is_complete(), "{error:?}");
            assert!(elapsed <= 4 * SEC, "{elapsed:?}");
            // A reset by stream would have been answered, had it come over HTTP/2.
            let again = Response::reset_stream(error);
            service.inject(fault(again).times(1));
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_server_that_does_not_speak_the_agreed_version_gets_the_other() {
    let service = start(true, 1).await;
    let not_http2 = |response: Response| response.header("Content-Length", "-5");
    // Over HTTP/1.1, the service sends another head.
    service.inject(Fault::map_response(not_http2));
    let clip = client(&service).watch(uuid(0)).interval(SEC).await.unwrap();
    assert!(clip.is_complete());
    assert_eq!(service.connection_count(), 2);
}

#[tokio::test(start_paused = true)]
async fn settings_that_allow_no_stream_hold_for_one_connection() {
    let service = start(true, 1).await;
    service.set_max_concurrent_streams(0);
    let relents = async {
        tokio::time::sleep(SEC / 100).await;
        service.set_max_concurrent_streams(None);
    };
    let client = client(&service);
    let ((elapsed, clip), ()) = tokio::join!(timed(client.watch(uuid(0)).interval(SEC)), relents);
    assert!(clip.unwrap().is_complete());
    assert!(elapsed <= 4 * SEC, "{elapsed:?}");
}

#[tokio::test(start_paused = true)]
async fn a_misdirected_request_is_sent_over_another_connection() {
    let service = start(true, 1).await;
    let service = service.with_fault(fault(Response::status(421)).on_request(1));
    let (elapsed, clip) = timed(client(&service).watch(uuid(0)).interval(2 * SEC)).await;
    assert!(clip.unwrap().is_complete());
    assert!(elapsed <= 5 * SEC, "{elapsed:?}");
    assert_eq!(service.connection_count(), 2);
}

/// In real time, because no virtual time passes while a connection is made.
#[tokio::test]
async fn a_slow_start_is_not_mistaken_for_a_dead_connection() {
    let service = start(true, 1).await.with_clip(uuid(7), complete());
    let client = client(&service);
    // Too short for any response: the connection is made all the same, and serves the next call.
    for _ in 0..3 {
        let call = client.get_clip(uuid(7)).timeout(Duration::from_nanos(1));
        assert!(call.await.is_err());
    }
    client.get_clip(uuid(7)).await.unwrap();
    assert_eq!(service.connection_count(), 1);
}

/// In real time: a runtime that is not driven has no clock that could be paused.
#[test]
fn a_connection_that_nobody_drives_is_left() {
    let runtime = || {
        let mut builder = tokio::runtime::Builder::new_current_thread();
        builder.enable_all().build().unwrap()
    };
    let server = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .unwrap();
    for is_http2 in [true, false] {
        let service = server.block_on(async { start(is_http2, 9).await });
        let client = builder(&service).attempt_timeout(SEC / 2).build().unwrap();
        let idle = runtime();
        // Several connections with HTTP/1.1.
        idle.block_on(async {
            let calls = (0..8).map(|n| client.get_clip(uuid(n)).into_future());
            for clip in futures_util::future::join_all(calls).await {
                clip.unwrap();
            }
        });
        let clip = runtime().block_on(client.get_clip(uuid(8)).into_future());
        assert_eq!(clip.unwrap().status(), &ClipStatus::Rendering);
        drop(idle);
        drop(service);
    }
}
