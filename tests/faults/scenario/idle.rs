//! A proxy that cuts idle connections.

use std::time::Duration;

use rhombus_clips_sim::{Clip, Service};
use rhombus_clips_tests::{add, complete, rendering};

use super::{Running, each};
use crate::ask::{Way, ask};
use crate::expected::Outcome::Done;
use crate::expected::Tries::Looking;
use crate::expected::expect;
use crate::row::Row;
use crate::terms::{KEY, Terms};

/// What the proxy bears.
const SILENCE: Duration = Duration::from_millis(30);

pub fn scenarios() -> Vec<Running> {
    let mut all = each(&Way::ALL, |way| run("closed", way));
    all.extend(each(&Way::ALL, |way| run("reset", way)));
    all
}

async fn run(how: &'static str, way: Way) -> Row {
    let service = Service::builder().api_key(KEY);
    let service = match how {
        "closed" => service.close_idle_after(SILENCE),
        _ => service.reset_idle_after(SILENCE),
    };
    let service = service.start().await.unwrap();
    let life = [rendering(10), rendering(40), rendering(70), complete()];
    let uuid = add(&service, Clip::by_request(life));
    let terms = Terms {
        interval: 3 * SILENCE,
        ..Terms::persistent()
    };
    let client = terms.client(service.base_url(), &terms.telltale());
    let mut before = 0;
    if way == Way::Get {
        client.get_clip(uuid).await.unwrap();
        before = service.request_count();
        // The silence is the fault.
        tokio::time::sleep(3 * SILENCE).await;
    }
    let heard = ask(&client, uuid, way, &terms).await;
    let looks = if way == Way::Get { 1 } else { 4 };
    Row::judge(
        (&format!("idle connections are {how}"), "always", way),
        (heard, service.request_count() - before),
        (expect(Done, Looking(looks)), &terms),
    )
}
