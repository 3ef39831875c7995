//! Searches downloads and exports: values, errors and files, and what a redirect target receives.
//!
//! The media host echoes the key in every part of its responses, and redirects to another origin.

use std::fs;
use std::path::Path;
use std::time::{Duration, UNIX_EPOCH};

use rhombus_clips::retry::NoRetry;
use rhombus_clips::{CameraUuid, Clip, DownloadedFile, Error, ExportUpdate, NewClip};
use rhombus_clips_sim::{Behavior, Fault, Response, Service, clip, prelude::DurationUnits as _};
use rhombus_clips_tests::canary::{KEY, KeySearch, unescape_json};
use rhombus_clips_tests::{add, client_for, error_text};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

/// Another origin, which records what it receives and sends a file.
struct Elsewhere {
    url: String,
    received: JoinHandle<String>,
}

impl Elsewhere {
    async fn start() -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let url = format!("http://{}/clip.mp4", listener.local_addr().unwrap());
        let received = tokio::spawn(async move {
            let (mut stream, _) = listener.accept().await.unwrap();
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                request.push(stream.read_u8().await.unwrap());
            }
            let response = b"HTTP/1.1 200 OK\r\ncontent-length: 4\r\nconnection: close\r\n\r\nmoov";
            stream.write_all(response).await.unwrap();
            String::from_utf8(request).unwrap()
        });
        Self { url, received }
    }
}

/// Responses of a media host that end a download.
fn responses(echo: &str) -> Vec<Response> {
    let video = || Response::status(200).header("Content-Type", "video/mp4");
    vec![
        Response::status(401).body(echo),
        Response::status(403)
            .header("x-request-id", echo)
            .body(echo),
        Response::status(400).body(format!("no {echo}")),
        Response::status(404).body(echo),
        Response::status(503).body(echo),
        Response::status(302).body(echo),
        Response::redirect(302, format!("http://192.0.2.1/{echo}?key={echo}")),
        Response::redirect(302, format!("ftp://{echo}/")),
        Response::redirect(302, format!("/{echo}")),
        Response::status(200)
            .header("Content-Type", echo)
            .body(echo),
        video().header("Content-Encoding", echo).body("moov"),
        video().body(format!("<p>{echo}</p>")),
        video().header("ETag", format!("\"{echo}\"")).body("moov"),
        video().header("Content-Length", "9").body("moov"),
    ]
}

/// Searches downloads from a media host that echoes the key like this.
pub(crate) async fn check_echo(search: &mut KeySearch, echo: &str) {
    let service = Service::builder().api_key(KEY).start().await.unwrap();
    let client = client_for(&service);
    let folder = tempfile::tempdir().unwrap();
    let text = unescape_json(echo);
    let title = clip().renders_in(0.s()).with("title", text.as_str());
    let uuid = add(&service, title);
    let clip = client.get_clip(uuid).await.unwrap();
    // The name of the file is made of the title.
    let file = client
        .download(&clip)
        .to_directory(folder.path())
        .await
        .unwrap();
    search.check_text("name of a file", &file.path().to_string_lossy());
    for response in responses(&text) {
        service.inject(Fault::respond(response).for_operation("media"));
        for bytes in [false, true] {
            let target = folder.path().join("other.mp4");
            let download = client
                .download(&clip)
                .retry(NoRetry)
                .file_grace_period(Duration::ZERO)
                .timeout(Duration::from_secs(5));
            let error = match bytes {
                true => download.to_writer(Vec::new()).await.unwrap_err(),
                false => download.to_file(&target).await.unwrap_err(),
            };
            check_error(search, &error);
        }
        service.clear_faults();
    }
    check_directory(search, folder.path());
    for location in [text.clone(), format!("/{text}")] {
        let mut record = clip.record().clone();
        (record.clip_location, record.thumbnail_location) = (None, None);
        record.clip_location_v2 = Some(location);
        let clip = Clip::from_record(uuid, record);
        let download = client
            .download(&clip)
            .retry(NoRetry)
            .file_grace_period(Duration::ZERO);
        let download = download.timeout(Duration::from_secs(5));
        // The record is the caller's; the service's would be redacted.
        let error = download.to_writer(Vec::new()).await.unwrap_err();
        if !error.is_file_unavailable() {
            search.check_text("download: errors", &error.to_string());
        }
    }
}

/// Searches what a redirect target and a URL of another host receive, and what the simulated hosts have logged.
pub(crate) async fn check_other_hosts(search: &mut KeySearch) {
    for is_redirect in [true, false] {
        let service = Service::builder().api_key(KEY).start().await.unwrap();
        let client = client_for(&service);
        let uuid = add(&service, clip().renders_in(0.s()));
        let mut record = client.get_clip(uuid).await.unwrap().record().clone();
        let elsewhere = Elsewhere::start().await;
        match is_redirect {
            true => {
                let redirect = Response::redirect(307, elsewhere.url.clone());
                service.inject(Fault::respond(redirect).for_operation("media"));
            }
            false => {
                (record.clip_location, record.thumbnail_location) = (None, None);
                record.clip_location_v2 = Some(elsewhere.url.clone());
            }
        }
        (record.byte_count, record.sha256_hex) = (None, None);
        let clip = Clip::from_record(uuid, record);
        let mut bytes = Vec::new();
        client.download(&clip).to_writer(&mut bytes).await.unwrap();
        assert_eq!(bytes, b"moov");
        let received = elsewhere.received.await.unwrap();
        assert!(
            received.starts_with("GET /clip.mp4 HTTP/1.1\r\n"),
            "{received}"
        );
        assert!(!received.to_lowercase().contains("x-auth"), "{received}");
        assert!(!received.to_lowercase().contains("referer"), "{received}");
        search.check_text("request to a redirect target", &received);
    }
    let mut behavior = Behavior::default();
    behavior.media_redirects = true;
    let service = Service::builder()
        .api_key(KEY)
        .behavior(behavior)
        .start()
        .await
        .unwrap();
    let client = client_for(&service);
    let uuid = add(&service, clip().renders_in(0.s()));
    let clip = client.get_clip(uuid).await.unwrap();
    client.download(&clip).to_writer(Vec::new()).await.unwrap();
    let requests = service.requests();
    let has_key = |operation: &str| {
        let mut requests = requests.iter();
        let request = requests.find(|it| it.operation.as_deref() == Some(operation));
        request.unwrap().has_api_key
    };
    assert!(has_key("media") && !has_key("storage"));
    search.check_debug("requests of the simulated hosts", &requests);
}

/// Searches the values of downloads and exports.
pub(crate) async fn check_values(search: &mut KeySearch) {
    let service = Service::builder().api_key(KEY).start().await.unwrap();
    let client = client_for(&service);
    let folder = tempfile::tempdir().unwrap();
    let clip = client
        .get_clip(add(&service, clip().renders_in(0.s())))
        .await
        .unwrap();
    search.check_debug("rhombus_clips::Download", &client.download(&clip));
    let mut stream = client.download(&clip).stream();
    search.check_debug("rhombus_clips::DownloadStream", &stream);
    while stream.next().await.is_some() {}
    search.check_debug("rhombus_clips::DownloadStream", &stream);
    let downloaded = stream.into_downloaded().unwrap();
    search.check_debug("rhombus_clips::Downloaded", &downloaded);
    search.check_debug("rhombus_clips::Verification", &downloaded.verification());
    search.check_text("Verification: text", &downloaded.verification().to_string());
    let target = folder.path().join("clip.mp4");
    let file: DownloadedFile = client.download(&clip).to_file(target).await.unwrap();
    search.check_debug("rhombus_clips::DownloadedFile", &file);

    let camera: CameraUuid = service
        .add_camera(rhombus_clips_sim::camera("Dock"))
        .parse()
        .unwrap();
    let start = UNIX_EPOCH + Duration::from_secs(1_767_000_000);
    let new_clip = || {
        NewClip::builder(camera, start..start + Duration::from_secs(60))
            .build()
            .unwrap()
    };
    search.check_debug("rhombus_clips::Export", &client.export(new_clip()));
    search.check_debug(
        "rhombus_clips::ExportStream",
        &client.export(new_clip()).stream(),
    );
    service.prepare_clip(rhombus_clips_sim::Clip::renders_in(0.s()));
    service.prepare_clip(rhombus_clips_sim::Clip::renders_in(0.s()).then_fails("no footage"));
    let checkpoint = folder.path().join("export.json");
    let export = client.export_all([new_clip(), new_clip()]).max_requests(1);
    let mut stream = export
        .to_directory(folder.path())
        .checkpoint_file(&checkpoint)
        .stream();
    while let Some(update) = stream.next().await {
        search.check_debug("rhombus_clips::ExportUpdate", &update);
        search.check_debug("rhombus_clips::ExportCheckpoint", &stream.checkpoint());
        search.check_text("ExportCheckpoint: text", &stream.checkpoint().to_string());
        match update {
            ExportUpdate::Exported(exported) => {
                search.check_debug("rhombus_clips::ExportedClip", &exported);
            }
            ExportUpdate::Downloading { progress, .. } => {
                search.check_debug("rhombus_clips::DownloadProgress", &progress);
            }
            ExportUpdate::Failed { error, .. } => check_error(search, &error),
            _ => {}
        }
    }
    check_directory(search, folder.path());
}

fn check_error(search: &mut KeySearch, error: &Error) {
    search.check_text("download: errors", &error_text(error));
    search.check_error("download: errors", error);
    search.check_text("download: errors", error.body().unwrap_or_default());
    search.check_text("download: errors", error.request_id().unwrap_or_default());
}

/// Searches names and contents of files.
fn check_directory(search: &mut KeySearch, directory: &Path) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        search.check_text("files of downloads", &path.to_string_lossy());
        let bytes = fs::read(&path).unwrap();
        search.check_text("files of downloads", &String::from_utf8_lossy(&bytes));
    }
}
