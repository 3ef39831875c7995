//! The simulated service in a separate process, so that measurements cover the client only. The
//! process runs the benchmark's own executable.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};

use rhombus_clips::{Client, ClipUuid};
use rhombus_clips_sim::{Clip, ClipStatus, Service, Step};

use super::BenchResult;

/// Environment variable of the service process, with the number and the status of its clips, and the length of
/// their files.
const SERVICE_ENV: &str = "RHOMBUS_CLIPS_BENCH_SERVICE";

/// Runs the service until the end of standard input, if this process was started for it.
pub(crate) fn serve_if_requested() -> BenchResult<bool> {
    let Ok(settings) = std::env::var(SERVICE_ENV) else {
        return Ok(false);
    };
    let mut settings = settings.split(' ');
    let mut setting = || settings.next().ok_or("a setting is missing");
    let (clips, status, file_size) = (setting()?, setting()?, setting()?.parse()?);
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let service = runtime.block_on(Service::start())?;
    let step = Step::new(ClipStatus::from(status))
        .percent(40)
        .operation("Processing video");
    let urls = (service.base_url(), service.media_url());
    println!("{} {} {}", urls.0, urls.1, service.api_key());
    for _ in 0..clips.parse()? {
        let clip = Clip::scripted([step.clone()]).file_size(file_size);
        println!("{}", service.add(clip));
    }
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(true)
}

pub(crate) struct SimulatedService {
    process: Child,
    pub(crate) base_url: String,
    #[allow(dead_code, reason = "one benchmark uses it")]
    pub(crate) media_url: String,
    pub(crate) api_key: String,
    pub(crate) uuids: Vec<ClipUuid>,
}

#[allow(dead_code, reason = "each benchmark uses a part of it")]
impl SimulatedService {
    /// Starts a service with this number of clips, which keep this status.
    pub(crate) fn start(clips: usize, status: ClipStatus) -> BenchResult<Self> {
        Self::with_files(clips, status, 0)
    }

    /// Starts a service whose clips have files of this length in bytes.
    pub(crate) fn with_files(
        clips: usize,
        status: ClipStatus,
        file_size: u64,
    ) -> BenchResult<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .env(SERVICE_ENV, format!("{clips} {status} {file_size}"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = process.stdout.take().ok_or("no output")?;
        let mut lines = BufReader::new(output).lines();
        let endpoint = lines.next().ok_or("no service")??;
        let (base_url, rest) = endpoint.split_once(' ').ok_or("no media host")?;
        let (media_url, api_key) = rest.split_once(' ').ok_or("no key")?;
        let uuids: BenchResult<Vec<_>> = lines.take(clips).map(|line| Ok(line?.parse()?)).collect();
        Ok(Self {
            process,
            base_url: base_url.to_owned(),
            media_url: media_url.to_owned(),
            api_key: api_key.to_owned(),
            uuids: uuids?,
        })
    }

    pub(crate) fn client(&self) -> BenchResult<Client> {
        let client = Client::builder()
            .api_key(self.api_key.as_str())
            .base_url(self.base_url.as_str())
            .media_url(self.media_url.as_str());
        Ok(client.build()?)
    }

    /// URL of the operation.
    pub(crate) fn operation_url(&self) -> String {
        format!("{}/api/event/getClipWithProgress", self.base_url)
    }
}

impl Drop for SimulatedService {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
