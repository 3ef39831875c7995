//! The call as somebody writes it who has no library: `reqwest`, `serde`, and the checks that
//! matter.

use std::time::Duration;

use rhombus_clips::ClipUuid;
use rhombus_clips::types::{GetClipWithProgressResponse, SavedClip};
use serde::de::DeserializeOwned;

use crate::record;
use crate::support::{Outcome, Simulated};

pub(crate) struct ByHand {
    http: reqwest::Client,
    url: String,
    api_key: String,
}

/// An answer, whatever type it was read as.
pub(crate) trait Answer: DeserializeOwned {
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

impl ByHand {
    /// With the settings of the library's HTTP client, and a limit of time for the whole call if
    /// `in_time`.
    pub(crate) fn new(service: &Simulated, in_time: bool) -> Outcome<Self> {
        let http = reqwest::Client::builder()
            .redirect(reqwest::redirect::Policy::none())
            .retry(reqwest::retry::never())
            .referer(false)
            .no_proxy()
            .user_agent("by-hand/0.1.0")
            .connect_timeout(Duration::from_secs(10));
        let http = match in_time {
            true => http.timeout(Duration::from_secs(30)),
            false => http,
        };
        Ok(Self {
            http: http.build()?,
            url: service.url(),
            api_key: service.api_key.clone(),
        })
    }

    pub(crate) async fn clip<T: Answer>(&self, uuid: ClipUuid) -> Outcome<T::Record> {
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
        let answer: T = response.json().await?;
        if answer.failed() {
            return Err("the service reports a failure".into());
        }
        let record = answer.into_record().ok_or("no such clip")?;
        if T::uuid(&record).is_some_and(|said| said != uuid) {
            return Err("an answer about another clip".into());
        }
        Ok(record)
    }
}

impl Answer for record::Answer {
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

impl Answer for GetClipWithProgressResponse {
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
