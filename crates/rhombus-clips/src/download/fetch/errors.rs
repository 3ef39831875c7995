//! Errors of a transfer: their messages and hints.

use reqwest::Response;
use tokio::time::Instant;

use super::Fetch;
use crate::error::{Error, ErrorKind, Hint};
use crate::retry::retry_after;
use crate::transport::media::origin;

impl Fetch {
    pub(super) fn not_there(&self, status: u16) -> Error {
        let message = format!(
            "the media host does not have the file of clip {} ({status}) after {} s",
            self.clip.uuid(),
            self.elapsed().as_secs()
        );
        Error::new(ErrorKind::FileUnavailable, message)
            .with_status(status)
            .with_hint(Hint::RetryLater)
            .with_hint(Hint::CheckMediaUrl)
    }

    pub(super) fn no_location(&self) -> Error {
        let message = match self.invalid_locations.as_slice() {
            [] => "the clip's record does not say where its file is".to_owned(),
            invalid => format!(
                "the clip's record does not say where its file is; not usable: {}",
                invalid.join(", ")
            ),
        };
        Error::new(ErrorKind::FileUnavailable, message).with_hint(Hint::GetClipAgain)
    }

    /// Maps a response with another status than those of a file.
    pub(super) async fn status_error(&self, response: &mut Response, deadline: Instant) -> Error {
        let status = response.status().as_u16();
        let retry_after = retry_after(response.headers(), std::time::SystemTime::now());
        let host = origin(response.url());
        let error = match status {
            401 => Error::new(
                ErrorKind::Authentication,
                format!("{host} rejected the credentials (401)"),
            )
            .with_hint(Hint::CheckAuthScheme),
            403 if !self.call.transport.media().is_trusted(response.url()) => Error::new(
                ErrorKind::Authentication,
                format!("{host} refuses the file (403): the URL may have expired"),
            )
            .with_hint(Hint::GetClipAgain),
            403 => Error::new(
                ErrorKind::Authentication,
                format!(
                    "{host} refuses the file (403): the API key lacks the permission or belongs to another region"
                ),
            )
            .with_hint(Hint::CheckApiKey)
            .with_hint(Hint::CheckMediaUrl),
            429 => Error::new(ErrorKind::RateLimited, format!("too many requests to {host} (429)")),
            500..=599 => Error::new(ErrorKind::UnexpectedStatus, format!("{host} failed ({status})"))
                .with_hint(Hint::RetryLater),
            _ => Error::new(
                ErrorKind::UnexpectedStatus,
                format!("unexpected status {status} from {host}"),
            )
            .with_hint(Hint::CheckMediaUrl),
        };
        let error = error
            .with_status(status)
            .with_headers(response.headers())
            .with_retry_after(retry_after);
        let body = self
            .call
            .transport
            .media()
            .excerpt(response, deadline)
            .await;
        error.with_body(&body)
    }

    pub(super) fn deadline_exceeded(&self) -> Error {
        let timeout = self.timeouts.total.unwrap_or_default();
        let message = format!(
            "the download was not complete after {} s: {} bytes of the file are there",
            timeout.as_secs(),
            self.offset
        );
        Error::new(ErrorKind::DeadlineExceeded, message).with_hint(Hint::ExtendTimeout)
    }
}
