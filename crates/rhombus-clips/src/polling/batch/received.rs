//! Processing of received lists: pages of saved clips, and the list of the clips in progress.

use std::collections::HashSet;
use std::time::Duration;

use super::BatchScheduler;
use super::list_state::ListState;
use super::page_order::PAGE_SIZE;
use super::pending::{Heartbeat, Pending, Place};
use crate::ClipUuid;

/// Number of refused pages after which only the first one is requested: a token may have expired, but
/// hardly each time. Chosen, not tuned.
const MAX_REFUSED_PAGES: u32 = 3;

/// Share of the new clips above which a page counts as one that shows them.
const SHOWS_NEW_CLIPS: f64 = 0.5;

impl BatchScheduler {
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
        let shows_new_clips = self.order.new_clip_share(page) > SHOWS_NEW_CLIPS;
        let (found, new_clips) = self.place_found(page, uuids);
        // Such a page shows only some of the new clips. The others are on the next ones.
        let is_full = has_next && 2 * new_clips >= uuids.len();
        let mut is_next_worth_it = false;
        for (uuid, clip) in &mut self.clips {
            let Place::Unknown { from_page, misses } = clip.place else {
                if self.order.page(clip.place) == Some(page) && !found.contains(uuid) {
                    self.order.learn_place(false);
                    clip.place = Place::LOST;
                }
                continue;
            };
            if has_next && usize::from(from_page) > page {
                continue;
            }
            // Between the new clips there may be pages of known ones.
            if is_full || has_next && from_page > 0 && !found.is_empty() {
                is_next_worth_it |= is_full;
                // It waits for the next page as for the first one.
                clip.policy_due = clip.policy_due.max(self.page_sent_at);
                clip.place = Place::Unknown {
                    from_page: u16::try_from(page + 1).unwrap_or(u16::MAX),
                    misses,
                };
                continue;
            }
            if clip.has_record {
                self.order.learn_new_clip(page, false);
            }
            let is_missed = page == 0 && shows_new_clips;
            clip.is_missed |= is_missed && clip.observed_at <= self.page_sent_at;
            let is_miss = !has_next || shows_new_clips || found.is_empty();
            clip.place = Place::Unknown {
                from_page: if has_next { from_page } else { 0 },
                misses: misses.saturating_add(is_miss.into()),
            };
        }
        if is_next_worth_it {
            self.worth = (self.worth.0.max(page + 2), self.page_sent_at);
        }
    }

    /// Places the clips of a page, and returns them with the number of those that had no place.
    fn place_found(&mut self, page: usize, uuids: &[ClipUuid]) -> (HashSet<ClipUuid>, usize) {
        let positions = || (page * PAGE_SIZE..).zip(uuids);
        let clips = &self.clips;
        self.order.align(
            positions().filter_map(|(position, uuid)| match clips.get(uuid)?.place {
                Place::At(index) => Some((index, position)),
                Place::Unknown { .. } => None,
            }),
        );
        let mut found = HashSet::with_capacity(uuids.len());
        let mut new_clips = 0;
        for (position, uuid) in positions() {
            let Some(clip) = self.clips.get_mut(uuid) else {
                continue;
            };
            found.insert(*uuid);
            match clip.place {
                Place::At(_) => self.order.learn_place(true),
                Place::Unknown { .. } => {
                    new_clips += 1;
                    self.order.learn_new_clip(page, true);
                }
            }
            clip.place = self.order.place(position);
        }
        (found, new_clips)
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
