//! Search for an API key in received text, in any of its spellings.

use std::ops::Range;

use memchr::{memchr, memchr_iter, memchr3};

use crate::spelling;

/// Minimum key length, in bytes, for redaction before decoding, and minimum length of a truncated
/// echo.
///
/// A shorter key occurs in property names and numbers, where its redaction would corrupt the
/// response. Chosen: a length at which accidental matches are unlikely. Not tuned.
pub(crate) const MIN_LENGTH_BYTES: usize = 5;

/// Readings of a character that a search may take, for each byte of the text and in addition. Chosen, not
/// tuned: text with many escapes takes one a byte. A text that takes more has been made to, and
/// the rest of it is redacted.
const READS_PER_BYTE: usize = 4;
const MIN_READS: usize = 64 * 1024;

/// Passes each occurrence of the key, in any of its spellings, to `found`. They are in order and do not
/// overlap.
pub(crate) fn for_each_occurrence(key: &[u8], text: &[u8], mut found: impl FnMut(Range<usize>)) {
    let [backslash, percent, ampersand] = spelling::INTRODUCERS;
    let has_escapes = memchr3(backslash, percent, ampersand, text).is_some();
    let is_wide = memchr(0, text).is_some();
    let prefix = key.get(..MIN_LENGTH_BYTES).unwrap_or(key);
    let Some(first) = key.first() else {
        return;
    };
    let has_prefix_at = |index| {
        text.get(index..)
            .is_some_and(|rest| rest.starts_with(prefix))
    };
    // Fast path for nearly every response: UTF-8, no escapes, and no echo.
    if !has_escapes && !is_wide && !memchr_iter(*first, text).any(has_prefix_at) {
        return;
    }
    let mut matcher = Matcher {
        key,
        text,
        remaining_reads: READS_PER_BYTE
            .saturating_mul(text.len())
            .saturating_add(MIN_READS),
    };
    let mut last: Option<Range<usize>> = None;
    let may_start = |byte: u8| byte == *first || spelling::INTRODUCERS.contains(&byte);
    for (index, _) in text
        .iter()
        .enumerate()
        .filter(|(_, byte)| may_start(**byte))
    {
        let Some(end) = matcher.match_key(index) else {
            continue;
        };
        // Half of an escape sequence would not be valid JSON.
        let end = enclosing_escape(text, end).end;
        match &mut last {
            // Adjacent occurrences may overlap, where an escape can be read in two ways.
            Some(last) if index < last.end => last.end = last.end.max(end),
            last => {
                let start = enclosing_escape(text, index).start;
                let start = last.as_ref().map_or(start, |last| start.max(last.end));
                if let Some(complete) = last.replace(start..end) {
                    found(complete);
                }
            }
        }
    }
    last.into_iter().for_each(found);
}

/// Search for the spellings of a key in a text.
struct Matcher<'a> {
    key: &'a [u8],
    text: &'a [u8],
    remaining_reads: usize,
}

impl Matcher<'_> {
    /// Returns the end of the key's spelling that starts at `start`, if there is one.
    ///
    /// A key may contain what looks like an escape, so that a text can match in several ways: the
    /// match is a breadth-first search over all ends so far, and the longest wins. A truncated spelling of
    /// more than half of the key counts as a match.
    fn match_key(&mut self, start: usize) -> Option<usize> {
        let mut ends = vec![start];
        let mut matched_end = start;
        for (matched, byte) in self.key.iter().enumerate() {
            let mut next_ends = Vec::new();
            let mut is_cut = false;
            for _ in 0..=spelling::MAX_NULS {
                let mut ends_of_nuls = Vec::new();
                for end in ends {
                    let Some(remaining) = self.remaining_reads.checked_sub(1) else {
                        return Some(self.text.len());
                    };
                    self.remaining_reads = remaining;
                    is_cut |=
                        spelling::read(self.text, end, &mut |character, end| match character {
                            0 => ends_of_nuls.push(end),
                            _ if character == *byte => next_ends.push(end),
                            _ => {}
                        });
                }
                ends_of_nuls.sort_unstable();
                ends_of_nuls.dedup();
                ends = ends_of_nuls;
            }
            if is_cut && matched >= MIN_LENGTH_BYTES && matched > self.key.len() / 2 {
                return Some(self.text.len());
            }
            if next_ends.is_empty() {
                return (matched >= MIN_LENGTH_BYTES && matched > self.key.len() / 2)
                    .then_some(matched_end);
            }
            next_ends.sort_unstable();
            next_ends.dedup();
            matched_end = next_ends.last().copied().unwrap_or(matched_end);
            ends = next_ends;
        }
        Some(matched_end)
    }
}

/// Returns the JSON escape sequence that encloses an index, or the empty range at the index.
fn enclosing_escape(text: &[u8], index: usize) -> Range<usize> {
    let before = text.get(..index).unwrap_or_default();
    let nearest = before.iter().rev().take(5).position(|byte| *byte == b'\\');
    let Some(start) = nearest.map(|distance| index - 1 - distance) else {
        return index..index;
    };
    let backslashes = before.iter().take(start + 1).rev();
    let run = backslashes.take_while(|byte| **byte == b'\\').count();
    let length = if text.get(start + 1) == Some(&b'u') {
        6
    } else {
        2
    };
    // After an even number of backslashes the last one is itself escaped, and starts nothing.
    if run % 2 == 0 || start + length <= index {
        return index..index;
    }
    match text.get(start..start + length) {
        Some(escape) if escape.is_ascii() => start..start + length,
        _ => start..index,
    }
}
