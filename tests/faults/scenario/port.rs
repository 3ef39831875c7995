//! A port that is closed, for a moment or for ever.

use std::time::Duration;

use rhombus_clips::{ClipStatus, ClipUuid, ErrorKind};
use rhombus_clips_sim::{Clip, Response, Service, Step};
use rhombus_clips_tests::{add, complete, rendering};

use super::{Running, each};
use crate::ask::{Way, ask};
use crate::expected::Outcome::{Done, Failed, Stopped};
use crate::expected::Tries::{Exactly, Failing, Looking};
use crate::expected::{Expected, expect};
use crate::row::Row;
use crate::terms::{KEY, Terms};

pub fn scenarios() -> Vec<Running> {
    let mut all = each(&Way::ALL, closed_at_first);
    all.extend(each(&Way::ALL, closed_for_ever));
    all.extend(each(&Way::ALL, restarted));
    all
}

/// A service in which nothing happens by itself, with a clip that is done after a second.
async fn service() -> (Service, ClipUuid) {
    let service = Service::builder().api_key(KEY).speed(0.0);
    let service = service.start().await.unwrap();
    let steps = [
        rendering(10),
        Step::at(Duration::from_secs(1), ClipStatus::Complete),
    ];
    let uuid = add(&service, Clip::scripted(steps));
    (service, uuid)
}

async fn closed_at_first(way: Way) -> Row {
    let service = Service::builder().api_key(KEY).start().await.unwrap();
    let uuid = add(&service, Clip::by_request([complete()]));
    service.pause_listening().await;
    let terms = Terms::persistent();
    let telltale = terms.telltale();
    let client = terms.client(service.base_url(), &telltale);
    let opening = async {
        telltale.failed().await;
        service.resume_listening().await.unwrap();
    };
    let (heard, ()) = tokio::join!(ask(&client, uuid, way, &terms), opening);
    // What was refused the service never saw; a look-up does not say how often it asked.
    let expected = match way {
        Way::Get | Way::Watch => expect(Done, Exactly(1)),
        Way::Stream => expect(Done, Failing(2)),
    };
    Row::judge(
        ("connection refused", "first", way),
        (heard, service.request_count()),
        (expected, &terms),
    )
}

async fn closed_for_ever(way: Way) -> Row {
    let (service, uuid) = service().await;
    service.pause_listening().await;
    let mut terms = Terms::default();
    let expected: Expected = match way {
        Way::Get => expect(Failed(ErrorKind::Connection), Exactly(3)),
        Way::Watch | Way::Stream => {
            terms.timeout = Duration::from_millis(400);
            expect(Stopped, Failing(2))
        }
    };
    let client = terms.client(service.base_url(), &terms.telltale());
    let heard = ask(&client, uuid, way, &terms).await;
    Row::judge(
        ("connection refused", "always", way),
        (heard, service.request_count()),
        (expected, &terms),
    )
}

async fn restarted(way: Way) -> Row {
    let (service, uuid) = service().await;
    let terms = Terms::persistent();
    let telltale = terms.telltale();
    let client = terms.client(service.base_url(), &telltale);
    if way == Way::Get {
        // The look-up is under way when the service goes down.
        service.respond_next(Response::hang());
    }
    let restart = async {
        service
            .wait_for_requests(if way == Way::Get { 1 } else { 2 })
            .await;
        service.pause_listening().await;
        telltale.failed().await;
        service.resume_listening().await.unwrap();
        service.advance(Duration::from_secs(1));
    };
    let (heard, ()) = tokio::join!(ask(&client, uuid, way, &terms), restart);
    let expected = match way {
        Way::Get => expect(Done, Exactly(2)),
        Way::Watch | Way::Stream => expect(Done, Looking(3)),
    };
    Row::judge(
        ("the service restarts on its port", "middle", way),
        (heard, service.request_count()),
        (expected, &terms),
    )
}
