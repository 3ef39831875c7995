//! Each class of response on each operation: what a read and a write do with it, and what is known after.

use std::time::Duration;

use rhombus_clips::{Client, ErrorKind, Hint};
use rhombus_clips_sim::prelude::*;
use rhombus_clips_tests::operations::{OperationCall, Subject, calls};
use serde_json::json;

/// The meaning of a response for its request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meaning {
    /// It was not processed, and may be sent again, a write too.
    Unprocessed,
    /// It may have been processed, and a read may be sent again.
    Transient,
    /// It may have been processed, and no request is sent again.
    Unclear,
    /// It was refused.
    Refused,
}
use Meaning::*;

struct Class {
    name: &'static str,
    response: Response,
    meaning: Meaning,
    kind: ErrorKind,
}

fn classes() -> Vec<Class> {
    let class = |name, response, meaning, kind| Class {
        name,
        response,
        meaning,
        kind,
    };
    let page = "<html>Sign in</html>";
    let status = |status: u16| Response::status(status);
    vec![
        class(
            "429",
            Response::too_many_requests(1.s()),
            Unprocessed,
            ErrorKind::RateLimited,
        ),
        class("421", status(421), Unprocessed, ErrorKind::UnexpectedStatus),
        class("425", status(425), Unprocessed, ErrorKind::UnexpectedStatus),
        class("408", status(408), Transient, ErrorKind::UnexpectedStatus),
        class(
            "500",
            Response::server_error(0),
            Transient,
            ErrorKind::UnexpectedStatus,
        ),
        class("502", status(502), Transient, ErrorKind::UnexpectedStatus),
        class("503", status(503), Transient, ErrorKind::UnexpectedStatus),
        class("504", status(504), Transient, ErrorKind::UnexpectedStatus),
        class("reset", Response::reset(), Transient, ErrorKind::Connection),
        class(
            "closed",
            Response::close(),
            Transient,
            ErrorKind::Connection,
        ),
        class(
            "no response",
            Response::hang(),
            Transient,
            ErrorKind::Timeout,
        ),
        class("empty body", status(200), Transient, ErrorKind::Connection),
        class(
            "truncated",
            status(200).body(r#"{"error": fal"#),
            Transient,
            ErrorKind::Connection,
        ),
        class(
            "cut",
            Response::json(&json!({"error": false})).cut_after(5),
            Transient,
            ErrorKind::Connection,
        ),
        class("page", status(200).body(page), Unclear, ErrorKind::Decode),
        class("text", status(200).body("OK"), Unclear, ErrorKind::Decode),
        class(
            "array",
            Response::json(&json!([7])),
            Unclear,
            ErrorKind::Decode,
        ),
        class(
            "too large",
            status(200).repeated_body(b' ', 9 << 20),
            Unclear,
            ErrorKind::BodyTooLarge,
        ),
        class("204", status(204), Unclear, ErrorKind::UnexpectedStatus),
        class("501", status(501), Unclear, ErrorKind::UnexpectedStatus),
        class(
            "error: true",
            Response::domain_failure("no"),
            Refused,
            ErrorKind::Service,
        ),
        class(
            "error: text",
            Response::json(&json!({"error": "no"})),
            Refused,
            ErrorKind::Service,
        ),
        class(
            "302",
            status(302).header("location", "http://127.0.0.1:1/"),
            Refused,
            ErrorKind::UnexpectedStatus,
        ),
        class(
            "400",
            Response::bad_request(),
            Refused,
            ErrorKind::UnexpectedStatus,
        ),
        class(
            "401",
            Response::unauthenticated(),
            Refused,
            ErrorKind::Authentication,
        ),
        class(
            "403",
            Response::access_denied(0),
            Refused,
            ErrorKind::Authentication,
        ),
        class("404", status(404), Refused, ErrorKind::UnexpectedStatus),
        class("409", status(409), Refused, ErrorKind::UnexpectedStatus),
        class("415", status(415), Refused, ErrorKind::UnexpectedStatus),
    ]
}

struct Trial {
    service: Service,
    client: Client,
    subject: Subject,
}

async fn trial() -> Trial {
    let service = Service::start().await.unwrap();
    let client = Client::builder()
        .base_url(service.base_url())
        .api_key(service.api_key());
    Trial {
        subject: Subject::add_to(&service),
        client: client.build().unwrap(),
        service,
    }
}

/// Compares a case with what its class means; returns the result in a word.
async fn run(call: OperationCall, class: &Class, is_persistent: bool) -> String {
    let Trial {
        service,
        client,
        subject,
    } = trial().await;
    let fault = fault(class.response.clone()).for_operation(call.operation);
    service.inject(if is_persistent { fault } else { fault.times(1) });
    let result = call.run(&client, subject).await;
    let count = service.verify_operation(call.operation).requests().len();
    let is_repeated = match class.meaning {
        Unprocessed => true,
        Transient => !call.is_write(),
        Unclear | Refused => false,
    };
    let context = format!(
        "{} of {}: {result:?}, {count} requests",
        class.name, call.operation
    );
    match (is_repeated, is_persistent) {
        (true, false) => assert_eq!(count, 2, "{context}"),
        (true, true) => assert!((2..=5).contains(&count), "{context}"),
        (false, _) => assert_eq!(count, 1, "{context}"),
    }
    let error = match result {
        Ok(_) => {
            assert!(is_repeated && !is_persistent, "{context}");
            return "ok".to_owned();
        }
        Err(error) => error,
    };
    assert!(!is_repeated || is_persistent, "{context}");
    // The request was never carried out, so nothing was found after it.
    let is_open = call.is_write() && matches!(class.meaning, Transient | Unclear);
    let kind = match call.operation {
        "spliceV3" if is_open => ErrorKind::OutcomeUnknown,
        _ => class.kind,
    };
    assert_eq!(error.kind(), kind, "{context}");
    assert_eq!(
        error.hints().contains(&Hint::CheckOutcome),
        is_open,
        "{context}"
    );
    assert!(
        !is_open || !error.hints().contains(&Hint::RetryLater),
        "{context}"
    );
    assert_eq!(
        error.is_unprocessed(),
        class.meaning == Unprocessed,
        "{context}"
    );
    assert_eq!(service.created_clips().len(), 0);
    format!("{kind:?}")
}

#[tokio::test(start_paused = true)]
async fn every_response_means_what_its_class_means_on_every_operation() {
    let mut cases = 0;
    for class in classes() {
        let mut results = Vec::new();
        for call in calls() {
            for is_persistent in [false, true] {
                results.push(run(call, &class, is_persistent).await);
                cases += 1;
            }
        }
        println!("{:12} {}", class.name, results.join(" "));
    }
    println!(
        "{cases} cases of {} classes on {} operations",
        classes().len(),
        calls().len()
    );
    assert_eq!(cases, 2 * classes().len() * calls().len());
}

/// A write that was carried out, and whose response is lost: its effect is found, and it is not repeated.
#[tokio::test(start_paused = true)]
async fn the_effect_of_a_write_is_found_after_a_lost_response() {
    type Loss = fn(Response) -> Response;
    let losses: [(&str, Loss); 5] = [
        ("reset", |_| Response::reset()),
        ("cut", |response| response.cut_after(2)),
        ("no response", |_| Response::hang()),
        ("503 of a gateway", |_| Response::status(503)),
        ("a page of a proxy", |_| {
            Response::status(200).body("<html>")
        }),
    ];
    for call in calls().into_iter().filter(|call| call.is_write()) {
        for (name, loss) in losses {
            let Trial {
                service,
                client,
                subject,
            } = trial().await;
            service.inject(Fault::map_response(loss).for_operation(call.operation));
            let result = call.run(&client, subject).await;
            let context = format!("{name} of {}: {result:?}", call.operation);
            assert!(result.is_ok(), "{context}");
            service.verify_operation(call.operation).count(1);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn no_connection_is_no_request() {
    for call in calls() {
        let Trial {
            service,
            client,
            subject,
        } = trial().await;
        service.pause_listening().await;
        let resumes = async {
            // Before the retries are over, whatever the jitter is.
            tokio::time::sleep(Duration::from_millis(100)).await;
            service.resume_listening().await.unwrap();
        };
        let (result, ()) = tokio::join!(call.run(&client, subject), resumes);
        assert!(result.is_ok(), "{}: {result:?}", call.operation);
        service.verify_operation(call.operation).count(1);

        service.pause_listening().await;
        let error = call.run(&client, subject).await;
        // The longest clip is known by now.
        if call.operation != "getMaxSpliceDuration" {
            let error = error.unwrap_err();
            assert!(
                error.is_connect() && error.is_unprocessed(),
                "{}: {error:?}",
                call.operation
            );
        }
    }
}
