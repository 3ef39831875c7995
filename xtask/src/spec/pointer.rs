//! JSON pointers (RFC 6901).

use serde_path_to_error::{Path, Segment};

/// Appends a segment, escaped.
pub fn push(pointer: &mut String, segment: &str) {
    pointer.push('/');
    for c in segment.chars() {
        match c {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            c => pointer.push(c),
        }
    }
}

/// Returns `pointer` with a segment appended.
pub fn join(pointer: &str, segment: &str) -> String {
    let mut pointer = pointer.to_owned();
    push(&mut pointer, segment);
    pointer
}

/// Builds a pointer from its unescaped segments.
pub fn from_segments<'s>(segments: impl IntoIterator<Item = &'s str>) -> String {
    let mut pointer = String::new();
    for segment in segments {
        push(&mut pointer, segment);
    }
    pointer
}

/// Splits a pointer into its unescaped segments; none if the text is not a JSON pointer.
pub fn segments(pointer: &str) -> Vec<String> {
    match pointer.strip_prefix('/') {
        None => Vec::new(),
        Some(path) => path
            .split('/')
            .map(|segment| segment.replace("~1", "/").replace("~0", "~"))
            .collect(),
    }
}

/// Converts the path of a deserialization error.
pub(super) fn from_serde_path(path: &Path) -> String {
    let mut pointer = String::new();
    for segment in path {
        match segment {
            Segment::Seq { index } => push(&mut pointer, &index.to_string()),
            Segment::Map { key } => push(&mut pointer, key),
            Segment::Enum { variant } => push(&mut pointer, variant),
            Segment::Unknown => push(&mut pointer, "?"),
        }
    }
    pointer
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slashes_and_tildes_round_trip() {
        let pointer = from_segments(["paths", "/a~b", "~1"]);
        assert_eq!(pointer, "/paths/~1a~0b/~01");
        assert_eq!(segments(&pointer), ["paths", "/a~b", "~1"]);
    }
}
