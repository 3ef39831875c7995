//! Requests for many clips: which to send, and when.
//!
//! Pure: no clock, no runtime, and nothing is sent. A page of the list of saved clips answers for every
//! clip on it, and the list of the clips in progress tells which are not complete yet, so one request
//! may answer for many. A request is due as soon as the expected delay that it ends, of all clips that
//! it answers for, reaches its cost: for clips that complete at a constant rate, that is the interval
//! that minimizes the sum of requests and delay (as in the economic order quantity).

mod accuracy;
mod list_state;
mod page_order;
mod pending;
mod plan;
mod received;
mod request;
mod share;

use std::collections::{HashMap, VecDeque};
use std::time::Duration;

use crate::ClipUuid;
use crate::polling::Forecast;
use accuracy::Accuracy;
use list_state::ListState;
use page_order::PageOrder;
use pending::{Pending, Place};
use plan::{Plan, Situation};
pub use request::BatchRequest;
use share::Share;

/// Decides which request for many clips is next, and when: the part of
/// [`WatchAll`](crate::WatchAll) that sends nothing and has no clock.
///
/// Times are durations since an epoch of the caller's choice. A request is due as soon as the delay that it is
/// expected to end, of all clips that it answers for, is worth its cost; the cost rises from 0.3 seconds of delay
/// for a few clips to a second for many. A first page is requested at once where several clips are new. A
/// lone clip is polled when its own policy is due.
///
/// ```
/// use std::collections::HashSet;
/// use std::time::Duration;
/// use rhombus_clips::ClipUuid;
/// use rhombus_clips::polling::{BatchRequest, BatchScheduler, Forecast};
///
/// let seconds = Duration::from_secs;
/// let clips = [1, 2, 3].map(|n| ClipUuid::from_bytes([n; 16]));
/// let forecast = Forecast::new((1..=Forecast::MAX_TIMES as u64).map(|n| seconds(4 * n)));
/// // More or less than 1.0 gives longer or shorter delays, for more or fewer requests.
/// let mut scheduler = BatchScheduler::new().with_cost_scale(1.0);
/// for clip in clips {
///     scheduler.observe(clip, seconds(0), forecast, seconds(0), false);
/// }
/// let mut now = seconds(0);
/// for _ in 0..40 {
///     let Some((due, request)) = scheduler.next(now) else { break };
///     if due > now {
///         // Sleep, and look again.
///         now = due;
///         continue;
///     }
///     scheduler.sent(request, now);
///     match request {
///         // A page with two of the clips, which are observed, and the last page.
///         BatchRequest::FirstPage | BatchRequest::NextPage => {
///             scheduler.page_received(&clips[..2], false);
///             for clip in &clips[..2] {
///                 if scheduler.awaits(*clip, now) {
///                     scheduler.observe(*clip, now, forecast, now, true);
///                 }
///             }
///         }
///         BatchRequest::InProgress => scheduler.in_progress_received(now, &HashSet::from(clips)),
///         // Its record says that it is complete; one that fails is removed.
///         BatchRequest::Clip(clip) if clip == clips[0] => scheduler.complete(clip, now),
///         BatchRequest::Clip(clip) => scheduler.remove(clip),
///     }
/// }
/// assert!(scheduler.clips().count() < 3 && !scheduler.contains(clips[2]));
/// // A list that is refused is not requested again.
/// scheduler.failed(BatchRequest::FirstPage, None);
/// ```
#[derive(Debug)]
pub struct BatchScheduler {
    clips: HashMap<ClipUuid, Pending>,
    order: PageOrder,
    accuracy: Accuracy,
    /// Clips that were seen complete lately, and when they are off the list of the clips in progress, in
    /// seconds since the epoch.
    completed: VecDeque<(ClipUuid, f64)>,
    /// Share of the clips that are known to be in progress and were on the list of these.
    in_progress: Share,
    /// Number of pages received in the current walk, if the last one told that there is another.
    walked: Option<usize>,
    /// Number of pages that the walk is worth, and when that was found, in seconds since the epoch.
    worth: (usize, f64),
    pages: ListState,
    heartbeats: ListState,
    /// Number of pages but the first that were refused.
    refused_pages: u32,
    /// When the last page was requested, in seconds since the epoch.
    page_sent_at: f64,
    /// Whether any page was received.
    has_walked: bool,
    cost_scale: f64,
    /// Number of clips now or lately, and when that was, in seconds since the epoch.
    load: f64,
    load_at: f64,
    /// The next request, or the time to look for one, if clips have changed since.
    plan: Option<Plan>,
    /// Number of clips that have changed since.
    changes: usize,
}

/// Time in which the load falls to a third, in seconds: the last clips of many are long ones, and their
/// requests cost as much as those of the others. Measured with `cargo xtask polling --together`.
const LOAD_MEMORY: f64 = 1800.0;

/// Time for which a walk goes on without a look at all clips, in seconds. Chosen, not tuned: the values of its
/// pages hardly change meanwhile.
const WALK_LIFETIME: f64 = 1.0;

/// Number of clips in progress per changed one from which on the plan is kept: the others decide when
/// lists are due. Chosen, not tuned: with fewer than 64 clips, each change counts.
const MIN_CLIPS_PER_CHANGE: usize = 64;

/// Time for which a complete clip may stay on the list of the clips in progress, in seconds. Chosen, not
/// tuned.
const LINGER: f64 = 10.0;

/// Number of complete clips that are looked for on the list of the clips in progress. Chosen, not tuned.
const MAX_COMPLETED: usize = 64;

/// Shortest interval between two requests for the same list, in seconds: the shortest interval of the
/// adaptive policy.
const MIN_INTERVAL: f64 = 0.25;

impl BatchScheduler {
    /// Creates a scheduler without clips, which has seen no list.
    pub fn new() -> Self {
        Self {
            clips: HashMap::new(),
            order: PageOrder::new(),
            accuracy: Accuracy::default(),
            completed: VecDeque::new(),
            in_progress: Share::presumed(0.9),
            walked: None,
            worth: (0, 0.0),
            pages: ListState::default(),
            heartbeats: ListState::default(),
            refused_pages: 0,
            page_sent_at: 0.0,
            has_walked: false,
            cost_scale: 1.0,
            load: 0.0,
            load_at: 0.0,
            plan: None,
            changes: 0,
        }
    }

    /// Multiplies the cost of a request, to measure how requests trade against delay.
    /// The factor is at least 0.01 and at most 100.
    #[must_use]
    pub fn with_cost_scale(mut self, scale: f64) -> Self {
        self.cost_scale = if scale.is_nan() {
            1.0
        } else {
            scale.clamp(0.01, 100.0)
        };
        self
    }

    /// Adds a clip, or replaces its forecast after its record was read at `now`.
    pub fn observe(
        &mut self,
        uuid: ClipUuid,
        now: Duration,
        forecast: Forecast,
        policy_due: Duration,
        has_record: bool,
    ) {
        let (now, due) = (now.as_secs_f64(), policy_due.as_secs_f64());
        let order = &mut self.order;
        let is_known = self.clips.contains_key(&uuid);
        let clip = self.clips.entry(uuid).or_insert_with(|| {
            order.add_clip();
            Pending::new(now, forecast, due)
        });
        if is_known {
            let page = order.page(clip.place);
            self.accuracy
                .add(page, clip.completion(now).probability, false);
            clip.is_observed = true;
        }
        clip.observe(now, forecast, due);
        clip.has_record |= has_record;
        clip.in_flight = false;
        if !has_record {
            clip.place = Place::NEW;
        }
        self.clip_changed(uuid, now);
    }

    /// Removes a clip that was seen complete at `now`.
    pub fn complete(&mut self, uuid: ClipUuid, now: Duration) {
        if let Some(clip) = self.clips.get(&uuid) {
            let page = self.order.page(clip.place);
            let probability = clip.completion(now.as_secs_f64()).probability;
            self.accuracy.add(page, probability, true);
            if self.completed.len() >= MAX_COMPLETED {
                self.completed.pop_front();
            }
            self.completed.push_back((uuid, now.as_secs_f64() + LINGER));
        }
        self.remove(uuid);
    }

    /// Removes a clip.
    pub fn remove(&mut self, uuid: ClipUuid) {
        self.clips.remove(&uuid);
        self.clip_changed(uuid, 0.0);
    }

    /// Corrects the plan after a clip changed. To make a new one takes time for every clip.
    fn clip_changed(&mut self, uuid: ClipUuid, now: f64) {
        let Some(plan) = self.plan else { return };
        self.changes += 1;
        let is_outdated = self.changes * MIN_CLIPS_PER_CHANGE > self.clips.len()
            || plan.request == BatchRequest::Clip(uuid);
        if is_outdated {
            self.plan = None;
        } else if let Some(clip) = self.clips.get(&uuid)
            && let Some(due) = self.situation().clip_due(clip, now, plan.due)
        {
            self.plan = Some(Plan {
                due,
                request: BatchRequest::Clip(uuid),
                pages: None,
            });
        }
    }

    /// Returns the next request and when it is due, not before `now`. Until then it may change with what is learned
    /// of the clips: only a request that is due now is sent.
    pub fn next(&mut self, now: Duration) -> Option<(Duration, BatchRequest)> {
        let seconds = now.as_secs_f64();
        let decay = ((self.load_at - seconds).min(0.0) / LOAD_MEMORY).exp();
        self.load = (self.load * decay).max(self.clips.len() as f64);
        self.load_at = seconds;
        let is_current = |plan: &Plan| self.changes == 0 || plan.due() > now;
        let plan = match self.plan.filter(is_current) {
            Some(plan) => plan,
            None => {
                self.changes = 0;
                let next_of_walk = self.next_of_walk(seconds);
                self.plan = next_of_walk.or_else(|| self.situation().plan(seconds));
                self.plan?
            }
        };
        Some((plan.due().max(now), plan.request))
    }

    /// Returns the next page of a walk that was found to be worth it a moment ago: looking at all clips after each
    /// page of hundreds would take longer than the pages.
    fn next_of_walk(&self, now: f64) -> Option<Plan> {
        let (pages, found_at) = self.worth;
        self.walked.filter(|page| (1..pages).contains(page))?;
        let is_due = !self.pages.in_flight && now - found_at < WALK_LIFETIME;
        is_due.then_some(Plan {
            due: now,
            request: BatchRequest::NextPage,
            pages: None,
        })
    }

    fn situation(&self) -> Situation<'_> {
        Situation {
            clips: &self.clips,
            order: &self.order,
            accuracy: &self.accuracy,
            in_progress_share: self.in_progress.get(),
            walked: self.walked,
            walk_pages: self.worth.0,
            page_sent_at: self.page_sent_at,
            has_walked: self.has_walked,
            pages: self.pages,
            heartbeats: self.heartbeats,
            cost_scale: self.cost_scale,
            load: self.load,
        }
    }

    /// Records that a request was sent.
    pub fn sent(&mut self, request: BatchRequest, now: Duration) {
        let plan = self.plan.take().filter(|plan| plan.request == request);
        let now = now.as_secs_f64();
        if let Some(pages) = plan.and_then(|plan| plan.pages) {
            self.worth = (pages, now);
        } else if request == BatchRequest::FirstPage {
            self.worth = (1, now);
        }
        let next = now + MIN_INTERVAL;
        match request {
            BatchRequest::FirstPage => {
                self.walked = Some(0);
                self.page_sent_at = now;
                self.pages = ListState {
                    in_flight: true,
                    not_before: next,
                };
            }
            BatchRequest::NextPage => {
                self.page_sent_at = now;
                self.pages.in_flight = true;
            }
            BatchRequest::InProgress => {
                self.heartbeats = ListState {
                    in_flight: true,
                    not_before: next,
                };
            }
            BatchRequest::Clip(uuid) => {
                if let Some(clip) = self.clips.get_mut(&uuid) {
                    clip.in_flight = true;
                }
            }
        }
    }

    /// Records that a request for a list failed: it is not sent again before this time, or never.
    pub fn failed(&mut self, request: BatchRequest, retry_at: Option<Duration>) {
        self.plan = None;
        let state = ListState {
            in_flight: false,
            not_before: retry_at.map_or(f64::INFINITY, |time| time.as_secs_f64()),
        };
        match request {
            BatchRequest::FirstPage => {
                self.walked = None;
                self.pages = state;
            }
            BatchRequest::NextPage => {
                self.walked = None;
                self.pages.in_flight = false;
                if retry_at.is_none() {
                    self.refused_pages += 1;
                } else {
                    self.pages = state;
                }
            }
            BatchRequest::InProgress => self.heartbeats = state,
            BatchRequest::Clip(_) => {}
        }
    }

    /// Returns the clips that take part.
    pub fn clips(&self) -> impl Iterator<Item = ClipUuid> {
        self.clips.keys().copied()
    }

    /// Returns whether a clip takes part.
    pub fn contains(&self, uuid: ClipUuid) -> bool {
        self.clips.contains_key(&uuid)
    }

    /// Returns whether a page that was requested at `sent_at` tells something new about a clip: a poll
    /// of its own is newer, or will be.
    pub fn awaits(&self, uuid: ClipUuid, sent_at: Duration) -> bool {
        let sent_at = sent_at.as_secs_f64();
        let clip = self.clips.get(&uuid);
        clip.is_some_and(|clip| !clip.in_flight && clip.observed_at <= sent_at)
    }
}

impl Default for BatchScheduler {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests;
