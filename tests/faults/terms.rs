//! On which terms a case asks.

use std::time::Duration;

use rhombus_clips::{Client, ClipUuid, Watch};

use crate::telltale::Telltale;

/// The service's only key: it must not come out anywhere.
pub const KEY: &str = "canary-7d1e5b90c3";

/// What a watch may take beyond its deadline, as `Watch::timeout` documents.
pub const ALLOWANCE: Duration = Duration::from_secs(10);

/// Short where a case ends by it, long where it would only punish a slow machine.
#[derive(Clone, Copy, Debug)]
pub struct Terms {
    pub timeout: Duration,
    pub grace_period: Duration,
    pub attempt_timeout: Duration,
    pub interval: Duration,
    pub attempts: u32,
    pub first_wait: Duration,
    pub longest_wait: Duration,
    pub gzip: bool,
}

impl Default for Terms {
    fn default() -> Self {
        let minute = Duration::from_secs(60);
        Self {
            timeout: minute,
            grace_period: minute,
            attempt_timeout: minute,
            interval: Duration::from_millis(3),
            attempts: 3,
            first_wait: Duration::from_millis(4),
            longest_wait: Duration::from_millis(20),
            gzip: true,
        }
    }
}

impl Terms {
    /// For a port that is closed for a moment: tries go on until it is open again.
    pub fn persistent() -> Self {
        Self {
            attempts: u32::MAX,
            first_wait: Duration::from_millis(20),
            longest_wait: Duration::from_millis(200),
            ..Self::default()
        }
    }

    pub fn telltale(&self) -> Telltale {
        Telltale::new(self)
    }

    pub fn client(&self, base_url: &str, telltale: &Telltale) -> Client {
        let builder = Client::builder()
            .api_key(KEY)
            .base_url(base_url)
            .attempt_timeout(self.attempt_timeout)
            .timeout(self.timeout)
            .retry(telltale.clone());
        // Reading the certificates that the platform trusts, a thousand times over, would be most
        // of the work.
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
