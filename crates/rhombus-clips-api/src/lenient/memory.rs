//! The budget of memory that decoding may take.
//!
//! A response can ask for far more memory than it has bytes: an item of two bytes takes the room of a
//! whole object, and a map of one entry that of eleven. So what is allocated is counted against what was
//! read. The budget grows with the text instead of starting from its length: it holds at any time, and
//! for any caller of the decoder.

use std::mem::size_of;

/// Bytes that may be allocated for each byte read.
///
/// Chosen: the peak is to be at most eight times the body. The body itself takes up to two, because its
/// buffer grows by doubling, and a repaired copy one.
const BYTES_PER_BYTE_READ: i64 = 5;

/// Bytes that may be allocated whatever was read.
///
/// Chosen: half of the 1 MiB that the peak may exceed eight times the body by. The other half is for
/// everything beside the values, such as decode issues.
const RESERVE_BYTES: i64 = 512 * 1024;

/// Entries of a node of a `BTreeMap`, at most and, except in the first node, at least.
const NODE_ENTRIES: usize = 11;
const MIN_NODE_ENTRIES: usize = 5;

/// Bytes of a node beside its entries: the pointers to its neighbors, of which the first node has one.
const NODE_OVERHEAD_BYTES: usize = 112;
const FIRST_NODE_OVERHEAD_BYTES: usize = 16;

/// Bytes that may still be allocated.
pub(super) struct Memory {
    available: i64,
    /// Length of the longest text so far, which the parser's buffer has room for.
    longest_text: usize,
}

impl Default for Memory {
    fn default() -> Self {
        Self {
            available: RESERVE_BYTES,
            longest_text: 0,
        }
    }
}

impl Memory {
    /// Counts text that was read; at most what it was, so that the budget is never too large.
    #[inline]
    pub(super) fn read(&mut self, bytes: usize) {
        self.available = self
            .available
            .saturating_add(signed(bytes).saturating_mul(BYTES_PER_BYTE_READ));
    }

    /// Counts a text that was read, and its copy. A text always has room.
    #[inline]
    pub(super) fn read_text(&mut self, bytes: usize) {
        const QUOTES_AND_SEPARATOR: usize = 3;
        self.read(bytes.saturating_add(QUOTES_AND_SEPARATOR));
        self.spend(bytes);
        if bytes > self.longest_text {
            // The parser unescapes a text in a buffer, which it doubles and keeps.
            self.spend((bytes - self.longest_text).saturating_mul(3));
            self.longest_text = bytes;
        }
    }

    /// Counts an allocation that is bounded otherwise.
    #[inline]
    pub(super) fn spend(&mut self, bytes: usize) {
        self.available = self.available.saturating_sub(signed(bytes));
    }

    /// Counts an allocation, if there is room for it.
    fn allocate(&mut self, bytes: usize) -> bool {
        let has_room = signed(bytes) <= self.available;
        if has_room {
            self.spend(bytes);
        }
        has_room
    }

    /// Makes room for a value on the heap, if there is enough.
    #[allow(dead_code, reason = "called for types that contain themselves")]
    pub(super) fn reserve_box<T>(&mut self) -> bool {
        self.allocate(size_of::<T>())
    }

    /// Makes room for one more item, if there is enough.
    #[inline]
    pub(super) fn reserve_item<T>(&mut self, items: &mut Vec<T>) -> bool {
        items.len() < items.capacity() || self.grow(items)
    }

    /// Grows by half, which leaves more of the budget than doubling.
    #[inline(never)]
    fn grow<T>(&mut self, items: &mut Vec<T>) -> bool {
        const MIN_ITEMS: usize = 2;
        let length = items.len();
        let additional = (length / 2).max(MIN_ITEMS);
        let bytes_of = |items: usize| items.saturating_mul(size_of::<T>());
        // Both are allocated while the items move.
        if !self.allocate(bytes_of(length.saturating_add(additional))) {
            return false;
        }
        items.reserve_exact(additional);
        self.available = self.available.saturating_add(signed(bytes_of(length)));
        true
    }

    /// Makes room for one more entry in a `BTreeMap` with texts as keys, if there is enough.
    pub(super) fn reserve_entry<V>(&mut self, length: usize) -> bool {
        self.allocate(node_bytes::<V>(length, MIN_NODE_ENTRIES))
    }

    /// Makes room for one more property in a map of `serde_json`, if there is enough.
    pub(super) fn reserve_property(&mut self, length: usize) -> bool {
        self.allocate(node_bytes::<serde_json::Value>(length, PROPERTIES_PER_NODE))
    }

    /// Counts one more property in a map of `serde_json`, whose number is bounded otherwise.
    pub(super) fn spend_property(&mut self, length: usize) {
        self.spend(node_bytes::<serde_json::Value>(length, PROPERTIES_PER_NODE));
    }
}

/// Properties for which a node is counted. With `preserve_order`, a map of `serde_json` is a table that
/// doubles, three times as large as its entries while it moves.
const PROPERTIES_PER_NODE: usize = {
    type Ordered = serde_json::Map<String, serde_json::Value>;
    type Sorted = std::collections::BTreeMap<String, serde_json::Value>;
    if size_of::<Ordered>() == size_of::<Sorted>() {
        MIN_NODE_ENTRIES
    } else {
        3
    }
};

/// Size of the node that a map of this length, with texts as keys, allocates for one more entry, or 0.
const fn node_bytes<V>(length: usize, entries_per_node: usize) -> usize {
    let entries = NODE_ENTRIES * (size_of::<String>() + size_of::<V>());
    match length {
        0 => entries + FIRST_NODE_OVERHEAD_BYTES,
        _ if length.is_multiple_of(entries_per_node) => entries + NODE_OVERHEAD_BYTES,
        _ => 0,
    }
}

fn signed(bytes: usize) -> i64 {
    i64::try_from(bytes).unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_list_grows_as_far_as_the_text_allows() {
        let mut memory = Memory::default();
        let mut items = Vec::<[u8; 100]>::new();
        while memory.reserve_item(&mut items) {
            items.push([0; 100]);
        }
        // While the last items moved, the old list and the new one were allocated.
        let length = items.len() * 100;
        assert!(length * 5 / 3 <= 512 * 1024, "{length}");
        assert!(length * 25 / 6 > 512 * 1024, "{length}");
        memory.read(1_000_000);
        assert!(memory.reserve_item(&mut items));
    }

    #[test]
    fn a_text_has_room_whatever_its_length() {
        let mut memory = Memory::default();
        let before = memory.available;
        for bytes in [0, 1, 1_000_000, 10, 2_000_000] {
            memory.read_text(bytes);
        }
        assert!(memory.available >= before);
    }

    #[test]
    fn the_buffer_of_the_parser_is_counted_once() {
        let mut memory = Memory::default();
        let mut cost = |bytes: usize| {
            let before = memory.available + 5 * signed(bytes + 3);
            memory.read_text(bytes);
            before - memory.available
        };
        assert_eq!([cost(100), cost(100), cost(150)], [400, 100, 300]);
    }

    #[test]
    fn a_node_is_counted_once_for_its_entries() {
        let mut memory = Memory::default();
        let before = memory.available;
        assert!((0..5).all(|length| memory.reserve_entry::<u64>(length)));
        assert_eq!(before - memory.available, 11 * 32 + 16);
        assert!(memory.reserve_entry::<u64>(5));
        assert_eq!(before - memory.available, 2 * 11 * 32 + 16 + 112);
    }
}
