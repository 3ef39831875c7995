//! An export in a process of its own that kills itself at a checkpoint.

use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, UNIX_EPOCH};

use rhombus_clips::{CameraUuid, Client, ExportCheckpoint, NewClip};
use serde::{Deserialize, Serialize};

/// Environment variable with the job of this process.
const JOB: &str = "RHOMBUS_CLIPS_TEST_EXPORT";

/// Name of the test that carries out a job.
const TEST: &str = "exporter::carry_out_the_job_of_this_process";

/// An export, and the checkpoint at which its process ends.
#[derive(Clone, Debug, Deserialize, Serialize)]
pub(crate) struct Job {
    pub(crate) base_url: String,
    pub(crate) media_url: String,
    pub(crate) api_key: String,
    pub(crate) camera: String,
    pub(crate) start_sec: u64,
    pub(crate) directory: PathBuf,
    pub(crate) checkpoint: PathBuf,
    /// Number of the checkpoint, from 1, and whether it is stored before the kill; 0 for none.
    pub(crate) kill_at: (usize, bool),
}

impl Job {
    /// Returns the command that carries out the job.
    pub(crate) fn command(&self) -> Command {
        let mut command = Command::new(std::env::current_exe().unwrap());
        command.args(["--exact", TEST, "--ignored", "--nocapture"]);
        command.env(JOB, serde_json::to_string(self).unwrap());
        command
    }
}

#[test]
#[ignore = "it is the process that the tests of this module start"]
fn carry_out_the_job_of_this_process() {
    let Ok(job) = std::env::var(JOB) else { return };
    let job: Job = serde_json::from_str(&job).unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    runtime.block_on(export(job));
}

async fn export(job: Job) {
    let client = Client::builder()
        .api_key(job.api_key.as_str())
        .base_url(&job.base_url)
        .media_url(&job.media_url)
        .build()
        .unwrap();
    let mut expected = 1;
    let export = match fs::read_to_string(&job.checkpoint) {
        Ok(text) => {
            let checkpoint: ExportCheckpoint = text.parse().unwrap();
            // None after a kill at the last checkpoint.
            expected = checkpoint.len();
            client.resume_export(checkpoint)
        }
        Err(_) => {
            let start = UNIX_EPOCH + Duration::from_secs(job.start_sec);
            let camera: CameraUuid = job.camera.parse().unwrap();
            let new_clip = NewClip::builder(camera, start..start + Duration::from_secs(60));
            client.export(new_clip.build().unwrap())
        }
    };
    let count = AtomicUsize::new(0);
    let (file, kill_at) = (job.checkpoint.clone(), job.kill_at);
    let exported = export
        .to_directory(&job.directory)
        .create(|create| create.not_found_grace_period(Duration::from_secs(1)))
        .watch(|watch| watch.interval(Duration::from_millis(50)))
        .save_checkpoints(move |checkpoint| {
            let number = count.fetch_add(1, Ordering::SeqCst) + 1;
            if kill_at == (number, false) {
                kill_this_process();
            }
            store(&file, checkpoint)?;
            if kill_at == (number, true) {
                kill_this_process();
            }
            Ok(())
        })
        .await
        .unwrap();
    assert_eq!(exported.len(), expected);
}

fn store(path: &Path, checkpoint: &ExportCheckpoint) -> io::Result<()> {
    let new = path.with_extension("new");
    let mut file = fs::File::create(&new)?;
    write!(file, "{checkpoint}")?;
    file.sync_all()?;
    fs::rename(new, path)
}

fn kill_this_process() {
    let pid = std::process::id().to_string();
    Command::new("kill").args(["-KILL", &pid]).status().unwrap();
    unreachable!("the process was killed");
}
