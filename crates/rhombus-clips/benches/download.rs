//! CPU time and peak memory of the download of 1 GiB, relative to `curl` and `openssl dgst`.
//!
//! Run it with `cargo bench -p rhombus-clips --bench download`, on Linux with both programs. The simulated media
//! host is a separate process, whose CPU time is not counted. The library and `curl -o FILE && openssl dgst -sha256
//! FILE` load the same file over loopback to the same disk, in turn, each in a process of its own; the library also
//! verifies the hash, and makes the file durable.

mod support;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use rhombus_clips::{Client, ClipUuid};
use rhombus_clips_sim::ClipStatus;

use support::{BenchReport, BenchResult, SimulatedService, serve_if_requested};

/// Length of the file.
const FILE_BYTES: u64 = 1 << 30;

/// Rounds; the result is their median. Chosen, not tuned.
const ROUNDS: usize = 5;

/// Environment variable of a process that downloads, with what it needs.
const DOWNLOAD_ENV: &str = "RHOMBUS_CLIPS_BENCH_DOWNLOAD";

/// Clock ticks per second in `/proc`, which Linux fixes for programs.
const TICKS_PER_SEC: f64 = 100.0;

fn main() -> BenchResult<()> {
    if serve_if_requested()? || download_if_requested()? {
        return Ok(());
    }
    let service = SimulatedService::with_files(1, ClipStatus::Complete, FILE_BYTES)?;
    let directory = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("download-bench");
    fs::create_dir_all(&directory)?;
    let region = region(&service)?;
    let (mut library, mut reference, mut peaks) = (Vec::new(), Vec::new(), Vec::new());
    for round in 0..ROUNDS {
        for turn in 0..2 {
            let file = directory.join("file.mp4");
            let before = children_cpu_sec()?;
            match (round + turn) % 2 {
                0 => {
                    peaks.push(run_library(&service, &file)?);
                    library.push(children_cpu_sec()? - before);
                }
                _ => {
                    run_reference(&service, &region, &file)?;
                    reference.push(children_cpu_sec()? - before);
                }
            }
            fs::remove_file(&file)?;
        }
    }
    fs::remove_dir_all(&directory)?;
    let ratios = library
        .iter()
        .zip(&reference)
        .map(|(own, other)| own / other);
    let ratio = median(ratios.collect());
    let peak = median(peaks);
    let mut report = BenchReport::new();
    report.line(format!(
        "library               {:.2} s of CPU time",
        median(library)
    ));
    report.line(format!(
        "curl && openssl dgst  {:.2} s of CPU time",
        median(reference)
    ));
    report.line(format!(
        "ratio {ratio:.2}; peak memory of the library {peak:.1} MiB"
    ));
    report.figure("download.cpu_ratio", ratio);
    report.figure("download.peak_mib", peak);
    report.finish();
    Ok(())
}

/// Downloads in this process if it was started for it, and prints its peak memory in KiB.
fn download_if_requested() -> BenchResult<bool> {
    let Ok(settings) = std::env::var(DOWNLOAD_ENV) else {
        return Ok(false);
    };
    let settings: Vec<&str> = settings.splitn(5, ' ').collect();
    let [base_url, media_url, api_key, uuid, file] = settings[..] else {
        return Err("a setting is missing".into());
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let client = Client::builder()
            .api_key(api_key)
            .base_url(base_url)
            .media_url(media_url)
            .build()?;
        let clip = client.get_clip(uuid.parse::<ClipUuid>()?).await?;
        let file = client.download(&clip).to_file(file).await?;
        assert!(file.verification().is_sha256_verified());
        BenchResult::Ok(())
    })?;
    println!("{}", status_value("/proc/self/status", "VmHWM:")?);
    Ok(true)
}

/// Returns the peak memory in MiB.
fn run_library(service: &SimulatedService, file: &Path) -> BenchResult<f64> {
    let SimulatedService {
        base_url,
        media_url,
        api_key,
        uuids,
        ..
    } = service;
    let settings = format!(
        "{base_url} {media_url} {api_key} {} {}",
        uuids[0],
        file.display()
    );
    let output = Command::new(std::env::current_exe()?)
        .env(DOWNLOAD_ENV, settings)
        .stderr(Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err("the download failed".into());
    }
    let kib: f64 = String::from_utf8(output.stdout)?.trim().parse()?;
    Ok(kib / 1024.0)
}

fn run_reference(service: &SimulatedService, region: &str, file: &Path) -> BenchResult<()> {
    let url = format!(
        "{}/media/metadata/{region}/{}.mp4",
        service.media_url, service.uuids[0]
    );
    let curl = Command::new("curl")
        .args([
            "--silent",
            "--fail",
            "--header",
            "x-auth-scheme: api-token",
            "--header",
        ])
        .arg(format!("x-auth-apikey: {}", service.api_key))
        .arg("--output")
        .arg(file)
        .arg(url)
        .status()?;
    let dgst = Command::new("openssl")
        .args(["dgst", "-sha256"])
        .arg(file)
        .output()?;
    match curl.success() && dgst.status.success() {
        true => Ok(()),
        false => Err("curl or openssl failed".into()),
    }
}

/// Region of the file.
fn region(service: &SimulatedService) -> BenchResult<String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let clip = runtime.block_on(async {
        service
            .client()?
            .get_clip(service.uuids[0])
            .await
            .map_err(Into::<Box<dyn std::error::Error + Send + Sync>>::into)
    })?;
    Ok(clip.region().ok_or("no region")?.to_owned())
}

/// CPU time of all child processes that have ended.
fn children_cpu_sec() -> BenchResult<f64> {
    let stat = fs::read_to_string("/proc/self/stat")?;
    // The name of the program, in parentheses, may contain spaces.
    let (_, fields) = stat.rsplit_once(") ").ok_or("no fields")?;
    let fields: Vec<&str> = fields.split(' ').collect();
    let ticks = |index: usize| {
        fields
            .get(index)
            .ok_or("no CPU time")?
            .parse::<f64>()
            .map_err(|_| "no CPU time")
    };
    Ok((ticks(13)? + ticks(14)?) / TICKS_PER_SEC)
}

fn status_value(path: &str, name: &str) -> BenchResult<u64> {
    let status = fs::read_to_string(path)?;
    let line = status.lines().find_map(|line| line.strip_prefix(name));
    let value = line.and_then(|line| line.split_whitespace().next());
    Ok(value.ok_or("no value")?.parse()?)
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
