//! Searches the requests and the results of every operation.

use std::time::{Duration, UNIX_EPOCH};

use rhombus_clips::types::SplicedClip;
use rhombus_clips::{CameraUuid, Client, DeviceFacetUuid, Facet, NewClip};
use rhombus_clips_api::{Credentials, Settings, Skipped};
use rhombus_clips_sim::{Fault, Service};
use rhombus_clips_tests::canary::{KEY, KeySearch, unescape_json};
use rhombus_clips_tests::client_for;
use rhombus_clips_tests::operations::{Subject, calls};
use serde_json::Value;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::{TcpListener, TcpStream};

/// Adds the key to every object, and to every text that no request repeats and no call depends on.
fn spread(value: &mut Value, echo: &str) {
    match value {
        Value::Object(object) => {
            for (name, value) in object.iter_mut() {
                let is_needed = ["status", "visibility"].contains(&name.as_str());
                if !name.to_lowercase().contains("uuid") && !is_needed {
                    spread(value, echo);
                }
            }
            object.insert("echo".to_owned(), echo.into());
            object.insert(echo.to_owned(), echo.into());
        }
        Value::Array(items) => items.iter_mut().for_each(|item| spread(item, echo)),
        Value::String(text) => *text = format!("{text} {echo}"),
        _ => {}
    }
}

/// Results of every operation, of responses that contain the key wherever it fits.
pub(crate) async fn check_outputs(search: &mut KeySearch, echo: &str) {
    for call in calls() {
        let service = Service::builder().api_key(KEY).start().await.unwrap();
        let subject = Subject::add_to(&service);
        let text = unescape_json(echo);
        service.inject(Fault::map_json(move |body| {
            spread(body, &text);
            body["warningMsg"] = text.clone().into();
        }));
        match call.run(&client_for(&service), subject).await {
            Ok(output) => search.check_text(&format!("result of {}", call.operation), &output),
            Err(error) => panic!("{}: {error:?}", call.operation),
        }
    }
}

/// Bytes of every request on their way, without the header that carries the key.
pub(crate) async fn check_requests(search: &mut KeySearch) {
    for call in calls() {
        let service = Service::builder().api_key(KEY).start().await.unwrap();
        let subject = Subject::add_to(&service);
        let relay = Relay::start(&service).await;
        let client = Client::builder().api_key(KEY).base_url(&relay.base_url);
        let client = client.build().unwrap();
        call.run(&client, subject).await.unwrap();
        drop(client);
        let requests = relay.requests().await;
        let header = format!("x-auth-apikey: {KEY}\r\n");
        let count = service.requests().len();
        assert_eq!(
            requests.matches(&header).count(),
            count,
            "{}",
            call.operation
        );
        let rest = requests.replace(&header, "");
        search.check_text(&format!("request of {}", call.operation), &rest);
    }
}

/// Forwards connections to a service, and keeps what the client sent.
struct Relay {
    base_url: String,
    task: tokio::task::JoinHandle<String>,
    stop: tokio::sync::oneshot::Sender<()>,
}

impl Relay {
    async fn start(service: &Service) -> Self {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.unwrap();
        let base_url = format!("http://{}", listener.local_addr().unwrap());
        let address = service.address();
        let (stop, mut stopped) = tokio::sync::oneshot::channel();
        let task = tokio::spawn(async move {
            let mut sent = String::new();
            let mut connections = tokio::task::JoinSet::new();
            loop {
                tokio::select! {
                    _ = &mut stopped => break,
                    accepted = listener.accept() => {
                        let (stream, _) = accepted.unwrap();
                        let upstream = TcpStream::connect(address).await.unwrap();
                        connections.spawn(forward(stream, upstream));
                    }
                }
            }
            while let Some(text) = connections.join_next().await {
                sent += &text.unwrap();
            }
            sent
        });
        Self {
            base_url,
            task,
            stop,
        }
    }

    /// Returns everything that was sent, after all clients are gone.
    async fn requests(self) -> String {
        let _ = self.stop.send(());
        self.task.await.unwrap()
    }
}

/// Forwards a connection until the client closes it; returns what the client sent.
async fn forward(client: TcpStream, upstream: TcpStream) -> String {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_upstream, mut to_upstream) = upstream.into_split();
    let responses = tokio::spawn(async move {
        let _ = tokio::io::copy(&mut from_upstream, &mut to_client).await;
    });
    let mut sent = Vec::new();
    let mut buffer = vec![0; 64 * 1024];
    while let Ok(count @ 1..) = from_client.read(&mut buffer).await {
        sent.extend_from_slice(&buffer[..count]);
        if to_upstream.write_all(&buffer[..count]).await.is_err() {
            break;
        }
    }
    drop(to_upstream);
    let _ = responses.await;
    String::from_utf8_lossy(&sent).into_owned()
}

/// Values around the operations, and the builders of their requests.
pub(crate) async fn check_values(search: &mut KeySearch) {
    let service = Service::builder().api_key(KEY).start().await.unwrap();
    let subject = Subject::add_to(&service);
    let client = client_for(&service);
    let camera = CameraUuid::from_bytes([1; 16]);
    search.check_debug("rhombus_clips::CameraUuid", &camera);
    search.check_debug(
        "rhombus_clips::DeviceFacetUuid",
        &DeviceFacetUuid::from(camera),
    );
    search.check_debug("rhombus_clips::Facet", &Facet::Video(0));
    let invalid = KEY.parse::<CameraUuid>().unwrap_err();
    search.check_error("rhombus_clips::ParseCameraUuidError", &invalid);
    search.check_debug("rhombus_clips::ParseCameraUuidError", &invalid);
    let invalid = KEY.parse::<DeviceFacetUuid>().unwrap_err();
    search.check_error("rhombus_clips::ParseDeviceFacetUuidError", &invalid);
    search.check_debug("rhombus_clips::ParseDeviceFacetUuidError", &invalid);
    let start = UNIX_EPOCH + Duration::from_secs(1_767_000_000);
    let builder = NewClip::builder(camera, start..start + Duration::from_secs(60));
    search.check_debug("rhombus_clips::NewClipBuilder", &builder);
    search.check_debug("rhombus_clips::NewClip", &builder.build().unwrap());

    let cameras = client.cameras().await.unwrap();
    search.check_debug("rhombus_clips::Cameras", &cameras);
    search.check_debug("rhombus_clips::Camera", &cameras[0]);
    let created = client.create_clip(subject.new_clip()).await.unwrap();
    search.check_debug("rhombus_clips::CreatedClips", &created);
    search.check_debug("rhombus_clips::FootageReport", &created.footage()[0]);
    search.check_text("FootageReport: text", &created.footage()[0].to_string());
    search.check_debug(
        "rhombus_clips::FootagePolicy",
        &rhombus_clips::FootagePolicy::Any,
    );
    for clip in client.clips_in_progress().await.unwrap() {
        search.check_debug("rhombus_clips::ClipInProgress", &clip);
        let _: &SplicedClip = clip.record();
    }
    search.check_debug("rhombus_clips::ListCameras", &client.cameras());
    search.check_debug("rhombus_clips::ListClips", &client.list_clips());
    search.check_debug(
        "rhombus_clips::ListClipsStream",
        &client.list_clips().stream(),
    );
    search.check_debug(
        "rhombus_clips::ListClipsInProgress",
        &client.clips_in_progress(),
    );
    search.check_debug(
        "rhombus_clips::GetMaxClipDuration",
        &client.max_clip_duration(),
    );
    search.check_debug(
        "rhombus_clips::CreateClip",
        &client.create_clip(subject.new_clip()),
    );
    let uuid = subject.complete;
    search.check_debug("rhombus_clips::CancelClip", &client.cancel_clip(uuid));
    search.check_debug("rhombus_clips::RetryClip", &client.retry_clip(uuid));
    search.check_debug(
        "rhombus_clips::UpdateClip",
        &client.update_clip(uuid).title("Door"),
    );
    search.check_debug("rhombus_clips::DeleteClip", &client.delete_clip(uuid));
    let canceled = client.cancel_clip(uuid).await.unwrap();
    search.check_debug("rhombus_clips::CancelResult", &canceled);
    let retried = client.retry_clip(uuid).await.unwrap();
    search.check_debug("rhombus_clips::RetryResult", &retried);
    let updated = client.update_clip(uuid).title("Door").await.unwrap();
    search.check_debug("rhombus_clips::UpdateResult", &updated);
    let deleted = client.delete_clip(uuid).await.unwrap();
    search.check_debug("rhombus_clips::DeleteResult", &deleted);
    let call = client.call(|api| async move {
        let request = rhombus_clips::types::GetMaxSpliceDurationRequest::new();
        search_low_level(&api);
        api.get_max_splice_duration(&request).await
    });
    search.check_debug("rhombus_clips::ApiCall", &call);
    let response = call.await.unwrap();
    let common = rhombus_clips::api::OperationResponse::common(&response);
    search.check_debug("rhombus_clips_api::CommonProperties", &common);
    let settings = Settings::from(Credentials::api_token(KEY).unwrap());
    let (settings, single_request) = settings.for_single_request();
    search.check_debug("rhombus_clips_api::Settings", &settings);
    search.check_debug("rhombus_clips_api::SingleRequest", &single_request);
    search.check_debug("rhombus_clips_api::Skipped", &Skipped);
}

/// The lent client, which has the credentials.
fn search_low_level(api: &rhombus_clips::api::Client) {
    let mut search = KeySearch::new();
    search.check_debug("a lent client", api);
    assert_eq!(search.findings(), [""; 0]);
}
