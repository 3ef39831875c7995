//! A 429 to one call of a client holds back all its calls.

use std::time::Duration;

use rhombus_clips::ErrorKind::RateLimited;
use rhombus_clips::retry::NoRetry;
use rhombus_clips_sim::{Clip, Response, Service};
use rhombus_clips_tests::{add, complete};

use super::{Running, each};
use crate::ask::{Way, ask};
use crate::expected::Outcome::{Done, Failed};
use crate::expected::Tries::Exactly;
use crate::expected::expect;
use crate::row::Row;
use crate::terms::{KEY, Terms};

pub fn scenarios() -> Vec<Running> {
    each(&Way::ALL, run)
}

async fn run(way: Way) -> Row {
    let service = Service::builder().api_key(KEY).start().await.unwrap();
    let uuid = add(&service, Clip::by_request([complete()]));
    let terms = Terms {
        timeout: Duration::from_millis(400),
        ..Terms::default()
    };
    let client = terms.client(service.base_url(), &terms.telltale());
    service.respond_next(Response::too_many_requests(Duration::from_secs(3600)));
    let minute = Duration::from_secs(60);
    let another = client.get_clip(uuid).timeout(minute).retry(NoRetry).await;
    assert!(another.unwrap_err().is_rate_limited());

    let heard = ask(&client, uuid, way, &terms).await;
    let expected = match way {
        // It asks nothing, and says whose wish that was.
        Way::Get => expect(Failed(RateLimited), Exactly(0)),
        // One last request is sent at the deadline.
        Way::Watch | Way::Stream => expect(Done, Exactly(1)),
    };
    Row::judge(
        ("429 to another call, Retry-After: an hour", "-", way),
        (heard, service.request_count() - 1),
        (expected, &terms),
    )
}
