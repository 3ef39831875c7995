//! The state of the simulated service, and what its operations have in common.

use super::registry::Clips;
use crate::auth::ApiKey;
use crate::behavior::Behavior;
use crate::camera::RegisteredCamera;
use crate::clip::Clip;
use crate::clock::TokenBucket;
use crate::error_responses::UnknownClip;
use crate::fault::{ActiveFaults, Fault};
use crate::request_log::RequestLog;
use crate::response::Response;
use crate::rng::{SeededRng, Stream, generate_ruuid};
use rhombus_clips_api::types::ClipStatus;
use std::collections::VecDeque;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Settings of a simulation.
#[derive(Debug)]
pub(crate) struct Settings {
    pub(crate) seed: u64,
    pub(crate) api_key: ApiKey,
    pub(crate) start_time: SystemTime,
    pub(crate) unknown_clip: UnknownClip,
    pub(crate) behavior: Behavior,
    pub(crate) created_clip: Clip,
    pub(crate) max_clip_duration: Duration,
    /// Bytes a second of a file.
    pub(crate) media_rate: Option<u64>,
    pub(crate) accepts_any_content_type: bool,
    pub(crate) rate_limiter: Option<TokenBucket>,
}

/// Complete state of the simulated service.
#[derive(Debug)]
pub(crate) struct Simulation {
    pub(super) settings: Settings,
    pub(super) urls: Urls,
    pub(super) org: String,
    pub(super) cameras: Vec<RegisteredCamera>,
    pub(super) clips: Clips,
    /// Definitions of the clips that are created next.
    pub(super) prepared_clips: VecDeque<Clip>,
    pub(super) splice_count: u64,
    /// Number of first pages, on which the validity of page tokens depends.
    pub(super) first_page_count: u64,
    pub(super) faults: ActiveFaults,
    pub(super) log: RequestLog,
}

/// Base URLs of the hosts that responses refer to.
#[derive(Clone, Debug, Default)]
pub(crate) struct Urls {
    pub(crate) media: String,
    pub(crate) storage: String,
}

/// Outcome of a request: the response, and its description for the log.
#[derive(Debug)]
pub(super) struct Outcome {
    pub(super) response: Response,
    pub(super) clip_status: Option<ClipStatus>,
    pub(super) fault_injected: bool,
}

impl Outcome {
    pub(super) fn from_fault(response: Response) -> Self {
        Self {
            response,
            clip_status: None,
            fault_injected: true,
        }
    }
}

impl From<Response> for Outcome {
    fn from(response: Response) -> Self {
        Self {
            response,
            clip_status: None,
            fault_injected: false,
        }
    }
}

impl Simulation {
    pub(crate) fn new(settings: Settings) -> Self {
        let seed = settings.seed;
        Self {
            org: generate_ruuid(&mut SeededRng::new(seed, Stream::Organization, 0)),
            settings,
            urls: Urls::default(),
            cameras: Vec::new(),
            clips: Clips::new(seed),
            prepared_clips: VecDeque::new(),
            splice_count: 0,
            first_page_count: 0,
            faults: ActiveFaults::new(seed),
            log: RequestLog::default(),
        }
    }

    /// Registers a clip at service time `now` and returns its UUID, which is generated unless
    /// given.
    pub(crate) fn register(&mut self, now: Duration, uuid: Option<String>, clip: Clip) -> String {
        self.clips.register(now, uuid, clip, None)
    }

    /// Sets the base URLs of the hosts, once their ports are known.
    pub(crate) fn set_urls(&mut self, urls: Urls) {
        self.urls = urls;
    }

    /// Replaces the file of a clip by another version.
    pub(crate) fn replace_file(&mut self, uuid: &str) {
        if let Some(registered) = self.clips.get_mut(uuid) {
            registered.replace_file();
        }
    }

    pub(crate) fn inject(&mut self, fault: Fault) {
        self.faults.inject(fault, &self.log);
    }

    pub(crate) fn clear_faults(&mut self) {
        self.faults.clear();
    }

    pub(crate) fn log(&self) -> &RequestLog {
        &self.log
    }

    /// Time of day at a service time.
    pub(super) fn time_at(&self, now: Duration) -> SystemTime {
        let time = self.settings.start_time.checked_add(now);
        time.unwrap_or(self.settings.start_time)
    }

    /// Milliseconds since the Unix epoch at a service time.
    pub(super) fn unix_ms(&self, now: Duration) -> i64 {
        let since_epoch = self
            .time_at(now)
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        i64::try_from(since_epoch.as_millis()).unwrap_or(i64::MAX)
    }
}
