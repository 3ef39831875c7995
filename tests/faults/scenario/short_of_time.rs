//! A look-up that has not the time to wait as long as it would have to.

use std::time::Duration;

use rhombus_clips::ErrorKind::{RateLimited, UnexpectedStatus};
use rhombus_clips_sim::{Answer, Clip, Fault, Service};
use rhombus_clips_tests::{add, complete};

use super::{Running, each};
use crate::ask::{Way, ask};
use crate::expected::Outcome::Failed;
use crate::expected::Tries::Within;
use crate::expected::expect;
use crate::row::Row;
use crate::terms::{KEY, Terms};

pub fn scenarios() -> Vec<Running> {
    let mut all = each(&[Way::Get], |way| run("429", way));
    all.extend(each(&[Way::Get], |way| run("503", way)));
    all
}

/// Otherwise than with an answer, a look-up ends with the failure of its last attempt: with what
/// the service said, not with the end of its own patience.
async fn run(status: &'static str, way: Way) -> Row {
    let service = Service::builder().api_key(KEY).start().await.unwrap();
    let uuid = add(&service, Clip::by_request([complete()]));
    let (answer, kind) = match status {
        "429" => (Answer::status(429), RateLimited),
        _ => (
            Answer::status(503).header("Retry-After", "1"),
            UnexpectedStatus,
        ),
    };
    service.inject(Fault::answer(answer));
    let terms = Terms {
        deadline: Duration::from_secs(3),
        attempts: u32::MAX,
        ..Terms::default()
    };
    let client = terms.client(service.base_url(), &terms.telltale());
    let heard = ask(&client, uuid, way, &terms).await;
    Row::judge(
        (
            &format!("{status} for longer than a look-up has time"),
            "always",
            way,
        ),
        (heard, service.request_count()),
        (expect(Failed(kind), Within(1, 7)), &terms),
    )
}
