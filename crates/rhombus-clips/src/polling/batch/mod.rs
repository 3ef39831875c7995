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
mod request;
mod share;

use std::collections::{HashMap, HashSet, VecDeque};
use std::time::Duration;

use crate::ClipUuid;
use crate::polling::Forecast;
use accuracy::Accuracy;
use list_state::ListState;
use page_order::{PAGE_SIZE, PageOrder};
use pending::{Heartbeat, Pending, Place};
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
/// for _ in 0..20 {
///     let Some((due, request)) = scheduler.next(now) else { break };
///     now = due;
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
    /// The next request, until something changes.
    plan: Option<Plan>,
}

/// Time in which the load falls to a third, in seconds: the last clips of many are long ones, and their
/// requests cost as much as those of the others. Measured with `cargo xtask polling --together`.
const LOAD_MEMORY: f64 = 1800.0;

/// Share of the new clips from which on the first page counts as one that shows them.
const SHOWS_NEW_CLIPS: f64 = 0.5;

/// Time for which a complete clip may stay on the list of the clips in progress, in seconds. Chosen, not
/// tuned.
const LINGER: f64 = 10.0;

/// Number of complete clips that are looked for on the list of the clips in progress. Chosen, not tuned.
const MAX_COMPLETED: usize = 64;

/// Number of refused pages after which only the first one is requested: a token may have expired, but
/// hardly each time. Chosen, not tuned.
const MAX_REFUSED_PAGES: u32 = 3;

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
            pages: ListState::default(),
            heartbeats: ListState::default(),
            refused_pages: 0,
            page_sent_at: 0.0,
            has_walked: false,
            cost_scale: 1.0,
            load: 0.0,
            load_at: 0.0,
            plan: None,
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
                .add(page, clip.probability_complete(now), false);
            clip.is_observed = true;
        }
        clip.observe(now, forecast, due);
        clip.has_record |= has_record;
        clip.in_flight = false;
        if !has_record {
            clip.place = Place::Unknown(0);
        }
        self.plan = None;
    }

    /// Removes a clip that was seen complete at `now`.
    pub fn complete(&mut self, uuid: ClipUuid, now: Duration) {
        if let Some(clip) = self.clips.get(&uuid) {
            let page = self.order.page(clip.place);
            let probability = clip.probability_complete(now.as_secs_f64());
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
        self.plan = None;
    }

    /// Returns the next request and when it is due, not before `now`.
    pub fn next(&mut self, now: Duration) -> Option<(Duration, BatchRequest)> {
        let now = now.as_secs_f64();
        let decay = ((self.load_at - now).min(0.0) / LOAD_MEMORY).exp();
        self.load = (self.load * decay).max(self.clips.len() as f64);
        self.load_at = now;
        let plan = match self.plan {
            Some(plan) => plan,
            None => *self.plan.insert(self.situation().plan(now)?),
        };
        let due = Duration::try_from_secs_f64(plan.due.max(now)).unwrap_or(Duration::MAX);
        Some((due, plan.request))
    }

    fn situation(&self) -> Situation<'_> {
        Situation {
            clips: &self.clips,
            order: &self.order,
            accuracy: &self.accuracy,
            in_progress_share: self.in_progress.get(),
            walked: self.walked,
            has_walked: self.has_walked,
            pages: self.pages,
            heartbeats: self.heartbeats,
            cost_scale: self.cost_scale,
            load: self.load,
        }
    }

    /// Records that a request was sent.
    pub fn sent(&mut self, request: BatchRequest, now: Duration) {
        self.plan = None;
        let next = now.as_secs_f64() + MIN_INTERVAL;
        match request {
            BatchRequest::FirstPage => {
                self.walked = Some(0);
                self.page_sent_at = now.as_secs_f64();
                self.pages = ListState {
                    in_flight: true,
                    not_before: next,
                };
            }
            BatchRequest::NextPage => {
                self.page_sent_at = now.as_secs_f64();
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

    /// Records a page. The caller then observes or removes the watched clips on it.
    pub fn page_received(&mut self, uuids: &[ClipUuid], has_next: bool) {
        self.plan = None;
        self.pages.in_flight = false;
        self.has_walked = true;
        let page = self.walked.unwrap_or(0);
        let has_next = has_next && self.refused_pages < MAX_REFUSED_PAGES;
        self.walked = has_next.then_some(page + 1);
        self.order.explore(page, has_next);
        if uuids.is_empty() {
            // It tells nothing of the clips that it might have shown.
            return;
        }
        let first = page * PAGE_SIZE;
        let positions = || (first..).zip(uuids);
        let clips = &self.clips;
        self.order.align(
            positions().filter_map(|(position, uuid)| match clips.get(uuid)?.place {
                Place::At(index) => Some((index, position)),
                Place::Unknown(_) => None,
            }),
        );
        let shows_new_clips = page == 0 && self.order.new_clip_share(page) >= SHOWS_NEW_CLIPS;
        let mut found = HashSet::with_capacity(uuids.len());
        for (position, uuid) in positions() {
            let Some(clip) = self.clips.get_mut(uuid) else {
                continue;
            };
            found.insert(*uuid);
            match clip.place {
                Place::At(_) => self.order.learn_place(true),
                Place::Unknown(_) => self.order.learn_new_clip(page, true),
            }
            clip.place = self.order.place(position);
        }
        for (uuid, clip) in &mut self.clips {
            if found.contains(uuid) {
                continue;
            }
            match clip.place {
                Place::Unknown(times) => {
                    if clip.has_record {
                        self.order.learn_new_clip(page, false);
                    }
                    clip.is_missed |= shows_new_clips && clip.observed_at <= self.page_sent_at;
                    clip.place = Place::Unknown(times.saturating_add(1));
                }
                Place::At(_) if self.order.page(clip.place) == Some(page) => {
                    self.order.learn_place(false);
                    clip.place = Place::Unknown(1);
                }
                Place::At(_) => {}
            }
        }
    }

    /// Records the list of all clips in progress, requested at `sent_at`.
    pub fn in_progress_received(&mut self, sent_at: Duration, uuids: &HashSet<ClipUuid>) {
        self.plan = None;
        self.heartbeats.in_flight = false;
        let sent_at = sent_at.as_secs_f64();
        let mut completed = self.completed.iter();
        let is_kept = |uuid: &ClipUuid| uuids.contains(uuid) && !self.clips.contains_key(uuid);
        if completed.any(|(uuid, gone_at)| *gone_at < sent_at && is_kept(uuid)) {
            // The list keeps complete clips, so that it tells nothing of the others either.
            self.heartbeats = ListState::closed();
            self.clips
                .values_mut()
                .for_each(Pending::distrust_heartbeats);
            return;
        }
        for (uuid, clip) in &mut self.clips {
            let is_listed = uuids.contains(uuid);
            if matches!(clip.heartbeat, Heartbeat::Unknown(_)) && clip.has_record {
                self.in_progress.add(is_listed);
            }
            clip.heartbeat = match clip.heartbeat {
                _ if is_listed => {
                    clip.be_present(sent_at);
                    Heartbeat::Listed
                }
                Heartbeat::Listed => Heartbeat::Left,
                Heartbeat::Unknown(times) => Heartbeat::Unknown(times.saturating_add(1)),
                other => other,
            };
        }
    }
}

impl Default for BatchScheduler {
    fn default() -> Self {
        Self::new()
    }
}

#[cfg(test)]
mod tests;
