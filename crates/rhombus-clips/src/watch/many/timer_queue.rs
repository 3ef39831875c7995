//! Timer queue: items ordered by due time.
//!
//! Pure: the caller supplies the time. Compared with a timer per watch it needs one wake-up for all, and
//! one integer per entry.

use std::collections::BTreeMap;
use std::collections::btree_map::Entry;
use std::time::Duration;

/// Items in the order of their due time; ties are in the order of insertion. Every operation takes
/// logarithmic time.
///
/// Times are relative to an origin of the caller's choice. The most overdue item always comes first, so
/// no item starves.
#[derive(Debug)]
pub(super) struct TimerQueue<T> {
    items: BTreeMap<Key, T>,
    arrivals: u64,
}

/// Key of an entry: its due time in the high bits, its insertion order in the low ones. One integer,
/// because there may be a hundred thousand entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key(u64);

/// Bits of the insertion order: ties among the newest 2^20 entries are resolved.
const ARRIVAL_BITS: u32 = 20;

/// Resolution of due times. With the bits above it lasts for 34 years.
const TICK: Duration = Duration::from_nanos(62_500);

impl Key {
    /// Rounds up, so that no item is due early.
    fn new(due: Duration, arrival: u64) -> Self {
        let ticks = due.as_nanos().div_ceil(TICK.as_nanos());
        let last = u64::MAX >> ARRIVAL_BITS;
        let ticks = u64::try_from(ticks).unwrap_or(last).min(last);
        Self((ticks << ARRIVAL_BITS) | (arrival & ((1 << ARRIVAL_BITS) - 1)))
    }

    fn due(self) -> Duration {
        let ticks = self.0 >> ARRIVAL_BITS;
        let ticks_a_second = 16_000;
        let rest = u32::try_from(ticks % ticks_a_second).unwrap_or(0);
        Duration::from_secs(ticks / ticks_a_second) + TICK * rest
    }
}

impl<T> TimerQueue<T> {
    pub(super) fn new() -> Self {
        Self {
            items: BTreeMap::new(),
            arrivals: 0,
        }
    }

    /// Inserts an item that is due at this time.
    pub(super) fn add(&mut self, due: Duration, item: T) -> Key {
        let mut key = Key::new(due, self.arrivals);
        self.arrivals = self.arrivals.wrapping_add(1);
        loop {
            // An entry of a million insertions ago may have the same key.
            if let Entry::Vacant(place) = self.items.entry(key) {
                place.insert(item);
                return key;
            }
            key = Key(key.0.wrapping_add(1));
        }
    }

    /// Removes an item, if it is still in the queue.
    pub(super) fn remove(&mut self, key: Key) -> Option<T> {
        self.items.remove(&key)
    }

    /// Removes and returns the first item that is due at `now`.
    pub(super) fn take_due(&mut self, now: Duration) -> Option<T> {
        let first = self.items.first_entry()?;
        (first.key().due() <= now).then(|| first.remove())
    }

    /// Iterates over the items that are due at `now`, in their order.
    pub(super) fn due(&self, now: Duration) -> impl Iterator<Item = &T> {
        let due = self
            .items
            .iter()
            .take_while(move |(key, _)| key.due() <= now);
        due.map(|(_, item)| item)
    }

    /// Removes and returns all items that are due at `now`, in their order.
    pub(super) fn take_until(&mut self, now: Duration) -> Vec<T> {
        std::iter::from_fn(|| self.take_due(now)).collect()
    }

    /// Due time of the first item.
    pub(super) fn next_due(&self) -> Option<Duration> {
        Some(self.items.first_key_value()?.0.due())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const SEC: Duration = Duration::from_secs(1);

    #[test]
    fn overdue_items_come_first_and_ties_in_insertion_order() {
        let mut queue = TimerQueue::new();
        for (due, item) in [(3, 'c'), (1, 'a'), (3, 'd'), (2, 'b'), (3, 'e')] {
            queue.add(due * SEC, item);
        }
        assert_eq!(queue.next_due(), Some(SEC));
        assert_eq!(queue.take_due(SEC / 2), None);
        let due: String = std::iter::from_fn(|| queue.take_due(3 * SEC)).collect();
        assert_eq!(due, "abcde");
        assert_eq!(queue.next_due(), None);
    }

    #[test]
    fn times_are_rounded_up_and_keys_are_unique() {
        let nanosecond = Duration::from_nanos(1);
        assert_eq!(Key::new(3 * SEC, 7).due(), 3 * SEC);
        assert_eq!(Key::new(3 * SEC + nanosecond, 7).due(), 3 * SEC + TICK);
        let mut queue = TimerQueue::new();
        for item in ['a', 'b'] {
            queue.add(SEC, item);
            queue.arrivals = 0;
        }
        let due: String = std::iter::from_fn(|| queue.take_due(SEC)).collect();
        assert_eq!(due, "ab");
    }

    #[test]
    fn removal_is_final() {
        let mut queue = TimerQueue::new();
        let key = queue.add(SEC, 'a');
        assert_eq!(queue.remove(key), Some('a'));
        assert_eq!(queue.remove(key), None);
        assert_eq!(queue.take_due(Duration::MAX), None);
        // The longest delay does not overflow.
        queue.add(Duration::MAX, 'b');
        assert_eq!(queue.take_due(Duration::MAX), Some('b'));
    }

    #[test]
    fn due_items_are_listed_and_taken_in_order() {
        let mut queue = TimerQueue::new();
        for (due, item) in [(9, 'd'), (1, 'a'), (3, 'c'), (2, 'b')] {
            queue.add(due * SEC, item);
        }
        assert_eq!(queue.due(3 * SEC).collect::<String>(), "abc");
        assert_eq!(queue.take_until(2 * SEC), ['a', 'b']);
        assert_eq!(queue.due(9 * SEC).collect::<String>(), "cd");
    }

    #[test]
    fn no_item_starves() {
        let mut queue = TimerQueue::new();
        (0..100).for_each(|item| _ = queue.add(Duration::ZERO, item));
        let mut turns = [0; 100];
        // One item is taken a second, and each is due again after two.
        for second in 0..10_000_u32 {
            let item: usize = queue.take_due(second * SEC).unwrap();
            turns[item] += 1;
            queue.add((second + 2) * SEC, item);
        }
        assert_eq!(turns, [100; 100]);
    }

    /// Compares random operations with a list that is searched linearly.
    #[test]
    fn it_equals_a_linearly_searched_list() {
        let mut random = fastrand::Rng::with_seed(7);
        for _ in 0..200 {
            let mut queue = TimerQueue::new();
            let mut list: Vec<(u32, u32, Key)> = Vec::new();
            let mut now = 0;
            for item in 0..300 {
                now += random.u32(0..3);
                match random.u8(0..4) {
                    0 | 1 => {
                        let due = now + random.u32(0..20);
                        list.push((due, item, queue.add(due * SEC, item)));
                    }
                    2 if !list.is_empty() => {
                        let (_, item, key) = list.swap_remove(random.usize(0..list.len()));
                        assert_eq!(queue.remove(key), Some(item));
                    }
                    _ => {
                        let first = list.iter().enumerate().min_by_key(|(_, entry)| **entry);
                        let first = first.filter(|(_, entry)| entry.0 <= now);
                        let expected = first.map(|(index, entry)| (index, entry.1));
                        expected.map(|(index, _)| list.swap_remove(index));
                        let taken = queue.take_due(now * SEC);
                        assert_eq!(taken, expected.map(|(_, item)| item));
                    }
                }
                let next = list.iter().map(|entry| entry.0 * SEC).min();
                assert_eq!(queue.next_due(), next);
            }
        }
    }
}
