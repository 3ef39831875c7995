//! Writing a file in place, so that at every moment it contains the old document or the new one.
//!
//! A copy of the new document is appended first, then the beginning of the file is overwritten with
//! it, and at last the copy is cut off. A program that is killed in between leaves two documents, or
//! one behind bytes without meaning: [`last_document`] finds the newest that is complete. Pure: the
//! steps are data, so that tests stop after each of their bytes.

use std::ops::Range;

use serde::de::IgnoredAny;

/// The first bytes of every document that this program writes.
const DOCUMENT_START: &[u8] = b"{\n  \"version\": ";

/// One operation on a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Step<'a> {
    /// Cut the file to this length.
    Truncate(u64),
    /// Write so many line breaks at this offset.
    Pad { offset: u64, length: u64 },
    /// Write these bytes at this offset.
    Write { offset: u64, bytes: &'a [u8] },
    /// Wait until the previous steps are on the disk.
    Sync,
}

/// Returns the steps that replace a document, which ends at `end`, by a new one; 0 if there is none.
pub(super) fn plan(end: u64, document: &[u8]) -> Vec<Step<'_>> {
    let length = as_u64(document.len());
    if end == 0 {
        let (first, rest) = document.split_at(document.len().min(1));
        // Its first byte makes the document valid.
        return vec![
            Step::Truncate(0),
            Step::Write {
                offset: 1,
                bytes: rest,
            },
            Step::Sync,
            Step::Write {
                offset: 0,
                bytes: first,
            },
            Step::Sync,
        ];
    }
    // On a line of its own, and beyond the bytes that the document takes at the beginning.
    let copy_at = end.saturating_add(1).max(length);
    vec![
        Step::Truncate(end),
        Step::Pad {
            offset: end,
            length: copy_at - end,
        },
        Step::Write {
            offset: copy_at,
            bytes: document,
        },
        Step::Sync,
        Step::Write {
            offset: 0,
            bytes: document,
        },
        Step::Sync,
        Step::Truncate(length),
    ]
}

/// Returns where the newest complete document of a file is; `None` if the file has none and is new:
/// it is blank, or its first document was not completed. The entire file if it has none and is not.
pub(super) fn last_document(file: &[u8]) -> Option<Range<usize>> {
    let is_blank = file.iter().all(u8::is_ascii_whitespace);
    let is_unfinished = file.split_first().is_some_and(|(first, rest)| {
        let start = DOCUMENT_START.iter().skip(1);
        *first == 0 && start.zip(rest).all(|(expected, byte)| expected == byte)
    });
    if is_blank || is_unfinished {
        return None;
    }
    let entire = 0..file.len();
    if is_document(file) {
        return Some(entire);
    }
    let starts = (0..file.len()).rev().filter(|at| {
        let is_line = at.checked_sub(1).and_then(|before| file.get(before)) == Some(&b'\n');
        let begins = |text: &[u8]| text.starts_with(DOCUMENT_START);
        *at == 0 || is_line && file.get(*at..).is_some_and(begins)
    });
    let find = |start: usize| {
        let mut values =
            serde_json::Deserializer::from_slice(file.get(start..)?).into_iter::<IgnoredAny>();
        values.next()?.ok()?;
        Some(start..start.saturating_add(values.byte_offset()))
    };
    Some(starts.filter_map(find).next().unwrap_or(entire))
}

fn is_document(text: &[u8]) -> bool {
    serde_json::from_slice::<IgnoredAny>(text).is_ok()
}

pub(super) fn as_u64(length: usize) -> u64 {
    u64::try_from(length).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(fill: &str, length: usize) -> Vec<u8> {
        let clips = fill.repeat(length);
        let text =
            format!("{{\n  \"version\": 1,\n  \"clips\": {{\n    \"a\": \"{clips}\"\n  }}\n}}\n");
        assert!(is_document(text.as_bytes()));
        text.into_bytes()
    }

    fn write(file: &mut Vec<u8>, offset: u64, bytes: &[u8]) {
        let offset = usize::try_from(offset).unwrap();
        let end = offset + bytes.len();
        file.resize(file.len().max(end), 0);
        file[offset..end].copy_from_slice(bytes);
    }

    /// Returns the file after each byte of each step.
    fn moments(file: &[u8], steps: &[Step<'_>]) -> Vec<Vec<u8>> {
        let mut file = file.to_vec();
        let mut moments = vec![file.clone()];
        for step in steps {
            let padding;
            let (offset, bytes) = match *step {
                Step::Truncate(length) => {
                    file.truncate(usize::try_from(length).unwrap());
                    moments.push(file.clone());
                    continue;
                }
                Step::Sync => continue,
                Step::Pad { offset, length } => {
                    padding = vec![b'\n'; usize::try_from(length).unwrap()];
                    (offset, &padding[..])
                }
                Step::Write { offset, bytes } => (offset, bytes),
            };
            for count in 1..=bytes.len() {
                write(&mut file, offset, &bytes[..count]);
                moments.push(file.clone());
            }
        }
        moments
    }

    fn newest(file: &[u8]) -> Option<&[u8]> {
        Some(file[last_document(file)?].trim_ascii())
    }

    /// Ends a write at every byte, and after each of these ends a second one.
    #[test]
    fn at_every_moment_the_file_has_the_old_or_the_new_document() {
        let compact = br#"{"version":1,"clips":{}}"#.to_vec();
        let long = document("x", 70);
        let foreign = [&long[..], b"\n\n"].concat();
        for old in [Vec::new(), compact, document("a", 3), long, foreign] {
            for new in [document("b", 1), document("c", 40), document("d", 99)] {
                let end = |file: &[u8]| last_document(file).map_or(0, |range| as_u64(range.end));
                let expected = newest(&old);
                let mut is_new = false;
                let steps = plan(end(&old), &new);
                for moment in moments(&old, &steps) {
                    let found = newest(&moment);
                    is_new |= found == Some(new.trim_ascii());
                    let valid = if is_new {
                        Some(new.trim_ascii())
                    } else {
                        expected
                    };
                    assert_eq!(found, valid, "{}", String::from_utf8_lossy(&moment));
                    let next = document("e", 20);
                    let before = found.map(<[u8]>::to_vec);
                    for moment in moments(&moment, &plan(end(&moment), &next)) {
                        let found = newest(&moment);
                        let is_valid =
                            found == before.as_deref() || found == Some(next.trim_ascii());
                        assert!(is_valid, "{}", String::from_utf8_lossy(&moment));
                    }
                }
                assert!(is_new);
                let last = moments(&old, &steps).pop().unwrap();
                assert_eq!(last, new);
            }
        }
    }

    #[test]
    fn a_file_is_new_only_if_it_has_nothing_else() {
        for file in [
            &b""[..],
            b" \n",
            b"\0",
            b"\0\n  \"ver",
            b"\0\n  \"version\": 1,",
        ] {
            assert_eq!(last_document(file), None, "{file:?}");
        }
        // Videos begin with a zero, too.
        for file in [
            &b"\0\0\0\x18ftypmp42"[..],
            b"buy milk",
            b"{\n  \"version\": 1",
        ] {
            assert_eq!(last_document(file), Some(0..file.len()), "{file:?}");
        }
    }
}
