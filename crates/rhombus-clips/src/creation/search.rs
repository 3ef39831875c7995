//! The search for the clips of a request whose response was lost.
//!
//! [`Search`] is pure: it is given the records of the service's lists, retains those that the request may
//! have made, and decides. A record matches by its cameras, start, length and title, and by its creation
//! after the request; or by the token in its description, which is certain.
//!
//! It is undocumented how many records a request makes. Each record covers some *pieces*, which are the pairs
//! of a camera and a time range: a joined clip covers all, a clip per camera those of the camera. Records
//! that cover every piece once are the result. A parent, which stands for its parts, comes on top.

use std::collections::{BTreeMap, BTreeSet};

use rhombus_clips_api::types::{GetClipsWithProgressRequest, SavedClip, SplicedClip, TimeInterval};

use super::CreateIntent;
use crate::new_clip::range::FootageRange;
use crate::{CameraUuid, ClipUuid};

/// Difference of start and length that still is a match: the service may round to whole seconds.
const TOLERANCE_MS: i64 = 1_000;
/// Time before the earliest footage that the list is asked for. It makes up for a bound that is rounded or
/// not included. Chosen, not tuned.
const FILTER_MARGIN_MS: i64 = 60_000;
/// Number of matching records that are retained. Chosen: a request makes a few clips, and more than that is
/// ambiguous already.
const MAX_CANDIDATES: usize = 256;

/// State of a search.
#[derive(Debug)]
pub(crate) struct Search {
    cameras: Vec<CameraUuid>,
    ranges: Vec<FootageRange>,
    title: Option<String>,
    description: Option<String>,
    token: Option<String>,
    created_since_ms: Option<i64>,
    candidates: BTreeMap<ClipUuid, Candidate>,
}

/// A record that the request may have made.
#[derive(Debug)]
struct Candidate {
    /// Numbers of the pieces that it covers.
    pieces: BTreeSet<usize>,
    created_at_ms: Option<i64>,
    /// The record says that it stands for parts.
    is_placeholder: bool,
    parent: Option<ClipUuid>,
}

/// Decision of a search.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Finding {
    /// These are the clips of the request, a parent first.
    Found(Vec<ClipUuid>),
    /// Nothing, or not everything, is there.
    Incomplete(Vec<ClipUuid>),
    /// More clips than the request made match it.
    Ambiguous(Vec<ClipUuid>),
}

/// The properties of a record that the search compares, of either list.
struct Properties<'a> {
    uuid: Option<&'a str>,
    devices: Vec<&'a str>,
    intervals: Vec<&'a TimeInterval>,
    start_ms: Option<i64>,
    length_sec: Option<i64>,
    title: Option<&'a str>,
    description: Option<&'a str>,
    created_at_ms: Option<i64>,
    is_placeholder: bool,
    parent: Option<&'a str>,
}

impl Search {
    pub(crate) fn new(intent: &CreateIntent) -> Self {
        let new_clip = intent.new_clip();
        Self {
            cameras: new_clip.cameras(),
            ranges: new_clip.footage_ranges().to_vec(),
            title: new_clip.title().map(str::to_owned),
            description: new_clip.description().map(str::to_owned),
            token: intent.token().map(str::to_owned),
            created_since_ms: None,
            candidates: BTreeMap::new(),
        }
    }

    /// Sets the earliest creation time of the clips, by the service's clock.
    pub(crate) fn set_created_since(&mut self, ms: i64) {
        let since = self.created_since_ms.map_or(ms, |since| since.min(ms));
        self.created_since_ms = Some(since);
    }

    /// Returns the request for a page of the list, without paging.
    ///
    /// The list may be filtered by the time of the footage or of its creation, by a rule that is
    /// undocumented. Neither is before the start of the footage.
    pub(crate) fn page_request(&self, page_size: i64) -> GetClipsWithProgressRequest {
        let start = self.ranges.iter().map(|range| range.start_ms).min();
        let after = start.unwrap_or(0).saturating_sub(FILTER_MARGIN_MS).max(0);
        GetClipsWithProgressRequest::new(page_size)
            .with_device_uuid_filters(self.cameras.iter().map(ToString::to_string))
            .with_timestamp_ms_after(after)
    }

    /// Takes a record of the list of clips.
    pub(crate) fn add_saved(&mut self, record: &SavedClip) {
        let several = record.device_uuids.iter().flatten().flatten();
        let intervals = record.device_interval_map.iter().flatten();
        self.add(&Properties {
            uuid: record.uuid.as_deref(),
            devices: several
                .chain(&record.device_uuid)
                .map(String::as_str)
                .collect(),
            intervals: intervals
                .flat_map(|(_, it)| it.iter().flatten().flatten())
                .collect(),
            start_ms: record.timestamp_ms,
            length_sec: record.duration_sec,
            title: record.title.as_deref(),
            description: record.description.as_deref(),
            created_at_ms: record.created_at_ms,
            is_placeholder: record.placeholder == Some(true),
            parent: None,
        });
    }

    /// Takes a record of the list of clips in progress, which has no creation time.
    pub(crate) fn add_in_progress(&mut self, record: &SplicedClip) {
        let maps = [&record.device_uuid_map, &record.device_map];
        let keys = maps.into_iter().flatten().flat_map(|map| map.keys());
        let order = record.device_presentation_order.iter().flatten().flatten();
        let devices: Vec<&str> = keys
            .chain(order)
            .chain(&record.device_uuid)
            .map(String::as_str)
            .collect();
        let intervals = record.device_interval_map.iter().flatten();
        self.add(&Properties {
            uuid: record.clip_uuid.as_deref(),
            devices,
            intervals: intervals
                .flat_map(|(_, it)| it.iter().flatten().flatten())
                .collect(),
            start_ms: record.timestamp_ms.or(record.start_time),
            length_sec: record.duration,
            title: record.title.as_deref(),
            description: record.description.as_deref(),
            created_at_ms: None,
            is_placeholder: record
                .expected_sub_clip_count
                .is_some_and(|count| count > 0),
            parent: record.parent_clip_uuid.as_deref(),
        });
    }

    fn add(&mut self, properties: &Properties<'_>) {
        let Some(uuid) = properties.uuid.and_then(|uuid| uuid.parse().ok()) else {
            return;
        };
        let Some(pieces) = self.matching_pieces(properties) else {
            return;
        };
        if !self.candidates.contains_key(&uuid) && self.candidates.len() >= MAX_CANDIDATES {
            return;
        }
        let parent = properties.parent.and_then(|parent| parent.parse().ok());
        // A clip may be in both lists, and its record may change between two reads.
        let candidate = self.candidates.entry(uuid).or_insert(Candidate {
            pieces: BTreeSet::new(),
            created_at_ms: None,
            is_placeholder: false,
            parent: None,
        });
        candidate.pieces.extend(pieces);
        candidate.created_at_ms = candidate.created_at_ms.or(properties.created_at_ms);
        candidate.is_placeholder |= properties.is_placeholder;
        candidate.parent = candidate.parent.or(parent);
    }

    /// Returns the pieces that a record covers; `None` if the request cannot have made it.
    fn matching_pieces(&self, properties: &Properties<'_>) -> Option<BTreeSet<usize>> {
        let all = || (0..self.cameras.len() * self.ranges.len()).collect();
        let cameras = self.matching_cameras(&properties.devices);
        let ranges = self.matching_ranges(properties);
        let pieces = match (cameras, ranges) {
            (Some(cameras), Some(ranges)) => {
                let piece = |camera: usize| {
                    let ranges = ranges.iter();
                    ranges.map(move |range| camera * self.ranges.len() + range)
                };
                Some(cameras.into_iter().flat_map(piece).collect())
            }
            _ => None,
        };
        if let Some(token) = &self.token {
            let is_ours = properties
                .description
                .is_some_and(|text| text.contains(token));
            return is_ours.then(|| pieces.unwrap_or_else(all));
        }
        let is_same = |sent: &Option<String>, found: Option<&str>| match (sent, found) {
            (Some(sent), Some(found)) => sent.trim() == found.trim(),
            // The service may make up a text, and leaves properties out at will.
            _ => true,
        };
        pieces.filter(|_| {
            is_same(&self.title, properties.title)
                && is_same(&self.description, properties.description)
        })
    }

    /// Returns the numbers of a record's cameras; `None` if one is not of the request, or none is given.
    fn matching_cameras(&self, devices: &[&str]) -> Option<BTreeSet<usize>> {
        let number = |device: &&str| {
            let camera = CameraUuid::of_response(device)?;
            self.cameras.iter().position(|wanted| *wanted == camera)
        };
        let numbers: Option<BTreeSet<usize>> = devices.iter().map(number).collect();
        numbers.filter(|numbers| !numbers.is_empty())
    }

    /// Returns the numbers of a record's ranges; `None` if one is not of the request, or none is given.
    fn matching_ranges(&self, properties: &Properties<'_>) -> Option<BTreeSet<usize>> {
        let is_near = |one: i64, other: i64| one.abs_diff(other) <= TOLERANCE_MS.unsigned_abs();
        if !properties.intervals.is_empty() {
            let number = |interval: &&TimeInterval| {
                let (start, end) = (interval.start_ms?, interval.end_ms?);
                let mut ranges = self.ranges.iter();
                ranges.position(|it| is_near(start, it.start_ms) && is_near(end, it.end_ms))
            };
            return properties.intervals.iter().map(number).collect();
        }
        let start = properties.start_ms?;
        let is_length = |seconds: i64| {
            let found = properties.length_sec.unwrap_or(seconds);
            is_near(found.saturating_mul(1000), seconds.saturating_mul(1000))
        };
        let mut ranges = self.ranges.iter();
        let one = ranges
            .position(|range| is_near(start, range.start_ms) && is_length(range.length_sec()));
        if let Some(number) = one {
            return Some(BTreeSet::from([number]));
        }
        // A clip of all ranges: it starts with the first, and lasts as long as all or until the last.
        let (first, last) = (self.ranges.first()?, self.ranges.last()?);
        let sum = self
            .ranges
            .iter()
            .fold(0, |sum: i64, it| sum.saturating_add(it.length_sec()));
        let hull = FootageRange {
            end_ms: last.end_ms,
            ..*first
        };
        let is_all =
            is_near(start, first.start_ms) && (is_length(sum) || is_length(hull.length_sec()));
        is_all.then(|| (0..self.ranges.len()).collect())
    }

    /// Returns the clips whose creation time is not known, so that it can be asked for.
    pub(crate) fn unconfirmed(&self) -> Vec<ClipUuid> {
        let current = self.current();
        let unconfirmed = current.iter().filter(|(_, it)| it.created_at_ms.is_none());
        match self.token {
            Some(_) => Vec::new(),
            None => unconfirmed.map(|(uuid, _)| **uuid).collect(),
        }
    }

    /// Decides. At the end of the search, what could not be confirmed counts.
    pub(crate) fn decide(&self, is_end: bool) -> Finding {
        let current = self.current();
        let parents: BTreeSet<ClipUuid> = current.iter().filter_map(|(_, it)| it.parent).collect();
        let is_parent =
            |uuid: &ClipUuid, it: &Candidate| it.is_placeholder || parents.contains(uuid);
        let (tops, others): (Vec<_>, Vec<_>) = current
            .into_iter()
            .partition(|(uuid, it)| is_parent(uuid, it));
        let mut covered = BTreeSet::new();
        let mut pieces = others.iter().flat_map(|(_, it)| &it.pieces);
        let is_disjoint = pieces.all(|piece| covered.insert(*piece));
        let is_whole = covered.len() == self.cameras.len() * self.ranges.len();

        let mut parts: Vec<_> = others
            .iter()
            .map(|(uuid, it)| (&it.pieces, **uuid))
            .collect();
        parts.sort();
        let top_uuids = tops.iter().map(|(uuid, _)| **uuid);
        let uuids: Vec<ClipUuid> = top_uuids
            .chain(parts.into_iter().map(|(_, uuid)| uuid))
            .collect();
        let is_confirmed = self.unconfirmed().is_empty();
        if tops.len() > 1 || !is_disjoint {
            return match is_confirmed || is_end {
                true => Finding::Ambiguous(uuids),
                // One of them may turn out to be older.
                false => Finding::Incomplete(uuids),
            };
        }
        let is_found = is_whole || (is_end && tops.len() == 1);
        match is_found && (is_confirmed || is_end) {
            true => Finding::Found(uuids),
            false => Finding::Incomplete(uuids),
        }
    }

    /// The candidates that are not older than the request.
    fn current(&self) -> Vec<(&ClipUuid, &Candidate)> {
        let is_current =
            |candidate: &Candidate| match (candidate.created_at_ms, self.created_since_ms) {
                _ if self.token.is_some() => true,
                (Some(created), Some(since)) => created >= since,
                _ => true,
            };
        self.candidates
            .iter()
            .filter(|(_, it)| is_current(it))
            .collect()
    }
}

#[cfg(test)]
mod tests;
