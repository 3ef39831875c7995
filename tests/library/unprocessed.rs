//! Failures after which the service certainly did not act on a request, so that a write may be repeated.

use std::time::Duration;

use rhombus_clips::retry::NoRetry;
use rhombus_clips::{Client, ClipUuid, Error, ErrorKind, RateLimit};
use rhombus_clips_sim::Http2Error;
use rhombus_clips_sim::prelude::*;
use rhombus_clips_tests::client_for;

const UUID: ClipUuid = ClipUuid::from_bytes([1; 16]);

/// Makes one attempt to get a clip.
async fn attempt(client: &Client) -> Error {
    client.get_clip(UUID).retry(NoRetry).await.unwrap_err()
}

#[tokio::test]
async fn a_request_that_was_not_sent_is_unprocessed() {
    let service = Service::start().await.unwrap();
    service.pause_listening().await;
    let error = attempt(&client_for(&service)).await;
    assert!(error.is_unprocessed(), "{error:?}");
}

#[tokio::test(start_paused = true)]
async fn a_request_that_the_clients_rate_limit_holds_back_is_unprocessed() {
    let service = Service::start().await.unwrap();
    let service = service.with_clip(UUID, clip().renders_in(30.s()));
    let client = Client::builder()
        .api_key(service.api_key())
        .base_url(service.base_url())
        .rate_limit(RateLimit::per_minute(1).burst(1))
        .timeout(Duration::from_secs(1))
        .build()
        .unwrap();
    client.get_clip(UUID).await.unwrap();
    let error = attempt(&client).await;
    assert_eq!(error.kind(), ErrorKind::RateLimited);
    assert!(error.is_unprocessed(), "{error:?}");
    assert_eq!(service.request_count(), 1);
}

#[tokio::test(start_paused = true)]
async fn few_responses_show_that_a_request_is_unprocessed() {
    let status = |status| (format!("{status}"), Response::status(status));
    let cases = [
        (status(421), true),
        (status(425), true),
        (("429".into(), Response::too_many_requests(1.s())), true),
        (status(400), false),
        (status(403), false),
        (status(408), false),
        (status(500), false),
        (status(503), false),
        (status(504), false),
        (("close".into(), Response::close()), false),
        (("reset".into(), Response::reset()), false),
        (("hang".into(), Response::hang()), false),
        (("page".into(), Response::status(200).body("<html>")), false),
        (
            ("cut".into(), Response::status(200).body("{}").cut_after(1)),
            false,
        ),
        (("error".into(), Response::domain_failure("no")), false),
    ];
    for ((name, response), is_unprocessed) in cases {
        let service = Service::start().await.unwrap();
        service.respond_next(response);
        let error = attempt(&client_for(&service)).await;
        assert_eq!(error.is_unprocessed(), is_unprocessed, "{name}: {error:?}");
    }
}

#[tokio::test(start_paused = true)]
async fn an_http_2_stream_that_the_server_refuses_is_unprocessed() {
    let cases = [
        (Response::reset_stream(Http2Error::RefusedStream), true),
        (Response::reset_stream(Http2Error::Cancel), false),
        (Response::reset_stream(Http2Error::EnhanceYourCalm), false),
        (Response::reset_stream(Http2Error::Http11Required), false),
        (Response::go_away(Http2Error::NoError), false),
        (Response::go_away(Http2Error::RefusedStream), false),
    ];
    for (response, is_unprocessed) in cases {
        let service = Service::builder().http2().start().await.unwrap();
        let name = format!("{response:?}");
        service.respond_next(response);
        let client = Client::builder()
            .api_key(service.api_key())
            .base_url(service.base_url())
            .root_certificate(service.root_certificate().unwrap())
            .build()
            .unwrap();
        let error = attempt(&client).await;
        assert_eq!(error.is_unprocessed(), is_unprocessed, "{name}: {error:?}");
    }
}
