//! Which clips are shown when more are watched than the terminal has lines.

use rhombus_clips::ClipUuid;
use std::cmp::Reverse;
use std::time::Duration;

use crate::watch::roster::{Roster, Watched};

/// How long a clip that has ended stays to be seen.
const LINGERS: Duration = Duration::from_secs(3);

/// After such a time without a change, a clip gives way to one that changes.
const STANDS_STILL: Duration = Duration::from_secs(20);

/// More clips than this are gone through once in a while only.
const MANY: usize = 500;
const ONCE_IN_A_WHILE: Duration = Duration::from_secs(1);

/// The clips that are shown. One that is shown stays in its place while there is something to see.
#[derive(Debug, Default)]
pub(super) struct Slots {
    shown: Vec<ClipUuid>,
    chosen_at: Option<Duration>,
}

impl Slots {
    /// The clips to show in so many lines.
    pub(super) fn choose(&mut self, roster: &Roster, room: usize, now: Duration) -> &[ClipUuid] {
        let clips = roster.clips();
        let is_too_soon = clips.len() > MANY
            && self.shown.len() == room
            && self
                .chosen_at
                .is_some_and(|chosen_at| now.saturating_sub(chosen_at) < ONCE_IN_A_WHILE);
        if is_too_soon {
            return &self.shown;
        }
        self.chosen_at = Some(now);
        if clips.len() <= room {
            self.shown = clips.iter().map(|watched| watched.clip).collect();
            return &self.shown;
        }
        self.shown.truncate(room);
        let mut waiting = self.waiting(clips);
        for slot in &mut self.shown {
            let gives_way = roster.get(*slot).is_none_or(|watched| {
                let still = watched.told_at.map_or(now, |at| now.saturating_sub(at));
                match watched.end {
                    Some(_) => still >= LINGERS,
                    None => still >= STANDS_STILL,
                }
            });
            let changes = |watched: &&Watched| {
                let told_at = watched.told_at;
                told_at.is_some_and(|at| now.saturating_sub(at) < STANDS_STILL)
            };
            let has_ended = roster
                .get(*slot)
                .is_some_and(|watched| watched.end.is_some());
            if gives_way && let Some(next) = waiting.pop_if(|next| has_ended || changes(&&**next)) {
                *slot = next.clip;
            }
        }
        while self.shown.len() < room
            && let Some(next) = waiting.pop()
        {
            self.shown.push(next.clip);
        }
        &self.shown
    }

    /// The clips under way that are not shown, the one to show first last: that which is nearest
    /// to its end, and of those of which that is not known the one that changed last.
    fn waiting<'a>(&self, clips: &'a [Watched]) -> Vec<&'a Watched> {
        let mut waiting: Vec<_> = clips
            .iter()
            .filter(|watched| watched.end.is_none() && !self.shown.contains(&watched.clip))
            .collect();
        waiting.sort_by_key(|watched| {
            let end = watched.left(watched.told_at.unwrap_or_default());
            let end = end.zip(watched.told_at);
            let end = end.map_or(Duration::MAX, |(left, at)| {
                at.saturating_add(left.remaining)
            });
            (Reverse(end), watched.told_at)
        });
        waiting
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::clip::event::{Event, Happened};
    use crate::clip::state::State;
    use crate::clip::time_left::TimeLeft;

    const SECOND: Duration = Duration::from_secs(1);

    fn uuid(clip: u8) -> ClipUuid {
        ClipUuid::from_bytes([clip; 16])
    }

    fn roster(clips: u8) -> Roster {
        let mut roster = Roster::default();
        (0..clips).for_each(|clip| assert!(roster.add(uuid(clip))));
        roster
    }

    fn tell(roster: &mut Roster, clip: u8, at: Duration, left: Option<u64>, happened: Happened) {
        let event = Event {
            clip: uuid(clip),
            state: State::default(),
            polls: None,
            elapsed: None,
            left: left.map(|left| TimeLeft {
                remaining: Duration::from_secs(left),
                lower: Duration::ZERO,
                upper: Duration::MAX,
            }),
            happened,
        };
        roster.take(&event, at);
    }

    fn failed() -> Happened {
        Happened::Failed {
            message: String::new(),
        }
    }

    #[test]
    fn all_are_shown_in_order_while_they_have_room() {
        let mut roster = roster(3);
        tell(&mut roster, 1, SECOND, None, failed());
        let mut slots = Slots::default();
        assert_eq!(slots.choose(&roster, 3, 9 * SECOND), [0, 1, 2].map(uuid));
    }

    #[test]
    fn those_nearest_to_their_end_are_shown() {
        let mut roster = roster(6);
        for (clip, left) in [(1, Some(30)), (2, Some(9)), (3, None), (4, Some(20))] {
            tell(&mut roster, clip, SECOND, left, Happened::Progress);
        }
        let mut slots = Slots::default();
        assert_eq!(slots.choose(&roster, 4, SECOND), [2, 4, 1, 3].map(uuid));
    }

    #[test]
    fn one_that_has_ended_makes_room_after_a_while_and_the_others_stay() {
        let mut roster = roster(4);
        for clip in 0..4 {
            let left = Some(u64::from(clip));
            tell(&mut roster, clip, SECOND, left, Happened::Progress);
        }
        let mut slots = Slots::default();
        assert_eq!(slots.choose(&roster, 2, SECOND), [0, 1].map(uuid));
        tell(&mut roster, 0, 2 * SECOND, None, failed());
        assert_eq!(slots.choose(&roster, 2, 3 * SECOND), [0, 1].map(uuid));
        assert_eq!(slots.choose(&roster, 2, 5 * SECOND), [2, 1].map(uuid));
    }

    #[test]
    fn one_that_stands_still_gives_way_to_one_that_changes() {
        let mut roster = roster(3);
        tell(&mut roster, 0, SECOND, Some(5), Happened::Progress);
        let mut slots = Slots::default();
        assert_eq!(slots.choose(&roster, 1, SECOND), [uuid(0)]);
        // Nothing is known of the others: no better.
        assert_eq!(slots.choose(&roster, 1, 30 * SECOND), [uuid(0)]);
        tell(&mut roster, 2, 30 * SECOND, Some(90), Happened::Progress);
        assert_eq!(slots.choose(&roster, 1, 30 * SECOND), [uuid(2)]);
    }

    #[test]
    fn a_terminal_may_shrink_and_grow() {
        let roster = roster(9);
        let mut slots = Slots::default();
        assert_eq!(slots.choose(&roster, 5, SECOND).len(), 5);
        assert_eq!(slots.choose(&roster, 2, SECOND).len(), 2);
        assert_eq!(slots.choose(&roster, 8, SECOND).len(), 8);
    }
}
