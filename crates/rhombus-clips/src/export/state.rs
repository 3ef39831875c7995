//! The state of an export, without clock, socket or disk: what is to be requested, watched and downloaded next,
//! and what a checkpoint has of it.
//!
//! A request may be sent only after a checkpoint is stored that says so. So a process that is killed leaves at
//! least as much in the checkpoint as the service has received.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, VecDeque};

use super::checkpoint::{ExportCheckpoint, PendingRequest};
use crate::{ClipUuid, CreateIntent};

/// Limits of what is in progress at a time.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limits {
    pub(super) requests: usize,
    pub(super) downloads: usize,
}

/// State of an export.
#[derive(Debug)]
pub(super) struct ExportState {
    limits: Limits,
    items: Vec<Item>,
    /// Requests that wait for their turn.
    queued: VecDeque<usize>,
    /// Requests that wait for a checkpoint that has them as sent.
    marked: Vec<usize>,
    creating: usize,
    downloads: VecDeque<ClipUuid>,
    downloading: usize,
    request_of: HashMap<ClipUuid, usize>,
    /// Whether the checkpoint that was stored last is out of date.
    is_dirty: bool,
}

#[derive(Debug)]
struct Item {
    intent: CreateIntent,
    /// Whether the request may have been sent by an earlier process.
    was_sent: bool,
    /// Whether a checkpoint says, or is about to say, that it was sent.
    is_sent: bool,
    clips: Option<Vec<ClipUuid>>,
    is_over: bool,
}

/// Settings of the requests of an export.
#[derive(Clone, Debug)]
pub(super) struct Creation {
    pub(super) request: usize,
    pub(super) intent: CreateIntent,
    /// Whether the clip is to be looked for, because the request may have been sent.
    pub(super) is_search: bool,
}

impl ExportState {
    pub(super) fn new(intents: Vec<CreateIntent>, limits: Limits) -> Self {
        let item = |intent| Item {
            intent,
            was_sent: false,
            is_sent: false,
            clips: None,
            is_over: false,
        };
        Self::of_items(intents.into_iter().map(item).collect(), limits)
    }

    /// Continues from a checkpoint.
    pub(super) fn resume(checkpoint: ExportCheckpoint, limits: Limits) -> Self {
        let item = |request: PendingRequest| Item {
            intent: request.intent,
            was_sent: request.is_sent,
            is_sent: request.is_sent,
            clips: request.clips,
            is_over: false,
        };
        Self::of_items(checkpoint.requests.into_iter().map(item).collect(), limits)
    }

    fn of_items(items: Vec<Item>, limits: Limits) -> Self {
        let unknown = items
            .iter()
            .enumerate()
            .filter(|(_, item)| item.clips.is_none());
        let known = items.iter().enumerate();
        let known = known
            .flat_map(|(index, item)| item.clips.iter().flatten().map(move |uuid| (*uuid, index)));
        Self {
            limits,
            queued: unknown.map(|(index, _)| index).collect(),
            request_of: known.collect(),
            items,
            marked: Vec::new(),
            creating: 0,
            downloads: VecDeque::new(),
            downloading: 0,
            is_dirty: true,
        }
    }

    /// The clips that are known from a checkpoint.
    pub(super) fn known_clips(&self) -> Vec<ClipUuid> {
        self.items
            .iter()
            .flat_map(|item| item.clips.iter().flatten().copied())
            .collect()
    }

    /// Marks the requests that are next as sent. They may be sent once a checkpoint with them is stored.
    pub(super) fn mark_next(&mut self) {
        while self.creating + self.marked.len() < self.limits.requests {
            let Some(index) = self.queued.pop_front() else {
                break;
            };
            if let Some(item) = self.items.get_mut(index) {
                self.is_dirty |= !item.is_sent;
                item.is_sent = true;
                self.marked.push(index);
            }
        }
    }

    /// Returns the checkpoint to store, and the requests that may be sent after it; `None` if the stored one is
    /// up to date and nothing waits for it.
    pub(super) fn take_checkpoint(&mut self) -> Option<(ExportCheckpoint, Vec<Creation>)> {
        if !self.is_dirty && self.marked.is_empty() {
            return None;
        }
        self.is_dirty = false;
        let marked = std::mem::take(&mut self.marked);
        self.creating += marked.len();
        let creation = |index: usize| {
            let item = self.items.get(index)?;
            Some(Creation {
                request: index,
                intent: item.intent.clone(),
                is_search: item.was_sent,
            })
        };
        let creations = marked.into_iter().filter_map(creation).collect();
        Some((self.checkpoint(), creations))
    }

    pub(super) fn checkpoint(&self) -> ExportCheckpoint {
        let pending = self.items.iter().filter(|item| !item.is_over);
        let request = |item: &Item| PendingRequest {
            intent: item.intent.clone(),
            is_sent: item.is_sent,
            clips: item.clips.clone(),
        };
        ExportCheckpoint::new(pending.map(request).collect())
    }

    /// Records that a request made these clips. Returns those to watch.
    pub(super) fn on_created(&mut self, request: usize, uuids: &[ClipUuid]) -> Vec<ClipUuid> {
        self.creating = self.creating.saturating_sub(1);
        self.is_dirty = true;
        let new = self.add_clips(request, uuids);
        if let Some(item) = self.items.get_mut(request) {
            item.clips = Some(new.clone());
            item.is_over = new.is_empty();
        }
        new
    }

    /// Records that a request failed. It stays in the checkpoint if it may be repeated, or its outcome is unknown.
    pub(super) fn on_creation_failed(&mut self, request: usize, is_final: bool, is_sent: bool) {
        self.creating = self.creating.saturating_sub(1);
        self.is_dirty = true;
        if let Some(item) = self.items.get_mut(request) {
            item.is_over = is_final;
            item.is_sent = is_sent;
        }
    }

    /// Records that clips are parts of another one, which is a placeholder and is not exported.
    pub(super) fn on_placeholder(&mut self, uuid: ClipUuid, parts: &[ClipUuid]) -> Vec<ClipUuid> {
        let Some(request) = self.request_of.get(&uuid).copied() else {
            return Vec::new();
        };
        let new = self.add_clips(request, parts);
        if let Some(clips) = self
            .items
            .get_mut(request)
            .and_then(|item| item.clips.as_mut())
        {
            clips.extend(&new);
        }
        self.on_clip_over(uuid);
        new
    }

    /// Returns those of the clips that are new. A clip that another request has made already stays that one's.
    fn add_clips(&mut self, request: usize, uuids: &[ClipUuid]) -> Vec<ClipUuid> {
        let mut new = Vec::new();
        for uuid in uuids {
            if let Entry::Vacant(entry) = self.request_of.entry(*uuid) {
                entry.insert(request);
                new.push(*uuid);
            }
        }
        new
    }

    /// Whether other clips of the same request are known.
    pub(super) fn has_siblings(&self, uuid: ClipUuid) -> bool {
        let request = self.request_of.get(&uuid);
        request.is_some_and(|request| {
            let is_sibling = |(other, of): (&ClipUuid, &usize)| of == request && *other != uuid;
            self.request_of.iter().any(is_sibling)
        })
    }

    /// Index of the request that made a clip.
    pub(super) fn request_of(&self, uuid: ClipUuid) -> usize {
        self.request_of.get(&uuid).copied().unwrap_or_default()
    }

    /// Records that a clip is complete.
    pub(super) fn on_complete(&mut self, uuid: ClipUuid) {
        self.downloads.push_back(uuid);
    }

    /// Returns the next clip to download, if another download may start.
    pub(super) fn next_download(&mut self) -> Option<ClipUuid> {
        if self.downloading >= self.limits.downloads {
            return None;
        }
        let uuid = self.downloads.pop_front()?;
        self.downloading += 1;
        Some(uuid)
    }

    /// Records the end of a download. A clip that may be exported later stays in the checkpoint.
    pub(super) fn on_downloaded(&mut self, uuid: ClipUuid, is_final: bool) {
        self.downloading = self.downloading.saturating_sub(1);
        if is_final {
            self.on_clip_over(uuid);
        }
    }

    /// Removes a clip from the checkpoint.
    pub(super) fn on_clip_over(&mut self, uuid: ClipUuid) {
        self.is_dirty = true;
        let request = self.request_of.get(&uuid).copied();
        if let Some(item) = request.and_then(|request| self.items.get_mut(request))
            && let Some(clips) = &mut item.clips
        {
            clips.retain(|other| *other != uuid);
            item.is_over = clips.is_empty();
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, UNIX_EPOCH};

    use super::*;
    use crate::{CameraUuid, NewClip};

    const CLIPS: [ClipUuid; 3] = [
        ClipUuid::from_bytes([1; 16]),
        ClipUuid::from_bytes([2; 16]),
        ClipUuid::from_bytes([3; 16]),
    ];

    fn intents(count: u64) -> Vec<CreateIntent> {
        let intent = |index| {
            let start = UNIX_EPOCH + Duration::from_secs(60 * index);
            let range = start..start + Duration::from_secs(60);
            let new_clip = NewClip::builder(CameraUuid::from_bytes([7; 16]), range);
            CreateIntent::new(new_clip.build().unwrap(), start)
        };
        (0..count).map(intent).collect()
    }

    fn state(count: u64) -> ExportState {
        let limits = Limits {
            requests: 2,
            downloads: 1,
        };
        ExportState::new(intents(count), limits)
    }

    fn resumed(state: &ExportState) -> ExportState {
        ExportState::resume(state.checkpoint(), state.limits)
    }

    #[test]
    fn a_request_is_sent_only_after_its_checkpoint() {
        let mut state = state(3);
        state.mark_next();
        let (checkpoint, creations) = state.take_checkpoint().unwrap();
        let sent: Vec<_> = checkpoint.requests.iter().map(|it| it.is_sent).collect();
        assert_eq!(sent, [true, true, false]);
        assert_eq!(
            creations.iter().map(|it| it.request).collect::<Vec<_>>(),
            [0, 1]
        );
        assert!(creations.iter().all(|it| !it.is_search));
        // The limit is reached, and nothing has changed.
        state.mark_next();
        assert!(state.take_checkpoint().is_none());
        state.on_created(0, &CLIPS[..1]);
        state.mark_next();
        let (checkpoint, creations) = state.take_checkpoint().unwrap();
        assert_eq!(creations[0].request, 2);
        assert_eq!(checkpoint.clip_uuids(), CLIPS[..1]);
    }

    #[test]
    fn after_a_kill_what_may_have_been_sent_is_searched() {
        let mut state = state(3);
        state.mark_next();
        state.take_checkpoint();
        let mut after = resumed(&state);
        after.mark_next();
        let (_, creations) = after.take_checkpoint().unwrap();
        assert!(creations.iter().all(|it| it.is_search));
        state.on_created(0, &CLIPS[..1]);
        let mut after = resumed(&state);
        assert_eq!(after.known_clips(), CLIPS[..1]);
        after.mark_next();
        let (_, creations) = after.take_checkpoint().unwrap();
        let of = |it: &Creation| (it.request, it.is_search);
        assert_eq!(
            creations.iter().map(of).collect::<Vec<_>>(),
            [(1, true), (2, false)]
        );
    }

    #[test]
    fn what_is_over_leaves_the_checkpoint() {
        let mut state = state(2);
        state.mark_next();
        state.take_checkpoint();
        assert_eq!(state.on_created(0, &CLIPS[..2]), CLIPS[..2]);
        state.on_creation_failed(1, true, true);
        assert_eq!(state.checkpoint().len(), 1);
        state.on_complete(CLIPS[0]);
        state.on_complete(CLIPS[1]);
        assert_eq!(state.next_download(), Some(CLIPS[0]));
        assert_eq!(state.next_download(), None);
        state.on_downloaded(CLIPS[0], true);
        assert_eq!(state.checkpoint().clip_uuids(), [CLIPS[1]]);
        assert_eq!(state.next_download(), Some(CLIPS[1]));
        state.on_downloaded(CLIPS[1], false);
        assert_eq!(state.checkpoint().clip_uuids(), [CLIPS[1]]);
        state.on_clip_over(CLIPS[1]);
        assert!(state.checkpoint().is_empty());
    }

    /// As two equal requests do, if one of them is found for both.
    #[test]
    fn a_clip_of_two_requests_is_exported_once_and_leaves_nothing() {
        let mut state = state(2);
        state.mark_next();
        state.take_checkpoint();
        assert_eq!(state.on_created(0, &CLIPS[..1]), CLIPS[..1]);
        assert_eq!(state.on_created(1, &CLIPS[..1]), []);
        assert_eq!(state.request_of(CLIPS[0]), 0);
        state.on_complete(CLIPS[0]);
        state.next_download();
        state.on_downloaded(CLIPS[0], true);
        assert!(state.checkpoint().is_empty());
    }

    #[test]
    fn a_request_that_was_not_processed_is_not_searched() {
        let mut state = state(1);
        state.mark_next();
        state.take_checkpoint();
        state.on_creation_failed(0, false, false);
        let mut after = resumed(&state);
        after.mark_next();
        assert!(!after.take_checkpoint().unwrap().1[0].is_search);
    }

    #[test]
    fn the_parts_of_a_placeholder_take_its_place() {
        let mut state = state(1);
        state.mark_next();
        state.take_checkpoint();
        state.on_created(0, &CLIPS[..2]);
        assert!(state.has_siblings(CLIPS[0]));
        assert_eq!(state.on_placeholder(CLIPS[0], &CLIPS[1..]), [CLIPS[2]]);
        assert_eq!(state.checkpoint().clip_uuids(), CLIPS[1..]);
    }
}
