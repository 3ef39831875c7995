//! One fault of the catalogue in one form, asked about in one way.

use std::sync::Arc;
use std::time::Duration;

use rhombus_clips_sim::{self as sim, Clip, Response, Service};
use rhombus_clips_tests::{add, complete, rendering};
use tokio::task::JoinSet;

use crate::PLACES;
use crate::ask::{Way, ask};
use crate::catalogue::{self, Fault, Form, What};
use crate::elsewhere::Elsewhere;
use crate::expected::Outcome;
use crate::row::Row;
use crate::terms::KEY;

/// Runs the whole catalogue; the rows are in its order.
pub async fn all() -> Vec<Row> {
    let mut running = JoinSet::new();
    let mut number = 0;
    for fault in catalogue::all().into_iter().map(Arc::new) {
        for form in fault.forms() {
            for way in Way::ALL {
                let fault = fault.clone();
                running.spawn(async move {
                    let _place = PLACES.acquire().await.unwrap();
                    (number, run(&fault, form, way).await)
                });
                number += 1;
            }
        }
    }
    let mut rows = running.join_all().await;
    rows.sort_by_key(|(number, _)| *number);
    rows.into_iter().map(|(_, row)| row).collect()
}

async fn run(fault: &Fault, form: Form, way: Way) -> Row {
    let service = Service::builder().api_key(KEY).start().await.unwrap();
    let (terms, expected) = (fault.terms(form, way), fault.expected(form, way));
    let client = terms.client(service.base_url(), &terms.telltale());
    let life = match &fault.what {
        What::Life(steps) => steps.clone(),
        _ => vec![rendering(10), rendering(40), rendering(70), complete()],
    };
    let uuid = add(&service, Clip::by_request(life));

    let mut before = 0;
    if (form, way) == (Form::Middle, Way::Get) {
        // The connection of the look-up that is struck has served another.
        client.get_clip(uuid).await.unwrap();
        before = 1;
    }
    let elsewhere = Elsewhere::open();
    let strike = match &fault.what {
        What::Instead(answer) => Some(sim::Fault::respond(answer.clone())),
        What::Changed(change) => {
            let change = change.clone();
            Some(sim::Fault::in_transit(move |answer| change(answer)))
        }
        What::Edited(change) => {
            let change = change.clone();
            Some(sim::Fault::change(move |body| change(body)))
        }
        What::Redirect(status, rest) => {
            let target = format!("{}{rest}", elsewhere.url());
            let answer = Response::status(*status).header("Location", target);
            Some(sim::Fault::respond(answer))
        }
        What::Life(_) => None,
    };
    if let Some(strike) = strike {
        service.inject(match (form, way) {
            (Form::First, _) | (Form::Middle, Way::Get) => strike.on_request(1),
            (Form::Middle, _) => strike.on_request(catalogue::MIDDLE),
            (Form::Always, _) | (Form::Life, _) => strike,
        });
    }

    let mut heard = ask(&client, uuid, way, &terms).await;
    if let (Some(check), Outcome::Done) = (&fault.check, heard.outcome) {
        heard
            .flaws
            .extend(heard.clip.as_ref().and_then(|clip| check(clip, form, way)));
    }
    if expected.outcome != Outcome::Stopped {
        heard.flaws.extend(impatience(&service, fault.asks_to_wait));
    }
    if elsewhere.was_visited() {
        heard.flaws.push("followed a redirect".to_owned());
    }
    let seen = service.request_count() - before;
    service.shutdown().await;
    Row::judge(
        (&fault.name, &form.to_string(), way),
        (heard, seen),
        (expected, &terms),
    )
}

/// A request that came sooner after a struck one than that asked for.
fn impatience(service: &Service, asks: Duration) -> Option<String> {
    let requests = service.requests();
    let gaps = requests
        .windows(2)
        .filter(|pair| pair[0].faulty)
        .map(|pair| pair[1].received_at - pair[0].received_at);
    let shortest = gaps.min().filter(|gap| *gap < asks)?;
    Some(format!("tried again after {shortest:?}, not {asks:?}"))
}
