//! Order of the list of saved clips, as it is learned from its pages.
//!
//! The order is undocumented. New clips are presumed on the first page, until pages show otherwise, and
//! a clip that was seen moves by as many places as the others.

use super::pending::Place;
use super::share::Share;

/// Clips of a page: the most that the service takes.
pub(super) const PAGE_SIZE: usize = 200;

/// Pages that are told apart, those of a hundred thousand clips: those beyond have clips that are polled one by
/// one.
pub(super) const MAX_PAGES: usize = 512;

/// Presumed share of new clips on the first page: newest first, as lists usually are.
const FIRST_PAGE_SHARE: f64 = 0.9;
/// Presumed share of these on a page that was never requested: high enough to explore it where many clips
/// have no place.
const UNEXPLORED_SHARE: f64 = 0.5;
/// Presumed share of the clips that are where they were seen before.
const PLACE_SHARE: f64 = 0.98;

#[derive(Debug)]
pub(super) struct PageOrder {
    /// Number of places by which the list has moved since the epoch.
    shift: i64,
    /// For each page that was requested, the share of the clips without a known place that were on it.
    new_clips: Vec<Share>,
    /// Number of pages, as far as the last one is known.
    pages: usize,
    /// Share of the clips that were on the page where they were expected.
    places: Share,
}

impl PageOrder {
    pub(super) fn new() -> Self {
        Self {
            shift: 0,
            new_clips: vec![Share::presumed(FIRST_PAGE_SHARE)],
            pages: MAX_PAGES,
            places: Share::presumed(PLACE_SHARE),
        }
    }

    /// Records that a clip was requested: a list with the newest first moves by one place.
    pub(super) fn add_clip(&mut self) {
        if self.new_clip_share(0) > 0.5 {
            self.shift += 1;
        }
    }

    /// Returns the page where a clip is expected, from 0, if it has been seen.
    pub(super) fn page(&self, place: Place) -> Option<usize> {
        match place {
            Place::At(index) => {
                let position = usize::try_from(index + self.shift).unwrap_or(0);
                Some(position / PAGE_SIZE)
            }
            Place::Unknown { .. } => None,
        }
    }

    /// Probability that a clip is on the page where it is expected.
    pub(super) fn place_share(&self) -> f64 {
        self.places.get()
    }

    /// Probability that a clip that was not seen is on this page.
    pub(super) fn new_clip_share(&self, page: usize) -> f64 {
        self.new_clips
            .get(page)
            .map_or(UNEXPLORED_SHARE, |share| share.get())
    }

    /// Number of pages that may have such a clip: those that were requested, and the next.
    pub(super) fn explorable_pages(&self) -> usize {
        self.pages.min(self.new_clips.len() + 1)
    }

    /// Records that a page was received.
    pub(super) fn explore(&mut self, page: usize, has_next: bool) {
        while self.new_clips.len() <= page.min(MAX_PAGES - 1) {
            self.new_clips.push(Share::presumed(UNEXPLORED_SHARE));
        }
        self.pages = match has_next {
            true => self.pages.max(page + 2).min(MAX_PAGES),
            false => page + 1,
        };
    }

    /// Moves the list to where clips with a known place were seen: pairs of place and position.
    pub(super) fn align(&mut self, seen: impl Iterator<Item = (i64, usize)>) {
        let mut shifts: Vec<i64> = seen
            .map(|(index, position)| position as i64 - index)
            .collect();
        if !shifts.is_empty() {
            let middle = shifts.len() / 2;
            self.shift = *shifts.select_nth_unstable(middle).1;
        }
    }

    /// Returns the place of a position.
    pub(super) fn place(&self, position: usize) -> Place {
        Place::At(position as i64 - self.shift)
    }

    pub(super) fn learn_new_clip(&mut self, page: usize, is_hit: bool) {
        if let Some(share) = self.new_clips.get_mut(page) {
            share.add(is_hit);
        }
    }

    pub(super) fn learn_place(&mut self, is_hit: bool) {
        self.places.add(is_hit);
    }
}
