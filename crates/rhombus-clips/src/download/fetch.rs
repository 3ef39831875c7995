//! The transfer of a file: requests, waits, and the bytes in order.
//!
//! The thin shell around the pure parts of this module. It yields the bytes of one version of the file, and says
//! when they start over; what is done with them is up to its caller.

mod errors;

use std::time::Duration;

use bytes::Bytes;
use reqwest::{Response, Url};
use tokio::time::{Instant, sleep, timeout_at};

use super::location::{FileKind, Location, Locations};
use super::response::{Meaning, Version, check_beginning, interpret};
use super::retries::Retries;
use super::search::{NextCandidate, Search};
use super::verification::Expected;
use super::watchdog::Watchdog;
use crate::Clip;
use crate::error::{Error, ErrorKind, Hint, Result};
use crate::requests::Call;
use crate::telemetry;
use crate::time::saturating_add;
use crate::transport::media::origin;

/// Timeouts of a download.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Timeouts {
    /// Longest time without a byte.
    pub(crate) stall: Duration,
    /// Time for which a file may not be there yet.
    pub(crate) file_grace_period: Duration,
    /// Longest time in all.
    pub(crate) total: Option<Duration>,
}

/// Next part of a transfer.
#[derive(Debug)]
pub(crate) enum Event {
    /// The bytes that follow begin at this offset: where the last ones ended, or at the beginning.
    Start {
        offset: u64,
    },
    Data(Bytes),
    End,
}

/// Transfer of one file.
#[derive(Debug)]
pub(crate) struct Fetch {
    call: Call,
    clip: Clip,
    kind: FileKind,
    expected: Expected,
    timeouts: Timeouts,
    invalid_locations: Vec<String>,
    search: Search,
    /// Since when no place has had the file.
    searching_since: Option<Instant>,
    started: Instant,
    /// Whether the caller can start over.
    can_restart: bool,
    offset: u64,
    version: Version,
    /// Whether the next request is for the whole file.
    skips_range: bool,
    retries: Retries,
    body: Option<Body>,
    is_complete: bool,
}

/// A response whose body is being read.
#[derive(Debug)]
struct Body {
    response: Response,
    url: Url,
    /// Bytes to drop, because the caller has them.
    skip: u64,
    watchdog: Watchdog,
}

impl Fetch {
    pub(crate) fn new(
        call: Call,
        clip: Clip,
        kind: FileKind,
        timeouts: Timeouts,
        can_restart: bool,
    ) -> Self {
        let Locations {
            candidates,
            mut invalid,
        } = Locations::of(clip.record(), kind);
        // Without a media host, the first request says what to set.
        let media = call.transport.media().url().ok();
        let is_usable = |location: &Location| {
            media.is_none_or(|media| location.url(media, clip.uuid(), kind).is_some())
        };
        let (candidates, unusable): (Vec<_>, Vec<_>) = candidates.into_iter().partition(is_usable);
        invalid.extend(unusable.iter().map(describe));
        let retries = Retries::new(call.policy.clone(), call.transport.limits());
        Self {
            call,
            expected: Expected::of(&clip, kind),
            clip,
            kind,
            timeouts,
            invalid_locations: invalid,
            search: Search::new(candidates, timeouts.file_grace_period),
            searching_since: None,
            started: Instant::now(),
            can_restart,
            offset: 0,
            version: Version::default(),
            skips_range: false,
            retries,
            body: None,
            is_complete: false,
        }
    }

    pub(crate) fn expected(&self) -> &Expected {
        &self.expected
    }

    pub(crate) fn version(&self) -> &Version {
        &self.version
    }

    /// Logs the end of the download of so many bytes.
    pub(super) fn log_end(&self, bytes: u64, error: Option<&Error>) {
        telemetry::log_download_end(self.clip.uuid(), bytes, self.elapsed(), error);
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.started.elapsed()
    }

    /// Sets what is there of the file, before the first event.
    pub(crate) fn continue_at(&mut self, offset: u64, version: Version) {
        self.offset = offset;
        self.version = version;
    }

    /// Starts over, because what arrived is not the file.
    pub(crate) fn restart(&mut self) {
        self.offset = 0;
        self.version = Version::default();
        self.body = None;
        self.is_complete = false;
    }

    /// Returns the next part of the transfer. Cancel safe.
    pub(crate) async fn next(&mut self) -> Result<Event> {
        let result = self.next_event().await;
        result.map_err(|error| {
            self.body = None;
            error
                .with_attempts(self.retries.total().max(1), self.elapsed())
                .with_clip(Some(self.clip.clone()))
        })
    }

    async fn next_event(&mut self) -> Result<Event> {
        loop {
            if self.is_complete {
                return Ok(Event::End);
            }
            if self.body.is_none() {
                self.open().await?;
                if !self.is_complete {
                    return Ok(Event::Start {
                        offset: self.offset,
                    });
                }
                continue;
            }
            if self.left().is_zero() {
                // Bytes that have arrived would be returned even then.
                return Err(self.deadline_exceeded());
            }
            match self.read().await {
                Ok(Some(bytes)) if bytes.is_empty() => {}
                Ok(Some(bytes)) => return Ok(Event::Data(bytes)),
                Ok(None) => self.is_complete = true,
                Err(error) => {
                    self.body = None;
                    self.recover(error).await?;
                }
            }
        }
    }

    /// Requests the file, or its rest, until a response has it.
    async fn open(&mut self) -> Result<()> {
        loop {
            let Some(location) = self.search.candidate() else {
                return Err(self.no_location());
            };
            let searched = self
                .searching_since
                .get_or_insert_with(Instant::now)
                .elapsed();
            let media = self.call.transport.media();
            let Some(url) = location.url(media.url()?, self.clip.uuid(), self.kind) else {
                return Err(self.no_location());
            };
            let headers = match self.skips_range {
                true => None,
                false => self.version.range_headers(self.offset, &self.expected),
            };
            let requested = headers.is_some();
            let timeout = self.call.transport.attempt_timeout().min(self.left());
            let deadline = saturating_add(Instant::now(), timeout);
            let response = media.get(url, &headers.unwrap_or_default(), deadline).await;
            let mut response = match response {
                Ok(response) => response,
                Err(error) => {
                    self.recover(error).await?;
                    continue;
                }
            };
            let status = response.status().as_u16();
            let rest_of = requested.then_some((self.offset, &self.version));
            let meaning = interpret(
                status,
                response.headers(),
                self.kind,
                &self.expected,
                rest_of,
            );
            let meaning = match meaning {
                Ok(meaning) => meaning,
                // Another place may have the file.
                Err(error) if error.is_decode() => {
                    let next = self.search.on_refused(searched);
                    if next == NextCandidate::AllRefuse {
                        return Err(error);
                    }
                    self.wait_for(next, status).await?;
                    continue;
                }
                Err(error) => return Err(error),
            };
            match meaning {
                Meaning::Whole(version) => {
                    let skip = match self.must_skip(&version)? {
                        true => self.offset,
                        false => 0,
                    };
                    self.offset = skip;
                    self.skips_range = false;
                    self.version = version;
                    self.start_body(response, skip);
                    return Ok(());
                }
                Meaning::Rest { total } => {
                    // The response before it may not have had it.
                    self.version.total = total;
                    self.start_body(response, 0);
                    return Ok(());
                }
                Meaning::Complete => {
                    self.is_complete = true;
                    return Ok(());
                }
                Meaning::NoRange => self.skips_range = true,
                Meaning::Absent => {
                    let next = self.search.on_absent(searched);
                    self.wait_for(next, status).await?;
                }
                Meaning::Refused => {
                    let next = self.search.on_refused(searched);
                    if next == NextCandidate::AllRefuse {
                        return Err(self.status_error(&mut response, deadline).await);
                    }
                    self.wait_for(next, status).await?;
                }
                Meaning::Status => {
                    let error = self.status_error(&mut response, deadline).await;
                    self.recover(error).await?;
                }
            }
        }
    }

    /// Returns whether the bytes that are there are to be dropped from a response with the whole file, because
    /// they cannot be taken back. Otherwise the file starts over.
    fn must_skip(&self, version: &Version) -> Result<bool> {
        if self.offset == 0 || self.can_restart {
            return Ok(false);
        }
        match (&self.version.etag, &version.etag) {
            (Some(old), Some(new)) if old == new => Ok(true),
            _ => Err(Error::new(
                ErrorKind::Connection,
                format!(
                    "the connection was lost after {} bytes, and the media host cannot continue the file",
                    self.offset
                ),
            )
            .with_hint(Hint::DownloadToFile)),
        }
    }

    fn start_body(&mut self, response: Response, skip: u64) {
        self.searching_since = None;
        self.body = Some(Body {
            // After a redirect the bytes come from another host.
            url: response.url().clone(),
            response,
            skip,
            watchdog: Watchdog::default(),
        });
    }

    /// Reads the next bytes; `None` at the end of the file.
    async fn read(&mut self) -> Result<Option<Bytes>> {
        let left = self.left();
        let media = self.call.transport.media();
        let Some(body) = &mut self.body else {
            return Ok(None);
        };
        let started = Instant::now();
        let deadline = saturating_add(started, self.timeouts.stall.min(left));
        let mut bytes = match timeout_at(deadline, body.response.chunk()).await {
            Ok(Ok(Some(bytes))) => bytes,
            Ok(Ok(None)) => return self.end_of_body(),
            Ok(Err(error)) => return Err(media.transport_error(&origin(&body.url), error)),
            Err(_) => {
                media.disconnect(&body.url);
                let message = format!(
                    "no byte from {} for {} s",
                    origin(&body.url),
                    started.elapsed().as_secs()
                );
                return Err(Error::new(ErrorKind::Timeout, message).with_hint(Hint::CheckNetwork));
            }
        };
        let received = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        if body.watchdog.is_too_slow(received, started.elapsed()) {
            media.disconnect(&body.url);
            let message = format!("{} sends less than 1 KiB/s", origin(&body.url));
            return Err(Error::new(ErrorKind::Timeout, message).with_hint(Hint::CheckNetwork));
        }
        if body.skip > 0 {
            let skipped = usize::try_from(body.skip.min(received)).unwrap_or(bytes.len());
            bytes = bytes.split_off(skipped);
            body.skip -= body.skip.min(received);
        }
        if self.offset == 0 && !bytes.is_empty() {
            check_beginning(&bytes)?;
        }
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        self.offset = self.offset.saturating_add(length);
        match self.version.total {
            Some(total) if self.offset > total => Err(Error::new(
                ErrorKind::VerificationFailed,
                format!("the media host sends more than the {total} bytes that it announced"),
            )
            .with_hint(Hint::RetryLater)),
            _ => Ok(Some(bytes)),
        }
    }

    fn end_of_body(&self) -> Result<Option<Bytes>> {
        if self.offset == 0 {
            // No video or picture is empty. A host that has no file yet may answer like that.
            return Err(Error::new(
                ErrorKind::Connection,
                "the media host's response has no body",
            )
            .with_status(200));
        }
        match self.version.total {
            Some(total) if self.offset < total => Err(Error::new(
                ErrorKind::Connection,
                format!(
                    "the file is truncated after {} of {total} bytes",
                    self.offset
                ),
            )),
            _ => Ok(None),
        }
    }

    /// Waits before the next attempt, or returns the error of the download.
    async fn recover(&mut self, error: Error) -> Result<()> {
        let left = self.left();
        if left.is_zero() {
            return Err(self.deadline_exceeded().with_source(error));
        }
        let transport = &self.call.transport;
        let withdraw = || transport.withdraw();
        let random = fastrand::f64();
        telemetry::log_interruption(self.clip.uuid(), self.offset, &error);
        let delay = self
            .retries
            .on_failure(error, self.offset, left, random, withdraw)?;
        sleep(delay).await;
        Ok(())
    }

    async fn wait_for(&mut self, next: NextCandidate, status: u16) -> Result<()> {
        match next {
            NextCandidate::After(delay) if delay < self.left() => {
                sleep(delay).await;
                Ok(())
            }
            NextCandidate::After(_) => Err(self.deadline_exceeded()),
            NextCandidate::NotThere => Err(self.not_there(status)),
            NextCandidate::AllRefuse => Err(self.no_location()),
        }
    }

    /// Time until the timeout of the download.
    fn left(&self) -> Duration {
        match self.timeouts.total {
            Some(total) => total.saturating_sub(self.elapsed()),
            None => Duration::MAX,
        }
    }
}

fn describe(location: &Location) -> String {
    match location {
        Location::Region(region) => region.clone(),
        // A URL may be presigned.
        Location::Reference(_) => "a URL".to_owned(),
    }
}
