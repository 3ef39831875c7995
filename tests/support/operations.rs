//! A call of the library for each operation of the service.

use std::pin::Pin;
use std::time::{Duration, UNIX_EPOCH};

use rhombus_clips::retry::{Effect, Operation};
use rhombus_clips::types::GetCameraPresenceWindowsRequest;
use rhombus_clips::{CameraUuid, Client, ClipUuid, Error, FootagePolicy, NewClip};
use rhombus_clips_sim::{Clip, ClipStatus, Service, Step, camera};

/// The camera and the clips that the calls are about.
#[derive(Clone, Copy, Debug)]
pub struct Subject {
    pub camera: CameraUuid,
    /// A clip that is complete.
    pub complete: ClipUuid,
    /// A clip that has failed.
    pub failed: ClipUuid,
    /// A clip that is being rendered.
    pub running: ClipUuid,
    /// Grace period of a clip that is created.
    pub grace_period: Duration,
}

impl Subject {
    /// Adds a camera and clips to a service.
    pub fn add_to(service: &Service) -> Self {
        let stays = |status| Clip::by_request([Step::new(status)]);
        let failing = Clip::renders_in(Duration::ZERO).then_fails("Camera gave no footage");
        let running = Clip::renders_in(Duration::from_secs(3600));
        Self {
            camera: service.add_camera(camera("Loading dock")).parse().unwrap(),
            complete: crate::add(service, stays(ClipStatus::Complete)),
            failed: crate::add(service, failing),
            running: crate::add(service, running),
            grace_period: Duration::from_secs(20),
        }
    }

    /// A clip of a minute in the year before the service starts.
    pub fn new_clip(&self) -> NewClip {
        let start = UNIX_EPOCH + Duration::from_secs(1_767_000_000);
        let builder = NewClip::builder(self.camera, start..start + Duration::from_secs(60));
        builder.title("Delivery").build().unwrap()
    }
}

/// Result of a call, as its debug output.
pub type CallResult = Result<String, Error>;
type CallFuture = Pin<Box<dyn Future<Output = CallResult> + Send>>;

/// A call whose request is for an operation.
#[derive(Clone, Copy)]
pub struct OperationCall {
    pub operation: &'static str,
    run: fn(Client, Subject) -> CallFuture,
}

impl OperationCall {
    pub fn run(self, client: &Client, subject: Subject) -> CallFuture {
        (self.run)(client.clone(), subject)
    }

    pub fn is_write(self) -> bool {
        Effect::of(self.operation) == Effect::Write
    }
}

/// Returns a call for each operation that the client has.
pub fn calls() -> Vec<OperationCall> {
    /// Converts what the code block evaluates to, a result, to that of a call.
    macro_rules! call {
        ($operation:literal, |$client:ident, $subject:ident| $call:expr) => {
            OperationCall {
                operation: $operation,
                run: |$client, $subject| {
                    Box::pin(async move {
                        let _ = &$subject;
                        let output = $call.await?;
                        Ok(format!("{output:?}"))
                    })
                },
            }
        };
    }
    let calls = vec![
        call!("cancelSpliceV2", |client, subject| client
            .cancel_clip(subject.running)),
        call!("deleteSavedClip", |client, subject| client
            .delete_clip(subject.complete)),
        call!("getCameraPresenceWindows", |client, subject| {
            let request = GetCameraPresenceWindowsRequest::new()
                .with_camera_uuid(subject.camera.to_string())
                .with_start_time_sec(1_767_000_000)
                .with_duration_sec(60);
            client.call(move |api| {
                let request = request.clone();
                async move { api.get_camera_presence_windows(&request).await }
            })
        }),
        call!("getClipWithProgress", |client, subject| client
            .get_clip(subject.complete)),
        call!("getClipsWithProgress", |client, subject| client
            .list_clips()
            .collect()),
        call!("getMaxSpliceDuration", |client, subject| client
            .max_clip_duration()),
        call!("getMinimalCameraStateList", |client, subject| client
            .cameras()),
        call!("getSplicedClipsInProgress", |client, subject| client
            .clips_in_progress()),
        call!("retrySplice", |client, subject| client
            .retry_clip(subject.failed)),
        call!("spliceV3", |client, subject| {
            client
                .create_clip(subject.new_clip())
                .footage(FootagePolicy::Off)
                .not_found_grace_period(subject.grace_period)
        }),
        call!("updateSavedClip", |client, subject| {
            client.update_clip(subject.complete).title("Pallet")
        }),
    ];
    let operations: Vec<&str> = calls.iter().map(|call| call.operation).collect();
    let all: Vec<&str> = Operation::ALL.iter().map(Operation::id).collect();
    assert_eq!(operations, all);
    calls
}
