//! The path of the value that is being decoded.

use std::fmt::{self, Write as _};

/// Length in bytes to which a name in a JSON pointer is cut. Chosen: the longest name of the document has
/// 26, and a device facet 26.
const MAX_NAME_BYTES: usize = 64;

/// Length in bytes to which a JSON pointer is cut. Chosen: the deepest property of the document fits.
const MAX_POINTER_BYTES: usize = 512;

/// A path from the outermost value, as a linked list on the stack.
///
/// Descending allocates nothing: the JSON pointer is formatted for a decode issue only.
pub(crate) enum JsonPath<'p> {
    Root,
    Property {
        parent: &'p JsonPath<'p>,
        name: &'p str,
    },
    Item {
        parent: &'p JsonPath<'p>,
        index: usize,
    },
}

impl JsonPath<'_> {
    /// Returns the JSON pointer (RFC 6901). Names come from the service, so each is cut, as is the whole.
    pub(super) fn pointer(&self) -> String {
        let mut pointer = self.to_string();
        let end = cut(&pointer, MAX_POINTER_BYTES).len();
        if end < pointer.len() {
            pointer.truncate(end);
            pointer.push('…');
        }
        pointer
    }
}

impl fmt::Display for JsonPath<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Root => Ok(()),
            Self::Property { parent, name } => {
                let start = cut(name, MAX_NAME_BYTES);
                write!(f, "{parent}/")?;
                for character in start.chars() {
                    match character {
                        '~' => f.write_str("~0")?,
                        '/' => f.write_str("~1")?,
                        other => f.write_char(other)?,
                    }
                }
                f.write_str(if start.len() < name.len() { "…" } else { "" })
            }
            Self::Item { parent, index } => write!(f, "{parent}/{index}"),
        }
    }
}

/// Cuts a text between characters.
fn cut(text: &str, max_bytes: usize) -> &str {
    let end = (0..=max_bytes).rfind(|end| text.is_char_boundary(*end));
    match end {
        Some(end) if text.len() > max_bytes => text.get(..end).unwrap_or(text),
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pointer_escapes_and_cuts_the_names() {
        let parent = &JsonPath::Root;
        let pointer = |name: &str| JsonPath::Property { parent, name }.pointer();
        assert_eq!(pointer("a/b~c"), "/a~1b~0c");
        let name = "x".repeat(63) + "é";
        assert_eq!(pointer(&name), format!("/{}…", "x".repeat(63)));
        assert_eq!(pointer(&name[..63]), format!("/{}", "x".repeat(63)));
    }

    #[test]
    fn a_pointer_is_cut_as_a_whole() {
        fn descend(parent: &JsonPath<'_>, levels: usize) -> String {
            let path = JsonPath::Property {
                parent,
                name: "name",
            };
            match levels {
                0 => path.pointer(),
                _ => descend(&path, levels - 1),
            }
        }
        let pointer = descend(&JsonPath::Root, 120);
        assert_eq!(pointer.len(), 512 + '…'.len_utf8());
        assert!(pointer.starts_with("/name/name/"), "{pointer}");
    }
}
