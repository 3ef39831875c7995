//! What lists tell about the clips.

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

/// Share of the new clips from which on the first page counts as one that shows them.
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
        let shows_new_clips = page == 0 && self.order.new_clip_share(page) >= SHOWS_NEW_CLIPS;
        let found = self.place_found(page, uuids);
        // Where a page has watched clips, the next one may have more of them: thousands may be new at once.
        let is_miss = !has_next || found.is_empty();
        for (uuid, clip) in &mut self.clips {
            match clip.place {
                Place::Unknown(times) => {
                    if clip.has_record {
                        self.order.learn_new_clip(page, false);
                    }
                    clip.is_missed |= shows_new_clips && clip.observed_at <= self.page_sent_at;
                    clip.place = Place::Unknown(times.saturating_add(is_miss.into()));
                }
                Place::At(_) => {
                    if self.order.page(clip.place) == Some(page) && !found.contains(uuid) {
                        self.order.learn_place(false);
                        clip.place = Place::Unknown(1);
                    }
                }
            }
        }
    }

    /// Places the clips of a page, and returns them.
    fn place_found(&mut self, page: usize, uuids: &[ClipUuid]) -> HashSet<ClipUuid> {
        let positions = || (page * PAGE_SIZE..).zip(uuids);
        let clips = &self.clips;
        self.order.align(
            positions().filter_map(|(position, uuid)| match clips.get(uuid)?.place {
                Place::At(index) => Some((index, position)),
                Place::Unknown(_) => None,
            }),
        );
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
        found
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
