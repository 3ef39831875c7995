//! Clips that are followed by requests for many at once.
//!
//! Connects the pure [`BatchScheduler`] with the clock, the watches and the retries. A clip that takes
//! part has its timer at its deadline, or at the retry of a failed poll.

use std::collections::HashSet;
use std::time::Duration;

use tokio::task::{self, AbortHandle};
use tokio::time::Instant;

use super::super::poll::{Expectation, SharedWatch};
use super::list_requests::{ListRequest, ListResponse};
use crate::polling::{BatchRequest, BatchScheduler, Forecast};
use crate::time::saturating_add;
use crate::{Clip, ClipUuid, Error};

/// Delay after a failed list, doubled with each further one, up to the maximum: as Rhombus advises.
const MIN_RETRY_DELAY: Duration = Duration::from_secs(1);
const MAX_RETRY_DELAY: Duration = Duration::from_secs(60);

/// Time for which the forecast of a new clip is used for others: a forecast takes far longer than an
/// insertion, and a hundred thousand clips may be added at once. Chosen, not tuned.
const NEW_FORECAST_LIFETIME: Duration = Duration::from_secs(1);

pub(super) struct Batch {
    scheduler: BatchScheduler,
    epoch: Instant,
    /// Time that the machine slept, which the clock does not tell.
    slept: Duration,
    /// Token of the next page.
    token: Option<String>,
    in_flight: Vec<ListInFlight>,
    /// Number of lists requested.
    number: u64,
    failures: u32,
    new_forecast: Option<(Instant, Forecast)>,
}

struct ListInFlight {
    request: BatchRequest,
    task: AbortHandle,
    /// Since the epoch.
    sent_at: Duration,
}

/// Outcome of a list, for the stream.
pub(super) enum Listed {
    /// Records of clips that take part, and are newer than what is known.
    Clips {
        clips: Vec<Clip>,
        sent_at: Duration,
    },
    Nothing,
    /// Lists are of no use: each clip is to be polled by itself.
    Refused,
}

impl Batch {
    pub(super) fn new() -> Self {
        Self {
            scheduler: BatchScheduler::new(),
            epoch: Instant::now(),
            slept: Duration::ZERO,
            token: None,
            in_flight: Vec::new(),
            number: 0,
            failures: 0,
            new_forecast: None,
        }
    }

    fn since_epoch(&self, time: Instant) -> Duration {
        time.saturating_duration_since(self.epoch)
            .saturating_add(self.slept)
    }

    /// Records that the machine slept.
    pub(super) fn advance(&mut self, time: Duration) {
        self.slept = self.slept.saturating_add(time);
    }

    /// Returns whether a page that was requested at this time since the epoch tells something new of a clip.
    pub(super) fn awaits(&self, uuid: ClipUuid, sent_at: Duration) -> bool {
        self.scheduler.awaits(uuid, sent_at)
    }

    pub(super) fn contains(&self, uuid: ClipUuid) -> bool {
        self.scheduler.contains(uuid)
    }

    pub(super) fn remove(&mut self, uuid: ClipUuid) {
        self.scheduler.remove(uuid);
    }

    /// Removes a watch whose clip was seen complete.
    pub(super) fn complete(&mut self, uuid: ClipUuid) {
        let now = self.since_epoch(Instant::now());
        self.scheduler.complete(uuid, now);
    }

    /// Adds a watch, or replaces what is expected of it; `false` if its policy has no forecast.
    pub(super) fn observe(&mut self, uuid: ClipUuid, watch: &SharedWatch) -> bool {
        let now = Instant::now();
        let is_new = watch.lock().is_new();
        let known = self.new_forecast.filter(|(made_at, _)| {
            is_new && now.saturating_duration_since(*made_at) < NEW_FORECAST_LIFETIME
        });
        let expectation = match known {
            Some((_, forecast)) => Some(Expectation {
                forecast,
                policy_due: now,
                has_record: false,
            }),
            None => watch.expectation(),
        };
        // Without any time, the clip would never be expected.
        let expectation = expectation.filter(|it| it.forecast.times().len() > 0);
        let Some(expectation) = expectation else {
            self.scheduler.remove(uuid);
            return false;
        };
        if is_new && known.is_none() {
            self.new_forecast = Some((now, expectation.forecast));
        }
        self.scheduler.observe(
            uuid,
            self.since_epoch(now),
            expectation.forecast,
            self.since_epoch(expectation.policy_due),
            expectation.has_record,
        );
        true
    }

    /// Returns the next request and when it is due.
    pub(super) fn next(&mut self, now: Instant) -> Option<(Instant, BatchRequest)> {
        let since_epoch = self.since_epoch(now);
        let (due, request) = self.scheduler.next(since_epoch)?;
        Some((
            saturating_add(now, due.saturating_sub(since_epoch)),
            request,
        ))
    }

    /// Records that a clip of the batch is polled by itself.
    pub(super) fn poll(&mut self, uuid: ClipUuid) {
        let now = self.since_epoch(Instant::now());
        self.scheduler.sent(BatchRequest::Clip(uuid), now);
    }

    /// Returns the list to request, with its number.
    pub(super) fn list(&mut self, request: BatchRequest) -> Option<(ListRequest, u64)> {
        self.scheduler
            .sent(request, self.since_epoch(Instant::now()));
        self.number = self.number.saturating_add(1);
        let list = match request {
            BatchRequest::FirstPage => ListRequest::Page(None),
            BatchRequest::NextPage => ListRequest::Page(self.token.take()),
            BatchRequest::InProgress => ListRequest::InProgress,
            BatchRequest::Clip(_) => return None,
        };
        Some((list, self.number))
    }

    /// Records the task of a list.
    pub(super) fn set_in_flight(&mut self, request: BatchRequest, task: AbortHandle) {
        let sent_at = self.since_epoch(Instant::now());
        self.in_flight.push(ListInFlight {
            request,
            task,
            sent_at,
        });
    }

    /// Returns whether this is the task of a list.
    pub(super) fn is_list(&self, task: task::Id) -> bool {
        self.in_flight.iter().any(|list| list.task.id() == task)
    }

    /// Returns whether a list is in flight.
    pub(super) fn has_list(&self) -> bool {
        !self.in_flight.is_empty()
    }

    /// Cancels the list that has been in flight for longest, which fails as one without a connection does.
    pub(super) fn abort_list(&self) {
        if let Some(list) = self.in_flight.iter().min_by_key(|list| list.sent_at) {
            list.task.abort();
        }
    }

    /// Processes the outcome of a list. `has_retry` is whether the retry budget has a retry left.
    pub(super) fn finish(
        &mut self,
        task: task::Id,
        result: Result<ListResponse, Option<Error>>,
        has_retry: bool,
    ) -> Listed {
        let mut in_flight = self.in_flight.iter();
        let Some(index) = in_flight.position(|list| list.task.id() == task) else {
            return Listed::Nothing;
        };
        let ListInFlight {
            request, sent_at, ..
        } = self.in_flight.swap_remove(index);
        match result {
            Ok(ListResponse::Page { clips, token }) => {
                self.failures = 0;
                let uuids: Vec<ClipUuid> = clips.iter().map(Clip::uuid).collect();
                self.scheduler.page_received(&uuids, token.is_some());
                self.token = token;
                Listed::Clips { clips, sent_at }
            }
            Ok(ListResponse::InProgress(uuids)) => {
                self.failures = 0;
                self.scheduler.in_progress_received(sent_at, &uuids);
                Listed::Nothing
            }
            Ok(ListResponse::Nothing) => {
                self.retry_after(request, MAX_RETRY_DELAY);
                Listed::Nothing
            }
            Ok(ListResponse::Held) => {
                self.retry_after(request, MIN_RETRY_DELAY);
                Listed::Nothing
            }
            Err(Some(error)) if !error.is_transient() => {
                // An expired token is refused as well, and heartbeats can be missed.
                if request == BatchRequest::FirstPage {
                    return Listed::Refused;
                }
                self.scheduler.failed(request, None);
                Listed::Nothing
            }
            Err(error) => {
                let delay = MIN_RETRY_DELAY.saturating_mul(1 << self.failures.min(6));
                self.failures += 1;
                let delay = if has_retry { delay } else { MAX_RETRY_DELAY };
                let required = error.as_ref().and_then(Error::retry_after);
                self.retry_after(
                    request,
                    delay.min(MAX_RETRY_DELAY).max(required.unwrap_or_default()),
                );
                Listed::Nothing
            }
        }
    }

    fn retry_after(&mut self, request: BatchRequest, delay: Duration) {
        let retry_at = self.since_epoch(Instant::now()).saturating_add(delay);
        self.scheduler.failed(request, Some(retry_at));
    }

    /// Returns the clips that take part.
    pub(super) fn clips(&self) -> HashSet<ClipUuid> {
        self.scheduler.clips().collect()
    }
}
