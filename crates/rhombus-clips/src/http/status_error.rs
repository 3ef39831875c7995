//! What an answer with another status than 200 means.

use std::time::{Duration, SystemTime};

use reqwest::header::LOCATION;
use rhombus_clips_api::{Client as ApiClient, ClientInfo as _};
use tokio::time::{Instant, timeout_at};

use super::text::{MAX_EXCERPT_BYTES, redacted_excerpt, sanitize_line};
use crate::Region;
use crate::error::{Error, ErrorKind};
use crate::retry::retry_after;

/// The status says what matters: what came of the body before it stalled is enough.
const BODY_READ_TIMEOUT: Duration = Duration::from_secs(5);

pub(super) async fn map_status_error(
    api: &ApiClient,
    mut response: reqwest::Response,
    until: Instant,
) -> Error {
    let credentials = api.inner().credentials();
    let status = response.status().as_u16();
    let headers = response.headers().clone();
    let wait = retry_after(&headers, SystemTime::now());
    let mut body = Vec::new();
    let read = async {
        while body.len() < MAX_EXCERPT_BYTES {
            match response.chunk().await {
                Ok(Some(chunk)) => body.extend_from_slice(&chunk),
                Ok(None) | Err(_) => break,
            }
        }
    };
    let _ = timeout_at(until.min(Instant::now() + BODY_READ_TIMEOUT), read).await;
    let body = redacted_excerpt(credentials, &body);
    let redirect = headers
        .get(LOCATION)
        .filter(|_| response.status().is_redirection())
        .map(|target| String::from_utf8_lossy(target.as_bytes()));
    let (kind, message) = match (status, redirect) {
        (401, _) => (
            ErrorKind::Authentication,
            "not authenticated (401): the service found no API key, or not the scheme it expects; is the key a partner's (ClientBuilder::partner), or for use with a client certificate?"
                .to_owned(),
        ),
        (403, _) => (ErrorKind::Authentication, forbidden_message(api.baseurl(), &body)),
        (429, _) => (ErrorKind::RateLimited, rate_limited_message(wait)),
        (_, Some(target)) => (
            ErrorKind::UnexpectedStatus,
            format!(
                "unexpected status {status}, a redirect to {}: not followed, for the API key would go along; make it the base URL if it is the service",
                sanitize_line(&target)
            ),
        ),
        (404, _) => (
            ErrorKind::UnexpectedStatus,
            format!(
                "unexpected status 404: the operation is not there; check the base URL {}",
                api.baseurl()
            ),
        ),
        (500 | 502 | 503 | 504, _) => (
            ErrorKind::UnexpectedStatus,
            format!("the service has trouble ({status})"),
        ),
        _ => (
            ErrorKind::UnexpectedStatus,
            format!("unexpected status {status}"),
        ),
    };
    Error::new(kind, message)
        .with_status(status)
        .with_headers(headers)
        .with_retry_after(wait)
        .with_body(&body)
}

/// Others report that `Invalid api key` often means a key of the other region.
fn forbidden_message(base_url: &str, body: &str) -> String {
    if !body.to_ascii_lowercase().contains("invalid api key") {
        return "access forbidden_message (403): the API key is wrong, expired, without the permission, or of another region; check the key and the base URL".to_owned();
    }
    let other = match base_url {
        us if us == Region::Us.base_url() => {
            "this is the United States: is it a key of the European Union (Region::Eu)?"
        }
        eu if eu == Region::Eu.base_url() => {
            "this is the European Union: is it a key of the United States (Region::Us)?"
        }
        _ => "is it a key of another region?",
    };
    format!("access forbidden_message (403): the service does not know the API key; {other}")
}

fn rate_limited_message(wait: Option<Duration>) -> String {
    let limit = "too many requests (429): the limit is shared by all keys of the organization";
    match wait {
        Some(wait) => format!("{limit}; try again in {} s", wait.as_secs_f64().ceil()),
        None => limit.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invalid_key_names_the_other_region() {
        let body = r#"{"msg": "Invalid api key"}"#;
        assert!(forbidden_message(Region::Us.base_url(), body).contains("Region::Eu"));
        assert!(forbidden_message(Region::Eu.base_url(), body).contains("Region::Us"));
        assert!(forbidden_message("https://gateway.example", body).ends_with("another region?"));
        assert!(forbidden_message(Region::Us.base_url(), "").contains("expired"));
    }
}
