//! Exports that are killed with SIGKILL, and continued.
//!
//! The service is a process of its own that survives. The kill points are events: a request that was sent, one
//! that was processed, a response that was received, a checkpoint before and after it is stored, and bytes of the
//! file. Each export has a range of its own. Whatever the point, the export ends with one clip and its verified
//! file, after one request.

#![cfg(target_os = "linux")]

mod exporter;
mod proxy;

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use rhombus_clips::Client;
use rhombus_clips_tests::program::program;
use serde_json::Value;
use tempfile::TempDir;
use tokio::sync::Semaphore;

use exporter::Job;
use proxy::{KillPoint, Proxy, Shared};

/// Kill points in all.
const POINTS: u64 = 200;

/// Exports at a time. Chosen, not tuned: they wait more than they compute.
const CONCURRENCY: usize = 6;

/// Length of the file that the simulated service makes.
const FILE_BYTES: usize = 6_000_000;

/// The service, which no kill reaches.
struct SimulatedService {
    process: Child,
    base_url: String,
    media_url: String,
    api_key: String,
    camera: String,
}

impl SimulatedService {
    async fn start() -> Self {
        let mut command = program();
        // A clip takes a tenth of a second.
        command.args(["simulate", "--speed", "300", "--output", "json"]);
        let mut process = command.stdout(Stdio::piped()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(process.stdout.take().unwrap())
            .read_line(&mut line)
            .unwrap();
        let announced: Value = serde_json::from_str(&line).unwrap();
        let text = |name: &str| announced[name].as_str().unwrap().to_owned();
        let client = Client::builder()
            .api_key(text("apiKey"))
            .base_url(text("baseUrl"))
            .build()
            .unwrap();
        let cameras = client.cameras().await.unwrap();
        Self {
            process,
            base_url: text("baseUrl"),
            media_url: text("mediaUrl"),
            api_key: text("apiKey"),
            camera: cameras.find("Loading dock").unwrap().uuid().to_string(),
        }
    }
}

impl Drop for SimulatedService {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// One export, with its proxies and directories.
struct Subject<'a> {
    service: &'a SimulatedService,
    shared: Arc<Shared>,
    api: Proxy,
    media: Proxy,
    folder: TempDir,
    start_sec: u64,
}

impl<'a> Subject<'a> {
    async fn new(service: &'a SimulatedService, index: u64) -> Self {
        let shared = Arc::new(Shared::default());
        let now = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap()
            .as_secs();
        Self {
            service,
            api: Proxy::start(&service.base_url, shared.clone()).await,
            media: Proxy::start(&service.media_url, shared.clone()).await,
            shared,
            folder: tempfile::tempdir().unwrap(),
            start_sec: now - 100_000 - 100 * index,
        }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// Returns the command of an export by the program; from its checkpoint if there is one.
    fn program(&self, directory: &str) -> Command {
        let mut command = program();
        let checkpoint = self.path("export.json");
        command
            .args([
                "export",
                "--json",
                "--interval",
                "0.05",
                "--not-found-grace-period",
                "1",
                "--checkpoint",
            ])
            .arg(&checkpoint)
            .arg("--dir")
            .arg(self.path(directory))
            .env("RHOMBUS_API_KEY", &self.service.api_key)
            .env("RHOMBUS_ENDPOINT_URL", &self.api.url)
            .env("RHOMBUS_MEDIA_URL", &self.media.url);
        let is_stored = std::fs::metadata(&checkpoint).is_ok_and(|metadata| metadata.len() > 0);
        if !is_stored {
            let time = |sec: u64| {
                let date =
                    httpdate::fmt_http_date(UNIX_EPOCH + std::time::Duration::from_secs(sec));
                // The program reads RFC 3339.
                rfc3339(&date)
            };
            command.arg(format!("--camera={}", self.service.camera));
            command.arg("--from").arg(time(self.start_sec));
            command.arg("--to").arg(time(self.start_sec + 60));
        }
        command
    }

    fn job(&self, directory: &str, kill_at: (usize, bool)) -> Job {
        Job {
            base_url: self.api.url.clone(),
            media_url: self.media.url.clone(),
            api_key: self.service.api_key.clone(),
            camera: self.service.camera.clone(),
            start_sec: self.start_sec,
            directory: self.path(directory),
            checkpoint: self.path("job.json"),
            kill_at,
        }
    }

    /// Asserts that there was one request, and that this directory has its file alone.
    fn assert_exported(&self, directory: &str, label: &str) {
        assert_eq!(
            self.shared.splices.load(Ordering::SeqCst),
            1,
            "{label}: requests: {:#?}",
            self.shared.log.lock().unwrap()
        );
        let names = names(&self.path(directory));
        assert_eq!(names.len(), 1, "{label}: {names:?}");
        assert!(names[0].ends_with(".mp4"), "{label}: {names:?}");
        let length = std::fs::metadata(self.path(directory).join(&names[0]))
            .unwrap()
            .len();
        assert_eq!(length, FILE_BYTES as u64, "{label}");
    }
}

/// Converts `Tue, 24 Nov 2026 14:02:00 GMT` to `2026-11-24T14:02:00Z`.
fn rfc3339(date: &str) -> String {
    let words: Vec<_> = date.split(' ').collect();
    let months = "JanFebMarAprMayJunJulAugSepOctNovDec";
    let month = months.find(words[2]).unwrap() / 3 + 1;
    format!("{}-{month:02}-{}T{}Z", words[3], words[1], words[4])
}

fn names(directory: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(directory).into_iter().flatten();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

/// Runs a command until it ends, or the event happens and it is killed. Returns whether it was killed.
async fn run_to(command: Command, shared: &Shared, label: &str) -> bool {
    let mut command = tokio::process::Command::from(command);
    command
        .stdout(Stdio::null())
        .stderr(Stdio::piped())
        .kill_on_drop(true);
    let mut child = command.spawn().unwrap();
    tokio::select! {
        biased;
        () = shared.reached.notified() => {
            child.kill().await.unwrap();
            true
        }
        status = child.wait() => {
            assert!(status.unwrap().success(), "{label}");
            false
        }
    }
}

/// Runs a command to its successful end, and returns its standard output.
async fn run(command: Command, label: &str) -> String {
    let output = tokio::process::Command::from(command)
        .output()
        .await
        .unwrap();
    let stderr = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{label}: {stderr}");
    String::from_utf8(output.stdout).unwrap()
}

/// Returns the kill point of an index: of the requests, in turn, or a seeded number of bytes.
fn point(index: u64) -> KillPoint {
    // The multiplier of a linear congruential generator, for numbers that look random.
    let seeded = index
        .wrapping_mul(6_364_136_223_846_793_005)
        .wrapping_add(1_442_695_040_888_963_407)
        >> 33;
    let number = usize::try_from(index / 4 % 7 + 1).unwrap();
    match index % 4 {
        0 => KillPoint::Sent(number),
        1 => KillPoint::Processed(number),
        2 => KillPoint::Received(number),
        _ => KillPoint::FileBytes(usize::try_from(seeded).unwrap() % (FILE_BYTES + 1)),
    }
}

/// Kills the program, and continues: every other time elsewhere, where no part of the file is.
async fn kill_program(service: &SimulatedService, index: u64) -> &'static str {
    let point = point(index);
    let label = format!("{point:?} ({index})");
    let subject = Subject::new(service, index).await;
    subject.shared.arm(point);
    let is_killed = run_to(subject.program("files"), &subject.shared, &label).await;
    subject.shared.arm(KillPoint::Never);
    let directory = match is_killed && index % 8 >= 4 {
        true => "elsewhere",
        false => "files",
    };
    if is_killed {
        let lines = run(subject.program(directory), &label).await;
        let saved = lines
            .lines()
            .find(|line| line.contains("\"event\":\"saved\""))
            .unwrap();
        let saved: Value = serde_json::from_str(saved).unwrap();
        assert_eq!(saved["sha256Verified"], true, "{label}");
    }
    subject.assert_exported(directory, &label);
    match (is_killed, point) {
        (false, _) => "not reached",
        (_, KillPoint::Sent(_)) => "request sent",
        (_, KillPoint::Processed(_)) => "request processed",
        (_, KillPoint::Received(_)) => "response received",
        _ => "bytes of the file",
    }
}

/// Lets an export of the library kill itself at a checkpoint, and continues.
async fn kill_at_checkpoint(service: &SimulatedService, index: u64) -> &'static str {
    let kill_at = (usize::try_from(index / 2 % 3 + 1).unwrap(), index % 2 == 1);
    let label = format!("checkpoint {kill_at:?} ({index})");
    let subject = Subject::new(service, index).await;
    subject.shared.arm(KillPoint::Never);
    let job = subject.job("files", kill_at);
    let output = tokio::process::Command::from(job.command())
        .output()
        .await
        .unwrap();
    let is_killed = !output.status.success();
    if is_killed {
        run(subject.job("files", (0, false)).command(), &label).await;
    }
    subject.assert_exported("files", &label);
    match (is_killed, kill_at.1) {
        (false, _) => "not reached",
        (true, false) => "before a checkpoint",
        (true, true) => "after a checkpoint",
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_export_that_is_killed_at_any_event_is_continued_with_one_request() {
    let service = SimulatedService::start().await;
    let counts = Mutex::new(BTreeMap::<&str, u32>::new());
    let permits = Semaphore::new(CONCURRENCY);
    let next = std::sync::atomic::AtomicU64::new(0);
    let killed = std::sync::atomic::AtomicU64::new(0);
    let worker = async || {
        while killed.load(Ordering::SeqCst) < POINTS {
            let _permit = permits.acquire().await.unwrap();
            let index = next.fetch_add(1, Ordering::SeqCst);
            assert!(index < 2 * POINTS, "too many events are not reached");
            let kind = match index % 5 {
                4 => kill_at_checkpoint(&service, index / 5).await,
                _ => kill_program(&service, 1000 + index - index / 5).await,
            };
            if kind != "not reached" {
                killed.fetch_add(1, Ordering::SeqCst);
            }
            *counts.lock().unwrap().entry(kind).or_default() += 1;
        }
    };
    let workers: Vec<_> = (0..CONCURRENCY).map(|_| worker()).collect();
    futures_util::future::join_all(workers).await;
    println!("kill points by event: {:?}", counts.lock().unwrap());
    assert!(killed.load(Ordering::SeqCst) >= POINTS);
}
