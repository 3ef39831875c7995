//! One case: a fault of the catalogue, at certain requests, through one entry point.

use std::sync::Arc;
use std::time::Duration;

use rhombus_clips_sim::{self as sim, Clip, Response, Service};
use rhombus_clips_tests::{add, complete, rendering};
use tokio::task::JoinSet;

use crate::CONCURRENCY;
use crate::call::{EntryPoint, call};
use crate::catalogue::{self, Fault, Injection, Occurrence};
use crate::expected::Outcome;
use crate::redirect_target::RedirectTarget;
use crate::row::Row;

/// Runs the entire catalogue and returns the rows in its order.
pub async fn run_all() -> Vec<Row> {
    let mut running = JoinSet::new();
    let mut index = 0;
    for fault in catalogue::all().into_iter().map(Arc::new) {
        for occurrence in fault.occurrences() {
            for entry_point in EntryPoint::ALL {
                let fault = fault.clone();
                running.spawn(async move {
                    let _permit = CONCURRENCY.acquire().await.unwrap();
                    (index, run(&fault, occurrence, entry_point).await)
                });
                index += 1;
            }
        }
    }
    let mut rows = running.join_all().await;
    rows.sort_by_key(|(index, _)| *index);
    rows.into_iter().map(|(_, row)| row).collect()
}

async fn run(fault: &Fault, occurrence: Occurrence, entry_point: EntryPoint) -> Row {
    let service = fault.protocol.service().start().await.unwrap();
    let config = fault.config(occurrence, entry_point);
    let expected = fault.expected(occurrence, entry_point);
    let client = config.client(&service, &config.recording_policy());
    let steps = match &fault.injection {
        Injection::ClipStates(steps) => steps.clone(),
        _ => vec![rendering(10), rendering(40), rendering(70), complete()],
    };
    let uuid = add(&service, Clip::by_request(steps));

    let mut requests_before = 0;
    if (occurrence, entry_point) == (Occurrence::Middle, EntryPoint::Get) {
        // The affected request is then the second one on its connection.
        client.get_clip(uuid).await.unwrap();
        requests_before = 1;
    }
    let redirect_target = RedirectTarget::bind();
    let injected = match &fault.injection {
        Injection::Replace(response) => Some(sim::Fault::respond(response.clone())),
        Injection::Transform(change) => {
            let change = change.clone();
            Some(sim::Fault::map_response(move |response| change(response)))
        }
        Injection::Edit(change) => {
            let change = change.clone();
            Some(sim::Fault::map_json(move |body| change(body)))
        }
        Injection::Redirect(status, path) => {
            let location = format!("{}{path}", redirect_target.url());
            let response = Response::status(*status).header("Location", location);
            Some(sim::Fault::respond(response))
        }
        Injection::ClipStates(_) => None,
    };
    if let Some(injected) = injected {
        service.inject(match (occurrence, entry_point) {
            (Occurrence::First, _) | (Occurrence::Middle, EntryPoint::Get) => {
                injected.on_request(1)
            }
            (Occurrence::Middle, _) => injected.on_request(catalogue::MIDDLE),
            (Occurrence::Always, _) | (Occurrence::ClipStates, _) => injected,
        });
    }

    let mut result = call(&client, uuid, entry_point, &config).await;
    if let (Some(check), Outcome::Complete) = (&fault.check, result.outcome) {
        let clip = result.clip.as_ref();
        let violation = clip.and_then(|clip| check(clip, occurrence, entry_point));
        result.violations.extend(violation);
    }
    if expected.outcome != Outcome::DeadlineExceeded {
        result
            .violations
            .extend(too_early(&service, fault.min_delay));
    }
    if redirect_target.was_contacted() {
        result.violations.push("followed a redirect".to_owned());
    }
    let received = service.request_count() - requests_before;
    service.shutdown().await;
    Row::evaluate(
        (
            &fault.name,
            fault.protocol,
            &occurrence.to_string(),
            entry_point,
        ),
        (result, received),
        (expected, &config),
    )
}

/// Returns a violation if a request followed a faulty one earlier than the fault permits.
fn too_early(service: &Service, min_delay: Duration) -> Option<String> {
    let requests = service.requests();
    let delays = requests
        .windows(2)
        .filter(|pair| pair[0].fault_injected)
        .map(|pair| pair[1].received_at - pair[0].received_at);
    let shortest = delays.min().filter(|delay| *delay < min_delay)?;
    Some(format!(
        "retried after {shortest:?}, expected {min_delay:?}"
    ))
}
