//! JSON pointers, RFC 6901.

use serde_path_to_error::{Path, Segment};

/// Appends a segment.
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

/// The pointer to what `segment` names below `pointer`.
pub fn below(pointer: &str, segment: &str) -> String {
    let mut pointer = pointer.to_owned();
    push(&mut pointer, segment);
    pointer
}

/// The pointer that leads from the root through `segments`.
pub fn of<'s>(segments: impl IntoIterator<Item = &'s str>) -> String {
    let mut pointer = String::new();
    for segment in segments {
        push(&mut pointer, segment);
    }
    pointer
}

/// The names on the way; none for a text that is not a JSON pointer.
pub fn segments(pointer: &str) -> Vec<String> {
    match pointer.strip_prefix('/') {
        None => Vec::new(),
        Some(path) => path
            .split('/')
            .map(|segment| segment.replace("~1", "/").replace("~0", "~"))
            .collect(),
    }
}

pub(super) fn to(path: &Path) -> String {
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
    fn a_name_with_a_slash_and_a_tilde_survives_the_way_there_and_back() {
        let pointer = of(["paths", "/a~b", "~1"]);
        assert_eq!(pointer, "/paths/~1a~0b/~01");
        assert_eq!(segments(&pointer), ["paths", "/a~b", "~1"]);
    }
}
