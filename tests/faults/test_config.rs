//! Client and watch settings of a test case, scaled down so that a case takes milliseconds.

use std::time::Duration;

use rhombus_clips::{Client, ClipUuid, Watch};
use rhombus_clips_sim::Service;

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

    pub fn client(&self, service: &Service, policy: &RecordingPolicy) -> Client {
        self.client_at(service.base_url(), service.root_certificate(), policy)
    }

    /// Creates a client for a base URL, and the certificate to trust there.
    pub fn client_at(
        &self,
        base_url: &str,
        root_certificate: Option<&str>,
        policy: &RecordingPolicy,
    ) -> Client {
        let builder = Client::builder()
            .api_key(KEY)
            .base_url(base_url)
            .attempt_timeout(self.attempt_timeout)
            .timeout(self.timeout)
            .retry(policy.clone());
        // Reading the platform's trusted certificates in each of a thousand clients would take most
        // of the run time.
        let roots: Vec<_> = root_certificate
            .iter()
            .map(|pem| reqwest::Certificate::from_pem(pem.as_bytes()).unwrap())
            .collect();
        let builder = builder.http_client_builder(move || {
            let http = reqwest::Client::builder().no_proxy();
            http.tls_certs_only(roots.clone())
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
