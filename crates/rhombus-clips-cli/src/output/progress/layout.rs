//! Layout of the progress bars: the columns of a line, and the clips that have one.

use std::cmp::Reverse;
use std::time::Duration;

use rhombus_clips::ClipUuid;

use crate::output::tracker::{TrackedClip, Tracker};

/// Widths at which no column is truncated, for all lines.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct DesiredWidths {
    /// 0 when only one clip is watched.
    pub(super) uuid: usize,
    pub(super) status: usize,
    /// Remaining time with its interval.
    pub(super) remaining: usize,
    /// Remaining time without its interval.
    pub(super) short_remaining: usize,
    pub(super) polls: usize,
    pub(super) elapsed: usize,
    pub(super) operation: usize,
}

/// Column widths in use. A hidden column has width 0.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    pub(super) uuid: usize,
    pub(super) status: usize,
    pub(super) bar: usize,
    pub(super) remaining: usize,
    /// Whether the remaining time is shown with its interval.
    pub(super) has_interval: bool,
    pub(super) polls: usize,
    pub(super) elapsed: usize,
    pub(super) operation: usize,
}

/// Width of the spinner or the symbol of an outcome.
pub(super) const MARKER_WIDTH: usize = 1;
/// Width of a percentage up to `100%`.
pub(super) const PERCENT_WIDTH: usize = 4;

// Widths in columns. Chosen: so that a line of 80 columns has all of its columns, not tuned.
/// Width of a truncated UUID: enough characters to be unique in practice, and an ellipsis.
const SHORT_UUID_WIDTH: usize = 9;
const DEFAULT_BAR_WIDTH: usize = 12;
const MIN_BAR_WIDTH: usize = 8;
const MAX_BAR_WIDTH: usize = 30;
/// Minimum width of a truncated operation; a shorter excerpt is not useful.
const MIN_OPERATION_WIDTH: usize = 10;

impl Layout {
    /// Computes the layout of a line of this width.
    pub(super) fn new(desired: DesiredWidths, line_width: usize) -> Self {
        let mut layout = Self {
            uuid: desired.uuid,
            status: desired.status,
            bar: DEFAULT_BAR_WIDTH,
            remaining: desired.remaining,
            has_interval: true,
            polls: desired.polls,
            elapsed: desired.elapsed,
            operation: desired.operation,
        };
        let concessions: [&dyn Fn(&mut Self); 9] = [
            &|layout| layout.bar = MIN_BAR_WIDTH,
            &|layout| layout.uuid = layout.uuid.min(SHORT_UUID_WIDTH),
            &|layout| layout.operation = layout.operation.min(MIN_OPERATION_WIDTH),
            &|layout| layout.elapsed = 0,
            &|layout| layout.operation = 0,
            &|layout| layout.polls = 0,
            &|layout| {
                layout.remaining = desired.short_remaining;
                layout.has_interval = false;
            },
            &|layout| layout.bar = 0,
            &|layout| layout.remaining = 0,
        ];
        for concede in concessions {
            if layout.width() <= line_width {
                break;
            }
            concede(&mut layout);
        }
        // The last concession may have freed more than was needed.
        let mut spare = line_width.saturating_sub(layout.width());
        if layout.operation > 0 {
            spare -= grow(&mut layout.operation, desired.operation, spare);
        }
        if layout.bar > 0 {
            grow(&mut layout.bar, MAX_BAR_WIDTH, spare);
        }
        layout
    }

    /// Returns the width of a line, with a space between columns.
    fn width(&self) -> usize {
        let columns = [
            MARKER_WIDTH,
            self.uuid,
            self.status,
            self.bar,
            PERCENT_WIDTH,
            self.remaining,
            self.polls,
            self.elapsed,
            self.operation,
        ];
        let visible = columns.iter().filter(|width| **width > 0).count();
        columns.iter().sum::<usize>() + visible - 1
    }
}

/// Grows a column towards its desired width and returns the width that was used up.
fn grow(width: &mut usize, desired: usize, spare: usize) -> usize {
    let growth = desired.saturating_sub(*width).min(spare);
    *width += growth;
    growth
}

// Chosen, not tuned.
/// Time for which a clip that has ended stays visible.
const ENDED_VISIBLE_FOR: Duration = Duration::from_secs(3);

/// Time without an event after which a clip is idle and may be replaced.
const IDLE_AFTER: Duration = Duration::from_secs(20);

/// Number of clips above which selecting in every frame is too expensive.
const MANY_CLIPS: usize = 500;
/// Minimum time between selections among many clips.
const MANY_CLIPS_SELECT_INTERVAL: Duration = Duration::from_secs(1);

/// The visible clips, in the order of their lines.
#[derive(Debug, Default)]
pub(super) struct VisibleClips {
    uuids: Vec<ClipUuid>,
    selected_at: Option<Duration>,
}

impl VisibleClips {
    /// Updates the selection for a terminal with `capacity` lines and returns it.
    pub(super) fn select(
        &mut self,
        tracker: &Tracker,
        capacity: usize,
        now: Duration,
    ) -> &[ClipUuid] {
        let clips = tracker.clips();
        let is_recent = clips.len() > MANY_CLIPS
            && self.uuids.len() == capacity
            && self.selected_at.is_some_and(|selected_at| {
                now.saturating_sub(selected_at) < MANY_CLIPS_SELECT_INTERVAL
            });
        if is_recent {
            return &self.uuids;
        }
        self.selected_at = Some(now);
        if clips.len() <= capacity {
            self.uuids = clips.iter().map(|clip| clip.uuid).collect();
            return &self.uuids;
        }
        self.uuids.truncate(capacity);
        let mut candidates = self.candidates(clips);
        for uuid in &mut self.uuids {
            let is_replaceable = tracker.get(*uuid).is_none_or(|clip| {
                let idle = clip.last_event_at.map_or(now, |at| now.saturating_sub(at));
                match clip.outcome {
                    Some(_) => idle >= ENDED_VISIBLE_FOR,
                    None => idle >= IDLE_AFTER,
                }
            });
            let is_active = |clip: &&TrackedClip| {
                let last_event_at = clip.last_event_at;
                last_event_at.is_some_and(|at| now.saturating_sub(at) < IDLE_AFTER)
            };
            let has_ended = tracker
                .get(*uuid)
                .is_some_and(|clip| clip.outcome.is_some());
            if is_replaceable
                && let Some(next) = candidates.pop_if(|next| has_ended || is_active(&&**next))
            {
                *uuid = next.uuid;
            }
        }
        while self.uuids.len() < capacity
            && let Some(next) = candidates.pop()
        {
            self.uuids.push(next.uuid);
        }
        &self.uuids
    }

    /// Returns the unfinished clips that are not visible, the best candidate last: the one with the
    /// earliest estimated completion, and among clips without an estimate the one with the latest
    /// event.
    fn candidates<'a>(&self, clips: &'a [TrackedClip]) -> Vec<&'a TrackedClip> {
        let mut candidates: Vec<_> = clips
            .iter()
            .filter(|clip| clip.outcome.is_none() && !self.uuids.contains(&clip.uuid))
            .collect();
        candidates.sort_by_key(|clip| {
            let remaining = clip.remaining(clip.last_event_at.unwrap_or_default());
            let remaining = remaining.zip(clip.last_event_at);
            let completion = remaining.map_or(Duration::MAX, |(remaining, at)| {
                at.saturating_add(remaining.remaining)
            });
            (Reverse(completion), clip.last_event_at)
        });
        candidates
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::output::clip_view::{ClipState, RemainingTime};
    use crate::output::event::{Event, EventKind};

    const SEVERAL: DesiredWidths = DesiredWidths {
        uuid: 22,
        status: 10,
        remaining: 17,
        short_remaining: 6,
        polls: 6,
        elapsed: 0,
        operation: 16,
    };

    #[test]
    fn all_columns_are_visible_at_80_columns() {
        let layout = Layout::new(SEVERAL, 79);
        assert_eq!(layout.width(), 79);
        assert!(layout.has_interval && layout.bar >= MIN_BAR_WIDTH);
        assert_eq!((layout.uuid, layout.polls, layout.operation), (9, 6, 16));
        let single = DesiredWidths {
            uuid: 0,
            elapsed: 5,
            ..SEVERAL
        };
        let layout = Layout::new(single, 79);
        assert_eq!(
            (
                layout.remaining,
                layout.polls,
                layout.elapsed,
                layout.operation
            ),
            (17, 6, 5, 16)
        );
    }

    #[test]
    fn the_entire_uuid_is_visible_on_a_wide_terminal() {
        let layout = Layout::new(SEVERAL, 119);
        assert_eq!((layout.uuid, layout.operation, layout.bar), (22, 16, 30));
    }

    #[test]
    fn less_important_columns_are_hidden_first() {
        let layout = Layout::new(SEVERAL, 62);
        assert_eq!(
            (layout.operation, layout.polls, layout.remaining),
            (0, 6, 17)
        );
        let layout = Layout::new(SEVERAL, 59);
        assert_eq!((layout.polls, layout.remaining), (0, 17));
        let layout = Layout::new(SEVERAL, 39);
        assert_eq!(
            (layout.polls, layout.bar, layout.has_interval),
            (0, 0, false)
        );
        assert_eq!((layout.uuid, layout.status, layout.remaining), (9, 10, 6));
        let layout = Layout::new(SEVERAL, 29);
        assert_eq!((layout.uuid, layout.remaining), (9, 0));
    }

    #[test]
    fn lines_never_exceed_the_width() {
        let shortest = Layout::new(SEVERAL, 0).width();
        for width in shortest..200 {
            assert!(Layout::new(SEVERAL, width).width() <= width, "{width}");
        }
    }

    const SECOND: Duration = Duration::from_secs(1);

    fn uuid(byte: u8) -> ClipUuid {
        ClipUuid::from_bytes([byte; 16])
    }

    fn tracker(count: u8) -> Tracker {
        let mut tracker = Tracker::default();
        (0..count).for_each(|byte| assert!(tracker.add(uuid(byte))));
        tracker
    }

    fn apply(
        tracker: &mut Tracker,
        byte: u8,
        at: Duration,
        remaining: Option<u64>,
        kind: EventKind,
    ) {
        let event = Event {
            uuid: uuid(byte),
            state: ClipState::default(),
            polls: None,
            elapsed: None,
            remaining: remaining.map(|seconds| RemainingTime {
                remaining: Duration::from_secs(seconds),
                lower: Duration::ZERO,
                upper: Duration::MAX,
                is_vague: false,
            }),
            kind,
        };
        tracker.apply(&event, at);
    }

    fn failed() -> EventKind {
        EventKind::Failed {
            message: String::new(),
            reason: None,
            clip: None,
        }
    }

    #[test]
    fn all_clips_that_fit_are_visible_in_order() {
        let mut tracker = tracker(3);
        apply(&mut tracker, 1, SECOND, None, failed());
        let mut visible = VisibleClips::default();
        assert_eq!(visible.select(&tracker, 3, 9 * SECOND), [0, 1, 2].map(uuid));
    }

    #[test]
    fn clips_closest_to_completion_are_visible() {
        let mut tracker = tracker(6);
        for (byte, remaining) in [(1, Some(30)), (2, Some(9)), (3, None), (4, Some(20))] {
            apply(&mut tracker, byte, SECOND, remaining, EventKind::Progress);
        }
        let mut visible = VisibleClips::default();
        assert_eq!(visible.select(&tracker, 4, SECOND), [2, 4, 1, 3].map(uuid));
    }

    #[test]
    fn an_ended_clip_is_replaced_after_a_delay() {
        let mut tracker = tracker(4);
        for byte in 0..4 {
            let remaining = Some(u64::from(byte));
            apply(&mut tracker, byte, SECOND, remaining, EventKind::Progress);
        }
        let mut visible = VisibleClips::default();
        assert_eq!(visible.select(&tracker, 2, SECOND), [0, 1].map(uuid));
        apply(&mut tracker, 0, 2 * SECOND, None, failed());
        assert_eq!(visible.select(&tracker, 2, 3 * SECOND), [0, 1].map(uuid));
        assert_eq!(visible.select(&tracker, 2, 5 * SECOND), [2, 1].map(uuid));
    }

    #[test]
    fn an_idle_clip_is_replaced_by_an_active_one() {
        let mut tracker = tracker(3);
        apply(&mut tracker, 0, SECOND, Some(5), EventKind::Progress);
        let mut visible = VisibleClips::default();
        assert_eq!(visible.select(&tracker, 1, SECOND), [uuid(0)]);
        // The other clips had no event either.
        assert_eq!(visible.select(&tracker, 1, 30 * SECOND), [uuid(0)]);
        apply(&mut tracker, 2, 30 * SECOND, Some(90), EventKind::Progress);
        assert_eq!(visible.select(&tracker, 1, 30 * SECOND), [uuid(2)]);
    }

    #[test]
    fn the_selection_follows_the_terminal_size() {
        let tracker = tracker(9);
        let mut visible = VisibleClips::default();
        assert_eq!(visible.select(&tracker, 5, SECOND).len(), 5);
        assert_eq!(visible.select(&tracker, 2, SECOND).len(), 2);
        assert_eq!(visible.select(&tracker, 8, SECOND).len(), 8);
    }
}
