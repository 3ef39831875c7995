//! The simulated service in a process of its own: this program, called again, so that what is
//! counted is the client's.

use std::io::{BufRead as _, BufReader, Read as _};
use std::process::{Child, Command, Stdio};

use rhombus_clips::{Client, ClipUuid};
use rhombus_clips_sim::{Clip, ClipStatus, Service, Step};

use super::Outcome;

/// Set in the process that is the service, to the number and the status of its clips.
const SERVES: &str = "RHOMBUS_CLIPS_BENCH_SERVES";

/// Is the service for as long as its input is open, if this process is to be the service.
pub(crate) fn serve_if_asked() -> Outcome<bool> {
    let Ok(clips) = std::env::var(SERVES) else {
        return Ok(false);
    };
    let (clips, status) = clips.split_once(' ').ok_or("no status")?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()?;
    let service = runtime.block_on(Service::start())?;
    let step = Step::new(ClipStatus::from(status))
        .percent(40)
        .operation("Processing video");
    println!("{} {}", service.base_url(), service.api_key());
    for _ in 0..clips.parse()? {
        println!("{}", service.add(Clip::scripted([step.clone()])));
    }
    std::io::stdin().read_to_end(&mut Vec::new())?;
    Ok(true)
}

pub(crate) struct Simulated {
    process: Child,
    pub(crate) base_url: String,
    pub(crate) api_key: String,
    pub(crate) clips: Vec<ClipUuid>,
}

impl Simulated {
    /// A service with so many clips that stay as they are.
    pub(crate) fn start(clips: usize, status: ClipStatus) -> Outcome<Self> {
        let mut process = Command::new(std::env::current_exe()?)
            .env(SERVES, format!("{clips} {status}"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()?;
        let output = process.stdout.take().ok_or("no output")?;
        let mut lines = BufReader::new(output).lines();
        let place = lines.next().ok_or("no service")??;
        let (base_url, api_key) = place.split_once(' ').ok_or("no key")?;
        let clips: Outcome<Vec<_>> = lines.take(clips).map(|line| Ok(line?.parse()?)).collect();
        Ok(Self {
            process,
            base_url: base_url.to_owned(),
            api_key: api_key.to_owned(),
            clips: clips?,
        })
    }

    pub(crate) fn client(&self) -> Outcome<Client> {
        let client = Client::builder()
            .api_key(self.api_key.as_str())
            .base_url(self.base_url.as_str());
        Ok(client.build()?)
    }

    /// Where the operation is.
    pub(crate) fn url(&self) -> String {
        format!("{}/api/event/getClipWithProgress", self.base_url)
    }
}

impl Drop for Simulated {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
