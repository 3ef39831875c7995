//! Faults of the media host, its rate, its outages, and its port.

use std::net::TcpStream;

use rhombus_clips_sim::prelude::*;
use tokio::time::{Instant, timeout};

use super::{LENGTH, Setup, header, large};
use crate::common::get_json;

/// Injects a fault into the requests for files.
fn inject(setup: &Setup, fault: Fault) {
    setup.service.inject(fault.for_operation("media"));
}

/// Reads a body as far as it comes within an hour; returns its length, and whether it ended without an error.
async fn read(setup: &Setup) -> (usize, bool) {
    let mut response = setup.get().send().await.unwrap();
    let mut length = 0;
    loop {
        match timeout(60.minutes(), response.chunk()).await {
            Ok(Ok(Some(chunk))) => length += chunk.len(),
            Ok(Ok(None)) => return (length, true),
            Ok(Err(_)) | Err(_) => return (length, false),
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_body_can_end_stall_or_have_another_length() {
    let setup = Setup::new().await;
    let length = |length: usize| {
        Fault::map_response(move |it| it.header("Content-Length", length.to_string()))
    };
    for (fault, expected, waits) in [
        (
            Fault::map_response(|it| it.cut_after(99_999)),
            (99_999, false),
            false,
        ),
        (
            Fault::map_response(|it| it.reset_after(99_999)),
            (99_999, false),
            false,
        ),
        (
            Fault::map_response(|it| it.stall_after(99_999)),
            (99_999, false),
            true,
        ),
        (length(LENGTH + 1), (LENGTH, false), true),
        (length(LENGTH - 1), (LENGTH - 1, true), false),
        // A file is no JSON, and no text to edit.
        (Fault::map_json(|it| *it = 0.into()), (LENGTH, true), false),
        (
            Fault::map_response(|it| it.map_body(|_| Vec::new())),
            (LENGTH, true),
            false,
        ),
    ] {
        let context = format!("{fault:?} {expected:?}");
        inject(&setup, fault);
        let started = Instant::now();
        assert_eq!(read(&setup).await, expected, "{context}");
        assert_eq!(started.elapsed() >= 60.minutes(), waits, "{context}");
        let logged = setup.service.requests().pop().unwrap();
        assert!(logged.fault_injected, "{context}");
        setup.service.clear_faults();
        assert_eq!(read(&setup).await, (LENGTH, true));
    }
}

#[tokio::test]
async fn a_fault_of_the_media_host_counts_its_requests() {
    let setup = Setup::new().await;
    let late = Fault::respond(Response::status(404)).on_requests(..=2);
    inject(&setup, late);
    let path = setup.path(setup.region());
    let mut statuses = Vec::new();
    for _ in 0..4 {
        statuses.push(setup.status_of(&path).await);
        // Neither faulty nor counted.
        get_json(&setup.service, &setup.uuid).await;
    }
    assert_eq!(statuses, [404, 404, 200, 200]);
    assert_eq!(setup.service.fault_count(), 2);
    // A fault of a clip applies to its file as well.
    let unavailable = Fault::respond(Response::status(503));
    setup.service.inject(unavailable.for_clip(&setup.uuid));
    assert_eq!(setup.status_of(&path).await, 503);
    let other = path.replace(&setup.uuid, "AAAAAAAAAAAAAAAAAAAAAA");
    assert_eq!(setup.status_of(&other).await, 404);
}

#[tokio::test]
async fn a_page_can_take_the_place_of_the_file() {
    let setup = Setup::new().await;
    let page = Response::status(200).header("Content-Type", "text/html");
    inject(&setup, fault(page.body("<html>Sign in</html>")).times(1));
    let response = setup.get().send().await.unwrap();
    assert_eq!(header(&response, "content-type"), Some("text/html"));
    assert_eq!(header(&response, "etag"), None);
    assert_eq!(response.text().await.unwrap(), "<html>Sign in</html>");
    inject(
        &setup,
        fault(Response::redirect(307, "https://a.example/b")).times(1),
    );
    let response = setup.get().send().await.unwrap();
    assert_eq!(response.status(), 307);
    assert_eq!(header(&response, "location"), Some("https://a.example/b"));
    assert_eq!(setup.bytes().await.len(), LENGTH);
}

/// 150,001 bytes and a head of a few hundred at 10,000 bytes a second.
#[tokio::test(start_paused = true)]
async fn a_rate_is_that_of_a_response_or_of_the_host() {
    let service = Service::builder().media_rate(10_000).start().await.unwrap();
    let setup = Setup::of(service, large()).await;
    let duration = async |setup: &Setup| {
        let started = Instant::now();
        assert_eq!(setup.bytes().await.len(), LENGTH);
        started.elapsed()
    };
    let slow = 14_900.ms()..15_200.ms();
    assert!(slow.contains(&duration(&setup).await));
    // Each file has the rate for itself.
    let (first, second) = tokio::join!(duration(&setup), duration(&setup));
    assert!(
        slow.contains(&first) && slow.contains(&second),
        "{first:?} {second:?}"
    );
    // Operations are not limited.
    let started = Instant::now();
    get_json(&setup.service, &setup.uuid).await;
    assert!(started.elapsed() < 50.ms());

    let setup = Setup::new().await;
    assert!(duration(&setup).await < 50.ms());
    inject(
        &setup,
        Fault::map_response(|it| it.at_rate(10_000)).times(1),
    );
    assert!(slow.contains(&duration(&setup).await));
    assert!(duration(&setup).await < 50.ms());
}

#[tokio::test]
async fn the_host_can_be_away_while_the_service_is_there() {
    let setup = Setup::new().await;
    setup.service.pause_media().await;
    assert!(setup.get().send().await.unwrap_err().is_connect());
    let record = get_json(&setup.service, &setup.uuid).await["clip"].clone();
    assert_eq!(record, setup.record);
    setup.service.resume_media().await.unwrap();
    let bytes = setup.bytes().await;
    // And the other way round.
    setup.service.pause_listening().await;
    assert_eq!(setup.bytes().await, bytes);
    setup.service.resume_media().await.unwrap();
}

#[tokio::test]
async fn a_service_that_is_shut_down_has_no_open_port() {
    let mut open_ports = Vec::new();
    // The system may have assigned a port to another test meanwhile, but not for each service.
    for _ in 0..3 {
        let service = Service::start().await.unwrap();
        let urls = [
            service.base_url(),
            service.media_url(),
            service.storage_url(),
        ];
        let addresses = urls.map(|url| url.trim_start_matches("http://").to_owned());
        service.shutdown().await;
        // Blocking, so that the runtime has no chance to close a port in the meantime.
        open_ports = addresses.to_vec();
        open_ports.retain(|address| TcpStream::connect(address).is_ok());
        if open_ports.is_empty() {
            return;
        }
    }
    panic!("open: {open_ports:?}");
}

#[tokio::test]
async fn files_have_a_port_of_choice() {
    let taken = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = taken.local_addr().unwrap().port();
    let error = Service::builder()
        .media_port(port)
        .start()
        .await
        .unwrap_err();
    assert_eq!(error.kind(), std::io::ErrorKind::AddrInUse);
}
