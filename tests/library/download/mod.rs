//! Downloads against the simulated media host: what a caller gets, and what is on disk.

mod faults;
mod http2;
mod interruption;
mod places;

use std::path::{Path, PathBuf};

use rhombus_clips::{Client, Clip, ClipUuid, DownloadedFile};
use rhombus_clips_sim::Behavior;
use rhombus_clips_sim::prelude::*;
use rhombus_clips_tests::sha256_hex;
use tempfile::TempDir;

/// A service with one complete clip, its client, and an empty directory.
struct Setup {
    service: Service,
    client: Client,
    uuid: ClipUuid,
    directory: TempDir,
}

/// Length of the file.
const LENGTH: u64 = 300_000;

impl Setup {
    async fn new() -> Self {
        Self::with(
            Behavior::default(),
            clip().renders_in(0.s()).file_size(LENGTH),
        )
        .await
    }

    async fn with(behavior: Behavior, clip: rhombus_clips_sim::Clip) -> Self {
        let service = Service::builder().behavior(behavior).start().await.unwrap();
        let uuid = service.add(clip).parse().unwrap();
        let client = Client::builder()
            .base_url(service.base_url())
            .media_url(service.media_url())
            .api_key(service.api_key())
            .build()
            .unwrap();
        let directory = tempfile::tempdir().unwrap();
        Self {
            service,
            client,
            uuid,
            directory,
        }
    }

    async fn clip(&self) -> Clip {
        self.client.get_clip(self.uuid).await.unwrap()
    }

    /// Downloads the file to the target, with the defaults.
    async fn download(&self, clip: &Clip) -> rhombus_clips::Result<DownloadedFile> {
        self.client.download(clip).to_file(self.target()).await
    }

    fn target(&self) -> PathBuf {
        self.directory.path().join("clip.mp4")
    }

    /// Returns the names in the directory, in order.
    fn names(&self) -> Vec<String> {
        names(self.directory.path())
    }

    /// Returns the requests for the file: status, and whether it was for a range.
    fn media_requests(&self) -> Vec<(Option<u16>, bool)> {
        let requests = self.service.requests().into_iter();
        let media = requests.filter(|it| it.operation.as_deref() == Some("media"));
        media.map(|it| (it.status, it.range.is_some())).collect()
    }
}

fn names(directory: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory).unwrap();
    let mut names: Vec<_> = entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}

/// Asserts that a file is the clip's, as the record states it.
fn assert_is_file_of(path: &Path, clip: &Clip) {
    let bytes = std::fs::read(path).unwrap();
    assert_eq!(Some(bytes.len() as u64), clip.byte_count());
    assert_eq!(Some(sha256_hex(&bytes).as_str()), clip.sha256_hex());
    assert_eq!(&bytes[4..8], b"ftyp");
}

#[tokio::test(start_paused = true)]
async fn a_verified_file_has_its_name_and_nothing_else_is_left() {
    let setup = Setup::new().await;
    let clip = setup.clip().await;
    let download = setup.client.download(&clip);
    let name = download.file_name();
    let file = download
        .to_directory(setup.directory.path().join("new"))
        .await
        .unwrap();
    assert!(file.verification().is_sha256_verified() && file.verification().is_length_verified());
    assert!(!file.is_unchanged() && file.continued_at() == 0);
    assert_is_file_of(file.path(), &clip);
    assert_eq!(names(&setup.directory.path().join("new")), [name]);
    assert_eq!(setup.media_requests(), [(Some(200), false)]);
}

#[tokio::test(start_paused = true)]
async fn what_stands_there_is_not_overwritten_unless_told() {
    let setup = Setup::new().await;
    let clip = setup.clip().await;
    std::fs::write(setup.target(), "mine").unwrap();
    let error = setup.download(&clip).await.unwrap_err();
    assert!(error.is_storage(), "{error}");
    assert_eq!(std::fs::read(setup.target()).unwrap(), b"mine");
    assert_eq!(setup.media_requests(), []);
    assert_eq!(setup.names(), ["clip.mp4"]);
    let download = setup.client.download(&clip).overwrite(true);
    download.to_file(setup.target()).await.unwrap();
    assert_is_file_of(&setup.target(), &clip);
    // It is whole now, so nothing is loaded, whether it may be overwritten or not.
    for overwrite in [false, true] {
        let download = setup.client.download(&clip).overwrite(overwrite);
        let file = download.to_file(setup.target()).await.unwrap();
        assert!(file.is_unchanged());
        assert!(file.verification().is_sha256_verified());
    }
    assert_eq!(setup.media_requests().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_file_in_place_of_the_directory_is_called_so() {
    let setup = Setup::new().await;
    let clip = setup.clip().await;
    std::fs::write(setup.target(), "mine").unwrap();
    let download = setup.client.download(&clip).to_directory(setup.target());
    let error = download.await.unwrap_err();
    assert!(error.is_storage(), "{error}");
    let reason = error.causes().last().map(ToString::to_string);
    assert_eq!(reason.as_deref(), Some("not a directory"), "{error}");
    assert_eq!(error.hints(), []);
}

#[tokio::test(start_paused = true)]
async fn writers_and_streams_get_the_same_bytes() {
    let setup = Setup::new().await;
    let clip = setup.clip().await;
    let mut written = Vec::new();
    let downloaded = setup
        .client
        .download(&clip)
        .to_writer(&mut written)
        .await
        .unwrap();
    assert_eq!(sha256_hex(&written), downloaded.sha256_hex());
    assert_eq!(downloaded.length(), LENGTH);
    let mut stream = setup.client.download(&clip).stream();
    let mut streamed = Vec::new();
    while let Some(bytes) = stream.next().await {
        streamed.extend(bytes.unwrap());
    }
    assert!(written == streamed);
    // The end is the end, however often it is asked for.
    for _ in 0..3 {
        assert!(stream.next().await.is_none());
    }
    assert_eq!(stream.into_downloaded().unwrap(), downloaded);
}

#[tokio::test(start_paused = true)]
async fn progress_begins_at_the_start_and_ends_with_the_file() {
    let setup = Setup::new().await;
    let clip = setup.clip().await;
    let slow = Fault::map_response(|response| response.at_rate(100_000));
    setup.service.inject(slow.for_operation("media"));
    let seen = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let record = seen.clone();
    let download = setup.client.download(&clip);
    let download = download.on_progress(move |progress| record.lock().unwrap().push(*progress));
    download.to_file(setup.target()).await.unwrap();
    let seen = seen.lock().unwrap();
    let bytes: Vec<_> = seen.iter().map(|it| it.bytes()).collect();
    assert_eq!((bytes[0], *bytes.last().unwrap()), (0, LENGTH));
    assert!(
        bytes.is_sorted() && bytes.len() > 20 && bytes.len() < 40,
        "{bytes:?}"
    );
    let middle = &seen[seen.len() / 2];
    assert_eq!(middle.total(), Some(LENGTH));
    let rate = middle.bytes_per_sec().unwrap();
    assert!((80_000..120_000).contains(&rate), "{rate}");
    assert!(middle.remaining().unwrap() < 3.s());
}

#[tokio::test(start_paused = true)]
async fn a_thumbnail_is_a_file_of_its_own() {
    let setup = Setup::new().await;
    let clip = setup.clip().await;
    let thumbnail = setup.client.download_thumbnail(&clip);
    let file = thumbnail
        .to_directory(setup.directory.path())
        .await
        .unwrap();
    assert!(file.path().extension().is_some_and(|it| it == "jpeg"));
    assert!(
        std::fs::read(file.path())
            .unwrap()
            .starts_with(&[0xFF, 0xD8])
    );
    assert!(!file.verification().is_length_verified());
}

#[tokio::test(start_paused = true)]
async fn only_a_complete_clip_has_a_file() {
    for (clip, hints) in [
        (clip().stays(ClipStatus::Rendering), 1),
        (clip().stays(ClipStatus::Failed), 0),
    ] {
        let setup = Setup::with(Behavior::default(), clip).await;
        let clip = setup.clip().await;
        let error = setup.download(&clip).await.unwrap_err();
        assert!(error.is_invalid_request(), "{error}");
        assert_eq!(error.hints().len(), hints);
        assert!(
            setup
                .client
                .download(&clip)
                .stream()
                .next()
                .await
                .unwrap()
                .is_err()
        );
        assert_eq!(setup.names(), [""; 0]);
    }
}
