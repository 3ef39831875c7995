//! Exports: from a camera and a time to verified files, whatever interrupts them.

use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::{Duration, UNIX_EPOCH};

use rhombus_clips::{
    CameraUuid, Client, ClipUuid, ErrorKind, Export, ExportCheckpoint, ExportUpdate, NewClip,
};
use rhombus_clips_sim::prelude::*;
use rhombus_clips_sim::{Behavior, SeveralClips};
use tempfile::TempDir;

struct Setup {
    service: Service,
    client: Client,
    cameras: [CameraUuid; 2],
    directory: TempDir,
}

impl Setup {
    async fn with(behavior: Behavior) -> Self {
        let service = Service::builder().behavior(behavior).start().await.unwrap();
        let client = Client::builder()
            .base_url(service.base_url())
            .media_url(service.media_url())
            .api_key(service.api_key())
            .build()
            .unwrap();
        let cameras =
            ["Dock", "Door"].map(|name| service.add_camera(camera(name)).parse().unwrap());
        Self {
            service,
            client,
            cameras,
            directory: tempfile::tempdir().unwrap(),
        }
    }

    async fn new() -> Self {
        Self::with(Behavior::default()).await
    }

    /// A minute of the first camera; of each index another one.
    fn new_clip(&self, index: u64) -> NewClip {
        let start = UNIX_EPOCH + Duration::from_secs(1_767_000_000 + 60 * index);
        let range = start..start + Duration::from_secs(60);
        NewClip::builder(self.cameras[0], range).build().unwrap()
    }

    fn files(&self) -> Vec<String> {
        let entries = std::fs::read_dir(self.directory.path()).unwrap();
        let mut names: Vec<_> = entries
            .map(|entry| entry.unwrap().file_name().into_string().unwrap())
            .collect();
        names.sort();
        names
    }

    /// Asserts that these files and no others are there, each that of its clip.
    async fn assert_files(&self, uuids: &[ClipUuid]) {
        let names = self.files();
        assert_eq!(names.len(), uuids.len(), "{names:?}");
        for uuid in uuids {
            let clip = self.client.get_clip(*uuid).await.unwrap();
            let name = self.client.download(&clip).file_name();
            let length = std::fs::metadata(self.directory.path().join(&name))
                .unwrap()
                .len();
            assert_eq!(Some(length), clip.byte_count(), "{name}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn the_stages_of_one_export() {
    let setup = Setup::new().await;
    let mut stream = setup
        .client
        .export(setup.new_clip(0))
        .to_directory(setup.directory.path())
        .stream();
    let mut stages = Vec::new();
    let mut exported = None;
    while let Some(update) = stream.next().await {
        let stage = match update {
            ExportUpdate::Created { .. } => "created",
            ExportUpdate::Rendering { .. } => "rendering",
            ExportUpdate::Downloading { .. } => "downloading",
            ExportUpdate::Exported(clip) => {
                exported = Some(clip);
                "exported"
            }
            other => panic!("{other:?}"),
        };
        if stages.last() != Some(&stage) {
            stages.push(stage);
        }
    }
    assert_eq!(stages, ["created", "rendering", "downloading", "exported"]);
    let exported = exported.unwrap();
    assert!(exported.clip().is_complete() && exported.file().verification().is_sha256_verified());
    assert!(stream.checkpoint().is_empty());
    setup.assert_files(&[exported.clip().uuid()]).await;
    assert_eq!(setup.service.created_clips().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn many_exports_have_bounded_requests_and_downloads() {
    let setup = Setup::new().await;
    let slow = Fault::map_response(|response| response.at_rate(10_000)).for_operation("media");
    setup.service.inject(slow);
    let new_clips = (0..40).map(|index| setup.new_clip(index));
    let mut stream = setup
        .client
        .export_all(new_clips)
        .max_downloads(3)
        .to_directory(setup.directory.path())
        .stream();
    let mut uuids = Vec::new();
    let mut loading = std::collections::BTreeSet::new();
    while let Some(update) = stream.next().await {
        match update {
            ExportUpdate::Downloading { uuid, .. } => {
                loading.insert(uuid);
                assert!(loading.len() <= 3);
            }
            ExportUpdate::Exported(clip) => {
                loading.remove(&clip.clip().uuid());
                uuids.push(clip.clip().uuid());
            }
            ExportUpdate::Failed { error, .. } => panic!("{error:?}"),
            _ => {}
        }
    }
    assert_eq!(uuids.len(), 40);
    setup.assert_files(&uuids).await;
}

#[tokio::test(start_paused = true)]
async fn several_cameras_are_exported_whatever_clips_they_make() {
    for several in [
        SeveralClips::Joined,
        SeveralClips::Each,
        SeveralClips::Parent,
    ] {
        for completes in [false, true] {
            let mut behavior = Behavior::default();
            behavior.several_cameras = several;
            behavior.placeholder_completes = completes;
            let setup = Setup::with(behavior).await;
            let start = UNIX_EPOCH + Duration::from_secs(1_767_000_000);
            let new_clip =
                NewClip::builder(setup.cameras[0], start..start + Duration::from_secs(60))
                    .device(setup.cameras[1])
                    .build()
                    .unwrap();
            let export = setup
                .client
                .export(new_clip)
                .to_directory(setup.directory.path());
            let exported = export.await.unwrap();
            let expected = match several {
                SeveralClips::Joined => 1,
                _ => 2,
            };
            assert_eq!(exported.len(), expected, "{several:?} {completes}");
            assert_eq!(setup.files().len(), expected);
        }
    }
}

#[tokio::test(start_paused = true)]
async fn one_failure_does_not_stop_the_others() {
    let setup = Setup::new().await;
    setup
        .service
        .prepare_clip(clip().renders_in(10.s()).then_fails("No footage"));
    let export = setup
        .client
        .export_all([setup.new_clip(0), setup.new_clip(1)])
        .max_requests(1);
    let mut stream = export.to_directory(setup.directory.path()).stream();
    let (mut exported, mut failed) = (0, Vec::new());
    while let Some(update) = stream.next().await {
        match update {
            ExportUpdate::Exported(_) => exported += 1,
            ExportUpdate::Failed {
                request,
                uuid,
                error,
            } => {
                failed.push((request, uuid.is_some(), error.kind()));
            }
            _ => {}
        }
    }
    assert_eq!(exported, 1);
    assert_eq!(failed, [(0, true, ErrorKind::ClipFailed)]);
    // What failed for good is not tried again.
    assert!(stream.checkpoint().is_empty());
}

type Stored = Arc<Mutex<Vec<String>>>;

fn storing(export: Export, directory: &Path, stored: &Stored) -> Export {
    let stored = stored.clone();
    export
        .to_directory(directory)
        .create(|create| create.not_found_grace_period(Duration::from_secs(10)))
        .save_checkpoints(move |checkpoint| {
            stored.lock().unwrap().push(checkpoint.to_string());
            Ok(())
        })
}

/// Ends an export after each number of updates and continues it from the last stored checkpoint.
#[tokio::test(start_paused = true)]
async fn an_export_that_is_stopped_anywhere_is_continued_without_a_second_request() {
    for stop_after in 0..40 {
        let setup = Setup::new().await;
        let stored = Stored::default();
        let export = setup
            .client
            .export_all([setup.new_clip(0), setup.new_clip(1)]);
        let mut stream = storing(export, setup.directory.path(), &stored).stream();
        let mut is_over = false;
        for _ in 0..stop_after {
            is_over |= stream.next().await.is_none();
        }
        drop(stream);
        let last = stored.lock().unwrap().last().cloned();
        let Some(last) = last else {
            assert_eq!(setup.service.created_clips().len(), 0);
            continue;
        };
        let checkpoint: ExportCheckpoint = last.parse().unwrap();
        let export = setup.client.resume_export(checkpoint);
        storing(export, setup.directory.path(), &stored)
            .await
            .unwrap();
        let created = setup.service.created_clips();
        assert_eq!(created.len(), 2, "after {stop_after} updates");
        let uuids: Vec<ClipUuid> = created.iter().map(|it| it.uuid.parse().unwrap()).collect();
        setup.assert_files(&uuids).await;
        if is_over {
            return;
        }
    }
}

/// The request of the earlier process did not arrive: no list has its token, so the clip is requested.
#[tokio::test(start_paused = true)]
async fn a_request_that_did_not_arrive_is_sent_after_a_search() {
    let setup = Setup::new().await;
    let stored = Stored::default();
    setup.service.pause_listening().await;
    let export = setup.client.export(setup.new_clip(0));
    let mut stream = storing(export, setup.directory.path(), &stored).stream();
    let _ = tokio::time::timeout(Duration::from_secs(5), stream.next()).await;
    drop(stream);
    setup.service.resume_listening().await.unwrap();
    let checkpoint: ExportCheckpoint = stored.lock().unwrap()[0].parse().unwrap();
    let export = setup.client.resume_export(checkpoint.clone());
    storing(export, setup.directory.path(), &stored)
        .await
        .unwrap();
    assert_eq!(setup.service.created_clips().len(), 1);
    let lists = setup.service.verify_operation("getClipsWithProgress");
    lists.at_least(1);
    // Once more from the same checkpoint: the clip is found.
    let export = setup.client.resume_export(checkpoint);
    storing(export, setup.directory.path(), &stored)
        .await
        .unwrap();
    assert_eq!(setup.service.created_clips().len(), 1);
}

#[tokio::test(start_paused = true)]
async fn without_a_token_nothing_is_requested_again() {
    let setup = Setup::new().await;
    let stored = Stored::default();
    setup.service.pause_listening().await;
    let export = setup.client.export(setup.new_clip(0)).token(false);
    let mut stream = storing(export, setup.directory.path(), &stored).stream();
    let _ = tokio::time::timeout(Duration::from_secs(5), stream.next()).await;
    drop(stream);
    setup.service.resume_listening().await.unwrap();
    let checkpoint: ExportCheckpoint = stored.lock().unwrap()[0].parse().unwrap();
    let export = setup.client.resume_export(checkpoint);
    let error = storing(export, setup.directory.path(), &stored)
        .await
        .unwrap_err();
    assert!(error.is_outcome_unknown(), "{error}");
    setup.service.verify_operation("spliceV3").count(0);
    let left: ExportCheckpoint = stored.lock().unwrap().last().unwrap().parse().unwrap();
    assert_eq!(left.len(), 1);
}

#[tokio::test(start_paused = true)]
async fn nothing_is_requested_if_the_checkpoint_cannot_be_stored() {
    let setup = Setup::new().await;
    let file = setup.directory.path().join("no/such/directory/export.json");
    let export = setup.client.export(setup.new_clip(0)).checkpoint_file(file);
    let error = export.await.unwrap_err();
    assert!(error.is_storage(), "{error}");
    setup.service.verify_operation("spliceV3").count(0);
}

#[tokio::test(start_paused = true)]
async fn a_download_that_fails_stays_in_the_checkpoint() {
    let setup = Setup::new().await;
    setup
        .service
        .inject(fault(Response::status(400)).for_operation("media"));
    let file = setup.directory.path().join("export.json");
    let files = setup.directory.path().join("files");
    let export = setup.client.export(setup.new_clip(0)).to_directory(&files);
    let error = export.checkpoint_file(&file).await.unwrap_err();
    assert!(error.is_unexpected_status(), "{error}");
    setup.service.clear_faults();
    let text = std::fs::read_to_string(&file).unwrap();
    let export = setup
        .client
        .resume_export(text.parse().unwrap())
        .to_directory(&files);
    assert_eq!(export.checkpoint_file(&file).await.unwrap().len(), 1);
    let left: ExportCheckpoint = std::fs::read_to_string(&file).unwrap().parse().unwrap();
    assert!(left.is_empty());
    assert_eq!(setup.service.created_clips().len(), 1);
}
