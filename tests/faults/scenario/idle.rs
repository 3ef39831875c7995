//! A proxy that closes or resets idle connections.

use std::time::Duration;

use rhombus_clips_sim::Clip;
use rhombus_clips_tests::{add, complete, rendering};

use super::{BoxedCase, for_each_entry_point};
use crate::call::{EntryPoint, call};
use crate::catalogue::Protocol;
use crate::expected::Expected;
use crate::expected::Outcome::Complete;
use crate::expected::RequestCount::Polling;
use crate::row::Row;
use crate::test_config::TestConfig;

/// Time after which the proxy ends an idle connection. Chosen, not tuned.
const IDLE_TIMEOUT: Duration = Duration::from_millis(30);

pub fn scenarios() -> Vec<BoxedCase> {
    let mut all = Vec::new();
    for protocol in Protocol::ALL {
        for ending in ["closed", "reset"] {
            let scenario = move |entry_point| run(protocol, ending, entry_point);
            all.extend(for_each_entry_point(&EntryPoint::ALL, scenario));
        }
    }
    all
}

async fn run(protocol: Protocol, ending: &'static str, entry_point: EntryPoint) -> Row {
    let service = protocol.service();
    let service = match ending {
        "closed" => service.close_idle_after(IDLE_TIMEOUT),
        _ => service.reset_idle_after(IDLE_TIMEOUT),
    };
    let service = service.start().await.unwrap();
    let steps = [rendering(10), rendering(40), rendering(70), complete()];
    let uuid = add(&service, Clip::by_request(steps));
    let config = TestConfig {
        interval: 3 * IDLE_TIMEOUT,
        ..TestConfig::persistent()
    };
    let client = config.client(&service, &config.recording_policy());
    let mut requests_before = 0;
    if entry_point == EntryPoint::Get {
        client.get_clip(uuid).await.unwrap();
        requests_before = service.request_count();
        // The connection from the first get is idle for too long.
        tokio::time::sleep(3 * IDLE_TIMEOUT).await;
    }
    let result = call(&client, uuid, entry_point, &config).await;
    let polls = if entry_point == EntryPoint::Get { 1 } else { 4 };
    Row::evaluate(
        (
            &format!("idle connections {ending}"),
            protocol,
            "always",
            entry_point,
        ),
        (result, service.request_count() - requests_before),
        (Expected::new(Complete, Polling(polls)), &config),
    )
}
