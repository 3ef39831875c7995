//! Client and watch settings of a test case, scaled down so that a case takes milliseconds.

use std::time::Duration;

use rhombus_clips::{Client, ClipUuid, Watch};

use crate::recording_policy::RecordingPolicy;

/// The only API key that the service accepts. No output may contain it.
pub const KEY: &str = "canary-7d1e5b90c3";

/// Time that a watch may take beyond its timeout, as documented at `Watch::timeout`.
pub const TIMEOUT_TOLERANCE: Duration = Duration::from_secs(10);

/// Settings of one case. A timeout is short only where it ends the case; everywhere else it is so
/// long that a slow machine does not reach it.
#[derive(Clone, Copy, Debug)]
pub struct TestConfig {
    pub timeout: Duration,
    pub grace_period: Duration,
    pub attempt_timeout: Duration,
    pub interval: Duration,
    pub max_attempts: u32,
    pub initial_backoff: Duration,
    pub max_backoff: Duration,
    pub gzip: bool,
}

impl Default for TestConfig {
    fn default() -> Self {
        let minute = Duration::from_secs(60);
        Self {
            timeout: minute,
            grace_period: minute,
            attempt_timeout: minute,
            interval: Duration::from_millis(3),
            max_attempts: 3,
            initial_backoff: Duration::from_millis(4),
            max_backoff: Duration::from_millis(20),
            gzip: true,
        }
    }
}

impl TestConfig {
    /// Settings that retry without limit, for a service that is unreachable for a while.
    pub fn persistent() -> Self {
        Self {
            max_attempts: u32::MAX,
            initial_backoff: Duration::from_millis(20),
            max_backoff: Duration::from_millis(200),
            ..Self::default()
        }
    }

    pub fn recording_policy(&self) -> RecordingPolicy {
        RecordingPolicy::new(self)
    }

    pub fn client(&self, base_url: &str, policy: &RecordingPolicy) -> Client {
        let builder = Client::builder()
            .api_key(KEY)
            .base_url(base_url)
            .attempt_timeout(self.attempt_timeout)
            .timeout(self.timeout)
            .retry(policy.clone());
        // Loading the platform's trusted certificates in each of a thousand clients would take most
        // of the run time.
        let gzip = self.gzip;
        let builder = builder.http_client_builder(move || {
            let http = reqwest::Client::builder().tls_certs_only([]);
            if gzip { http } else { http.no_gzip() }
        });
        builder.build().unwrap()
    }

    pub fn watch(&self, client: &Client, uuid: ClipUuid) -> Watch {
        client
            .watch(uuid)
            .timeout(self.timeout)
            .not_found_grace_period(self.grace_period)
            .interval(self.interval)
    }
}
