//! The search in the service's lists for the clips of a request whose response was lost.
//!
//! The loop only reads. [`Search`] decides what matches.

use std::collections::HashSet;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use rhombus_clips_api::types::GetSplicedClipsInProgressRequest;
use tokio::time::{Instant, sleep_until};

use crate::creation::search::{Finding, Search};
use crate::error::{Error, ErrorKind, Hint, Result};
use crate::requests::Call;
use crate::time::{saturating_add, unix_ms};
use crate::transport::fetch_clip::FetchClip;
use crate::{ClipUuid, CreateIntent, CreatedClips, telemetry};

/// Delay after the first round of the search, doubled after each other one. Chosen, not tuned: a record is
/// expected within seconds, and a lost response is rare.
const INITIAL_DELAY: Duration = Duration::from_secs(1);
/// Longest delay between two rounds. Chosen, not tuned.
const MAX_DELAY: Duration = Duration::from_secs(15);
/// Shortest time for a request of the last round. Chosen, not tuned.
const MIN_TIMEOUT: Duration = Duration::from_secs(5);
/// Clips on a page: the most that the service takes.
const PAGE_SIZE: i64 = 200;
/// Pages that a round reads at most. Chosen, not tuned: 10,000 clips of the cameras since the footage began.
const MAX_PAGES: usize = 50;
/// Clips whose records a round reads at most, to learn when they were created. Chosen, not tuned.
const MAX_CONFIRMED: usize = 8;
/// Inaccuracy of the header `Date`, which has whole seconds and is as old as the response.
const DATE_TOLERANCE: Duration = Duration::from_secs(2);
/// Difference of the clocks of two machines, or of the service's where it does not tell its time. Chosen, not
/// tuned: clocks that are synchronized differ by less.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(60);

/// The earliest time at which the request was sent.
#[derive(Clone, Copy, Debug)]
pub(super) enum RequestTime {
    /// In this process: by the runtime's clock, and by the time of day, which goes on while the machine sleeps.
    Since(Instant, SystemTime),
    /// By another process perhaps, after the intent was made.
    OfIntent,
}

/// A search for the clips of a request.
pub(super) struct Recovery<'a> {
    call: &'a Call,
    intent: &'a CreateIntent,
    sent: RequestTime,
    search: Search,
    has_date: bool,
    /// Whether the credentials may read the list of clips in progress, and the list of saved clips.
    may_read: [bool; 2],
    last_error: Option<Error>,
}

impl<'a> Recovery<'a> {
    pub(super) fn new(call: &'a Call, intent: &'a CreateIntent, sent: RequestTime) -> Self {
        Self {
            call,
            intent,
            sent,
            search: Search::new(intent),
            has_date: false,
            may_read: [true; 2],
            last_error: None,
        }
    }

    /// Searches until the clips are found, or the grace period is over. `lost` is the error of the request.
    pub(super) async fn run(
        self,
        grace_period: Duration,
        lost: Option<Error>,
    ) -> Result<CreatedClips> {
        let started = Instant::now();
        telemetry::log_search(lost.as_ref());
        let result = self.search(grace_period, lost).await;
        telemetry::log_search_end(started.elapsed(), result.as_ref().err());
        result
    }

    async fn search(mut self, grace_period: Duration, lost: Option<Error>) -> Result<CreatedClips> {
        let end = saturating_add(Instant::now(), grace_period);
        let mut delay = INITIAL_DELAY;
        let finding = loop {
            self.read_lists(end).await;
            let is_end = Instant::now() >= end || self.may_read == [false; 2];
            let finding = self.search.decide(is_end);
            if is_end || !matches!(finding, Finding::Incomplete(_)) {
                break finding;
            }
            sleep_until(saturating_add(Instant::now(), delay).min(end)).await;
            delay = (2 * delay).min(MAX_DELAY);
        };
        let (candidates, found) = match finding {
            Finding::Found(uuids) => match CreatedClips::new(uuids) {
                Some(mut created) => {
                    created.is_recovered = true;
                    return Ok(created);
                }
                None => (Vec::new(), "no clip that matches it was found"),
            },
            Finding::Incomplete(uuids) if uuids.is_empty() => {
                (uuids, "no clip that matches it was found")
            }
            Finding::Incomplete(uuids) => (uuids, "only a part of its clips was found"),
            Finding::Ambiguous(uuids) => (uuids, "more than one clip matches it"),
        };
        Err(self.unknown(lost, candidates, found))
    }

    /// Reads both lists, and the records of the clips in them that are not certain.
    async fn read_lists(&mut self, end: Instant) {
        let left = end.saturating_duration_since(Instant::now());
        let call = Call {
            timeout: self.call.timeout.min(left.max(MIN_TIMEOUT)),
            ..self.call.clone()
        };
        let [may_read_progress, may_read_saved] = self.may_read;
        if may_read_progress && may_read_saved {
            // An error that this round does not repeat is over.
            self.last_error = None;
        }
        if may_read_progress {
            let result = self.read_progress(&call).await;
            self.may_read[0] = self.check(result);
        }
        if may_read_saved {
            let result = self.read_pages(&call).await;
            self.may_read[1] = self.check(result);
        }
        if !self.has_date {
            let made_at = self.intent.made_at();
            let since = made_at.checked_sub(CLOCK_TOLERANCE).unwrap_or(UNIX_EPOCH);
            self.search.set_created_since(unix_ms(since));
        }
        for uuid in self.search.unconfirmed().into_iter().take(MAX_CONFIRMED) {
            match call.send(&FetchClip { uuid }).await {
                Ok(Some(clip)) => self.search.add_saved(clip.record()),
                Ok(None) => {}
                Err(error) => self.last_error = Some(error),
            }
        }
    }

    /// Retains an error. Returns whether another attempt may succeed.
    fn check(&mut self, result: Result<()>) -> bool {
        let Err(error) = result else {
            return true;
        };
        let may_read = !error.is_authentication();
        self.last_error = Some(error);
        may_read
    }

    async fn read_progress(&mut self, call: &Call) -> Result<()> {
        let request = GetSplicedClipsInProgressRequest::new();
        let received = call.send(&request).await?;
        self.on_date(received.date);
        let records = received.response.spliced_clips.iter().flatten().flatten();
        records.for_each(|record| self.search.add_in_progress(record));
        Ok(())
    }

    async fn read_pages(&mut self, call: &Call) -> Result<()> {
        let mut request = self.search.page_request(PAGE_SIZE);
        let mut tokens = HashSet::new();
        for _ in 0..MAX_PAGES {
            let received = call.send(&request).await?;
            self.on_date(received.date);
            let records = received.response.saved_clips.iter().flatten().flatten();
            records.for_each(|record| self.search.add_saved(record));
            match received.response.page_token {
                Some(token) if !token.is_empty() && tokens.insert(token.clone()) => {
                    request.page_token = Some(token);
                }
                _ => break,
            }
        }
        Ok(())
    }

    /// Learns the time of the request by the service's clock.
    fn on_date(&mut self, date: Option<SystemTime>) {
        let Some(date) = date else {
            return;
        };
        let now = self.call.transport.wall_clock();
        let since_time = |time| now.duration_since(time).unwrap_or_default();
        let since_request = match self.sent {
            RequestTime::Since(instant, time) => instant.elapsed().max(since_time(time)),
            // The intent may be of another machine, whose clock differs.
            RequestTime::OfIntent => {
                since_time(self.intent.made_at()).saturating_add(CLOCK_TOLERANCE)
            }
        };
        let since = date.checked_sub(since_request.saturating_add(DATE_TOLERANCE));
        self.has_date = true;
        self.search
            .set_created_since(unix_ms(since.unwrap_or(UNIX_EPOCH)));
    }

    fn unknown(self, lost: Option<Error>, candidates: Vec<ClipUuid>, found: &str) -> Error {
        let cause = match &lost {
            Some(error) => format!("the response to the request for a clip was lost ({error})"),
            None => "the clip may have been requested before".to_owned(),
        };
        let lists = match &self.last_error {
            Some(error) => format!(", and not all lists could be read ({error})"),
            None => String::new(),
        };
        let mut error = Error::new(
            ErrorKind::OutcomeUnknown,
            format!("{cause}, and {found}{lists}"),
        )
        .with_hint(Hint::CheckOutcome)
        .with_hint(Hint::ResumeCreate)
        .with_intent(self.intent.clone(), candidates);
        if let Some((attempts, elapsed)) =
            lost.as_ref().and_then(|it| it.attempts().zip(it.elapsed()))
        {
            error = error.with_attempts(attempts, elapsed);
        }
        match lost.or(self.last_error) {
            Some(source) => error.with_source(source),
            None => error,
        }
    }
}
