//! Choice of the next request, by its net value.

use std::collections::HashMap;
use std::time::Duration;

use super::accuracy::Accuracy;
use super::list_state::ListState;
use super::page_order::{MAX_PAGES, PageOrder};
use super::pending::{Completion, FIRST_PAGE_WAIT, Heartbeat, Pending, Place};
use super::request::BatchRequest;
use crate::ClipUuid;
use crate::polling::adaptive::REQUEST_COST_SECONDS;

/// Next request and when it is due, in seconds since the epoch.
#[derive(Clone, Copy, Debug)]
pub(super) struct Plan {
    pub(super) due: f64,
    pub(super) request: BatchRequest,
    /// Number of pages, from the first, up to which the walk is worth it, where the request is a page.
    pub(super) pages: Option<usize>,
}

impl Plan {
    /// Returns when it is due, as a duration since the epoch.
    pub(super) fn due(&self) -> Duration {
        Duration::try_from_secs_f64(self.due).unwrap_or(Duration::MAX)
    }
}

/// Cost of a request for a client with few clips, in seconds of delay: that of the adaptive policy.
const MIN_COST: f64 = REQUEST_COST_SECONDS;
/// Cost of a request for a client with many clips, whose requests share the rate limit of the
/// organization. Chosen with `cargo xtask polling --together`, seeds 1 to 40, 301 to 400 and 701 to 800 of 1,000
/// clips in ten minutes. On seeds 6401 to 6500, which it was not chosen on, it gives 0.90 requests a clip at a
/// mean delay of 0.80 s.
const MAX_COST: f64 = 0.99;
/// Number of clips at which the cost is halfway between these, and the exponent of its growth. Measured
/// likewise with 20 clips in a minute: on seeds 6401 to 6500, 16 and 4 give 3.7 requests a clip at 1.2 s, where
/// single polls take 14 at 1.4 s.
const HALF_COST_CLIPS: f64 = 16.0;
const COST_GROWTH: i32 = 4;

/// Factor of the probability that a list has a clip, for each time that it was not there. Chosen, not
/// tuned.
const UNSEEN_FACTOR: f64 = 0.5;

/// Age at which verifying that a clip is complete, after it left the list of the clips in progress, takes
/// two requests instead of one, in seconds: it leaves during its last step, and a clip that takes longer has
/// longer steps. Measured likewise: with 100, requests times delay are 1 % higher; without the age, 2 %.
const LEAVING_AGE: f64 = 400.0;

/// Longest time without a request, in seconds.
const MAX_WAIT: f64 = 240.0;
/// Precision of due times, in seconds.
const PRECISION: f64 = 0.02;

/// Everything that the choice depends on.
pub(super) struct Situation<'a> {
    pub(super) clips: &'a HashMap<ClipUuid, Pending>,
    pub(super) order: &'a PageOrder,
    pub(super) accuracy: &'a Accuracy,
    /// Probability that a clip in progress is on the list of these.
    pub(super) in_progress_share: f64,
    /// Number of pages received in the current walk, if there is another.
    pub(super) walked: Option<usize>,
    /// Number of pages that the walk is worth.
    pub(super) walk_pages: usize,
    /// When the last page was requested.
    pub(super) page_sent_at: f64,
    /// Whether any page was received.
    pub(super) has_walked: bool,
    pub(super) pages: ListState,
    pub(super) heartbeats: ListState,
    pub(super) cost_scale: f64,
    /// Number of clips now or lately.
    pub(super) load: f64,
}

impl Situation<'_> {
    fn cost(&self) -> f64 {
        let load = (self.load / HALF_COST_CLIPS).powi(COST_GROWTH);
        self.cost_scale * (MIN_COST + (MAX_COST - MIN_COST) * load / (load + 1.0))
    }

    /// Returns the next request; `None` if there is none to send now.
    pub(super) fn plan(&self, now: f64) -> Option<Plan> {
        let (uuid, clip) = self.clips.iter().next()?;
        if self.clips.len() == 1 {
            // A lone clip is polled as its own policy says.
            let plan = Plan {
                due: clip.policy_due.max(now),
                request: BatchRequest::Clip(*uuid),
                pages: None,
            };
            return (!clip.in_flight).then_some(plan);
        }
        if !self.has_walked && self.pages.is_open(now) {
            // One page tells about all clips that are new to this client.
            return Some(Plan {
                due: now,
                request: BatchRequest::FirstPage,
                pages: None,
            });
        }
        let (mut early, mut late) = (now, now + PRECISION);
        // The value rises with time. It is bracketed first, with growing steps.
        if let Some(plan) = self.best_request(now) {
            return Some(plan);
        }
        let mut plan = loop {
            if let Some(plan) = self.best_request(late) {
                break plan;
            }
            if late - now > MAX_WAIT {
                return None;
            }
            early = late;
            late = now + 2.0 * (late - now);
        };
        while late - early > PRECISION {
            let middle = (early + late) / 2.0;
            match self.best_request(middle) {
                Some(earlier) => {
                    late = middle;
                    plan = earlier;
                }
                None => early = middle,
            }
        }
        Some(plan)
    }

    /// Returns when a clip is due by itself, if that is before `latest`.
    pub(super) fn clip_due(&self, clip: &Pending, now: f64, latest: f64) -> Option<f64> {
        let is_due = |time| {
            let value = self.clip_value(clip, time);
            value.delay >= self.cost() && !value.is_awaited
        };
        if clip.in_flight || !is_due(latest) {
            return None;
        }
        let (mut early, mut late) = (now, latest);
        while late - early > PRECISION {
            let middle = (early + late) / 2.0;
            match is_due(middle) {
                true => late = middle,
                false => early = middle,
            }
        }
        Some(late)
    }

    /// Returns what an answer for a clip is worth at this time.
    fn clip_value(&self, clip: &Pending, time: f64) -> ClipValue {
        let has_pages = self.pages.opens_by(time + FIRST_PAGE_WAIT);
        let page = self.order.page(clip.place);
        let Completion { probability, delay } = clip.completion(time);
        let expected = delay * self.accuracy.factor(page, probability);
        // Worth a request by itself.
        let is_due = clip.heartbeat == Heartbeat::Left || clip.latest_request(has_pages) <= time;
        ClipValue {
            page,
            is_awaited: self.is_awaited(clip, page, time),
            probability,
            expected,
            delay: if is_due {
                expected + self.cost()
            } else {
                expected
            },
        }
    }

    /// Returns whether the page that is in flight, or one after it, is about to tell of a clip.
    fn is_awaited(&self, clip: &Pending, page: Option<usize>, time: f64) -> bool {
        let is_walking = self.pages.in_flight && time - self.page_sent_at < FIRST_PAGE_WAIT;
        let Some(walked) = self.walked.filter(|_| is_walking) else {
            return false;
        };
        let page = match clip.place {
            Place::At(_) => page,
            Place::Unknown {
                misses: 0,
                from_page,
            } => Some(from_page.into()),
            Place::Unknown { .. } => None,
        };
        page.is_some_and(|page| (walked..self.walk_pages.max(walked + 1)).contains(&page))
    }

    /// Returns the request with the highest net value at this time; `None` if no request is worth its
    /// cost.
    fn best_request(&self, time: f64) -> Option<Plan> {
        let cost = self.cost();
        let mut pages = [0.0; MAX_PAGES];
        // Of the clips without a place, by the first page that may have them.
        let mut unplaced = [0.0; MAX_PAGES];
        let (mut heartbeat, mut leaving) = (0.0, 0.0);
        let mut best = None;
        let mut best_value = 0.0;
        let mut propose = |value: f64, request, pages| {
            if value >= best_value {
                best_value = value;
                best = Some(Plan {
                    due: time,
                    request,
                    pages,
                });
            }
        };
        for (uuid, clip) in self.clips {
            if clip.in_flight {
                continue;
            }
            let ClipValue {
                page,
                is_awaited,
                probability,
                expected,
                delay,
            } = self.clip_value(clip, time);
            if delay <= 0.0 {
                continue;
            }
            if !is_awaited {
                propose(delay - cost, BatchRequest::Clip(*uuid), None);
            }
            match clip.place {
                Place::At(_) => {
                    if let Some(page) = page.and_then(|page| pages.get_mut(page)) {
                        *page += self.order.place_share() * delay;
                    }
                }
                Place::Unknown { from_page, misses } => {
                    if let Some(unplaced) = unplaced.get_mut(usize::from(from_page)) {
                        *unplaced += UNSEEN_FACTOR.powi(misses.into()) * delay;
                    }
                }
            }
            if page == Some(0) {
                // The first page costs as much as a heartbeat, and is a verdict.
                continue;
            }
            let share = match clip.heartbeat {
                Heartbeat::Unknown(times) => {
                    self.in_progress_share * UNSEEN_FACTOR.powi(times.into())
                }
                Heartbeat::Listed => 1.0,
                Heartbeat::Left | Heartbeat::Silent => continue,
            };
            heartbeat += share * expected;
            leaving += share * probability * (1.0 + clip.age(time) / LEAVING_AGE);
        }
        let mut candidates = 0.0;
        let pages_and_unplaced = pages.iter_mut().zip(unplaced);
        let explorable = pages_and_unplaced.take(self.order.explorable_pages());
        for (index, (page, unplaced)) in explorable.enumerate() {
            candidates += unplaced;
            *page += self.order.new_clip_share(index) * candidates;
        }
        let mut propose_walk = |first: usize, request| {
            let mut sum = 0.0;
            let mut most = (f64::NEG_INFINITY, None);
            for (index, delay) in pages.iter().enumerate().skip(first) {
                sum += delay - cost;
                if sum > most.0 {
                    most = (sum, Some(index + 1));
                }
            }
            propose(most.0, request, most.1);
        };
        let next_page = self.walked.filter(|page| *page > 0);
        if let Some(page) = next_page.filter(|_| !self.pages.in_flight) {
            propose_walk(page, BatchRequest::NextPage);
        }
        if self.pages.is_open(time) {
            propose_walk(0, BatchRequest::FirstPage);
        }
        if self.heartbeats.is_open(time) {
            let value = heartbeat - cost - cost * leaving;
            propose(value, BatchRequest::InProgress, None);
        }
        best
    }
}

/// Worth of an answer for one clip.
struct ClipValue {
    /// Page where the clip is expected.
    page: Option<usize>,
    /// Whether a page is about to tell of the clip.
    is_awaited: bool,
    /// Probability that it is complete.
    probability: f64,
    /// Delay that the answer is expected to end, in seconds.
    expected: f64,
    /// The same, and a request's cost if the clip is to be asked for anyway.
    delay: f64,
}
