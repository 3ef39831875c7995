//! Interrupted downloads: continued where they were, by this process or another, and never of two versions.

use rhombus_clips::retry::NoRetry;
use rhombus_clips_sim::prelude::*;
use rhombus_clips_sim::{Behavior, FileChecksum, MediaValidator};

use super::{LENGTH, Setup, assert_is_file_of, sha256_hex};

/// Interrupts a download after 100,000 bytes, as a process that is killed does.
async fn interrupt(setup: &Setup) {
    let cut = Fault::map_response(|it| it.cut_after(100_000)).times(1);
    setup.service.inject(cut.for_operation("media"));
    let clip = setup.clip().await;
    let download = setup.client.download(&clip).retry(NoRetry);
    let error = download.to_file(setup.target()).await.unwrap_err();
    assert!(error.is_connection(), "{error}");
    assert_eq!(setup.names(), ["clip.mp4.part", "clip.mp4.part.json"]);
}

fn behavior(validator: MediaValidator, checksum: FileChecksum) -> Behavior {
    let mut behavior = Behavior::default();
    behavior.media_validator = validator;
    behavior.file_checksum = checksum;
    behavior
}

async fn setup(behavior: Behavior) -> Setup {
    Setup::with(behavior, clip().renders_in(0.s()).file_size(LENGTH)).await
}

#[tokio::test(start_paused = true)]
async fn another_download_continues_if_that_is_certain_to_be_the_same_file() {
    use FileChecksum::{Absent, Present};
    for (validator, checksum, continues) in [
        (MediaValidator::Strong, Present, true),
        (MediaValidator::Strong, Absent, true),
        (MediaValidator::Weak, Present, true),
        (MediaValidator::Weak, Absent, false),
        (MediaValidator::LastModified, Present, true),
        (MediaValidator::LastModified, Absent, false),
        (MediaValidator::None, Present, true),
        (MediaValidator::None, Absent, false),
    ] {
        let setup = setup(behavior(validator, checksum)).await;
        interrupt(&setup).await;
        let clip = setup.clip().await;
        let file = setup.download(&clip).await.unwrap();
        let label = format!("{validator:?} {checksum:?}");
        assert_eq!(file.length(), LENGTH, "{label}");
        assert_eq!(
            sha256_hex(&std::fs::read(file.path()).unwrap()),
            file.sha256_hex()
        );
        assert_eq!(
            file.verification().is_sha256_verified(),
            checksum == Present
        );
        let status = if continues { 206 } else { 200 };
        let requests = setup.media_requests();
        assert_eq!(requests[1], (Some(status), continues), "{label}");
        assert_eq!(requests.len(), 2, "{label}");
        assert_eq!(file.continued_at() > 0, continues, "{label}");
        assert_eq!(setup.names(), ["clip.mp4"]);
    }
}

#[tokio::test(start_paused = true)]
async fn without_ranges_it_begins_anew() {
    let mut behavior = Behavior::default();
    behavior.honors_ranges = false;
    let setup = setup(behavior).await;
    interrupt(&setup).await;
    let clip = setup.clip().await;
    let file = setup.download(&clip).await.unwrap();
    assert_is_file_of(&setup.target(), &clip);
    assert_eq!(file.continued_at(), 0);
    assert_eq!(setup.media_requests()[1], (Some(200), true));
}

#[tokio::test(start_paused = true)]
async fn a_file_is_never_of_two_versions() {
    use FileChecksum::{Absent, Present};
    for validator in [
        MediaValidator::Strong,
        MediaValidator::Weak,
        MediaValidator::LastModified,
        MediaValidator::None,
    ] {
        for checksum in [Present, Absent] {
            for is_same_process in [false, true] {
                let setup = setup(behavior(validator, checksum)).await;
                let clip = setup.clip().await;
                let result = if is_same_process {
                    let stall = Fault::map_response(|it| it.stall_after(100_000)).times(1);
                    setup.service.inject(stall.for_operation("media"));
                    let before = setup.service.request_count();
                    let download = setup.client.download(&clip).to_file(setup.target());
                    let replace = async {
                        setup.service.wait_for_requests(before + 1).await;
                        setup.service.replace_file(setup.uuid);
                    };
                    tokio::join!(download, replace).0
                } else {
                    interrupt(&setup).await;
                    setup.service.replace_file(setup.uuid);
                    // With the record of the old version.
                    setup.download(&clip).await
                };
                let label = format!("{validator:?} {checksum:?} {is_same_process}");
                let new = setup.clip().await;
                let mut expected = Vec::new();
                let whole = setup.client.download(&new).to_writer(&mut expected).await;
                assert!(whole.is_ok());
                match checksum {
                    // The record's hash is that of a version that is gone.
                    Present => {
                        assert!(result.unwrap_err().is_verification_failed(), "{label}");
                        assert_eq!(setup.names(), [""; 0], "{label}");
                    }
                    _ => {
                        result.unwrap();
                        assert!(
                            std::fs::read(setup.target()).unwrap() == expected,
                            "{label}"
                        );
                    }
                }
            }
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_part_of_another_clip_or_without_a_note_is_not_continued() {
    for note in ["", "{}", "{\"version\":2}"] {
        let setup = Setup::new().await;
        interrupt(&setup).await;
        let path = setup.directory.path().join("clip.mp4.part.json");
        std::fs::write(&path, note).unwrap();
        let clip = setup.clip().await;
        setup.download(&clip).await.unwrap();
        assert_is_file_of(&setup.target(), &clip);
        assert_eq!(setup.media_requests()[1], (Some(200), false), "{note}");
    }
    let setup = Setup::new().await;
    interrupt(&setup).await;
    let other = setup
        .service
        .add(clip().renders_in(0.s()).file_size(LENGTH));
    let other = setup.client.get_clip(other.parse().unwrap()).await.unwrap();
    setup
        .client
        .download(&other)
        .to_file(setup.target())
        .await
        .unwrap();
    assert_is_file_of(&setup.target(), &other);
}

#[tokio::test(start_paused = true)]
async fn damaged_bytes_of_a_part_are_found_and_loaded_again() {
    let setup = Setup::new().await;
    interrupt(&setup).await;
    let path = setup.directory.path().join("clip.mp4.part");
    let mut bytes = std::fs::read(&path).unwrap();
    bytes[50_000] ^= 1;
    std::fs::write(&path, bytes).unwrap();
    let clip = setup.clip().await;
    let file = setup.download(&clip).await.unwrap();
    assert_is_file_of(&setup.target(), &clip);
    assert_eq!(file.continued_at(), 0);
    let statuses: Vec<_> = setup.media_requests().iter().map(|it| it.0).collect();
    assert_eq!(statuses, [Some(200), Some(206), Some(200)]);
}

#[tokio::test(start_paused = true)]
async fn a_complete_part_takes_no_request() {
    let setup = Setup::new().await;
    let clip = setup.clip().await;
    let mut bytes = Vec::new();
    setup
        .client
        .download(&clip)
        .to_writer(&mut bytes)
        .await
        .unwrap();
    interrupt(&setup).await;
    std::fs::write(setup.directory.path().join("clip.mp4.part"), &bytes).unwrap();
    let before = setup.media_requests().len();
    let file = setup.download(&clip).await.unwrap();
    assert_eq!(file.continued_at(), LENGTH);
    assert_is_file_of(&setup.target(), &clip);
    assert_eq!(setup.media_requests().len(), before);
    assert_eq!(setup.names(), ["clip.mp4"]);
}

#[tokio::test(start_paused = true)]
async fn two_downloads_do_not_write_to_one_file() {
    let setup = Setup::new().await;
    let clip = setup.clip().await;
    let slow = Fault::map_response(|it| it.at_rate(100_000)).for_operation("media");
    setup.service.inject(slow);
    let first = setup.client.download(&clip).to_file(setup.target());
    let second = async {
        setup.service.wait_for_requests(2).await;
        setup.download(&clip).await
    };
    let (first, second) = tokio::join!(first, second);
    assert!(first.is_ok());
    let error = second.unwrap_err();
    assert!(
        error.is_storage() && error.to_string().contains("another download"),
        "{error}"
    );
    assert_is_file_of(&setup.target(), &clip);
}

/// One that was dropped may still have the part for a moment, while its last write is in progress.
#[tokio::test(start_paused = true)]
async fn a_download_that_was_dropped_is_continued_at_once() {
    let setup = Setup::new().await;
    let clip = setup.clip().await;
    let slow = Fault::map_response(|it| it.at_rate(100_000)).for_operation("media");
    setup.service.inject(slow);
    let first = setup.client.download(&clip).to_file(setup.target());
    let second = async {
        setup.service.wait_for_requests(2).await;
        setup.download(&clip).await
    };
    let (first, second) = tokio::join!(tokio::time::timeout(500.ms(), first), second);
    assert!(first.is_err());
    second.unwrap();
    assert_is_file_of(&setup.target(), &clip);
}

#[tokio::test(start_paused = true)]
async fn a_stream_goes_on_over_interruptions_and_repeats_nothing() {
    let setup = Setup::new().await;
    let clip = setup.clip().await;
    let cut = Fault::map_response(|it| it.cut_after(70_000)).times(4);
    setup.service.inject(cut.for_operation("media"));
    let mut bytes = Vec::new();
    setup
        .client
        .download(&clip)
        .to_writer(&mut bytes)
        .await
        .unwrap();
    assert_eq!(Some(&*sha256_hex(&bytes)), clip.sha256_hex());
    let requests = setup.media_requests();
    assert_eq!(requests.len(), 5);
    assert!(requests[1..].iter().all(|it| *it == (Some(206), true)));
}

/// The bytes that were handed on cannot be taken back: they are skipped if the validator says that they are the
/// same, and otherwise the stream ends with an error.
#[tokio::test(start_paused = true)]
async fn a_stream_without_ranges_skips_what_it_has_or_fails() {
    for (validator, is_ok) in [
        (MediaValidator::Strong, true),
        (MediaValidator::None, false),
    ] {
        let mut behavior = behavior(validator, FileChecksum::Present);
        behavior.honors_ranges = false;
        let setup = setup(behavior).await;
        let clip = setup.clip().await;
        let cut = Fault::map_response(|it| it.cut_after(70_000)).times(1);
        setup.service.inject(cut.for_operation("media"));
        let mut bytes = Vec::new();
        let result = setup.client.download(&clip).to_writer(&mut bytes).await;
        assert_eq!(result.is_ok(), is_ok, "{result:?}");
        if is_ok {
            assert_eq!(Some(&*sha256_hex(&bytes)), clip.sha256_hex());
        }
    }
}

/// The response with the beginning did not state a length, as one in chunks does not, and the media host gives the
/// rest piece by piece.
#[tokio::test(start_paused = true)]
async fn a_file_of_unknown_length_is_complete_where_the_range_says() {
    let mut behavior = behavior(MediaValidator::Strong, FileChecksum::Absent);
    behavior.states_byte_count = false;
    let setup = setup(behavior).await;
    let clip = setup.clip().await;
    let mut whole = Vec::new();
    let all = setup.client.download(&clip).to_writer(&mut whole).await;
    all.unwrap();
    interrupt(&setup).await;
    let note = setup.directory.path().join("clip.mp4.part.json");
    let text = std::fs::read_to_string(&note).unwrap();
    let without_length = text.replace(&format!("\"length\":{LENGTH},"), "");
    assert_ne!(without_length, text);
    std::fs::write(&note, &without_length).unwrap();
    let note: serde_json::Value = serde_json::from_str(&text).unwrap();
    let part = std::fs::metadata(setup.directory.path().join("clip.mp4.part")).unwrap();
    let start = usize::try_from(part.len()).unwrap();
    let piece = Response::status(206)
        .header("Content-Type", "video/mp4")
        .header("ETag", note["etag"].as_str().unwrap())
        .header(
            "Content-Range",
            format!("bytes {start}-{}/{LENGTH}", start + 999),
        )
        .body(&whole[start..start + 1000]);
    let fault = Fault::respond(piece).times(1);
    setup.service.inject(fault.for_operation("media"));
    let download = setup.client.download(&clip).to_file(setup.target());
    let file = download.await.unwrap();
    assert_eq!(file.length(), LENGTH);
    assert!(std::fs::read(setup.target()).unwrap() == whole);
}
