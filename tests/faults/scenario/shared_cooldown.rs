//! Shared cooldown: a 429 to one call of a client delays all of its calls.

use std::time::Duration;

use rhombus_clips::ErrorKind::RateLimited;
use rhombus_clips::retry::NoRetry;
use rhombus_clips_sim::{Clip, Response, Service};
use rhombus_clips_tests::{add, complete};

use super::{BoxedCase, for_each_entry_point};
use crate::call::{EntryPoint, call};
use crate::catalogue::Protocol;
use crate::expected::Expected;
use crate::expected::Outcome::{Complete, Failed};
use crate::expected::RequestCount::Exactly;
use crate::row::Row;
use crate::test_config::{KEY, TestConfig};

pub fn scenarios() -> Vec<BoxedCase> {
    for_each_entry_point(&EntryPoint::ALL, run)
}

async fn run(entry_point: EntryPoint) -> Row {
    let service = Service::builder().api_key(KEY).start().await.unwrap();
    let uuid = add(&service, Clip::by_request([complete()]));
    let config = TestConfig {
        timeout: Duration::from_millis(400),
        ..TestConfig::default()
    };
    let client = config.client(&service, &config.recording_policy());
    service.respond_next(Response::too_many_requests(Duration::from_secs(3600)));
    let minute = Duration::from_secs(60);
    let other_call = client.get_clip(uuid).timeout(minute).retry(NoRetry);
    assert!(other_call.await.unwrap_err().is_rate_limited());

    let result = call(&client, uuid, entry_point, &config).await;
    let expected = match entry_point {
        // No request is sent; the error names the rate limit as the reason.
        EntryPoint::Get => Expected::new(Failed(RateLimited), Exactly(0)),
        // One last request is sent at the deadline.
        EntryPoint::Watch | EntryPoint::Stream => Expected::new(Complete, Exactly(1)),
    };
    Row::evaluate(
        (
            "429 to another call, Retry-After: an hour",
            Protocol::Http1,
            "-",
            entry_point,
        ),
        (result, service.request_count() - 1),
        (expected, &config),
    )
}
