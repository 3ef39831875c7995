//! The reference: the same call written with `reqwest` and `serde` only, with the same checks.

use std::time::Duration;

use rhombus_clips::ClipUuid;
use rhombus_clips::types::{GetClipWithProgressResponse, SavedClip};
use serde::de::DeserializeOwned;

use crate::record;
use crate::support::{BenchResult, SimulatedService};

pub(crate) struct HandWritten {
    http: reqwest::Client,
    url: String,
    api_key: String,
}

/// A decoded response, of either type.
pub(crate) trait ClipResponse: DeserializeOwned {
    type Record;

    fn failed(&self) -> bool;
    fn into_record(self) -> Option<Self::Record>;
    fn uuid(record: &Self::Record) -> Option<&str>;
}

#[derive(serde::Serialize)]
#[serde(rename_all = "camelCase")]
struct Request<'a> {
    clip_uuid: &'a str,
}

impl HandWritten {
    /// Creates a client with the settings of the library's HTTP client, and with a timeout for the
    /// call if `has_timeout`.
    pub(crate) fn new(service: &SimulatedService, has_timeout: bool) -> BenchResult<Self> {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .no_proxy()
            .user_agent("hand-written/0.1.0")
            .connect_timeout(Duration::from_secs(10));
        let http = match has_timeout {
            true => http.timeout(Duration::from_secs(30)),
            false => http,
        };
        Ok(Self {
            http: http.build()?,
            url: service.operation_url(),
            api_key: service.api_key.clone(),
        })
    }

    pub(crate) async fn get_clip<T: ClipResponse>(&self, uuid: ClipUuid) -> BenchResult<T::Record> {
        let uuid = uuid.to_string();
        let response = self
            .http
            .post(&self.url)
            .header("accept", "application/json")
            .header("x-auth-scheme", "api-token")
            .header("x-auth-apikey", &self.api_key)
            .json(&Request { clip_uuid: &uuid })
            .send()
            .await?
            .error_for_status()?;
        let response: T = response.json().await?;
        if response.failed() {
            return Err("the service reports a failure".into());
        }
        let record = response.into_record().ok_or("no such clip")?;
        if T::uuid(&record).is_some_and(|received| received != uuid) {
            return Err("the response is for another clip".into());
        }
        Ok(record)
    }
}

impl ClipResponse for record::Response {
    type Record = record::Record;

    fn failed(&self) -> bool {
        self.error == Some(true)
    }

    fn into_record(self) -> Option<Self::Record> {
        self.clip
    }

    fn uuid(record: &Self::Record) -> Option<&str> {
        record.uuid.as_deref()
    }
}

impl ClipResponse for GetClipWithProgressResponse {
    type Record = SavedClip;

    fn failed(&self) -> bool {
        self.error == Some(true)
    }

    fn into_record(self) -> Option<SavedClip> {
        self.clip
    }

    fn uuid(record: &SavedClip) -> Option<&str> {
        record.uuid.as_deref()
    }
}
