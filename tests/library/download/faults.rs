//! The matrix of faults: each once and always, to a file, to a writer and as a stream.

use rhombus_clips::ErrorKind;
use rhombus_clips_sim::prelude::*;
use rhombus_clips_sim::{Behavior, FileChecksum};

use super::{LENGTH, Setup, assert_is_file_of};

/// End of a download.
#[derive(Clone, Copy, Debug, PartialEq)]
enum End {
    Verified,
    Error(ErrorKind),
}

use End::{Error, Verified};

/// Remains of a file that failed.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Left {
    Nothing,
    Part,
}

struct Row {
    name: &'static str,
    fault: fn() -> Fault,
    /// The end after one fault.
    once: End,
    /// The end if every request has the fault and no range is honored, and what is left of the file.
    always: End,
    left: Left,
}

fn row(name: &'static str, fault: fn() -> Fault, once: End, always: End, left: Left) -> Row {
    Row {
        name,
        fault,
        once,
        always,
        left,
    }
}

fn map(transform: fn(Response) -> Response) -> Fault {
    Fault::map_response(transform)
}

fn rows() -> Vec<Row> {
    use ErrorKind::*;
    use Left::{Nothing, Part};
    vec![
        row(
            "cut in the body",
            || map(|it| it.cut_after(100_000)),
            Verified,
            Error(Connection),
            Part,
        ),
        row(
            "cut before the body",
            || map(|it| it.cut_after(0)),
            Verified,
            Error(Connection),
            Nothing,
        ),
        row(
            "reset in the body",
            || map(|it| it.reset_after(100_000)),
            Verified,
            Error(Connection),
            Part,
        ),
        row(
            "reset in the head",
            || map(|it| it.reset_in_head(20)),
            Verified,
            Error(Connection),
            Nothing,
        ),
        row(
            "stall in the body",
            || map(|it| it.stall_after(100_000)),
            Verified,
            Error(Timeout),
            Part,
        ),
        row(
            "stall before the body",
            || map(|it| it.stall_after(0)),
            Verified,
            Error(Timeout),
            Nothing,
        ),
        row(
            "no response",
            || Fault::respond(Response::hang()),
            Verified,
            Error(Timeout),
            Nothing,
        ),
        row(
            "closed",
            || Fault::respond(Response::close()),
            Verified,
            Error(Connection),
            Nothing,
        ),
        row(
            "20 bytes a second",
            || map(|it| it.at_rate(20)),
            Verified,
            Error(Timeout),
            Part,
        ),
        row(
            "not there",
            || Fault::respond(Response::status(404)),
            Verified,
            Error(FileUnavailable),
            Nothing,
        ),
        row(
            "gone",
            || Fault::respond(Response::status(410)),
            Verified,
            Error(FileUnavailable),
            Nothing,
        ),
        row(
            "401",
            || Fault::respond(Response::status(401)),
            Error(Authentication),
            Error(Authentication),
            Nothing,
        ),
        row(
            "403",
            || Fault::respond(Response::status(403)),
            Error(Authentication),
            Error(Authentication),
            Nothing,
        ),
        row(
            "400",
            || Fault::respond(Response::status(400)),
            Error(UnexpectedStatus),
            Error(UnexpectedStatus),
            Nothing,
        ),
        row(
            "429",
            || Fault::respond(Response::too_many_requests(2.s())),
            Verified,
            Error(RateLimited),
            Nothing,
        ),
        row(
            "500",
            || Fault::respond(Response::status(500)),
            Verified,
            Error(UnexpectedStatus),
            Nothing,
        ),
        row(
            "503",
            || Fault::respond(Response::status(503)),
            Verified,
            Error(UnexpectedStatus),
            Nothing,
        ),
        row(
            "a page with 200",
            || {
                Fault::respond(
                    Response::status(200)
                        .header("Content-Type", "text/html")
                        .body("<html>"),
                )
            },
            Error(Decode),
            Error(Decode),
            Nothing,
        ),
        row(
            "a page with 200 as a video",
            || map(|it| it.map_page()),
            Error(Decode),
            Error(Decode),
            Nothing,
        ),
        row(
            "JSON with 200",
            || Fault::respond(Response::json(&serde_json::json!({"error": true}))),
            Error(Decode),
            Error(Decode),
            Nothing,
        ),
        row(
            "compressed",
            || map(|it| it.header("Content-Encoding", "gzip")),
            Error(Decode),
            Error(Decode),
            Nothing,
        ),
        row(
            "an empty body",
            || Fault::respond(Response::status(200).header("Content-Type", "video/mp4")),
            Verified,
            Error(VerificationFailed),
            Nothing,
        ),
        row(
            "a longer body than stated",
            || {
                let longer = Response::status(200).header("Content-Type", "video/mp4");
                Fault::respond(longer.repeated_body(0, LENGTH + 1))
            },
            Verified,
            Error(VerificationFailed),
            Nothing,
        ),
        row(
            "other bytes of the same length",
            || {
                let other = Response::status(200).header("Content-Type", "video/mp4");
                Fault::respond(other.repeated_body(0, LENGTH))
            },
            Verified,
            Error(VerificationFailed),
            Nothing,
        ),
        row(
            "a redirect without a target",
            || Fault::respond(Response::status(302)),
            Error(UnexpectedStatus),
            Error(UnexpectedStatus),
            Nothing,
        ),
        row(
            "a redirect to itself",
            || Fault::respond(Response::redirect(302, "")),
            Verified,
            Error(UnexpectedStatus),
            Nothing,
        ),
        row(
            "a redirect to plain HTTP elsewhere",
            || Fault::respond(Response::redirect(302, "http://192.0.2.1/clip.mp4")),
            Error(UnexpectedStatus),
            Error(UnexpectedStatus),
            Nothing,
        ),
        row(
            "a redirect to another scheme",
            || Fault::respond(Response::redirect(302, "file:///etc/passwd")),
            Error(UnexpectedStatus),
            Error(UnexpectedStatus),
            Nothing,
        ),
        row(
            "204",
            || Fault::respond(Response::status(204)),
            Error(UnexpectedStatus),
            Error(UnexpectedStatus),
            Nothing,
        ),
        row(
            "206 without a range",
            || {
                Fault::respond(
                    Response::status(206)
                        .header("Content-Range", "bytes 5-9/10")
                        .body("56789"),
                )
            },
            Error(UnexpectedStatus),
            Error(UnexpectedStatus),
            Nothing,
        ),
    ]
}

trait MapPage {
    fn map_page(self) -> Self;
}

impl MapPage for Response {
    /// The page of a proxy under the headers of the file.
    fn map_page(self) -> Self {
        Response::status(200)
            .header("Content-Type", "video/mp4")
            .body(format!("<html>{}", " ".repeat(LENGTH as usize - 6)))
    }
}

/// Faults that a writer or a stream cannot recover from: other bytes were handed on already.
fn is_final_for_stream(name: &str) -> bool {
    ["other bytes", "an empty body", "a longer body"]
        .iter()
        .any(|it| name.starts_with(it))
}

#[tokio::test(start_paused = true)]
async fn every_fault_has_its_end() {
    let mut cases = 0;
    for row in rows() {
        for is_always in [false, true] {
            let expected = if is_always { row.always } else { row.once };
            for entry in ["file", "writer", "stream"] {
                // With ranges, a transfer that breaks ever again moves on.
                let mut behavior = Behavior::default();
                behavior.honors_ranges = !is_always;
                let file = clip().renders_in(0.s()).file_size(LENGTH);
                let setup = Setup::with(behavior, file).await;
                let clip = setup.clip().await;
                let fault = (row.fault)().for_operation("media");
                let fault = if is_always { fault } else { fault.times(1) };
                setup.service.inject(fault);
                let download = setup.client.download(&clip);
                let label = format!("{}, always: {is_always}, {entry}", row.name);
                let result = match entry {
                    "file" => download.to_file(setup.target()).await.map(|file| {
                        assert_is_file_of(&setup.target(), &clip);
                        file.verification()
                    }),
                    "writer" => {
                        let mut bytes = Vec::new();
                        let result = download.to_writer(&mut bytes).await;
                        if result.is_ok() {
                            assert_eq!(
                                Some(&*super::sha256_hex(&bytes)),
                                clip.sha256_hex(),
                                "{label}"
                            );
                        }
                        result.map(|downloaded| downloaded.verification())
                    }
                    _ => {
                        let mut stream = download.stream();
                        let mut error = None;
                        while let Some(bytes) = stream.next().await {
                            error = error.or(bytes.err());
                        }
                        match error {
                            Some(error) => Err(error),
                            None => stream.into_downloaded().map(|it| it.verification()),
                        }
                    }
                };
                let expected = match expected {
                    Verified if entry != "file" && is_final_for_stream(row.name) => {
                        Error(ErrorKind::VerificationFailed)
                    }
                    expected => expected,
                };
                let end = match &result {
                    Ok(verification) => {
                        assert!(verification.is_sha256_verified(), "{label}");
                        Verified
                    }
                    Err(error) => Error(error.kind()),
                };
                assert_eq!(end, expected, "{label}: {result:?}");
                let names = setup.names();
                match (entry, &result, row.left) {
                    ("file", Ok(_), _) => assert_eq!(names, ["clip.mp4"], "{label}"),
                    ("file", Err(_), Left::Part) => {
                        assert_eq!(names, ["clip.mp4.part", "clip.mp4.part.json"], "{label}");
                    }
                    _ => assert_eq!(names, [""; 0], "{label}"),
                }
                cases += 1;
            }
        }
    }
    println!("{cases} cases of faults: each ended as expected");
}

#[tokio::test(start_paused = true)]
async fn a_disk_without_room_is_told_before_anything_is_loaded() {
    let mut behavior = Behavior::default();
    behavior.states_byte_count = false;
    let setup = Setup::with(behavior, clip().renders_in(0.s()).file_size(LENGTH)).await;
    let clip = setup.clip().await;
    let huge = map(|it| it.header("Content-Length", "1000000000000000000"));
    setup.service.inject(huge.for_operation("media"));
    let error = setup.download(&clip).await.unwrap_err();
    assert!(error.is_storage(), "{error}");
    assert!(
        error
            .to_string()
            .contains("1000000000000000000 bytes are needed"),
        "{error}"
    );
    assert_eq!(setup.names(), [""; 0]);
}

#[tokio::test(start_paused = true)]
async fn the_timeout_of_a_download_ends_it_and_leaves_the_part() {
    let setup = Setup::new().await;
    let clip = setup.clip().await;
    let slow = Fault::map_response(|it| it.at_rate(10_000)).for_operation("media");
    setup.service.inject(slow);
    let download = setup.client.download(&clip).timeout(10.s());
    let error = download.to_file(setup.target()).await.unwrap_err();
    assert!(error.is_deadline_exceeded(), "{error}");
    assert_eq!(setup.names(), ["clip.mp4.part", "clip.mp4.part.json"]);
    let part = std::fs::metadata(setup.directory.path().join("clip.mp4.part")).unwrap();
    assert!((90_000..110_000).contains(&part.len()), "{}", part.len());
}

#[tokio::test(start_paused = true)]
async fn an_empty_body_is_no_file_even_if_the_record_states_nothing() {
    for is_always in [false, true] {
        let mut behavior = Behavior::default();
        behavior.states_byte_count = false;
        behavior.file_checksum = FileChecksum::Absent;
        let file = clip().renders_in(0.s()).file_size(LENGTH);
        let setup = Setup::with(behavior, file).await;
        let clip = setup.clip().await;
        let empty = Response::status(200).header("Content-Type", "video/mp4");
        let empty = Fault::respond(empty).for_operation("media");
        let empty = if is_always { empty } else { empty.times(1) };
        setup.service.inject(empty);
        let download = setup.client.download(&clip).to_file(setup.target());
        match download.await {
            Ok(file) => assert!(!is_always && file.length() == LENGTH),
            Err(error) => {
                assert!(is_always && error.is_connection(), "{error}");
                assert_eq!(setup.names(), [""; 0]);
            }
        }
    }
}

/// Bytes that have arrived meanwhile do not extend it.
#[tokio::test(start_paused = true)]
async fn the_timeout_of_a_download_counts_while_its_reader_is_slow() {
    let setup = Setup::new().await;
    let clip = setup.clip().await;
    let mut stream = setup.client.download(&clip).timeout(10.s()).stream();
    assert!(stream.next().await.unwrap().is_ok());
    tokio::time::advance(11.s()).await;
    let error = stream.next().await.unwrap().unwrap_err();
    assert!(error.is_deadline_exceeded(), "{error}");
}

#[tokio::test(start_paused = true)]
async fn retry_after_is_honored() {
    let setup = Setup::new().await;
    let clip = setup.clip().await;
    let limited = Fault::respond(Response::too_many_requests(40.s())).times(1);
    setup.service.inject(limited.for_operation("media"));
    let started = tokio::time::Instant::now();
    setup.download(&clip).await.unwrap();
    assert!(started.elapsed() >= 40.s());
}
