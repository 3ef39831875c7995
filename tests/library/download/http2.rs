//! Downloads over HTTP/2: a stream that ends early is not the end of the file.

use rhombus_clips::{Client, Clip, ClipUuid, ErrorKind};
use rhombus_clips_sim::prelude::*;
use rhombus_clips_sim::{Behavior, FileChecksum, Http2Error};
use rhombus_clips_tests::sha256_hex;

use super::LENGTH;

/// Codes with which a stream is reset. hyper takes the first one for the end of the body, without an error.
const CODES: [Http2Error; 4] = [
    Http2Error::NoError,
    Http2Error::Cancel,
    Http2Error::InternalError,
    Http2Error::RefusedStream,
];

/// Starts a service whose records state neither hash nor length, so that `Content-Length` alone tells the end.
async fn start() -> (Service, Client, Clip) {
    let mut behavior = Behavior::default();
    behavior.file_checksum = FileChecksum::Absent;
    behavior.states_byte_count = false;
    let service = Service::builder().http2().behavior(behavior);
    let service = service.start().await.unwrap();
    let uuid = service.add(clip().renders_in(0.s()).file_size(LENGTH));
    let uuid: ClipUuid = uuid.parse().unwrap();
    let client = Client::builder()
        .base_url(service.base_url())
        .media_url(service.media_url())
        .root_certificate(service.root_certificate().unwrap())
        .api_key(service.api_key())
        .build()
        .unwrap();
    let clip = client.get_clip(uuid).await.unwrap();
    (service, client, clip)
}

fn reset(error: Http2Error) -> Fault {
    Fault::map_response(move |it| it.reset_stream_after(100_000, error)).for_operation("media")
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_is_reset_is_continued() {
    for error in CODES {
        let (service, client, clip) = start().await;
        let mut whole = Vec::new();
        client.download(&clip).to_writer(&mut whole).await.unwrap();
        assert_eq!(whole.len() as u64, LENGTH);
        service.inject(reset(error).times(1));
        let directory = tempfile::tempdir().unwrap();
        let download = client.download(&clip);
        let file = download.to_directory(directory.path()).await.unwrap();
        let bytes = std::fs::read(file.path()).unwrap();
        assert_eq!(sha256_hex(&bytes), sha256_hex(&whole), "{error:?}");
        let requests = service.requests();
        let ranges: Vec<_> = requests.iter().map(|it| it.range.as_deref()).collect();
        assert_eq!(
            ranges,
            [None, None, None, Some("bytes=100000-")],
            "{error:?}"
        );
    }
}

#[tokio::test(start_paused = true)]
async fn a_stream_that_is_always_reset_is_no_file() {
    for error in CODES {
        let (service, client, clip) = start().await;
        service.inject(Fault::map_response(move |it| {
            it.reset_stream_after(0, error)
        }));
        let directory = tempfile::tempdir().unwrap();
        let target = directory.path().join("clip.mp4");
        let failed = client.download(&clip).to_file(&target).await.unwrap_err();
        assert_eq!(failed.kind(), ErrorKind::Connection, "{error:?}: {failed}");
        assert!(!target.exists());
    }
}
